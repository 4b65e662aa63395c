"""Stripe → board: every row of the table, against every status board may have."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seikyu.board.words import InvoiceStatus
from seikyu.connector.back_sync import (
    Answer,
    Nothing,
    Situation,
    Switches,
    Tell,
    Write,
    answer,
    situation,
)
from seikyu.connector.facts import Link, PaidHow, StripeInvoice
from seikyu.connector.reasons import Kind
from tests.connector.making import sent, stripe_invoice

NOT_INVOICED, OK, INVOICED, PARTLY, PAID, UNCOLLECTIBLE = (
    InvoiceStatus.NOT_INVOICED,
    InvoiceStatus.INVOICE_OK,
    InvoiceStatus.INVOICED,
    InvoiceStatus.PARTLY_PAID,
    InvoiceStatus.PAID,
    InvoiceStatus.UNCOLLECTIBLE,
)
ON = Switches(uncollectible=True)

paid = stripe_invoice("paid", 110_000)
partly = stripe_invoice("open", 50_000)
still_open = stripe_invoice("open")
given_up = stripe_invoice("uncollectible")

W, N, C = "write", "nothing", "status_conflict"


def said(result: Answer) -> str:
    match result:
        case Write():
            return "write"
        case Nothing():
            return "nothing"
        case Tell(reason):
            return reason.name


@pytest.mark.parametrize(
    ("invoice", "link", "expected"),
    [
        (paid, sent(), Situation.PAID_ONLINE),
        (replace(paid, paid_how=PaidHow.UNDER_MINIMUM), sent(), Situation.UNDER_MINIMUM),
        (replace(paid, paid_how=PaidHow.BANK_TRANSFER), sent(), Situation.BANK_TRANSFER),
        (replace(paid, paid_how=PaidHow.OUTSIDE_STRIPE), sent(), Situation.OUTSIDE_STRIPE),
        (partly, sent(), Situation.PARTLY_PAID),
        (still_open, sent(), Situation.NOTHING_PAID),
        (still_open, sent(seen_status="paid"), Situation.REOPENED),
        (still_open, sent(seen_paid=50_000), Situation.REOPENED),
        (still_open, sent(written_status=PAID), Situation.REOPENED),
        (still_open, sent(written_status=INVOICED), Situation.NOTHING_PAID),
        (given_up, sent(), Situation.UNCOLLECTIBLE),
        (stripe_invoice("void"), sent(), Situation.VOID),
        (stripe_invoice("gone"), sent(), Situation.VOID),
        (stripe_invoice("draft"), sent(), Situation.NOTHING_PAID),
    ],
)
def test_what_is_the_case_in_stripe_is_named(
    invoice: StripeInvoice, link: Link, expected: Situation
) -> None:
    assert situation(link, invoice) is expected


@pytest.mark.parametrize(
    ("invoice", "link", "answers"),
    [
        #                              NOT_INVOICED  OK  INVOICED  PARTLY  PAID  UNCOLLECTIBLE
        (paid, sent(), (C, C, W, W, N, C)),
        (paid, sent(written_status=UNCOLLECTIBLE), (C, C, W, W, N, W)),
        (partly, sent(), (C, C, W, N, C, C)),
        (partly, sent(written_status=PAID), (C, C, W, N, W, C)),
        (still_open, sent(seen_status="paid", written_status=PAID), (C, C, N, C, W, C)),
        (still_open, sent(seen_status="paid"), (C, C, N, C, C, C)),
        (still_open, sent(seen_paid=5, written_status=PARTLY), (C, C, N, W, C, C)),
        (given_up, sent(), (C, C, W, W, C, N)),
        (still_open, sent(), (N, N, N, N, "paid_in_board_only", N)),
        (stripe_invoice("void"), sent(), ("void_in_stripe",) * 6),
    ],
)
def test_a_status_a_person_set_is_never_overwritten(
    invoice: StripeInvoice, link: Link, answers: tuple[str, ...]
) -> None:
    statuses = (NOT_INVOICED, OK, INVOICED, PARTLY, PAID, UNCOLLECTIBLE)
    assert tuple(said(answer(link, invoice, present, ON)) for present in statuses) == answers


@pytest.mark.parametrize(
    ("invoice", "link", "status"),
    [
        (paid, sent(), PAID),
        (partly, sent(), PARTLY),
        (still_open, sent(seen_status="paid", written_status=INVOICED), None),
        (given_up, sent(), UNCOLLECTIBLE),
    ],
)
def test_the_status_that_is_written(
    invoice: StripeInvoice, link: Link, status: InvoiceStatus | None
) -> None:
    result = answer(link, invoice, INVOICED, ON)
    assert (result.status if isinstance(result, Write) else None) is status


def test_a_reopened_invoice_goes_back_to_invoiced_with_a_notice() -> None:
    link = sent(seen_status="paid", written_status=PAID)
    result = answer(link, still_open, PAID, Switches())
    assert isinstance(result, Write)
    assert result.status is INVOICED
    assert result.note is not None
    assert result.note.name == "reopened"


def test_under_the_minimum_is_written_and_noted_as_carried_over() -> None:
    result = answer(sent(), replace(paid, paid_how=PaidHow.UNDER_MINIMUM), INVOICED, Switches())
    assert isinstance(result, Write)
    assert result.note is not None
    assert (result.status, result.note.name) == (PAID, "carried_to_balance")


@pytest.mark.parametrize(
    ("row", "invoice", "default"),
    [
        ("under_minimum", replace(paid, paid_how=PaidHow.UNDER_MINIMUM), True),
        ("bank_transfer", replace(paid, paid_how=PaidHow.BANK_TRANSFER), True),
        ("outside_stripe", replace(paid, paid_how=PaidHow.OUTSIDE_STRIPE), True),
        ("partly_paid", partly, True),
        ("uncollectible", given_up, False),
    ],
)
def test_each_row_has_its_switch_and_its_default(
    row: str, invoice: StripeInvoice, default: bool
) -> None:
    assert isinstance(answer(sent(), invoice, INVOICED, Switches()), Write) is default
    on, off = replace(Switches(), **{row: True}), replace(Switches(), **{row: False})
    assert isinstance(answer(sent(), invoice, INVOICED, on), Write)
    result = answer(sent(), invoice, INVOICED, off)
    assert isinstance(result, Tell)
    assert result.reason.name == f"{row}_not_written"


def test_reopening_has_its_switch_too() -> None:
    link = sent(seen_status="paid", written_status=PAID)
    result = answer(link, still_open, PAID, Switches(reopened=False))
    assert said(result) == "reopened_not_written"


def test_giving_up_a_debt_is_asked_and_not_merely_noticed() -> None:
    asked = answer(sent(), given_up, INVOICED, Switches())
    off = answer(
        sent(),
        replace(paid, paid_how=PaidHow.BANK_TRANSFER),
        INVOICED,
        Switches(bank_transfer=False),
    )
    assert isinstance(asked, Tell)
    assert isinstance(off, Tell)
    assert (asked.reason.kind, off.reason.kind) == (Kind.CONFIG, Kind.NOTICE)


def test_an_amount_changed_in_stripe_is_told_while_unpaid_and_noted_when_paid() -> None:
    changed = replace(still_open, total=90_000)
    assert said(answer(sent(), changed, INVOICED, Switches())) == "amount_changed"
    result = answer(sent(), replace(paid, total=90_000), INVOICED, Switches())
    assert isinstance(result, Write)
    assert result.note is not None
    assert (result.status, result.note.name) == (PAID, "amount_changed")


@given(
    st.sampled_from(["draft", "open", "paid", "uncollectible", "void", "gone"]),
    st.integers(0, 110_000),
    st.sampled_from([None, *InvoiceStatus]),
    st.sampled_from([None, "open", "paid"]),
    st.sampled_from(InvoiceStatus),
    st.sampled_from(PaidHow),
)
def test_what_a_person_set_survives_everything(
    status: str,
    amount: int,
    written: InvoiceStatus | None,
    seen: str | None,
    present: InvoiceStatus,
    how: PaidHow,
) -> None:
    link = sent(written_status=written, seen_status=seen)
    result = answer(link, replace(stripe_invoice(status, amount), paid_how=how), present, ON)
    if isinstance(result, Write):
        assert result.status is not present
        assert present in (INVOICED, PARTLY) or present is written
        # Repeating the answer after it was written does nothing more.
        after = replace(link, written_status=result.status)
        again = answer(after, stripe_invoice(status, amount), result.status, ON)
        assert not isinstance(again, Write)
