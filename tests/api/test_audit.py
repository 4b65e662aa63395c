"""The audit: silent about what happened through the door, and loud about what was changed behind it."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.api.room import Caller, Room, running_room


def busy(api: Caller) -> dict[str, str]:
    """Pay, fail, apply, take off, pay outside, use credit, void, credit; return the ids by name."""
    customer = api.customer(balance="-3000")
    paid = api.draft(customer, 10_000)
    api.post(f"/v1/invoices/{paid}/pay")
    outside = api.draft(customer, 5_000)
    api.post(f"/v1/invoices/{outside}/pay", paid_out_of_band="true")
    moved = api.post(
        "/v1/payment_intents",
        amount="4000",
        currency="jpy",
        customer=customer,
        payment_method="pm_card_visa",
        confirm="true",
        off_session="true",
    )["id"]
    first, second = api.draft(customer, 4_000), api.draft(customer, 9_000)
    for invoice in (first, second):
        api.post(f"/v1/invoices/{invoice}/finalize")
    api.post(f"/v1/invoices/{first}/attach_payment", payment_intent=moved)
    api.post(f"/v1/invoices/{first}/detach_payment", payment_intent=moved)
    api.post(f"/v1/invoices/{second}/attach_payment", payment_intent=moved)
    api.post(f"/v1/invoices/{first}/void")
    credited = api.draft(customer, 7_000)
    api.post(f"/v1/invoices/{credited}/finalize")
    note = api.post("/v1/credit_notes", invoice=credited, amount="2000")["id"]
    api.post(f"/v1/credit_notes/{note}/void")
    note = api.post("/v1/credit_notes", invoice=credited, amount="3000")["id"]
    back = {"out_of_band_amount": "400", "credit_amount": "100"}
    given = api.post("/v1/credit_notes", invoice=paid, amount="500", **back)["id"]
    ids = {"customer": customer, "invoice": paid, "payment": moved}
    return {**ids, "credited": credited, "note": note, "given": given}


def test_whatever_goes_through_the_door_adds_up(room: Room, api: Caller) -> None:
    busy(api)
    assert room.audited() == []


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            (
                "UPDATE invoices SET amount_paid = amount_paid - 1,"
                " amount_remaining = amount_remaining + 1 WHERE id = :invoice"
            ),
            "invoice amount_paid",
        ),
        (
            "UPDATE payment_intents SET amount_received = amount_received + 1 WHERE id = :payment",
            "payment amount_received",
        ),
        ("UPDATE customers SET balance = balance - 1 WHERE id = :customer", "customer balance"),
        (
            (
                "UPDATE invoices SET amount_due = amount_due - 1,"
                " amount_remaining = amount_remaining - 1 WHERE id = :credited"
            ),
            "invoice amount_due",
        ),
        (
            (
                "UPDATE invoices SET total = total + 1,"
                " pre_payment_credit_notes_amount = pre_payment_credit_notes_amount + 1"
                " WHERE id = :credited"
            ),
            "invoice pre_payment_credit_notes_amount",
        ),
        (
            "UPDATE invoices SET post_payment_credit_notes_amount = 0 WHERE id = :invoice",
            "invoice post_payment_credit_notes_amount",
        ),
        (
            "UPDATE credit_notes SET credit_amount = 0 WHERE id = :given",
            "credit note credit_amount",
        ),
        (
            "UPDATE credit_notes SET out_of_band_amount = 1 WHERE id = :given",
            "credit note out_of_band_amount",
        ),
        (
            "DELETE FROM postings WHERE kind = 'let_go' AND cause = :note",
            "invoice let go by credit notes",
        ),
        (
            "UPDATE invoices SET amount_overpaid = 1 WHERE id = :invoice",
            "invoice amount_overpaid",
        ),
        (
            "DELETE FROM postings WHERE kind = 'received' AND target = 'payment:' || :payment",
            "payment amount_received",
        ),
    ],
)
def test_what_was_changed_behind_the_door_is_found(tmp_path: Path, change: str, what: str) -> None:
    url = f"sqlite:///{tmp_path / 'seikyu.db'}"
    with running_room(url, sound=False) as room:
        ids = busy(room.account())
        database = create_engine(url)
        named = {name: id for name, id in ids.items() if f":{name}" in change}
        with database.begin() as connection:
            assert connection.execute(text(change), named).rowcount >= 1
        database.dispose()
        found = room.audited()
        assert what in {each.what for each in found}
        assert {each.object for each in found} <= set(ids.values())
