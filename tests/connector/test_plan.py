"""What is decided about an invoice: every condition, every outcome, and that it always decides."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seikyu.board.words import InvoiceStatus, OrderStatus, PaymentMethod
from seikyu.connector.conditions import Case, Mode, WithoutCard, missed_conditions, recipients
from seikyu.connector.facts import (
    ClientFacts,
    CustomerFinding,
    CustomerKind,
    Link,
    LinkState,
)
from seikyu.connector.plan import (
    AskHuman,
    CreateInvoice,
    MarkPaid,
    SetStatus,
    Skip,
    Withdraw,
    plan,
    plan_invoice,
    sendable,
)
from seikyu.connector.reasons import CONDITION_NAMES
from tests.connector.making import (
    CARD,
    CLIENT,
    NOON,
    PROJECT,
    RULES,
    case,
    document,
    invoice,
    line,
    sent,
    stripe_invoice,
)


def missed(one: Case) -> list[str]:
    return [reason.name for reason in missed_conditions(one, RULES)]


def test_an_invoice_that_meets_every_condition_is_sent_with_its_lines() -> None:
    operation = plan_invoice(case(), RULES)
    assert isinstance(operation, CreateInvoice)
    assert (operation.amount, operation.email) == (110_000, "keiri@example.jp")
    assert [one.amount for one in operation.lines] == [100_000]


@pytest.mark.parametrize(
    ("name", "one"),
    [
        ("already_linked", case(link=sent())),
        ("not_credit_card", case(invoice=invoice(payment_method=PaymentMethod.BANK_TRANSFER))),
        (
            "not_credit_card",
            case(
                invoice=invoice(payment_method=None),
                project=replace(PROJECT, payment_method=PaymentMethod.CASH),
            ),
        ),
        ("not_credit_card", case(invoice=invoice(payment_method=None), project=None)),
        *(
            ("not_invoiced", case(invoice=invoice(invoice_status=status)))
            for status in InvoiceStatus
            if status is not InvoiceStatus.INVOICED
        ),
        *(
            ("not_ordered", case(invoice=invoice(order_status=status)))
            for status in OrderStatus
            if status is not OrderStatus.ORDERED
        ),
        ("no_email", case(client=replace(CLIENT, to=()))),
        ("no_email", case(client=None)),
        (
            "not_recently_updated",
            case(invoice=invoice(updated_at=RULES.window_start - timedelta(seconds=1))),
        ),
        ("not_recently_updated", case(invoice=invoice(updated_at=None))),
        ("past_payment_limit", case(invoice=invoice(payment_limit_date=date(2026, 3, 9)))),
        ("no_amount", case(invoice=invoice(document=document(total=0, tax=0)))),
        ("no_amount", case(invoice=invoice(document=None, total=-100, tax=-10))),
        ("currency_not_mapped", case(invoice=invoice(currency="USD"))),
        (
            "voided_and_unchanged",
            case(link=sent(state=LinkState.ENDED, ended_at=NOON + timedelta(hours=1))),
        ),
    ],
)
def test_each_condition_that_is_missed_is_named_alone(name: str, one: Case) -> None:
    assert missed(one) == [name]
    assert name in CONDITION_NAMES


def test_all_missed_conditions_are_named_together_in_the_order_of_the_manual() -> None:
    everything_wrong = invoice(
        payment_method=PaymentMethod.CASH,
        invoice_status=InvoiceStatus.NOT_INVOICED,
        order_status=OrderStatus.LOST,
        updated_at=None,
        payment_limit_date=date(2026, 1, 31),
        document=document(total=0, tax=0),
        currency="USD",
    )
    operation = plan_invoice(case(invoice=everything_wrong, client=None), RULES)
    assert isinstance(operation, Skip)
    assert [reason.name for reason in operation.reasons] == [
        "not_credit_card",
        "not_invoiced",
        "not_ordered",
        "no_email",
        "not_recently_updated",
        "past_payment_limit",
        "no_amount",
        "currency_not_mapped",
    ]


def test_every_reason_says_itself_in_both_languages() -> None:
    bare = replace(case(), client=None, invoice=invoice(payment_method=None, currency="USD"))
    for reason in missed_conditions(replace(bare, project=None), RULES):
        assert any("\u3040" <= letter <= "\u9fff" for letter in reason.sentence("ja"))
        assert reason.sentence("en").isprintable()
        assert reason.sentence("en") != reason.sentence("ja")


def test_due_today_is_not_past() -> None:
    assert missed(case(invoice=invoice(payment_limit_date=RULES.today))) == []


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        # 月末締翌々月払, in March: invoiced on 1 January is due at the end of March …
        (date(2026, 3, 31), []),
        # … invoiced on 31 December at the end of February.
        (date(2026, 2, 28), ["past_payment_limit"]),
    ],
)
def test_the_example_of_the_manual(limit: date, expected: list[str]) -> None:
    assert missed(case(invoice=invoice(payment_limit_date=limit))) == expected


def test_the_payment_method_comes_from_the_project_where_the_invoice_does_not_carry_it() -> None:
    assert missed(case(invoice=invoice(payment_method=None))) == []


def test_confirmed_orders_are_sent_only_by_option() -> None:
    confirmed = case(invoice=invoice(order_status=OrderStatus.CONFIRMED))
    assert missed(confirmed) == ["not_ordered"]
    assert missed_conditions(confirmed, replace(RULES, accept_confirmed=True)) == ()


def test_a_currency_that_is_mapped_is_sent() -> None:
    dollars = case(invoice=invoice(currency="USD"))
    assert missed_conditions(dollars, replace(RULES, currencies=frozenset({"JPY", "USD"}))) == ()


def test_the_mail_settings_of_the_project_win_over_those_of_the_client() -> None:
    with_own = case(project=replace(PROJECT, to=("branch@example.jp", "second@example.jp")))
    assert recipients(with_own) == ("branch@example.jp", "second@example.jp")
    assert recipients(case()) == ("keiri@example.jp",)


@pytest.mark.parametrize("state", [LinkState.WAITING, LinkState.RESERVED])
def test_what_was_begun_or_waits_for_a_person_outlives_the_window(state: LinkState) -> None:
    old = invoice(updated_at=RULES.window_start - timedelta(days=30))
    assert missed(case(invoice=old, link=sent(state=state))) == []


def test_a_voided_invoice_is_sent_again_once_it_was_touched_in_board() -> None:
    ended = sent(state=LinkState.ENDED, ended_at=NOON - timedelta(minutes=1))
    assert missed(case(link=ended)) == []


def test_a_begun_invoice_that_is_no_longer_wanted_is_withdrawn() -> None:
    reverted = invoice(invoice_status=InvoiceStatus.NOT_INVOICED)
    operation = plan_invoice(case(invoice=reverted, link=sent(state=LinkState.RESERVED)), RULES)
    assert isinstance(operation, Withdraw)
    assert [reason.name for reason in operation.reasons] == ["not_invoiced"]


@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        (CustomerFinding(CustomerKind.FOUND, "cus_1"), "no_default_card"),
        (CustomerFinding(CustomerKind.LINKED, "cus_1"), "no_default_card"),
        (CustomerFinding(CustomerKind.TO_CREATE), "no_customer_yet"),
        (CustomerFinding(CustomerKind.AMBIGUOUS, count=2), "ambiguous_customer"),
        (CustomerFinding(CustomerKind.SHARED, "cus_1", other_client_id=8), "shared_address"),
        (CustomerFinding(CustomerKind.DELETED, "cus_1"), "customer_deleted"),
    ],
)
def test_a_person_is_asked_about_a_customer_that_cannot_be_used(
    finding: CustomerFinding, reason: str
) -> None:
    operation = plan_invoice(case(customer=finding), RULES)
    assert isinstance(operation, AskHuman)
    assert operation.reason.name == reason


@pytest.mark.parametrize("mode", [Mode.EMAIL, Mode.DRAFT])
def test_without_automatic_charge_no_card_is_needed(mode: Mode) -> None:
    cardless = case(customer=CustomerFinding(CustomerKind.FOUND, "cus_1"))
    assert isinstance(plan_invoice(cardless, replace(RULES, mode=mode)), CreateInvoice)


BY_EMAIL = replace(RULES, without_card=WithoutCard.EMAIL)
CARDLESS = CustomerFinding(CustomerKind.FOUND, "cus_1")
OF_BRANCH = CustomerFinding(CustomerKind.TO_CREATE, address="branch@example.jp")


def test_a_card_that_is_there_is_charged_whatever_happens_without_one() -> None:
    operation = plan_invoice(case(), BY_EMAIL)
    assert isinstance(operation, CreateInvoice)
    assert (operation.mode, operation.customer) == (Mode.CHARGE, CARD)


@pytest.mark.parametrize(
    "finding",
    [
        CARDLESS,
        replace(CARDLESS, kind=CustomerKind.LINKED),
        CustomerFinding(CustomerKind.TO_CREATE),
    ],
)
def test_by_option_who_has_no_card_is_emailed(finding: CustomerFinding) -> None:
    operation = plan_invoice(case(customer=finding), BY_EMAIL)
    assert isinstance(operation, CreateInvoice)
    assert (operation.mode, operation.customer) == (Mode.EMAIL, finding)


def test_for_want_of_a_card_the_customer_of_the_projects_own_address_is_emailed() -> None:
    operation = plan_invoice(case(customer=CARDLESS, mailed=OF_BRANCH), BY_EMAIL)
    assert isinstance(operation, CreateInvoice)
    assert (operation.mode, operation.customer) == (Mode.EMAIL, OF_BRANCH)
    # ── a card of the branch is not the client's: it is not charged
    with_card = case(customer=CARDLESS, mailed=replace(CARD, address="branch@example.jp"))
    operation = plan_invoice(with_card, BY_EMAIL)
    assert isinstance(operation, CreateInvoice)
    assert operation.mode is Mode.EMAIL


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (case(customer=CARDLESS, invoice=invoice(payment_limit_date=None)), "no_payment_limit"),
        (case(customer=CustomerFinding(CustomerKind.AMBIGUOUS, count=2)), "ambiguous_customer"),
        (
            case(customer=CARDLESS, mailed=CustomerFinding(CustomerKind.SHARED, other_client_id=8)),
            "shared_address",
        ),
    ],
)
def test_what_is_unclear_is_asked_also_where_it_would_be_emailed(one: Case, reason: str) -> None:
    operation = plan_invoice(one, BY_EMAIL)
    assert isinstance(operation, AskHuman)
    assert operation.reason.name == reason


def test_an_invoice_to_be_emailed_needs_a_payment_limit() -> None:
    unlimited = case(invoice=invoice(payment_limit_date=None))
    operation = plan_invoice(unlimited, replace(RULES, mode=Mode.EMAIL))
    assert isinstance(operation, AskHuman)
    assert operation.reason.name == "no_payment_limit"
    assert isinstance(plan_invoice(unlimited, RULES), CreateInvoice)


def test_a_document_that_contradicts_itself_is_for_a_person() -> None:
    wrong = invoice(document=document(line(price=99_999)))
    operation = plan_invoice(case(invoice=wrong), RULES)
    assert isinstance(operation, AskHuman)
    assert operation.reason.name == "lines_do_not_add_up"


def test_an_invoice_without_its_document_is_for_a_person() -> None:
    operation = plan_invoice(case(invoice=invoice(document=None)), RULES)
    assert isinstance(operation, AskHuman)
    assert operation.reason.name == "document_missing"


def test_without_its_project_nobody_knows_whom_to_send_it_to() -> None:
    operation = plan_invoice(case(project=None), RULES)
    assert isinstance(operation, AskHuman)
    assert operation.reason.name == "project_missing"


def test_a_linked_invoice_follows_stripe() -> None:
    paid = case(link=sent(), stripe=stripe_invoice("paid", 110_000))
    assert plan_invoice(paid, RULES) == MarkPaid(InvoiceStatus.PAID)


def test_an_amount_changed_in_board_after_sending_is_shown_and_not_sent() -> None:
    changed = invoice(document=document(line(price=120_000), total=120_000, tax=12_000))
    operation = plan_invoice(case(invoice=changed, link=sent(), stripe=stripe_invoice()), RULES)
    assert isinstance(operation, AskHuman)
    assert operation.reason.name == "amount_changed"
    assert "110000" in operation.reason.en
    assert "132000" in operation.reason.en


def test_only_what_meets_every_condition_is_worth_looking_up_a_customer_for() -> None:
    unknown = CustomerFinding()
    assert sendable(case(customer=unknown), RULES)
    assert not sendable(case(customer=unknown, client=None), RULES)


links = st.builds(
    Link,
    board_invoice_id=st.just(11),
    state=st.sampled_from(LinkState),
    amount=st.integers(0, 200_000),
    stripe_invoice_id=st.sampled_from([None, "in_1"]),
    board_status=st.sampled_from([None, *InvoiceStatus]),
    written_status=st.sampled_from([None, *InvoiceStatus]),
    seen_status=st.sampled_from([None, "draft", "open", "paid", "uncollectible"]),
    ended_at=st.sampled_from([None, NOON]),
)
stripe_invoices = st.builds(
    stripe_invoice,
    st.sampled_from(["draft", "open", "paid", "uncollectible", "void", "gone"]),
    st.integers(0, 200_000),
    total=st.integers(0, 200_000),
)
documents = st.one_of(
    st.none(),
    st.builds(
        document,
        st.builds(
            line,
            price=st.one_of(st.none(), st.integers(-200_000, 200_000)),
            rate=st.sampled_from(["10", "8", "5", "0"]),
            included=st.booleans(),
        ),
        total=st.integers(-1_000, 200_000),
        tax=st.integers(-1_000, 20_000),
        withholding=st.integers(0, 20_000),
    ),
)
invoices = st.builds(
    invoice,
    invoice_status=st.sampled_from(InvoiceStatus),
    order_status=st.sampled_from(OrderStatus),
    payment_method=st.sampled_from([None, *PaymentMethod]),
    payment_limit_date=st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2026, 12, 31))),
    updated_at=st.one_of(
        st.none(), st.integers(-90, 20).map(lambda days: NOON + timedelta(days=days))
    ),
    currency=st.sampled_from(["JPY", "USD"]),
    document=documents,
)
findings = st.builds(CustomerFinding, st.sampled_from(CustomerKind), has_default_card=st.booleans())
cases = st.builds(
    Case,
    invoice=invoices,
    project=st.sampled_from([None, PROJECT, replace(PROJECT, to=("p@example.jp",))]),
    client=st.sampled_from([None, CLIENT, ClientFacts(7, "株式会社サンプル", (), None)]),
    link=st.one_of(st.none(), links),
    stripe=st.one_of(st.none(), stripe_invoices),
    customer=st.one_of(st.just(CARD), findings),
    mailed=st.one_of(st.none(), findings),
)


@given(st.lists(cases, max_size=5), st.sampled_from(Mode), st.sampled_from(WithoutCard))
def test_every_invoice_gets_exactly_one_operation_whatever_is_known(
    many: list[Case], mode: Mode, without_card: WithoutCard
) -> None:
    planned = plan(many, replace(RULES, mode=mode, without_card=without_card))
    assert [one.case for one in planned] == many
    for one in planned:
        assert isinstance(one.operation, CreateInvoice | SetStatus | Withdraw | Skip | AskHuman)
        if isinstance(one.operation, Skip | Withdraw):
            assert one.operation.reasons


@given(cases)
def test_nothing_is_ever_created_while_a_condition_is_missed(one: Case) -> None:
    if isinstance(plan_invoice(one, RULES), CreateInvoice):
        assert missed_conditions(one, RULES) == ()
        assert one.link is None or one.link.state is not LinkState.SENT
