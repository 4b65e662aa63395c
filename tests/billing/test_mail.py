"""Which mails are owed, to whom, in which language, and when they have become pointless."""

from typing import Any

import pytest

from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Context
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.mail import (
    KINDS,
    Mail,
    MailBook,
    ResendMail,
    decide,
    mailed,
    outdated,
)
from tests.mailing import as_given

NOW = 1_772_323_200


def context(*, live: bool = True, now: int = NOW) -> Context:
    """Circumstances; the customer may live by another clock than the system."""
    return Context(live, now, NOW, lambda prefix: f"{prefix}_1", lambda: "token")


CUSTOMER = Customer(id="cus_1", created=1, invoice_prefix="ABCD1234", email="keiri@example.jp")
INVOICE = Invoice(
    id="in_1",
    created=1,
    customer_id="cus_1",
    currency="jpy",
    hosted_key="key",
    status="open",
    number="ABCD1234-0001",
    amount_due=10_000,
    amount_remaining=10_000,
    due_date=NOW + 86_400,
    intent_id="pi_1",
    snapshot={"email": "old@example.jp"},
)


def owed(kind: str, invoice: Invoice = INVOICE, customer: Any = CUSTOMER, **given: Any) -> Any:
    """The mails that are owed, under the settings that nobody changed."""
    settings = given.pop("settings", as_given())
    return mailed(kind, invoice, customer, settings, given.pop("context", context()), **given)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_owed_when_nobody_switched_it_off(kind: str) -> None:
    (mail,) = owed(kind)
    assert (mail.kind, mail.recipient, mail.invoice_id) == (kind, "keiri@example.jp", "in_1")
    assert (mail.customer_id, mail.payment_intent_id) == ("cus_1", "pi_1")
    assert (mail.status, mail.next_attempt_at, mail.attempts) == ("waiting", NOW, 0)


@pytest.mark.parametrize(
    ("kind", "switch"),
    [
        ("invoice", "finalized_invoice"),
        ("receipt", "receipt"),
        ("payment_failed", "failed_payment"),
        ("action_required", "action_required"),
        ("reminder", "reminders"),
    ],
)
def test_a_switch_concerns_its_own_kind_only(kind: str, switch: str) -> None:
    settings = as_given(**{switch: False})
    assert [each for each in KINDS if not owed(each, settings=settings)] == [kind]
    assert len(owed(kind, settings=settings, asked=True)) == 1


def test_the_present_address_counts_before_the_one_on_the_invoice() -> None:
    moved = Customer("cus_1", 1, "ABCD1234", email="new@example.jp")
    silent = Customer("cus_1", 1, "ABCD1234")
    gone = Customer("cus_1", 1, "ABCD1234", email="new@example.jp", deleted=True)
    addresses = [owed("reminder", customer=c)[0].recipient for c in (moved, silent, gone, None)]
    assert addresses == ["new@example.jp", "old@example.jp", "old@example.jp", "old@example.jp"]


def test_nothing_is_owed_to_whom_no_address_is_known() -> None:
    nameless = Invoice("in_2", 1, "cus_1", "jpy", "key", snapshot={"email": None})
    assert owed("invoice", nameless, Customer("cus_1", 1, "ABCD1234")) == ()


@pytest.mark.parametrize(
    ("preferred", "language", "locale"),
    [
        (["en-US", "ja"], "customer", "en"),
        (["fr", "ja_JP"], "customer", "ja"),
        (["fr"], "customer", None),
        (None, "customer", None),
        (["en"], "ja", "ja"),
        (None, "en", "en"),
    ],
)
def test_the_language(preferred: Any, language: str, locale: str | None) -> None:
    customer = Customer(
        "cus_1", 1, "ABCD1234", email="a@example.jp", details={"preferred_locales": preferred}
    )
    (mail,) = owed("invoice", customer=customer, settings=as_given(language=language))
    assert mail.locale == locale


def test_a_mail_of_the_test_mode_is_captured_and_remembers_its_moment() -> None:
    later = context(live=False, now=NOW + 400 * 86_400)
    (mail,) = owed("reminder", context=later, days=3)
    assert (mail.status, mail.days) == ("captured", 3)
    assert (mail.created, mail.next_attempt_at) == (NOW + 400 * 86_400, NOW)
    assert mail.facts["amount_remaining"] == 10_000
    assert mail.facts["status"] == "open"


@pytest.mark.parametrize(
    ("kind", "status", "amount_paid", "pointless"),
    [
        ("invoice", "open", 0, False),
        ("invoice", "paid", 10_000, False),
        ("invoice", "uncollectible", 0, False),
        ("invoice", "void", 0, True),
        ("receipt", "paid", 10_000, False),
        ("receipt", "open", 4_000, False),
        ("receipt", "open", 0, True),
        ("reminder", "open", 4_000, False),
        ("reminder", "paid", 10_000, True),
        ("reminder", "void", 0, True),
        ("reminder", "uncollectible", 0, True),
        ("payment_failed", "open", 0, False),
        ("payment_failed", "paid", 10_000, True),
        ("action_required", "open", 0, False),
        ("action_required", "paid", 10_000, True),
    ],
)
def test_when_a_mail_has_become_pointless(
    kind: str, status: str, amount_paid: int, pointless: bool
) -> None:
    assert (outdated(kind, status, amount_paid) is not None) is pointless


def test_resending_makes_a_mail_of_its_own() -> None:
    first = Mail(
        id="mail_0", created=5, kind="reminder", customer_id="cus_1", recipient="a@example.jp",
        version=1, invoice_id="in_1", locale="en", days=3, status="failed", attempts=9,
        last_outcome="550 no such user", subject="…",
    )  # fmt: skip
    decision = decide(MailBook(first, CUSTOMER, INVOICE), ResendMail("b@example.jp"), context())
    (again,) = decision.saves
    assert isinstance(again, Mail)
    assert decision.answer is again
    assert (again.id, again.version, again.resend_of) == ("mail_1", 0, "mail_0")
    assert (again.kind, again.days, again.locale) == ("reminder", 3, "en")
    assert (again.recipient, again.status, again.attempts) == ("b@example.jp", "waiting", 0)
    assert (again.subject, again.last_outcome) == (None, None)
    assert again.facts["number"] == "ABCD1234-0001"
