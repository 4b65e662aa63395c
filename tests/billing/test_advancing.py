"""What time does: retries, hard declines, reminders, final actions and the mails that go with them."""

import pytest

from seikyu.engine.billing.advancing import HARD_DECLINES, Advance
from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.billing.invoice import AttachPayment
from seikyu.engine.billing.mail import Mail
from seikyu.engine.billing.payment_intent import ConfirmIntent
from seikyu.engine.billing.refusals import PaymentInProgress
from seikyu.engine.billing.settings import LastRetry, Mails, Reminders, Retries, Settings
from tests.billing.test_collecting import advancing
from tests.billing.world import DAY, DECLINED, HOUR, MARCH, World, refused


@pytest.mark.parametrize("code", sorted(HARD_DECLINES))
def test_after_a_hard_decline_retries_are_counted_and_not_made(code: str) -> None:
    world, invoice = advancing()
    world.card()
    world.run(Advance(), invoice)
    world.settle(Outcome("declined", "processor_9", "card_declined", code, "No."))
    world.news()
    world.now = MARCH + HOUR + DAY
    world.run(Advance(), invoice)
    assert world.charge is None
    assert world.news() == ["invoice.updated"]
    after = world.get(invoice.id)
    assert (after.attempt_count, after.next_payment_attempt) == (2, MARCH + HOUR + 2 * DAY)
    world.card()
    world.now = MARCH + HOUR + 2 * DAY
    world.run(Advance(), invoice)
    assert world.charge is not None


def test_another_payment_under_way_puts_the_charge_off() -> None:
    """The worker must not find the row again and again: only its own charge hides it."""
    world, invoice = advancing()
    card = world.card()
    intent = world.intent(400, status="requires_confirmation", payment_method_id=card.id)
    world.run(AttachPayment(intent.id), invoice)
    world.on_intent(ConfirmIntent({}), intent)
    assert world.charge is not None
    sentence = refused(lambda: world.run(Advance(), invoice), PaymentInProgress)
    assert "in progress" in sentence


def test_after_the_last_retry_the_final_action_follows() -> None:
    world, invoice = advancing()
    world.settings = Settings(
        retries=Retries(mode="custom", days=(1, 2)),
        after_last_retry=LastRetry(invoice="mark_uncollectible"),
    )
    world.card()
    for day in (0, 1, 3):
        assert world.get(invoice.id).status == "open"
        world.now = MARCH + HOUR + day * DAY
        world.run(Advance(), invoice)
        world.settle(DECLINED)
    assert world.news()[-3:] == [
        "invoice.marked_uncollectible",
        "invoice.updated",
        "customer.updated",
    ]
    after = world.get(invoice.id)
    assert (after.status, after.attempt_count, after.next_action_at) == ("uncollectible", 3, None)


def test_reminders_that_a_stopped_worker_slept_through_are_sent_once() -> None:
    world = World()
    invoice = world.finalized(
        10_000, auto_advance=True, collection_method="send_invoice", days_until_due=1
    )
    world.now = MARCH + DAY + 6 * DAY
    world.run(Advance(), invoice)
    assert world.news() == ["customer.updated", "invoice.overdue"]
    assert [(mail.kind, mail.days) for mail in world.all(Mail)][-1] == ("reminder", 5)
    world.run(Advance(), invoice)
    assert world.news() == []
    assert world.get(invoice.id).next_action_at == MARCH + 15 * DAY


@pytest.mark.parametrize(
    ("days", "event"),
    [(-1, "invoice.will_be_due"), (0, "invoice.overdue"), (1, "invoice.overdue")],
)
def test_from_the_due_date_on_a_reminder_is_of_what_is_overdue(days: int, event: str) -> None:
    world = World(settings=Settings(reminders=Reminders(days=(days,))))
    invoice = world.finalized(
        10_000, auto_advance=True, collection_method="send_invoice", days_until_due=3
    )
    world.now = MARCH + (3 + days) * DAY
    world.run(Advance(), invoice)
    assert world.news()[-1] == event


def test_mails_follow_their_switches() -> None:
    world = World(settings=Settings(mails=Mails(finalized_invoice=False, reminders=False)))
    invoice = world.finalized(
        10_000, auto_advance=True, collection_method="send_invoice", days_until_due=1
    )
    world.now = MARCH + 40 * DAY
    world.run(Advance(), invoice)
    assert world.news() == ["customer.updated"]
    assert world.all(Mail) == []
