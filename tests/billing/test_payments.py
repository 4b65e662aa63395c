"""Payment intents: which status allows what, and what each outcome of a charge changes."""

from typing import Any

import pytest

from seikyu.engine.billing.attempt import Outcome
from seikyu.engine.billing.invoice import (
    AttachPayment,
    MarkPaidOutOfBand,
    MarkUncollectible,
    PayInvoice,
    VoidInvoice,
)
from seikyu.engine.billing.payment_intent import (
    CancelIntent,
    Charge,
    ConfirmIntent,
    CreateIntent,
    PaymentIntent,
    UpdateIntent,
)
from seikyu.engine.billing.payment_method import PaymentMethod
from seikyu.engine.billing.refusals import (
    AmountTooLarge,
    AmountTooSmall,
    IntentStateForbids,
    NotServed,
    ParameterMissing,
    ParameterNotAllowed,
    PaymentInProgress,
)
from tests.billing.world import DECLINED, MARCH, NEEDS_CUSTOMER, SUCCEEDED, VISA, World, refused

YEN = {"amount": 1_000, "currency": "jpy", "customer": "cus_1"}


def peopled() -> World:
    """A world with a customer whose card is on file."""
    world = World()
    world.customer()
    world.card()
    return world


def created(world: World, **given: Any) -> PaymentIntent:
    """A payment intent over 1,000 yen."""
    intent: PaymentIntent = world.get(world.on_intent(CreateIntent({**YEN, **given})).answer.id)
    return intent


@pytest.mark.parametrize(
    ("amount", "currency", "refusal"),
    [
        (49, "jpy", AmountTooSmall),
        (29, "gbp", AmountTooSmall),
        (0, "isk", AmountTooSmall),
        (1_000_000_000_000, "jpy", AmountTooLarge),
    ],
)
def test_a_payment_has_a_least_and_a_most(
    amount: int, currency: str, refusal: type[Exception]
) -> None:
    command = CreateIntent({"amount": amount, "currency": currency})
    refused(lambda: World().on_intent(command), refusal)


def test_separate_capture_is_said_to_be_missing() -> None:
    command = CreateIntent({**YEN, "capture_method": "manual"})
    refused(lambda: World().on_intent(command), NotServed)


def test_a_new_payment_waits_for_a_card_or_for_its_confirmation() -> None:
    world = peopled()
    assert created(world).status == "requires_payment_method"
    card = world.get("cus_1").default_payment_method
    intent = created(world, payment_method=card)
    assert (intent.status, intent.payment_method_id) == ("requires_confirmation", card)
    assert world.news() == ["payment_intent.created", "payment_intent.created"]


def test_a_payment_is_created_and_charged_in_one_breath() -> None:
    world = peopled()
    card = world.get("cus_1").default_payment_method
    intent = created(world, payment_method=card, confirm=True)
    world.settle()
    assert world.get(intent.id).status == "succeeded"
    assert world.news() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]


def test_confirming_needs_a_card() -> None:
    world = peopled()
    intent = created(world)
    refused(lambda: world.on_intent(ConfirmIntent({}), intent), ParameterMissing)


@pytest.mark.parametrize("status", ["succeeded", "canceled", "processing"])
@pytest.mark.parametrize(
    ("command", "words"),
    [
        (ConfirmIntent({}), "You cannot confirm this PaymentIntent because it has a status of"),
        (CancelIntent({}), "You cannot cancel this PaymentIntent because it has a status of"),
        (UpdateIntent({"amount": 7}), "amount could not be updated because it has a status of"),
    ],
)
def test_a_finished_payment_stays(status: str, command: object, words: str) -> None:
    world = peopled()
    intent = world.intent(1_000, status)
    sentence = refused(lambda: world.on_intent(command, intent), IntentStateForbids)
    assert words in sentence
    assert status in sentence


@pytest.mark.parametrize("command", [ConfirmIntent({}), CancelIntent({}), UpdateIntent({})])
def test_a_payment_on_its_way_takes_no_second_command(command: object) -> None:
    world = peopled()
    card = world.get("cus_1").default_payment_method
    intent = created(world, payment_method=card, confirm=True)
    refused(lambda: world.on_intent(command, intent), PaymentInProgress)


def test_metadata_of_a_payment_changes_whatever_became_of_its_card() -> None:
    world = peopled()
    gone = world.card(None, detached=True)
    intent = world.intent(1_000, payment_method_id=gone.id)
    world.on_intent(UpdateIntent({"metadata": {"unapplied": "true"}}), intent)
    assert world.get(intent.id).details["metadata"] == {"unapplied": "true"}


def test_metadata_leaves_a_payment_that_waits_for_the_customer_waiting() -> None:
    world = peopled()
    card = world.get("cus_1").default_payment_method
    intent = created(world, payment_method=card, confirm=True)
    world.settle(NEEDS_CUSTOMER)
    world.on_intent(UpdateIntent({"metadata": {"a": "b"}}), intent)
    after = world.get(intent.id)
    assert after.status == "requires_action"
    assert after.next_action is not None


def test_more_than_fifty_keys_of_metadata_are_refused() -> None:
    world = peopled()
    metadata = {f"key{n}": "x" for n in range(51)}
    refused(lambda: created(world, metadata=metadata), ParameterNotAllowed)


def test_the_amount_of_an_invoices_payment_follows_the_invoice() -> None:
    world = peopled()
    invoice = world.finalized(10_000)
    intent = world.get(invoice.intent_id)
    refused(lambda: world.on_intent(UpdateIntent({"amount": 5_000}), intent), IntentStateForbids)


def test_canceling_ends_a_payment() -> None:
    world = peopled()
    intent = created(world)
    world.news()
    world.on_intent(CancelIntent({"cancellation_reason": "duplicate"}), intent)
    after = world.get(intent.id)
    assert (after.status, after.canceled_at, after.cancellation_reason) == (
        "canceled",
        MARCH,
        "duplicate",
    )
    assert world.news() == ["payment_intent.canceled"]


# ── outcomes ───────────────────────────────────────────────────────────────────────────────────


def begun(where: str) -> tuple[World, str | None, str]:
    """A charge on its way: of nothing, of an invoice, of its payment, or of a payment applied to it.

    Returns the world, the invoice's id and the payment's id.
    """
    world = peopled()
    card = world.get("cus_1").default_payment_method
    if where == "alone":
        intent = created(world, payment_method=card, confirm=True)
        world.news()
        return world, None, intent.id
    invoice = world.finalized(10_000)
    intent_id = invoice.intent_id
    assert intent_id is not None
    if where == "invoice":
        world.run(PayInvoice(), invoice)
    elif where == "payment":
        world.on_intent(ConfirmIntent({"payment_method": card}), world.get(intent_id))
    else:
        applied = world.intent(4_000, "requires_confirmation", payment_method_id=card)
        world.run(AttachPayment(applied.id), invoice)
        world.on_intent(ConfirmIntent({}), applied)
        intent_id = applied.id
    return world, invoice.id, intent_id


MONEY = ["charge.succeeded", "payment_intent.succeeded"]
NO_MONEY = ["charge.failed", "payment_intent.payment_failed"]
CASES: list[tuple[str, Outcome, str, list[str], str | None, str | None]] = [
    # where, outcome, the payment's status, events, the invoice's status, refusal
    ("alone", SUCCEEDED, "succeeded", MONEY, None, None),
    ("alone", DECLINED, "requires_payment_method", NO_MONEY, None, "card_declined"),
    (
        "alone",
        NEEDS_CUSTOMER,
        "requires_action",
        ["payment_intent.requires_action"],
        None,
        None,
    ),
    (
        "invoice",
        SUCCEEDED,
        "succeeded",
        [
            *MONEY,
            "invoice_payment.paid",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice.updated",
        ],
        "paid",
        None,
    ),
    (
        "invoice",
        DECLINED,
        "requires_payment_method",
        [*NO_MONEY, "invoice.payment_failed", "invoice.updated"],
        "open",
        "card_declined",
    ),
    (
        "invoice",
        NEEDS_CUSTOMER,
        "requires_action",
        [
            "payment_intent.requires_action",
            "invoice.payment_action_required",
            "invoice.updated",
        ],
        "open",
        "invoice_payment_intent_requires_action",
    ),
    (
        "payment",
        SUCCEEDED,
        "succeeded",
        [
            *MONEY,
            "invoice_payment.paid",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice.updated",
        ],
        "paid",
        None,
    ),
    (
        "payment",
        DECLINED,
        "requires_payment_method",
        [*NO_MONEY, "invoice.payment_failed", "invoice.updated"],
        "open",
        "card_declined",
    ),
    (
        "payment",
        NEEDS_CUSTOMER,
        "requires_action",
        [
            "payment_intent.requires_action",
            "invoice.payment_action_required",
            "invoice.updated",
        ],
        "open",
        None,
    ),
    (
        "applied",
        SUCCEEDED,
        "succeeded",
        [*MONEY, "invoice_payment.paid", "invoice.updated"],
        "open",
        None,
    ),
    ("applied", DECLINED, "requires_payment_method", NO_MONEY, "open", "card_declined"),
]


@pytest.mark.parametrize(
    ("where", "outcome", "status", "events", "invoice_status", "code"),
    CASES,
    ids=[f"{case[0]}-{case[1].status}" for case in CASES],
)
def test_each_outcome_becomes_record(
    where: str,
    outcome: Outcome,
    status: str,
    events: list[str],
    invoice_status: str | None,
    code: str | None,
) -> None:
    world, invoice_id, intent_id = begun(where)
    attempt = world.charge
    assert attempt is not None
    decision = world.settle(outcome)
    assert world.get(intent_id).status == status
    assert world.news() == events
    assert (decision.refusal.code if decision.refusal else None) == code
    assert decision.answer.id == (invoice_id if where == "invoice" else intent_id)
    done = world.get(attempt.id)
    assert (done.status, done.next_action_at) == (outcome.status, None)
    if invoice_id is not None:
        assert world.get(invoice_id).status == invoice_status

    before = dict(world.records)
    again = world.settle(outcome, world.get(attempt.id))
    assert (again.saves, again.announcements, again.refusal) == ((), (), None)
    assert again.answer.id == decision.answer.id
    assert world.records == before


def test_a_success_leaves_a_charge() -> None:
    world, _, intent_id = begun("alone")
    world.settle()
    charge = world.one(Charge)
    assert (charge.status, charge.amount, charge.processor_charge) == (
        "succeeded",
        1_000,
        "processor_1",
    )
    intent = world.get(intent_id)
    assert (intent.latest_charge, intent.amount_received) == (charge.id, 1_000)


def test_a_refusal_leaves_a_charge_and_its_reason() -> None:
    world, _, intent_id = begun("alone")
    decision = world.settle(DECLINED)
    charge = world.one(Charge)
    assert (charge.status, charge.failure_code, charge.decline_code) == (
        "failed",
        "card_declined",
        "insufficient_funds",
    )
    intent = world.get(intent_id)
    error = dict(intent.last_error)
    kept = error.pop("payment_method")
    assert kept["id"] == charge.payment_method_id
    assert error == {
        "type": "card_error",
        "code": "card_declined",
        "decline_code": "insufficient_funds",
        "message": "Your card has no funds.",
        "charge": charge.id,
    }
    assert (intent.amount_received, intent.payment_method_id) == (0, None)
    assert str(decision.refusal) == "Your card has no funds."


def test_off_session_nobody_can_authenticate() -> None:
    world = peopled()
    card = world.get("cus_1").default_payment_method
    intent = created(world, payment_method=card, confirm=True, off_session=True)
    decision = world.settle(NEEDS_CUSTOMER)
    assert decision.refusal is not None
    assert decision.refusal.code == "authentication_required"
    assert world.get(intent.id).status == "requires_payment_method"


def test_a_customer_who_authenticated_pays_the_invoice() -> None:
    world, invoice_id, intent_id = begun("invoice")
    world.settle(NEEDS_CUSTOMER)
    world.on_intent(ConfirmIntent({}, authenticated=True), world.get(intent_id))
    assert world.charge is not None
    assert world.charge.authenticated
    world.settle()
    assert world.get(invoice_id).status == "paid"
    assert world.get(intent_id).next_action is None


def test_a_card_given_by_token_stands_on_the_payment() -> None:
    world = World()
    world.customer()
    command = CreateIntent({**YEN, "confirm": True}, card=VISA)
    intent = world.on_intent(command).answer
    world.settle()
    method = world.one(PaymentMethod)
    assert world.get(intent.id).payment_method_id == method.id
    assert world.one(Charge).details["card"]["last4"] == "4242"


def test_an_attached_payment_keeps_its_amount_and_currency_while_it_is_expected() -> None:
    world = World()
    invoice = world.finalized(12_000)
    intent = world.intent(5_000, status="requires_payment_method")
    world.run(AttachPayment(intent.id), invoice)
    for given in ({"amount": 50_000}, {"currency": "usd"}):
        sentence = refused(
            lambda given=given: world.on_intent(UpdateIntent(given), intent),  # type: ignore[misc]
            IntentStateForbids,
        )
        assert "cannot be changed while it is expected" in sentence


def test_an_invoice_is_not_voided_under_a_charge_of_an_attached_payment() -> None:
    world = World()
    invoice = world.finalized(12_000)
    card = world.card()
    intent = world.intent(5_000, status="requires_payment_method")
    world.run(AttachPayment(intent.id), invoice)
    world.on_intent(ConfirmIntent({"payment_method": card.id}), intent)
    refused(lambda: world.run(VoidInvoice(), invoice), PaymentInProgress)
    refused(lambda: world.run(MarkPaidOutOfBand(), invoice), PaymentInProgress)


def test_separate_capture_is_refused_however_it_is_asked_for() -> None:
    world = World()
    intent = world.intent(5_000, status="requires_payment_method")
    for command in (UpdateIntent, ConfirmIntent):
        refused(
            lambda command=command: world.on_intent(  # type: ignore[misc]
                command({"capture_method": "manual"}), intent
            ),
            NotServed,
        )


def test_a_card_that_paid_is_kept_for_the_next_time_when_that_was_wanted() -> None:
    world = World()
    world.customer()
    card = world.card(None)
    details = {"setup_future_usage": "off_session"}
    intent = world.intent(5_000, status="requires_payment_method", details=details)
    world.on_intent(ConfirmIntent({"payment_method": card.id}), intent)
    world.settle()
    assert world.get(card.id).customer_id == intent.customer_id
    assert "payment_method.attached" in world.news()


def test_a_rest_below_the_minimum_charge_is_not_put_to_the_processor() -> None:
    world = World()
    world.card(type="card")
    invoice = world.finalized(1_000)
    world.run(AttachPayment(world.intent(980).id), invoice)
    sentence = refused(lambda: world.run(PayInvoice(), invoice), AmountTooSmall)
    assert sentence.startswith("What remains (20 jpy) is less than the least")


@pytest.mark.parametrize("command", [MarkPaidOutOfBand(), MarkUncollectible()])
def test_paying_or_giving_up_ends_delinquency(command: object) -> None:
    world = World()
    world.customer(delinquent=True)
    world.run(command, world.finalized(1_000))
    assert world.get("cus_1").delinquent is False
    assert "customer.updated" in world.news()
