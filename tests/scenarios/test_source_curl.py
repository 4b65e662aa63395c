"""The `curl` commands of the source documents are accepted as they are written there.

Only address, key and ids differ. curl itself sends them where there is one; otherwise the same
bytes are sent by an HTTP client, so that the test says the same on every machine.
"""

import json
import shutil
import subprocess
from typing import Any

import httpx2
import pytest

from tests.scenarios.conftest import Engine

FLEXIBLE_TERMS = (
    ("amounts_due[][amount]=2000", "amounts_due[][days_until_due]=30"),
    ("amounts_due[][description]=Payment 1",),
    ("amounts_due[][amount]=2000", "amounts_due[][days_until_due]=60"),
    ("amounts_due[][description]=Payment 2",),
    ("amounts_due[][amount]=2000", "amounts_due[][days_until_due]=90"),
    ("amounts_due[][description]=Payment 3",),
)
DEPOSIT = (
    ("amounts_due[][amount]=1000", "amounts_due[][days_until_due]=1"),
    ("amounts_due[][description]=Deposit",),
    ("amounts_due[][amount]=2000", "amounts_due[][days_until_due]=30"),
    ("amounts_due[][description]=Payment 1",),
    ("amounts_due[][amount]=2000", "amounts_due[][days_until_due]=60"),
    ("amounts_due[][description]=Payment 2",),
)
UPDATED_DATES = (
    ("amounts_due[][amount]=1000", "amounts_due[][due_date]=1677514200"),
    ("amounts_due[][description]=Updated Payment 1",),
    ("amounts_due[][amount]=3000", "amounts_due[][due_date]=1678132000"),
    ("amounts_due[][description]=Updated Payment 2",),
)


def flat(plan: tuple[tuple[str, ...], ...]) -> list[str]:
    """The `-d` values of a plan, in the order of the source."""
    return [value for row in plan for value in row]


def curl(engine: Engine, path: str, *data: str, post: bool = False) -> tuple[int, dict[str, Any]]:
    """`curl ADDRESS/path -u KEY: -d … [-X POST]`: the status and the JSON of the answer."""
    found = shutil.which("curl")
    if found is None:
        return _same_bytes(engine, path, data, post)
    command = [found, "--silent", "--show-error", "-w", "\n%{http_code}", engine.base + path]
    command += ["-u", f"{engine.key}:"]
    for value in data:
        command += ["-d", value]
    command += ["-X", "POST"] if post else []
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body)


def _same_bytes(
    engine: Engine, path: str, data: tuple[str, ...], post: bool
) -> tuple[int, dict[str, Any]]:
    """What curl sends: the values as they are, joined by `&`, without any encoding."""
    headers = {"content-type": "application/x-www-form-urlencoded"} if data else {}
    answer = httpx2.request(
        "POST" if data or post else "GET",
        engine.base + path,
        content="&".join(data).encode() if data else None,
        headers=headers,
        auth=(engine.key, ""),
    )
    return answer.status_code, answer.json()


def created(engine: Engine, path: str, *data: str) -> str:
    """Create something by curl and return its id."""
    status, answer = curl(engine, path, *data)
    assert status == 200, answer
    identifier: str = answer["id"]
    return identifier


def priced(engine: Engine, amount: int) -> str:
    """A price in dollars (cents), which the item of the source names."""
    product = created(engine, "/v1/products", "name=Membership")
    return created(
        engine, "/v1/prices", f"product={product}", "currency=usd", f"unit_amount={amount}"
    )


def add_item(engine: Engine, customer: str, invoice: str, price: str) -> None:
    """Add an invoice item as the source does."""
    item = (f"customer={customer}", f"invoice={invoice}", f"price={price}", "currency=usd")
    status, answer = curl(engine, "/v1/invoiceitems", *item)
    assert status == 200, answer
    assert (answer["object"], answer["invoice"], answer["currency"]) == (
        "invoiceitem",
        invoice,
        "usd",
    )


def schedule(answer: dict[str, Any]) -> list[tuple[str, int, int | None, str]]:
    """What the instalments are for, how much, in how many days, and how they stand."""
    return [
        (part["description"], part["amount"], part["days_until_due"], part["status"])
        for part in answer["amounts_due"]
    ]


@pytest.mark.parametrize(
    ("plan", "total", "parts"),
    [
        (
            FLEXIBLE_TERMS,
            6_000,
            [("Payment 1", 2_000, 30), ("Payment 2", 2_000, 60), ("Payment 3", 2_000, 90)],
        ),
        (
            DEPOSIT,
            5_000,
            [("Deposit", 1_000, 1), ("Payment 1", 2_000, 30), ("Payment 2", 2_000, 60)],
        ),
    ],
    ids=["flexible terms", "deposit"],
)
def test_a_payment_plan_is_created_filled_and_finalized_as_in_the_source(
    engine: Engine,
    plan: tuple[tuple[str, ...], ...],
    total: int,
    parts: list[tuple[str, int, int]],
) -> None:
    customer = created(engine, "/v1/customers", "name=Sample")
    price = priced(engine, total)
    terms = (f"customer={customer}", "collection_method=send_invoice", "auto_advance=true")
    status, answer = curl(engine, "/v1/invoices", *terms, *flat(plan))
    assert status == 200, answer
    invoice = answer["id"]
    assert schedule(answer) == [(*part, "open") for part in parts]
    assert [part["due_date"] for part in answer["amounts_due"]] == [None, None, None]

    add_item(engine, customer, invoice, price)
    status, answer = curl(engine, f"/v1/invoices/{invoice}/finalize", post=True)
    assert status == 200, answer
    assert (answer["status"], answer["currency"], answer["amount_due"]) == ("open", "usd", total)
    assert schedule(answer) == [(*part, "open") for part in parts]
    finalized_at = answer["status_transitions"]["finalized_at"]
    assert [part["due_date"] - finalized_at for part in answer["amounts_due"]] == [
        days * 86_400 for _, _, days in parts
    ]


def test_a_payment_plan_is_given_exact_dates_as_in_the_source(engine: Engine) -> None:
    customer = created(engine, "/v1/customers", "name=Sample")
    price = priced(engine, 4_000)
    terms = (f"customer={customer}", "collection_method=send_invoice", "auto_advance=true")
    invoice = created(engine, "/v1/invoices", *terms, *flat(DEPOSIT))

    status, answer = curl(engine, f"/v1/invoices/{invoice}", *flat(UPDATED_DATES))
    assert status == 200, answer
    assert schedule(answer) == [
        ("Updated Payment 1", 1_000, None, "open"),
        ("Updated Payment 2", 3_000, None, "open"),
    ]
    assert [part["due_date"] for part in answer["amounts_due"]] == [1_677_514_200, 1_678_132_000]

    add_item(engine, customer, invoice, price)
    status, answer = curl(engine, f"/v1/invoices/{invoice}/finalize", post=True)
    assert status == 200, answer
    # The dates of the source passed in 2023.
    assert [part["status"] for part in answer["amounts_due"]] == ["past_due", "past_due"]


def test_a_plan_that_does_not_come_to_the_invoice_is_not_finalized(engine: Engine) -> None:
    customer = created(engine, "/v1/customers", "name=Sample")
    price = priced(engine, 600_000)
    terms = (f"customer={customer}", "collection_method=send_invoice", "auto_advance=true")
    invoice = created(engine, "/v1/invoices", *terms, *flat(FLEXIBLE_TERMS))
    add_item(engine, customer, invoice, price)
    status, answer = curl(engine, f"/v1/invoices/{invoice}/finalize", post=True)
    assert (status, answer["error"]["param"], answer["error"]["message"]) == (
        400,
        "amounts_due",
        "The sum of amounts_due (6000 usd) must equal the invoice's amount_due (600000 usd).",
    )


def test_a_finalized_plan_is_fixed_as_the_source_says(engine: Engine) -> None:
    customer = created(engine, "/v1/customers", "name=Sample")
    price = priced(engine, 5_000)
    terms = (f"customer={customer}", "collection_method=send_invoice", "auto_advance=true")
    invoice = created(engine, "/v1/invoices", *terms, *flat(DEPOSIT))
    add_item(engine, customer, invoice, price)
    curl(engine, f"/v1/invoices/{invoice}/finalize", post=True)
    status, answer = curl(engine, f"/v1/invoices/{invoice}", *flat(UPDATED_DATES))
    assert (status, answer["error"]["param"]) == (400, "amounts_due")
    item = (f"customer={customer}", f"invoice={invoice}", f"price={price}", "currency=usd")
    status, answer = curl(engine, "/v1/invoiceitems", *item)
    assert status == 400, answer


def test_a_payment_is_detached_listed_and_applied_as_in_the_source(engine: Engine) -> None:
    customer = created(engine, "/v1/customers", "name=Sample")
    invoices = []
    for _ in range(2):
        invoice = created(engine, "/v1/invoices", f"customer={customer}", "currency=jpy")
        line = ("lines[0][amount]=4000", "lines[0][description]=Sample")
        curl(engine, f"/v1/invoices/{invoice}/add_lines", *line)
        curl(engine, f"/v1/invoices/{invoice}/finalize", post=True)
        invoices.append(invoice)
    wrong, right = invoices
    card = ("payment_method=pm_card_visa", "confirm=true", f"customer={customer}")
    payment = created(engine, "/v1/payment_intents", "amount=4000", "currency=jpy", *card)

    status, answer = curl(
        engine, f"/v1/invoices/{wrong}/attach_payment", f"payment_intent={payment}"
    )
    assert (status, answer["status"]) == (200, "paid"), answer
    status, answer = curl(
        engine, f"/v1/invoices/{wrong}/detach_payment", f"payment_intent={payment}"
    )
    assert (status, answer["status"], answer["auto_advance"]) == (200, "open", False), answer

    # stripe events list --type=invoice_payment.detached
    status, answer = curl(engine, "/v1/events?type=invoice_payment.detached")
    (event,) = answer["data"]
    assert event["data"]["object"]["payment"]["payment_intent"] == payment
    assert event["data"]["object"]["invoice"] == wrong
    stamp = ("metadata[unapplied]=true", f"metadata[unapplied_from]={wrong}")
    assert curl(engine, f"/v1/payment_intents/{payment}", *stamp)[0] == 200

    status, answer = curl(
        engine, f"/v1/invoices/{right}/attach_payment", f"payment_intent={payment}"
    )
    assert (status, answer["status"]) == (200, "paid"), answer
    cleared = ("metadata[unapplied]=false", "metadata[unapplied_from]=")
    status, answer = curl(engine, f"/v1/payment_intents/{payment}", *cleared)
    assert (status, answer["metadata"]) == (200, {"unapplied": "false"})


def test_automatic_advancement_is_switched_off_as_in_the_source(engine: Engine) -> None:
    customer = created(engine, "/v1/customers", "name=Sample")
    invoice = created(engine, "/v1/invoices", f"customer={customer}", "auto_advance=true")
    status, answer = curl(engine, f"/v1/invoices/{invoice}", "auto_advance=false")
    assert status == 200, answer
    assert answer["auto_advance"] is False
    assert answer["status"] == "draft"
