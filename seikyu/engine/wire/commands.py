"""From parameters to commands: what each writing operation of the API asks of the rules.

The keys are those of ``params.operations``. A builder gets the parameters that were given and the ids
in the address, and names the command, the object it is about, and how the answer is shown.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from seikyu.engine.billing import (
    bank_statement,
    catalogue,
    configuring,
    credit_note,
    crediting,
    funding,
    invoice,
    payment_intent,
    payment_method,
    payment_plan,
    pending,
    portal,
    refund,
    returning,
)
from seikyu.engine.billing import coupon as coupons
from seikyu.engine.billing import customer as customers
from seikyu.engine.billing import mail as mails
from seikyu.engine.billing import promotion_code as promotion_codes
from seikyu.engine.billing import subscription as subscriptions
from seikyu.engine.billing import test_clock as clocks
from seikyu.engine.billing import webhook_endpoint as endpoints
from seikyu.engine.billing.settings import SETTINGS
from seikyu.engine.billing.subscription_discounts import RemoveDiscounts
from seikyu.engine.wire.errors import (
    WireError,
    exclusive_parameters,
    missing_parameter,
    unserved_parameter,
)

Given = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, the id of its object when that exists, and the object type to answer with."""

    command: object
    id: str | None = None
    view: str | None = None


Builder = Callable[[Given, tuple[str, ...], str | None], Asked]


def asked(operation: str, given: Given, ids: tuple[str, ...], key: str | None) -> Asked:
    """Return what the operation asks for. ``key`` is the request's idempotency key.

    Raises WireError for combinations that no parameter model can see.
    """
    return BUILDERS[operation](without_expand(given), ids, key)


def without_expand(given: Given) -> Given:
    """Drop ``expand``: it is about the answer, not about the command."""
    return {k: v for k, v in given.items() if k != "expand"} if "expand" in given else given


def _creates(command: Callable[[Given], object]) -> Builder:
    return lambda given, _ids, _key: Asked(command(given))


def _changes(command: Callable[[Given], object]) -> Builder:
    return lambda given, ids, _key: Asked(command(given), ids[0])


def _plain(command: Callable[[], object]) -> Builder:
    return lambda _given, ids, _key: Asked(command(), ids[0])


def _catalogue(noun: type) -> tuple[Builder, Builder]:
    return (
        lambda given, _ids, _key: Asked(catalogue.Create(noun, given)),
        lambda given, ids, _key: Asked(catalogue.Update(noun, given), ids[0]),
    )


def _create_invoice(given: Given, _ids: tuple[str, ...], _key: str | None) -> Asked:
    if not given.get("customer") and not given.get("from_invoice"):
        raise missing_parameter("customer")
    return Asked(invoice.CreateInvoice(given))


def _pay_invoice(given: Given, ids: tuple[str, ...], key: str | None) -> Asked:
    if given.get("paid_out_of_band"):
        return Asked(invoice.MarkPaidOutOfBand(), ids[0])
    if given.get("forgive"):
        raise unserved_parameter("forgive", "mark the invoice paid out of band instead")
    command = invoice.PayInvoice(
        payment_method=given.get("payment_method"),
        off_session=given.get("off_session", True),
        request_key=key,
    )
    return Asked(command, ids[0])


def _moves(command: Callable[[str], object]) -> Builder:
    def build(given: Given, ids: tuple[str, ...], _key: str | None) -> Asked:
        if given.get("payment_intent") is None:
            raise missing_parameter("payment_intent")
        return Asked(command(given["payment_intent"]), ids[0])

    return build


def _edits(command: Callable[..., object]) -> Builder:
    def build(given: Given, ids: tuple[str, ...], _key: str | None) -> Asked:
        return Asked(command(tuple(given["lines"]), given.get("invoice_metadata")), ids[0])

    return build


def _update_line(given: Given, ids: tuple[str, ...], _key: str | None) -> Asked:
    entry = {**given, "id": ids[1]}
    command = invoice.UpdateLines((entry,), answers_line=True)
    return Asked(command, ids[0], view="line_item")


def _create_intent(given: Given, _ids: tuple[str, ...], key: str | None) -> Asked:
    return Asked(payment_intent.CreateIntent(given, request_key=key))


def _confirm_intent(given: Given, ids: tuple[str, ...], key: str | None) -> Asked:
    return Asked(payment_intent.ConfirmIntent(given, request_key=key), ids[0])


def _capture(_given: Given, _ids: tuple[str, ...], _key: str | None) -> Asked:
    raise WireError(
        400,
        "Separate capture is not served by this version of Seikyu: every payment is captured when "
        "it is confirmed.",
    )


def _create_refund(given: Given, _ids: tuple[str, ...], key: str | None) -> Asked:
    if given.get("origin"):
        return Asked(refund.CreateRefund(given, request_key=key))
    if not given.get("payment_intent") and not given.get("charge"):
        raise missing_parameter("payment_intent")
    if given.get("payment_intent") and given.get("charge"):
        raise exclusive_parameters(["charge", "payment_intent"])
    return Asked(refund.CreateRefund(given, request_key=key))


def _import_statement(given: Given, _ids: tuple[str, ...], _key: str | None) -> Asked:
    return Asked(statement_import(given))


def statement_import(given: Given) -> bank_statement.ImportStatement:
    """Return the command to import a file, given as its text or as its bytes. Raises WireError."""
    text, data = given.get("file"), given.get("file_base64")
    if text is not None and data is not None:
        raise exclusive_parameters(["file", "file_base64"])
    if text is not None:
        data = text.encode()
    if data is None:
        raise missing_parameter("file")
    return bank_statement.ImportStatement(data, given.get("columns"))


def _attach_method(given: Given, ids: tuple[str, ...], _key: str | None) -> Asked:
    if given.get("customer") is None:
        raise missing_parameter("customer")
    return Asked(payment_method.AttachMethod(given["customer"]), ids[0])


def _create_payment_plan(given: Given, _ids: tuple[str, ...], _key: str | None) -> Asked:
    (collected,) = given["collects_on"]
    return Asked(invoice.CreatePaymentPlan(given), collected["invoice_details"]["invoice"])


def _update_payment_plan(given: Given, ids: tuple[str, ...], _key: str | None) -> Asked:
    """A plan whose schedule is not touched can be described whatever became of its invoice."""
    if given.get("schedule") is None:
        return Asked(payment_plan.DescribePaymentPlan(given), ids[0])
    command = invoice.UpdatePaymentPlan(given, ids[0])
    return Asked(command, payment_plan.invoice_id_of(ids[0]))


def _create_portal_session(given: Given, _ids: tuple[str, ...], _key: str | None) -> Asked:
    if given.get("customer") is None:
        raise missing_parameter("customer")
    return Asked(portal.CreateSession(given))


def _keyed(command: Callable[..., object]) -> Builder:
    """A command that may charge a card: the request with the key waits for the outcome."""
    return lambda given, ids, key: Asked(command(given, request_key=key), ids[0] if ids else None)


def _create_subscription(given: Given, _ids: tuple[str, ...], key: str | None) -> Asked:
    if not given.get("customer"):
        raise missing_parameter("customer")
    if not given.get("items"):
        raise missing_parameter("items")
    return Asked(subscriptions.CreateSubscription(given, request_key=key))


def _update_subscription_item(given: Given, ids: tuple[str, ...], key: str | None) -> Asked:
    return Asked(subscriptions.UpdateSubscriptionItem(ids[0], given, request_key=key), ids[0])


def _delete_subscription_item(given: Given, ids: tuple[str, ...], _key: str | None) -> Asked:
    return Asked(subscriptions.DeleteSubscriptionItem(ids[0], given), ids[0])


def _create_clock(given: Given, _ids: tuple[str, ...], _key: str | None) -> Asked:
    return Asked(clocks.CreateClock(given["frozen_time"], given.get("name")))


def _advance_clock(given: Given, ids: tuple[str, ...], _key: str | None) -> Asked:
    return Asked(clocks.AdvanceClock(given["frozen_time"]), ids[0])


def _resend(given: Given, ids: tuple[str, ...], _key: str | None) -> Asked:
    return Asked(endpoints.ResendEvent(given.get("webhook_endpoint")), ids[0])


_create_product, _update_product = _catalogue(catalogue.Product)
_create_price, _update_price = _catalogue(catalogue.Price)
_create_tax_rate, _update_tax_rate = _catalogue(catalogue.TaxRate)

BUILDERS: dict[str, Builder] = {
    "POST /v1/billing_portal/configurations": _creates(portal.CreateConfiguration),
    "POST /v1/billing_portal/configurations/{id}": _changes(portal.UpdateConfiguration),
    "POST /v1/billing_portal/sessions": _create_portal_session,
    "POST /v1/coupons": _creates(coupons.CreateCoupon),
    "POST /v1/coupons/{id}": _changes(coupons.UpdateCoupon),
    "DELETE /v1/coupons/{id}": _plain(coupons.DeleteCoupon),
    "POST /v1/credit_notes": _keyed(credit_note.CreateCreditNote),
    "POST /v1/credit_notes/{id}": _changes(credit_note.UpdateCreditNote),
    "POST /v1/credit_notes/{id}/void": _plain(credit_note.VoidCreditNote),
    "POST /v1/customers": _creates(customers.CreateCustomer),
    "POST /v1/customers/{id}": _changes(customers.UpdateCustomer),
    "DELETE /v1/customers/{id}": _plain(customers.DeleteCustomer),
    "POST /v1/customers/{id}/balance_transactions": lambda given, ids, _key: Asked(
        crediting.MoveBalance(ids[0], given)
    ),
    "POST /v1/customers/{id}/balance_transactions/{transaction}": lambda given, ids, _key: Asked(
        crediting.DescribeMovement(ids[0], given), ids[1]
    ),
    "POST /v1/customers/{id}/cash_balance": _changes(funding.UpdateCashBalance),
    "DELETE /v1/customers/{id}/discount": _plain(customers.DeleteDiscount),
    "POST /v1/customers/{id}/funding_instructions": _changes(funding.GiveInstructions),
    "POST /v1/events/{id}/resend": _resend,
    "POST /v1/events/{id}/retry": _resend,
    "POST /v1/invoiceitems": _creates(pending.CreateItem),
    "POST /v1/invoiceitems/{id}": lambda given, ids, _key: Asked(
        pending.UpdateItem(ids[0], given), ids[0]
    ),
    "DELETE /v1/invoiceitems/{id}": lambda _given, ids, _key: Asked(
        pending.DeleteItem(ids[0]), ids[0]
    ),
    "POST /v1/invoices": _create_invoice,
    "POST /v1/invoices/{id}": _changes(invoice.UpdateInvoice),
    "DELETE /v1/invoices/{id}": _plain(invoice.DeleteInvoice),
    "POST /v1/invoices/{id}/add_lines": _edits(invoice.AddLines),
    "POST /v1/invoices/{id}/attach_payment": _moves(invoice.AttachPayment),
    "POST /v1/invoices/{id}/detach_payment": _moves(invoice.DetachPayment),
    "POST /v1/invoices/{id}/finalize": lambda given, ids, _key: Asked(
        invoice.FinalizeInvoice(given.get("auto_advance")), ids[0]
    ),
    "POST /v1/invoices/{id}/lines/{line}": _update_line,
    "POST /v1/invoices/{id}/mark_uncollectible": _plain(invoice.MarkUncollectible),
    "POST /v1/invoices/{id}/pay": _pay_invoice,
    "POST /v1/invoices/{id}/remove_lines": _edits(invoice.RemoveLines),
    "POST /v1/invoices/{id}/send": _plain(invoice.SendInvoice),
    "POST /v1/invoices/{id}/update_lines": _edits(invoice.UpdateLines),
    "POST /v1/invoices/{id}/void": _plain(invoice.VoidInvoice),
    "POST /v1/payment_intents": _create_intent,
    "POST /v1/payment_intents/{id}": _changes(payment_intent.UpdateIntent),
    "POST /v1/payment_intents/{id}/apply_customer_balance": _changes(payment_intent.ApplyBalance),
    "POST /v1/payment_intents/{id}/cancel": _changes(payment_intent.CancelIntent),
    "POST /v1/payment_intents/{id}/capture": _capture,
    "POST /v1/payment_intents/{id}/confirm": _confirm_intent,
    "POST /v1/payment_methods": _creates(payment_method.CreateMethod),
    "POST /v1/payment_methods/{id}": _changes(payment_method.UpdateMethod),
    "POST /v1/payment_methods/{id}/attach": _attach_method,
    "POST /v1/payment_methods/{id}/detach": _plain(payment_method.DetachMethod),
    "POST /v1/payment_plans": _create_payment_plan,
    "POST /v1/payment_plans/{id}": _update_payment_plan,
    "POST /v1/prices": _create_price,
    "POST /v1/prices/{id}": _update_price,
    "POST /v1/products": _create_product,
    "POST /v1/products/{id}": _update_product,
    "DELETE /v1/products/{id}": _plain(catalogue.DeleteProduct),
    "POST /v1/promotion_codes": _creates(promotion_codes.CreatePromotionCode),
    "POST /v1/promotion_codes/{id}": _changes(promotion_codes.UpdatePromotionCode),
    "POST /v1/refunds": _create_refund,
    "POST /v1/refunds/{id}": _changes(refund.UpdateRefund),
    "POST /v1/refunds/{id}/cancel": _changes(returning.CancelReturn),
    "POST /v1/seikyu/bank_statement_lines/{id}/assign": lambda given, ids, _key: Asked(
        bank_statement.AssignLine(given["customer"]), ids[0]
    ),
    "POST /v1/seikyu/bank_statement_lines/{id}/ignore": _plain(bank_statement.IgnoreLine),
    "POST /v1/seikyu/bank_statement_lines/{id}/unassign": _plain(bank_statement.UnassignLine),
    "POST /v1/seikyu/bank_statements": _import_statement,
    "POST /v1/seikyu/mails/{id}/resend": lambda given, ids, _key: Asked(
        mails.ResendMail(given.get("to")), ids[0]
    ),
    "POST /v1/seikyu/refunds/{id}/complete": _changes(returning.CompleteReturn),
    "POST /v1/seikyu/settings": lambda given, _ids, _key: Asked(
        configuring.UpdateSettings(given), SETTINGS
    ),
    "POST /v1/subscription_items": _keyed(subscriptions.CreateSubscriptionItem),
    "POST /v1/subscription_items/{id}": _update_subscription_item,
    "DELETE /v1/subscription_items/{id}": _delete_subscription_item,
    "POST /v1/subscriptions": _create_subscription,
    "POST /v1/subscriptions/{id}": _keyed(subscriptions.UpdateSubscription),
    "DELETE /v1/subscriptions/{id}": _changes(subscriptions.CancelSubscription),
    "DELETE /v1/subscriptions/{id}/discount": _plain(RemoveDiscounts),
    "POST /v1/subscriptions/{id}/resume": _keyed(subscriptions.ResumeSubscription),
    "POST /v1/tax_rates": _create_tax_rate,
    "POST /v1/tax_rates/{id}": _update_tax_rate,
    "POST /v1/test_helpers/customers/{id}/fund_cash_balance": _changes(funding.FundBalance),
    "POST /v1/test_helpers/test_clocks": _create_clock,
    "DELETE /v1/test_helpers/test_clocks/{id}": _plain(clocks.DeleteClock),
    "POST /v1/test_helpers/test_clocks/{id}/advance": _advance_clock,
    "POST /v1/webhook_endpoints": _creates(endpoints.CreateEndpoint),
    "POST /v1/webhook_endpoints/{id}": _changes(endpoints.UpdateEndpoint),
    "DELETE /v1/webhook_endpoints/{id}": _plain(endpoints.DeleteEndpoint),
    "POST /v1/webhook_endpoints/{id}/roll_secret": lambda given, ids, _key: Asked(
        endpoints.RollSecret(given.get("expires_in", endpoints.SECRET_OVERLAPS)), ids[0]
    ),
}
