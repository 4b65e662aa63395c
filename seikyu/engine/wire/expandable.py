"""Which properties of each object can be expanded, and into what.

Most are ids of other objects, some lists are always there, and a few properties appear in the
answer only when they are asked for. Source: the ``expandable`` marks in Stripe's specification.
Types that this engine does not have are in the table too: the property is null then, and asking
to expand it is no mistake of the caller.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ref:
    """The id of an object, or null. Several types: the prefix of the id tells which."""

    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inline:
    """An object that is always there as a whole."""

    type: str


@dataclass(frozen=True, slots=True)
class Each:
    """An array; what can be expanded is in its elements."""

    inner: "Node"


@dataclass(frozen=True, slots=True)
class Included:
    """A property that is left out unless it is asked for; None stands for a plain value."""

    inner: "Node | None"


Hash = Mapping[str, "Node"]
"""A hash inside an object."""

Node = Ref | Inline | Each | Included | Hash


def list_of(type: str) -> Hash:
    """A list object with whole objects of the type in ``data``."""
    return {"data": Each(Inline(type))}


def properties(node: Node) -> Hash:
    """Return what a path may name next."""
    if isinstance(node, Ref):
        return {name: inner for type in node.types for name, inner in _of(type).items()}
    if isinstance(node, Inline):
        return _of(node.type)
    if isinstance(node, Each):
        return properties(node.inner)
    if isinstance(node, Included):
        return properties(node.inner) if node.inner is not None else {}
    return node


def _of(type: str) -> Hash:
    return EXPANDABLE.get(type, {})


def _ref(*types: str) -> Ref:
    return Ref(types)


_ACCOUNT = _ref("account")
_CUSTOMER = _ref("customer")
_DISCOUNTS = Each(_ref("discount"))
_DISCOUNT_AMOUNTS = Each({"discount": _ref("discount")})
_CREDITS = Each(
    {
        "credit_balance_transaction": _ref("billing.credit_balance_transaction"),
        "discount": _ref("discount"),
    }
)
_PRICING: Hash = {"price_details": {"price": _ref("price")}}
_CLOCK = _ref("test_helpers.test_clock")
_SOURCE = _ref("account", "bank_account", "card", "source")

EXPANDABLE: Mapping[str, Hash] = {
    "account": {
        "settings": {
            "branding": {"icon": _ref("file"), "logo": _ref("file")},
            "invoices": {"default_account_tax_ids": Each(_ref("tax_id"))},
        },
    },
    "billing_portal.configuration": {"application": _ref("application")},
    "billing_portal.session": {"configuration": _ref("billing_portal.configuration")},
    "charge": {
        "application": _ref("application"),
        "application_fee": _ref("application_fee"),
        "balance_transaction": _ref("balance_transaction"),
        "customer": _CUSTOMER,
        "failure_balance_transaction": _ref("balance_transaction"),
        "on_behalf_of": _ACCOUNT,
        "payment_intent": _ref("payment_intent"),
        "payment_method_details": {"card": {"mandate": _ref("mandate")}},
        "refunds": Included(list_of("refund")),
        "review": _ref("review"),
        "source_transfer": _ref("transfer"),
        "transfer": _ref("transfer"),
        "transfer_data": {"destination": _ACCOUNT},
    },
    "coupon": {"applies_to": Included(None), "currency_options": Included(None)},
    "credit_note": {
        "customer": _CUSTOMER,
        "customer_balance_transaction": _ref("customer_balance_transaction"),
        "discount_amounts": _DISCOUNT_AMOUNTS,
        "invoice": _ref("invoice"),
        "lines": list_of("credit_note_line_item"),
        "pretax_credit_amounts": _CREDITS,
        "refunds": Each({"refund": _ref("refund")}),
        "shipping_cost": {"shipping_rate": _ref("shipping_rate")},
    },
    "credit_note_line_item": {
        "discount_amounts": _DISCOUNT_AMOUNTS,
        "pretax_credit_amounts": _CREDITS,
    },
    "customer": {
        "cash_balance": Included(None),
        "default_source": _SOURCE,
        "discount": Inline("discount"),
        "invoice_settings": {"default_payment_method": _ref("payment_method")},
        "sources": Included(list_of("source")),
        "subscriptions": Included(list_of("subscription")),
        "tax": Included(None),
        "tax_ids": Included(list_of("tax_id")),
        "test_clock": _CLOCK,
    },
    "customer_balance_transaction": {
        "checkout_session": _ref("checkout.session"),
        "credit_note": _ref("credit_note"),
        "customer": _CUSTOMER,
        "invoice": _ref("invoice"),
    },
    "customer_cash_balance_transaction": {
        "adjusted_for_overdraft": {
            "balance_transaction": _ref("balance_transaction"),
            "linked_transaction": _ref("customer_cash_balance_transaction"),
        },
        "applied_to_payment": {"payment_intent": _ref("payment_intent")},
        "customer": _CUSTOMER,
        "refunded_from_payment": {"refund": _ref("refund")},
        "transferred_to_balance": {"balance_transaction": _ref("balance_transaction")},
        "unapplied_from_payment": {"payment_intent": _ref("payment_intent")},
    },
    "discount": {
        "customer": _CUSTOMER,
        "promotion_code": _ref("promotion_code"),
        "source": {"coupon": _ref("coupon")},
    },
    "event": {},
    "invoice": {
        "account_tax_ids": Each(_ref("tax_id")),
        "application": _ref("application"),
        "automatic_tax": {"liability": {"account": _ACCOUNT}},
        "confirmation_secret": Included(None),
        "customer": _CUSTOMER,
        "default_payment_method": _ref("payment_method"),
        "default_source": _SOURCE,
        "discounts": _DISCOUNTS,
        "from_invoice": {"invoice": _ref("invoice")},
        "issuer": {"account": _ACCOUNT},
        "latest_revision": _ref("invoice"),
        "lines": list_of("line_item"),
        "on_behalf_of": _ACCOUNT,
        "parent": {"subscription_details": {"subscription": _ref("subscription")}},
        "payments": Included(list_of("invoice_payment")),
        "shipping_cost": {"shipping_rate": _ref("shipping_rate")},
        "test_clock": _CLOCK,
        "total_discount_amounts": _DISCOUNT_AMOUNTS,
        "total_pretax_credit_amounts": _CREDITS,
    },
    "invoice_payment": {
        "invoice": _ref("invoice"),
        "payment": {
            "charge": _ref("charge"),
            "payment_intent": _ref("payment_intent"),
            "payment_record": _ref("payment_record"),
        },
    },
    "invoiceitem": {
        "customer": _CUSTOMER,
        "discounts": _DISCOUNTS,
        "invoice": _ref("invoice"),
        "pricing": _PRICING,
        "proration_details": {"discount_amounts": _DISCOUNT_AMOUNTS},
        "test_clock": _CLOCK,
    },
    "line_item": {
        "discount_amounts": _DISCOUNT_AMOUNTS,
        "discounts": _DISCOUNTS,
        "pretax_credit_amounts": _CREDITS,
        "pricing": _PRICING,
        "subscription": _ref("subscription"),
    },
    "payment_intent": {
        "application": _ref("application"),
        "customer": _CUSTOMER,
        "latest_charge": _ref("charge"),
        "on_behalf_of": _ACCOUNT,
        "payment_method": _ref("payment_method"),
        "payment_record": _ref("payment_record"),
        "review": _ref("review"),
        "source": _SOURCE,
        "transfer_data": {"destination": _ACCOUNT},
    },
    "payment_method": {
        "card": {"generated_from": {"setup_attempt": _ref("setup_attempt")}},
        "customer": _CUSTOMER,
    },
    "price": {
        "currency_options": Included(None),
        "product": _ref("product"),
        "tiers": Included(None),
    },
    "product": {
        "default_price": _ref("price"),
        "tax_code": _ref("tax_code"),
    },
    "seikyu.bank_statement": {},
    "seikyu.bank_statement_line": {
        "cash_balance_transaction": _ref("customer_cash_balance_transaction"),
        "customer": _CUSTOMER,
        "statement": _ref("seikyu.bank_statement"),
    },
    "seikyu.delivery": {
        "event": _ref("event"),
        "webhook_endpoint": _ref("webhook_endpoint"),
    },
    "seikyu.mail": {
        "customer": _CUSTOMER,
        "invoice": _ref("invoice"),
        "payment_intent": _ref("payment_intent"),
        "resend_of": _ref("seikyu.mail"),
    },
    "promotion_code": {
        "customer": _CUSTOMER,
        "promotion": {"coupon": _ref("coupon")},
        "restrictions": {"currency_options": Included(None)},
    },
    "refund": {
        "balance_transaction": _ref("balance_transaction"),
        "charge": _ref("charge"),
        "customer": _CUSTOMER,
        "failure_balance_transaction": _ref("balance_transaction"),
        "payment_intent": _ref("payment_intent"),
        "payment_method": _ref("payment_method"),
        "source_transfer_reversal": _ref("transfer_reversal"),
        "transfer_reversal": _ref("transfer_reversal"),
    },
    "subscription": {
        "application": _ref("application"),
        "automatic_tax": {"liability": {"account": _ACCOUNT}},
        "billing_schedules": Each({"applies_to": Each({"price": _ref("price")})}),
        "cancellation_details": {"feedback_option": _ref("feedback_option")},
        "customer": _CUSTOMER,
        "default_payment_method": _ref("payment_method"),
        "default_source": _SOURCE,
        "discounts": _DISCOUNTS,
        "invoice_settings": {
            "account_tax_ids": Each(_ref("tax_id")),
            "issuer": {"account": _ACCOUNT},
        },
        "items": list_of("subscription_item"),
        "latest_invoice": _ref("invoice"),
        "on_behalf_of": _ACCOUNT,
        "pending_setup_intent": _ref("setup_intent"),
        "schedule": _ref("subscription_schedule"),
        "test_clock": _CLOCK,
        "transfer_data": {"destination": _ACCOUNT},
    },
    "subscription_item": {
        "discounts": _DISCOUNTS,
        "plan": {"product": _ref("product")},
        "price": Inline("price"),
    },
    "tax_rate": {},
    "test_helpers.test_clock": {},
    "webhook_endpoint": {},
}
"""Object type → its properties that can be expanded or lead to some."""
