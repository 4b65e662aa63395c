"""What stories about credit notes begin with: rates, invoices open and paid, payments."""

from typing import Any

from tests.api.room import Caller


def rate(api: Caller, percentage: str, inclusive: str = "false") -> str:
    """A consumption tax rate."""
    made = api.post(
        "/v1/tax_rates",
        display_name="消費税",
        percentage=percentage,
        inclusive=inclusive,
        country="JP",
    )
    identifier: str = made["id"]
    return identifier


def opened(api: Caller, customer: str, *lines: tuple[int, str | None]) -> dict[str, Any]:
    """A finalized invoice with a line for each amount and rate."""
    draft = api.post("/v1/invoices", customer=customer, currency="jpy")["id"]
    form: dict[str, str] = {}
    for place, (amount, tax) in enumerate(lines):
        form |= {f"lines[{place}][amount]": str(amount), f"lines[{place}][description]": "品目"}
        if tax is not None:
            form[f"lines[{place}][tax_rates][0]"] = tax
    api.post_form(f"/v1/invoices/{draft}/add_lines", form)
    made: dict[str, Any] = api.post(f"/v1/invoices/{draft}/finalize")
    return made


def paid(api: Caller, customer: str, *lines: tuple[int, str | None]) -> dict[str, Any]:
    """An invoice that a card paid."""
    invoice = opened(api, customer, *lines)
    made: dict[str, Any] = api.post(f"/v1/invoices/{invoice['id']}/pay")
    assert made["status"] == "paid"
    return made


def line_form(invoice: dict[str, Any], *amounts: int) -> dict[str, str]:
    """The form that credits so much of each line, in order; 0 leaves a line out."""
    form = {"invoice": invoice["id"]}
    credited = [
        (line["id"], amount)
        for line, amount in zip(invoice["lines"]["data"], amounts, strict=True)
        if amount
    ]
    for place, (id, amount) in enumerate(credited):
        form |= {
            f"lines[{place}][type]": "invoice_line_item",
            f"lines[{place}][invoice_line_item]": id,
            f"lines[{place}][amount]": str(amount),
        }
    return form


def payment(api: Caller, customer: str, amount: int) -> str:
    """A payment of the customer that is on no invoice."""
    made = api.post(
        "/v1/payment_intents",
        amount=str(amount),
        currency="jpy",
        customer=customer,
        payment_method="pm_card_visa",
        confirm="true",
        off_session="true",
    )
    identifier: str = made["id"]
    return identifier


def promised(api: Caller, customer: str, amount: int) -> str:
    """A payment of the customer that is still to be made."""
    made = api.post("/v1/payment_intents", amount=str(amount), currency="jpy", customer=customer)
    identifier: str = made["id"]
    return identifier
