"""No parameter is taken and silently ignored.

Each one that is taken is either seen in an answer of the story (`parameters.effects`), or it is named here
with the tests that show what it does, or it is named on the page of compatibility as one that changes
nothing, with the reason. What is named in vain is a fault too.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.parameters import REFUSED_FILTERS, WITHOUT_EFFECT, effects, filters, taken
from tests.api.recording import Recording
from tests.api.room import running_room
from tests.api.story import tell

TESTS = Path(__file__).parents[1]

SHOWN_BY: dict[str, tuple[str, ...]] = {
    "api/test_cash_refunds.py": ("RefundCreate.origin",),
    "api/test_credit_notes.py": (
        "CreditNoteLine.amount", "NewCreditNote.credit_amount", "NewCreditNote.refund_amount",
    ),
    "api/test_discounts.py": ("MinimumOption.minimum_amount",),
    "api/test_settings.py": (
        "AfterLastRetry.invoice", "AfterLastRetry.subscription", "PastDue.after_days",
        "PastDue.invoice", "PastDue.subscription", "Reminders.days", "Retries.days",
        "Retries.mode", "Retries.tries", "Retries.window",
    ),
    "billing/test_catalogue.py": (
        "PriceCreate.transfer_lookup_key", "PriceUpdate.transfer_lookup_key",
    ),
    "billing/test_collecting.py": ("InvoicePay.off_session",),
    "billing/test_drafts.py": (
        "InvoiceCreate.pending_invoice_items_behavior", "RemovedLine.behavior",
    ),
    "billing/test_payments.py": ("PaymentIntentCreate.confirm", "_Confirmation.off_session"),
    "billing/test_prorations.py": (
        "SubscriptionDetails.proration_date", "SubscriptionUpdate.proration_date",
        "_Change.proration_date",
    ),
    "billing/test_plans.py": ("AmountDue.*",),
    "billing/test_webhook_endpoints.py": ("WebhookEndpointUpdate.disabled",),
    "hosted/test_paying.py": ("CardData.cvc", "CardData.number", "InvoicePay.paid_out_of_band"),
    "execute/test_cards.py": ("CardData.token",),
    "scenarios/test_previews.py": (
        "InvoicePreview.preview_mode", "InvoicePreview.subscription", "PreviewItem.*",
        "SubscriptionDetails.*",
    ),
    "scenarios/test_subscriptions.py": (
        "SubscriptionCancel.invoice_now", "SubscriptionCancel.prorate",
        "SubscriptionCreate.trial_period_days", "SubscriptionResume.payment_behavior",
        "SubscriptionResume.proration_behavior", "_Change.payment_behavior",
        "_Change.proration_behavior", "_Subscription.payment_behavior", "_Subscription.trial_end",
        "ChangedItem.deleted",
    ),
    "api/story/customers.py": ("CustomerCreate.payment_method",),
}  # fmt: skip
"""File of tests → parameters whose effect is no echo of them, and is shown there."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    """Everything that was asked and answered in the story."""
    with running_room(f"sqlite:///{tmp_path_factory.mktemp('story') / 'seikyu.db'}") as room:
        yield tell(room)


def test_every_filter_of_a_list_filters(told: Recording) -> None:
    """Some value of it lists something else than all, or names what there is none of. Or it is refused."""
    ignored: dict[str, set[str]] = {}
    for path, name, values in filters():
        everything = told.ids(path, "limit=100")
        assert everything, path
        replies = [told.send("GET", path, query=f"limit=100&{name}={each}") for each in values]
        listed = [[x["id"] for x in r.body["data"]] for r in replies if r.status == 200]
        missing = [
            r for r in replies if r.status != 200 and r.error.get("code") == "resource_missing"
        ]
        if not missing and all(each == everything for each in listed):
            assert not listed, f"{path} takes {name} and lists everything"
            ignored.setdefault(path, set()).add(name)
    assert ignored == REFUSED_FILTERS


def test_every_parameter_that_is_taken_has_an_effect_or_a_reason(told: Recording) -> None:
    seen = effects(told.exchanges).declared
    shown = {name for names in SHOWN_BY.values() for name in names}
    silent = {
        leaf.declared: f"{operation} {leaf.path}"
        for operation, each in taken().items()
        for leaf in each
        if leaf.declared not in seen | WITHOUT_EFFECT.keys()
        if not {leaf.declared, f"{leaf.declared.split('.')[0]}.*"} & shown
    }
    assert silent == {}


def test_nothing_is_excused_in_vain(told: Recording) -> None:
    seen = effects(told.exchanges).declared
    all_of_them = {leaf.declared for each in taken().values() for leaf in each}
    assert WITHOUT_EFFECT.keys() - all_of_them == set()
    assert WITHOUT_EFFECT.keys() & seen == set()
    for file, names in SHOWN_BY.items():
        text = (TESTS / file).read_text(encoding="utf-8")
        for name in names:
            word = name.split(".")[1]
            assert word == "*" or re.search(rf"\b{word}\b", text), f"{file}: {name}"
