"""Collecting: charging, giving up, voiding; applying payments and taking them off again."""

import pytest

from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.invoice import (
    AttachPayment,
    DetachPayment,
    Invoice,
    MarkPaidOutOfBand,
    MarkUncollectible,
    PayInvoice,
    SendInvoice,
    UpdateInvoice,
    VoidInvoice,
)
from seikyu.engine.billing.payment_intent import CancelIntent, ConfirmIntent, PaymentIntent
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.refusals import (
    InvoiceNotSendable,
    InvoiceNotVoidable,
    NoPaymentMethod,
    PaymentInProgress,
    PaymentMethodConsumed,
    PaymentMethodUnusable,
    PaymentNotApplicable,
    PaymentNotApplied,
)
from tests.billing.world import DAY, DECLINED, HOUR, MARCH, VISA, World, refused


def money(invoice: Invoice) -> tuple[int, int, int, int]:
    """Due, paid, remaining and overpaid."""
    return (
        invoice.amount_due,
        invoice.amount_paid,
        invoice.amount_remaining,
        invoice.amount_overpaid,
    )


def owing(amount: int = 10_000) -> tuple[World, Invoice]:
    """An open invoice of a customer whose card is on file."""
    world = World()
    invoice = world.finalized(amount)
    world.card()
    return world, invoice


# ── charging ───────────────────────────────────────────────────────────────────────────────────


def test_the_attempt_is_stored_before_the_processor_is_asked() -> None:
    world, invoice = owing()
    decision = world.run(PayInvoice(request_key="key_1"), invoice)
    attempt = world.charge
    assert attempt is not None
    assert decision.charge in decision.saves
    assert (attempt.amount, attempt.currency, attempt.status) == (10_000, "jpy", "processing")
    assert (attempt.subject_id, attempt.invoice_id) == (invoice.id, invoice.id)
    assert (attempt.off_session, attempt.request_key) == (True, "key_1")
    assert attempt.next_action_at == MARCH + 60
    assert world.get(invoice.id).status == "open"
    assert world.news() == []


@pytest.mark.parametrize("command", [PayInvoice(), VoidInvoice(), MarkPaidOutOfBand()])
def test_nothing_else_ends_a_payment_while_a_charge_is_on_its_way(command: object) -> None:
    world, invoice = owing()
    world.run(PayInvoice(), invoice)
    refused(lambda: world.run(command, invoice), PaymentInProgress)


def test_the_card_named_goes_before_the_invoices_and_that_before_the_customers() -> None:
    world, invoice = owing()
    customers = world.get("cus_1").default_payment_method
    named = world.card("cus_1", type="card")
    world.run(PayInvoice(), invoice)
    assert world.charge is not None
    assert world.charge.method_id == customers
    world.settle(DECLINED)
    world.run(UpdateInvoice({"default_payment_method": named.id}), invoice)
    world.run(PayInvoice(), invoice)
    assert world.charge.method_id == named.id
    world.settle(DECLINED)
    world.run(PayInvoice(payment_method=customers), invoice)
    assert world.charge.method_id == customers


def test_a_card_given_by_token_is_put_on_file_and_charged() -> None:
    world = World()
    invoice = world.finalized(10_000)
    world.run(PayInvoice(card=VISA), invoice)
    method = world.one(PaymentMethod)
    assert (method.card["last4"], method.customer_id) == ("4242", None)
    world.settle()
    assert world.get(invoice.id).status == "paid"


def test_without_a_card_paying_is_refused_with_what_to_do() -> None:
    world = World()
    invoice = world.finalized(10_000)
    sentence = refused(lambda: world.run(PayInvoice(), invoice), NoPaymentMethod)
    assert sentence == (
        "There is no `default_payment_method` set on this Customer or Invoice. "
        "Please set either prior to attempting payment on this invoice, or name a payment_method."
    )


def test_a_draft_without_a_card_to_charge_stays_a_draft() -> None:
    world = World()
    draft = world.draft(10_000)
    refused(lambda: world.run(PayInvoice(), draft), NoPaymentMethod)
    assert world.get(draft.id) == draft


@pytest.mark.parametrize(
    ("owner", "detached", "refusal"),
    [("cus_2", False, PaymentMethodUnusable), (None, True, PaymentMethodConsumed)],
)
def test_a_card_of_somebody_else_or_of_nobody_any_more_is_refused(
    owner: str | None, detached: bool, refusal: type[Exception]
) -> None:
    world, invoice = owing()
    card = world.card(owner, detached=detached)
    refused(lambda: world.run(PayInvoice(payment_method=card.id), invoice), refusal)


def test_attempts_count_the_first_and_then_only_those_of_time() -> None:
    world, invoice = owing()
    assert [world.pay(invoice, DECLINED).attempt_count for _ in range(3)] == [1, 1, 1]
    assert world.pay(invoice, DECLINED, scheduled=True).attempt_count == 2


# ── by time ────────────────────────────────────────────────────────────────────────────────────


def advancing() -> tuple[World, Invoice]:
    """An open invoice that time is to charge now; the customer has no card yet."""
    world = World()
    draft = world.draft(10_000, auto_advance=True)
    world.now += HOUR
    world.run(Advance(), draft)
    world.news()
    return world, world.get(draft.id)


def test_time_charges_an_advancing_invoice_once() -> None:
    world, invoice = advancing()
    assert invoice.next_action_at == invoice.next_payment_attempt == MARCH + HOUR
    world.card()
    world.run(Advance(), invoice)
    assert world.charge is not None
    assert world.charge.scheduled
    assert world.run(Advance(), invoice).saves == ()
    (attempt,) = [a for a in world.records.values() if type(a).__name__ == "Attempt"]
    world.settle(DECLINED, attempt)
    after = world.get(invoice.id)
    assert (after.status, after.attempt_count) == ("open", 1)
    assert after.next_action_at == after.next_payment_attempt == MARCH + HOUR + DAY
    assert world.get("cus_1").delinquent


@pytest.mark.parametrize(
    ("detached", "reason"),
    [
        (False, "There is no `default_payment_method` set"),
        (True, "The `default_payment_method` of this Customer or Invoice was detached"),
    ],
)
def test_time_says_when_there_is_nothing_to_charge_and_does_not_come_back(
    detached: bool, reason: str
) -> None:
    world, invoice = advancing()
    if detached:
        card = world.card()
        world.records[card.id] = PaymentMethod(card.id, MARCH, "test_visa", detached=True)
    world.run(Advance(), invoice)
    assert world.news() == ["invoice.payment_failed", "invoice.updated", "customer.updated"]
    after = world.get(invoice.id)
    assert (after.status, after.attempted) == ("open", True)
    assert after.next_action_at == MARCH + HOUR + DAY
    error = world.get(invoice.intent_id).last_error
    assert error["message"].startswith(reason)
    assert world.get("cus_1").delinquent


def test_paying_ends_being_delinquent() -> None:
    world, invoice = advancing()
    world.run(Advance(), invoice)
    world.card()
    world.pay(invoice)
    assert not world.get("cus_1").delinquent


# ── sending, giving up, voiding ────────────────────────────────────────────────────────────────


def test_an_invoice_that_is_charged_cannot_be_sent() -> None:
    world, invoice = owing()
    sentence = refused(lambda: world.run(SendInvoice(), invoice), InvoiceNotSendable)
    assert sentence == (
        "You can only manually send an invoice if its collection method is 'send_invoice'."
    )
    draft = world.draft(100)
    refused(lambda: world.run(SendInvoice(), draft), InvoiceNotSendable)
    assert world.get(draft.id).status == "draft"


def test_paid_outside_means_paid_and_the_prepared_payment_ends() -> None:
    world, invoice = owing()
    world.run(AttachPayment(world.intent(4_000).id), invoice)
    world.news()
    world.run(MarkPaidOutOfBand(), invoice)
    after = world.get(invoice.id)
    assert (after.status, money(after)) == ("paid", (10_000, 10_000, 0, 0))
    assert after.amount_paid_off_stripe == 6_000
    assert world.get(after.intent_id).status == "canceled"
    assert world.news() == ["payment_intent.canceled", "invoice.paid", "invoice.updated"]


def test_voiding_gives_the_credit_back() -> None:
    world = World()
    world.customer(balance=-3_000)
    invoice = world.finalized(10_000)
    world.run(VoidInvoice(), invoice)
    after = world.get(invoice.id)
    assert (after.status, after.voided_at, after.number) == ("void", MARCH, "SAMPLE-0001")
    assert world.get("cus_1").balance == -3_000
    assert world.movements() == [
        ("applied_to_invoice", 3_000, 0),
        ("unapplied_from_invoice", -3_000, -3_000),
    ]
    intent = world.get(invoice.intent_id)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "void_invoice")
    assert [p.status for p in world.payments(invoice.id)] == ["canceled"]


def test_an_invoice_with_money_on_it_is_not_voided() -> None:
    world, invoice = owing()
    world.run(AttachPayment(world.intent(1).id), invoice)
    sentence = refused(lambda: world.run(VoidInvoice(), invoice), InvoiceNotVoidable)
    assert sentence == (
        "You cannot void an invoice on which a payment was received; un-apply it first."
    )


def test_bad_debt_can_still_be_paid_and_does_not_advance() -> None:
    world = World()
    invoice = world.finalized(10_000, auto_advance=True)
    world.run(MarkUncollectible(), invoice)
    lost = world.get(invoice.id)
    assert (lost.status, lost.auto_advance, lost.next_action_at) == ("uncollectible", False, None)
    assert lost.marked_uncollectible_at == MARCH
    world.card()
    assert world.pay(invoice).status == "paid"


# ── applying and un-applying ───────────────────────────────────────────────────────────────────


def test_part_payments_keep_the_prepared_payment_in_step() -> None:
    world, invoice = owing()
    world.run(AttachPayment(world.intent(4_000).id), invoice)
    after = world.get(invoice.id)
    assert (after.status, money(after)) == ("open", (10_000, 4_000, 6_000, 0))
    assert world.get(after.intent_id).amount == 6_000
    assert world.news() == ["invoice_payment.paid", "invoice.updated"]
    assert [(p.is_default, p.amount_requested, p.status) for p in world.payments(invoice.id)] == [
        (True, 6_000, "open"),
        (False, 4_000, "paid"),
    ]
    world.run(AttachPayment(world.intent(6_000).id), invoice)
    after = world.get(invoice.id)
    assert (after.status, money(after)) == ("paid", (10_000, 10_000, 0, 0))
    assert world.get(after.intent_id).status == "canceled"


def test_the_rest_of_a_part_payment_is_what_is_charged() -> None:
    world, invoice = owing()
    world.run(AttachPayment(world.intent(4_000).id), invoice)
    paid = world.pay(invoice)
    assert (paid.status, money(paid)) == ("paid", (10_000, 10_000, 0, 0))
    assert world.get(paid.intent_id).amount_received == 6_000


def test_a_payment_on_its_way_is_credited_when_it_succeeds() -> None:
    world = World()
    invoice = world.finalized(10_000, auto_advance=True)
    card = world.card()
    intent = world.intent(4_000, "requires_confirmation", payment_method_id=card.id)
    world.run(AttachPayment(intent.id), invoice)
    assert (world.news(), money(world.get(invoice.id))[1]) == ([], 0)
    world.on_intent(ConfirmIntent({}), intent)
    world.settle()
    after = world.get(invoice.id)
    assert (after.status, money(after)) == ("open", (10_000, 4_000, 6_000, 0))
    assert world.get(after.intent_id).amount == 6_000
    assert after.next_action_at == MARCH  # the rest is still charged by time
    assert world.news() == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.updated",
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"customer_id": "cus_2"}, "it belongs to another customer"),
        ({"currency": "usd"}, "it is in usd, the invoice in jpy"),
        ({"status": "canceled"}, "it is canceled"),
        (
            {"amount": 10_001},
            (
                "its amount (10001) is larger than what remains of the invoice (10000); "
                "a payment is applied whole"
            ),
        ),
    ],
)
def test_a_payment_that_cannot_be_applied_says_why(fields: dict[str, object], reason: str) -> None:
    world, invoice = owing()
    intent = world.intent(**{"amount": 100, **fields})  # type: ignore[arg-type]
    sentence = refused(lambda: world.run(AttachPayment(intent.id), invoice), PaymentNotApplicable)
    assert (
        sentence
        == f"The payment {intent.id} cannot be applied to the invoice {invoice.id}: {reason}."
    )


def test_a_payment_is_applied_to_one_invoice_only() -> None:
    world, first = owing()
    second = world.finalized(10_000)
    intent = world.intent(4_000)
    world.run(AttachPayment(intent.id), first)
    for invoice, reason in (
        (first, "it is applied to this very invoice already"),
        (second, f"it is applied to the invoice {first.id} already; un-apply it first"),
    ):
        sentence = refused(
            lambda to=invoice: world.run(AttachPayment(intent.id), to),  # type: ignore[misc]
            PaymentNotApplicable,
        )
        assert reason in sentence


def test_the_payment_that_an_invoice_expects_is_not_free() -> None:
    world, first = owing()
    second = world.finalized(10_000)
    for invoice, reason in (
        (first, "it is the payment that this invoice expects anyway; pay the invoice"),
        (second, f"it is the payment that the invoice {first.id} expects"),
    ):
        sentence = refused(
            lambda to=invoice: world.run(AttachPayment(first.intent_id), to),  # type: ignore[misc, arg-type]
            PaymentNotApplicable,
        )
        assert reason in sentence


def test_un_applying_opens_a_paid_invoice_again() -> None:
    world = World()
    invoice = world.finalized(10_000, auto_advance=True)
    world.card()
    paid = world.pay(invoice)
    world.news()
    world.run(DetachPayment(paid.intent_id), invoice)  # type: ignore[arg-type]
    after = world.get(invoice.id)
    assert (after.status, after.paid_at, after.auto_advance) == ("open", None, False)
    assert money(after) == (10_000, 0, 10_000, 0)
    assert after.next_action_at is None
    assert world.news() == [
        "payment_intent.created",
        "invoice_payment.detached",
        "invoice.updated",
    ]
    fresh, old = world.get(after.intent_id), world.get(paid.intent_id)
    assert (fresh.id != old.id, fresh.amount, fresh.status) == (
        True,
        10_000,
        "requires_payment_method",
    )
    assert (old.status, old.invoice_id) == ("succeeded", None)
    assert [(p.intent_id == fresh.id, p.status) for p in world.payments(invoice.id)] == [
        (False, "canceled"),
        (True, "open"),
    ]


def test_an_un_applied_payment_can_go_to_another_invoice_or_back() -> None:
    world, first = owing()
    paid = world.pay(first)
    intent_id = paid.intent_id
    assert intent_id is not None
    second = world.finalized(10_000)
    for invoice in (second, first):
        holder = first if invoice is second else second
        world.run(DetachPayment(intent_id), holder)
        world.run(AttachPayment(intent_id), invoice)
        assert world.get(invoice.id).status == "paid"
        assert world.get(holder.id).status == "open"


def test_un_applying_a_part_raises_the_prepared_payment() -> None:
    world, invoice = owing()
    intent = world.intent(4_000)
    world.run(AttachPayment(intent.id), invoice)
    world.run(DetachPayment(intent.id), invoice)
    after = world.get(invoice.id)
    assert (after.status, money(after)) == ("open", (10_000, 0, 10_000, 0))
    assert world.get(after.intent_id).amount == 10_000


def test_what_is_not_applied_cannot_be_taken_off() -> None:
    world, invoice = owing()
    stranger = world.intent(4_000)
    sentence = refused(lambda: world.run(DetachPayment(stranger.id), invoice), PaymentNotApplied)
    assert sentence == (
        f"The payment {stranger.id} cannot be un-applied from the invoice {invoice.id}: "
        "it is not applied to it."
    )
    refused(lambda: world.run(DetachPayment(invoice.intent_id), invoice), PaymentNotApplied)  # type: ignore[arg-type]


def test_money_that_comes_after_the_invoice_was_settled_is_kept_free() -> None:
    """An attached payment still on its way when another pays the invoice: received, not counted."""
    world, invoice = owing()
    card = world.get("cus_1").default_payment_method
    late = world.intent(4_000, "requires_confirmation", payment_method_id=card)
    world.run(AttachPayment(late.id), invoice)
    world.run(AttachPayment(world.intent(10_000).id), invoice)
    world.on_intent(ConfirmIntent({}), late)
    world.settle()
    after = world.get(invoice.id)
    assert (after.status, money(after)) == ("paid", (10_000, 10_000, 0, 0))
    assert world.get(late.id).status == "succeeded"


def test_the_payment_of_an_invoice_is_not_canceled_under_it() -> None:
    world, invoice = owing()
    intent: PaymentIntent = world.get(invoice.intent_id)
    with pytest.raises(Exception, match="void the invoice instead"):
        world.on_intent(CancelIntent({}), intent)


def test_an_applied_payment_that_covers_the_rest_later_stays_paid() -> None:
    world, invoice = owing(1_000)
    card = world.get("cus_1").default_payment_method
    intent = world.intent(1_000, "requires_confirmation", payment_method_id=card)
    world.run(AttachPayment(intent.id), invoice)
    world.on_intent(ConfirmIntent({}), intent)
    world.settle()
    after = world.get(invoice.id)
    assert (after.status, money(after)) == ("paid", (1_000, 1_000, 0, 0))
    assert [(p.is_default, p.status, p.amount_paid) for p in world.payments(invoice.id)] == [
        (True, "canceled", None),
        (False, "paid", 1_000),
    ]
