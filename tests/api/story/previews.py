"""Previews of invoices: of what waits, of items that are only imagined, of a subscription to come."""

from tests.api.recording import Recording
from tests.api.room import START, Room
from tests.api.story.forms import shipping


def chapter(api: Recording, room: Room) -> None:
    """Ask what an invoice would be; nothing is kept of it."""
    customer = api.customer(name="試算見本", email="shisan@example.jp")
    api.post("/v1/invoiceitems", customer=customer, amount="400", currency="jpy")
    product = api.post("/v1/products", name="試算商品")["id"]
    item = {
        "invoice_items[0][amount]": "600",
        "invoice_items[0][currency]": "jpy",
        "invoice_items[0][description]": "追加",
        "invoice_items[0][metadata][a]": "1",
        "invoice_items[0][period][start]": str(START),
        "invoice_items[0][period][end]": str(START + 86_400),
        "invoice_items[1][price_data][product]": product,
        "invoice_items[1][price_data][currency]": "jpy",
        "invoice_items[1][price_data][unit_amount]": "250",
        "invoice_items[1][quantity]": "2",
    }
    api.post_form("/v1/invoices/create_preview", {"customer": customer, "currency": "jpy", **item})
    price = {"product": product, "currency": "jpy", "recurring[interval]": "month"}
    monthly = api.post_form("/v1/prices", {**price, "unit_amount": "1000"})["id"]
    coming = {"subscription_details[items][0][price]": monthly}
    api.post_form("/v1/invoices/create_preview", {"customer": customer, **coming})
    imagined = {"customer_details[tax_exempt]": "none", **shipping("customer_details[shipping]")}
    api.post_form("/v1/invoices/create_preview", {"currency": "jpy", **imagined, **item})
