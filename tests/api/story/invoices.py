"""Invoices in every status, by every way into it."""

from tests.api.recording import Recording
from tests.api.room import START, Room
from tests.api.story.forms import CUSTOMER, shipping

FULL = {
    "description": "4月分",
    "footer": "振込手数料は御社にてご負担ください",
    "custom_fields[0][name]": "注文番号",
    "custom_fields[0][value]": "1",
    "metadata[board_invoice_id]": "1001",
    "statement_descriptor": "SAMPLE",
    "rendering[amount_tax_display]": "exclude_tax",
    "rendering[pdf][page_size]": "a4",
    "payment_settings[payment_method_types][]": "card",
    "payment_settings[payment_method_options][card][request_three_d_secure]": "any",
    "payment_settings[payment_method_options][customer_balance][funding_type]": "bank_transfer",
    **shipping("shipping_details"),
    "issuer[type]": "self",
    "auto_advance": "false",
}
MAILED = {"collection_method": "send_invoice", "days_until_due": "30"}


def chapter(api: Recording, room: Room) -> None:
    """Draft, open, paid, void, uncollectible, deleted; revised; paid in parts; with credit."""
    customer = api.customer(**{**CUSTOMER, "tax_exempt": "none"})
    clock = api.post("/v1/test_helpers/test_clocks", frozen_time=START)["id"]
    on_clock = api.customer(name="時計見本", email="tokei@example.jp", test_clock=clock)
    _drafts(api, customer)
    _endings(api, on_clock)
    _paid(api, customer)
    _in_parts(api, customer)
    _failing(api)
    _unfinished(api, room)


def mailed(api: Recording, customer: str, amount: int = 12_000) -> str:
    """Return a new open invoice that is to be paid by transfer."""
    invoice = api.draft(customer, amount, **MAILED)
    api.post(f"/v1/invoices/{invoice}/finalize", auto_advance="false")
    return invoice


def _drafts(api: Recording, customer: str) -> None:
    item = {"customer": customer, "amount": "700", "currency": "jpy"}
    api.post_form("/v1/invoiceitems", item)
    form = {**FULL, **MAILED, "customer": customer, "currency": "jpy", "number": "S-1"}
    full = api.post_form("/v1/invoices", {**form, "pending_invoice_items_behavior": "include"})
    change = {**FULL, "description": "5月分", "metadata[b]": "2", "number": "S-2"}
    api.post_form(f"/v1/invoices/{full['id']}", {**change, "due_date": str(START + 86_400)})
    api.post(f"/v1/invoices/{full['id']}/finalize")
    api.draft(customer, auto_advance="true", automatically_finalizes_at=START + 7200)
    gone = api.draft(customer)
    assert api.send("DELETE", f"/v1/invoices/{gone}").status == 200


def _endings(api: Recording, customer: str) -> None:
    for ending in ("send", "void", "mark_uncollectible"):
        api.post(f"/v1/invoices/{mailed(api, customer)}/{ending}")
    api.post(f"/v1/invoices/{mailed(api, customer)}/pay", paid_out_of_band="true")
    revised = mailed(api, customer)
    revision = {"from_invoice[invoice]": revised, "from_invoice[action]": "revision"}
    new = api.post_form("/v1/invoices", revision)["id"]
    api.post(f"/v1/invoices/{new}/finalize")
    api.get(f"/v1/invoices/{revised}", "expand[]=latest_revision&expand[]=customer")


def _paid(api: Recording, customer: str) -> None:
    method = api.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    paid = api.draft(customer)
    form = {**FULL, "default_payment_method": method, "collection_method": "charge_automatically"}
    api.post_form(f"/v1/invoices/{paid}", form)
    api.post(f"/v1/invoices/{paid}/pay", payment_method=method, off_session="true")
    names = ("payments", "payments.data.payment.payment_intent", "default_payment_method")
    api.get(f"/v1/invoices/{paid}", "&".join(f"expand[]={name}" for name in names))
    small = api.draft(customer, 10)
    api.post(f"/v1/invoices/{small}/finalize")


def _in_parts(api: Recording, customer: str) -> None:
    invoice = mailed(api, customer)
    part = {"amount": "5000", "currency": "jpy", "customer": customer}
    for end in ("attach", "detach"):
        intent = api.post_form("/v1/payment_intents", part)["id"]
        api.post(f"/v1/invoices/{invoice}/attach_payment", payment_intent=intent)
        confirm = {"payment_method": "pm_card_visa"}
        api.post_form(f"/v1/payment_intents/{intent}/confirm", confirm)
        if end == "detach":
            api.post(f"/v1/invoices/{invoice}/detach_payment", payment_intent=intent)
    api.get(f"/v1/invoices/{invoice}", "expand[]=payments&expand[]=confirmation_secret")


def _failing(api: Recording) -> None:
    declined = api.customer("pm_card_chargeCustomerFail", name="残高見本")
    api.refused(f"/v1/invoices/{api.draft(declined)}/pay")
    asking = api.customer("pm_card_authenticationRequired", name="認証見本")
    invoice = api.draft(asking)
    api.refused(f"/v1/invoices/{invoice}/pay")
    api.get(f"/v1/invoices/{invoice}", "expand[]=payments&expand[]=confirmation_secret")


def _unfinished(api: Recording, room: Room) -> None:
    """An empty draft cannot be finalized: it says so, and time goes on."""
    customer = api.customer(name="空見本")
    empty = api.post("/v1/invoices", customer=customer, currency="jpy", auto_advance="true")["id"]
    room.time.pass_by(3700)
    room.run(room.worker.tick())
    api.get(f"/v1/invoices/{empty}")
