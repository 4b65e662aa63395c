"""The only reasons for which a field of the SDK may be missing from an object, and the fields that are ours.

Everything else that the SDK declares is there in every object, null where there is nothing to say.
"""

import stripe

from tests.wire.sdk_types import Rules, fields_of

EXPANDED = "only when it is expanded"
ONCE = "shown once, in the answer to the creation"
CHANGED = "only in events of the type `*.updated`"
OTHER_KIND = "one hash for each kind that is there; the others are left out, as by Stripe"
DELETED = "only of deleted objects"

WHY_ABSENT: dict[str, dict[str, str]] = {
    "Account.Capabilities": dict.fromkeys(
        fields_of(stripe.Account.Capabilities).keys() - {"card_payments"}, OTHER_KIND
    ),
    "Charge": {"refunds": EXPANDED},
    "Customer": dict.fromkeys(
        ("cash_balance", "sources", "subscriptions", "tax", "tax_ids"), EXPANDED
    ),
    "Event.Data": {"previous_attributes": CHANGED},
    "Invoice": dict.fromkeys(("confirmation_secret", "payments"), EXPANDED),
    "PaymentIntent.PaymentMethodOptions": dict.fromkeys(
        fields_of(stripe.PaymentIntent.PaymentMethodOptions).keys() - {"card"}, OTHER_KIND
    ),
    "Price": dict.fromkeys(("currency_options", "tiers"), EXPANDED),
    "WebhookEndpoint": {"secret": ONCE},
}
"""Class of the SDK → field → why it may be missing. Besides: hashes of another `type`, and `deleted`."""

OURS: dict[str, str] = {
    "invoice.amounts_due": "the parts in which the invoice is to be paid: a preview of Stripe's",
    "invoice.lines.total_count": "how many lines there are beside those that are shown",
}
"""Path of each field that the SDK does not know → what it says."""

MORE_WORDS: dict[str, set[str]] = {
    "event.type": {"invoice_payment.detached"},  # a preview of Stripe's that the SDK does not list
}
"""Path → words that are served there and that the SDK does not list."""

RULES = Rules(
    may_be_absent={name: fields.keys() for name, fields in WHY_ABSENT.items()},
    ours=OURS.keys(),
    more_words=MORE_WORDS,
)
