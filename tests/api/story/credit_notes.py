"""Credit notes on an open invoice and on a paid one, with every line and every way of giving back."""

from tests.api.recording import Recording
from tests.api.room import Room


def chapter(api: Recording, room: Room) -> None:
    """Preview, issue, describe and void one that lets go; then one that gives money back."""
    customer = api.customer(name="返還見本", email="henkan@example.jp")
    rate = {"display_name": "消費税", "percentage": "10", "inclusive": "false", "country": "JP"}
    tax = api.post_form("/v1/tax_rates", rate)["id"]
    coupon = api.post("/v1/coupons", percent_off="10", duration="once")["id"]
    form = {"customer": customer, "currency": "jpy", "discounts[0][coupon]": coupon}
    invoice = api.post_form("/v1/invoices", form)["id"]
    line = {
        "lines[0][description]": "制作費",
        "lines[0][quantity]": "10",
        "lines[0][price_data][currency]": "jpy",
        "lines[0][price_data][unit_amount]": "1000",
        "lines[0][price_data][product_data][name]": "制作費",
        "lines[0][tax_rates][0]": tax,
    }
    api.post_form(f"/v1/invoices/{invoice}/add_lines", line)
    made = api.post(f"/v1/invoices/{invoice}/finalize")["lines"]["data"][0]["id"]
    credit = {
        "invoice": invoice,
        "memo": "お詫び",
        "reason": "product_unsatisfactory",
        "effective_at": "1772323200",
        "email_type": "none",
        "metadata[a]": "1",
        "lines[0][type]": "invoice_line_item",
        "lines[0][invoice_line_item]": made,
        "lines[0][quantity]": "2",
        "lines[0][metadata][a]": "1",
        "lines[1][type]": "custom_line_item",
        "lines[1][description]": "値引き",
        "lines[1][unit_amount_decimal]": "12.5",
        "lines[1][quantity]": "4",
        "lines[1][tax_rates][0]": tax,
        "lines[2][type]": "custom_line_item",
        "lines[2][description]": "手数料",
        "lines[2][unit_amount]": "100",
        "lines[2][tax_amounts][0][amount]": "10",
        "lines[2][tax_amounts][0][tax_rate]": tax,
        "lines[2][tax_amounts][0][taxable_amount]": "100",
    }
    query = "&".join(f"{name}={value}" for name, value in credit.items())
    api.get("/v1/credit_notes/preview", query)
    api.get("/v1/credit_notes/preview/lines", query)
    note = api.post_form("/v1/credit_notes", credit)["id"]
    api.post_form(f"/v1/credit_notes/{note}", {"memo": "お詫びの値引き", "metadata[b]": "2"})
    api.get(f"/v1/credit_notes/{note}", "expand[]=invoice&expand[]=customer")
    api.post(f"/v1/credit_notes/{note}/void")
    api.post(f"/v1/invoices/{invoice}/pay")
    _given_back(api, invoice)


def _given_back(api: Recording, invoice: str) -> None:
    (by,) = api.get("/v1/invoice_payments", f"invoice={invoice}&status=paid")["data"]
    refund = api.post("/v1/refunds", payment_intent=by["payment"]["payment_intent"], amount="50")
    form = {
        "invoice": invoice,
        "amount": "1000",
        "refund_amount": "500",
        "credit_amount": "200",
        "out_of_band_amount": "250",
        "refunds[0][refund]": refund["id"],
        "refunds[0][amount_refunded]": "50",
        "refunds[0][type]": "refund",
    }
    note = api.post_form("/v1/credit_notes", form)
    names = ("customer_balance_transaction.credit_note", "refunds.refund", "lines")
    api.get(f"/v1/credit_notes/{note['id']}", "&".join(f"expand[]={name}" for name in names))
