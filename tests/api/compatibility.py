"""Measures how much of Stripe's API is served, and writes `docs/reference/compatibility.md`.

    python -m tests.api.compatibility

What Stripe has is read from the official SDK: its requests and the annotations of its objects. What
Seikyu has is read from the table of operations, from the sample records that are as full as the engine
makes them, and from every object that a story over HTTP brought about. A field is filled when any of
these objects has a value in it. A test fails while the page says anything else.
"""

import re
import tempfile
import textwrap
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
import stripe
from stripe import test_helpers

from seikyu.engine.wire.objects import endpoint_with_secret, event_body, shown
from seikyu.engine.wire.objects.line import line_item
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.operations import OPERATIONS
from tests.api.room import START, Caller, Room, running_room
from tests.wire.objects.samples import ENDPOINT, FRAME, INTENT, LINE
from tests.wire.objects.test_fields import SAMPLES, annotated, hash_class, list_element

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "compatibility.md"

SCOPE = (
    *("account", "charges", "customers", "events", "invoice_payments", "invoiceitems"),
    *("invoices", "payment_intents", "payment_methods", "prices", "products", "tax_rates"),
    *("test_helpers/test_clocks", "webhook_endpoints"),
)
"""Collections of which at least a part is served. `accounts` is not one: that is Stripe Connect."""

REFUSED = {"POST /v1/payment_intents/{id}/capture": "no: refused with the reason (400)"}
"""Operations that exist here in order to say why they cannot be carried out."""

REQUEST = re.compile(r'self\._request\(\s*"(get|post|delete)",\s*"(/v1/[^"]+)"')
BESIDES = {"POST /v1/invoices/{}/detach_payment", "GET /v1/accounts/{}"}
"""Served besides: a preview that the installed SDK does not know yet, and the key's own account."""

OURS = "/v1/seikyu/"
"""What Stripe has no operations for stands below here, and on pages of its own."""

OBJECTS: dict[str, type] = {
    **{sdk.OBJECT_NAME: sdk for _, sdk in SAMPLES},  # type: ignore[attr-defined]
    "event": stripe.Event,
    "line_item": stripe.InvoiceLineItem,
    "test_helpers.test_clock": test_helpers.TestClock,
}


def page() -> str:
    """Return the whole page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_room(f"sqlite:///{folder}/seikyu.db") as room,
    ):
        told = story(room)
    return "\n".join([*_introduction(), *_operations(), *_fields([*_samples(), *told])]) + "\n"


def _introduction() -> list[str]:
    return [
        "# Compatibility",
        "",
        "Measured, not claimed: written by `python -m tests.api.compatibility` from the official",
        f"Python SDK {stripe.VERSION} (API version {stripe.api_version}) and from what the engine",
        "answers. A test fails while this page says anything else.",
        "",
    ]


# ── operations ─────────────────────────────────────────────────────────────────────────────────


def of_stripe() -> set[str]:
    """Return `METHOD /v1/path/{}` of every request that the SDK can make."""
    assert stripe.__file__ is not None
    folder = Path(stripe.__file__).parent
    services = [*folder.glob("_*_service.py"), *folder.glob("test_helpers/_*_service.py")]
    return {
        f"{method.upper()} {unnamed(path)}"
        for service in services
        for method, path in REQUEST.findall(service.read_text())
    }


def unnamed(path: str) -> str:
    """Return the path without the names of its ids: `/v1/invoices/{}`."""
    return re.sub(r"\{\w+\}", "{}", path)


def collection(operation: str) -> str:
    """Return the collection that the operation belongs to."""
    path = operation.split(" /v1/")[1]
    return "/".join(path.split("/")[: 2 if path.startswith("test_helpers/") else 1])


def _operations() -> list[str]:
    of_both = [each for each in OPERATIONS if OURS not in each]
    served = {f"{o.split(' ')[0]} {unnamed(o.split(' ')[1])}": o for o in of_both}
    stripes = {each for each in of_stripe() if collection(each) in SCOPE} | BESIDES
    assert served.keys() <= stripes, served.keys() - stripes
    lines = [
        "## Operations",
        "",
        f"{len(served) - len(REFUSED)} of the {len(stripes)} operations of these collections are",
        "served; all others, and all collections that are not here, answer 404 “Unrecognized request",
        "URL”. A parameter that is not served is refused by its name and never ignored.",
        "",
        "| operation | served | parameters that are refused |",
        "|---|---|---|",
    ]
    for operation in sorted(stripes, key=lambda each: (each.split(" ")[1], each)):
        ours = served.get(operation)
        if ours is None:
            lines.append(f"| `{operation.replace('{}', '{id}')}` | no | |")
        else:
            names = ", ".join(f"`{name}`" for name in refused(OPERATIONS[ours]))
            lines.append(f"| `{ours}` | {REFUSED.get(ours, 'yes')} | {names} |")
    return [*lines, ""]


def refused(model: type[Params]) -> list[str]:
    """Return the parameters that exist in Stripe and are refused by name."""
    return sorted(
        field.alias or name
        for name, field in model.model_fields.items()
        if field.annotation in (None, type(None))
    )


# ── fields ─────────────────────────────────────────────────────────────────────────────────────


def _samples() -> Iterator[dict[str, Any]]:
    for record, _ in SAMPLES:
        for _, body in shown(record, FRAME):
            yield orjson.loads(body)
    yield orjson.loads(orjson.dumps(line_item(LINE, FRAME)))
    yield orjson.loads(endpoint_with_secret(ENDPOINT, FRAME))
    body = event_body(
        id="evt_1",
        created=START,
        livemode=False,
        type="payment_intent.created",
        object=shown(INTENT, FRAME)[0][1],
        previous=b"{}",
        request_id="req_1",
        idempotency_key="key",
        pending_webhooks=1,
    )
    yield orjson.loads(body)


def story(room: Room) -> list[dict[str, Any]]:
    """Live through what invoices live through; return every object as it was at every moment."""
    api = room.account()
    clock = api.post("/v1/test_helpers/test_clocks", frozen_time=START, name="決算")["id"]
    api.post_form(
        "/v1/webhook_endpoints",
        {"url": "https://hooks.example.com", "enabled_events[]": "*", "description": "会計"},
    )
    customer = _full_customer(api, clock)
    failing = api.customer("pm_card_chargeCustomerFail")
    method = api.get(f"/v1/customers/{customer}")["invoice_settings"]["default_payment_method"]
    api.post_form(f"/v1/payment_methods/{method}", {**PERSON, "metadata[a]": "1"})
    paid = api.draft(customer)
    api.post_form(f"/v1/invoices/{paid}", {**FULL_INVOICE, "default_payment_method": method})
    api.post(f"/v1/invoices/{paid}/pay")
    api.refused(f"/v1/invoices/{api.draft(failing)}/pay")
    for ending in ("send", "void", "mark_uncollectible"):
        api.post(f"/v1/invoices/{_mailed(api, customer)}/{ending}")
    opened = _mailed(api, customer)
    api.post_form(f"/v1/invoices/{opened}/pay", {"paid_out_of_band": "true"})
    revised = _mailed(api, customer)
    revision = {"from_invoice[invoice]": revised, "from_invoice[action]": "revision"}
    api.post(f"/v1/invoices/{api.post_form('/v1/invoices', revision)['id']}/finalize")
    api.draft(customer, auto_advance="true", automatically_finalizes_at=START + 7200)
    _catalogue(api, customer)
    _payments(api, customer)
    asking = api.customer("pm_card_authenticationRequired")
    api.refused(f"/v1/invoices/{api.draft(asking)}/pay")
    api.post(f"/v1/test_helpers/test_clocks/{clock}/advance", frozen_time=START + 86_400)
    empty = api.post("/v1/invoices", customer=failing, currency="jpy", auto_advance="true")
    room.time.pass_by(3600)
    room.run(room.worker.tick())
    assert api.get(f"/v1/invoices/{empty['id']}")["last_finalization_error"]
    query = "expand[]=payments&expand[]=confirmation_secret"
    return [*_everything(api), api.get(f"/v1/invoices/{_mailed(api, failing)}", query)]


def _full_customer(api: Caller, clock: str) -> str:
    form = {
        **address("address"),
        **{f"shipping[{name}]": "サンプル" for name in ("name", "phone")},
        **address("shipping[address]"),
        "description": "得意先",
        "email": "keiri@example.jp",
        "phone": "+81300000000",
        "preferred_locales[]": "ja",
        "metadata[board_client_id]": "1",
        "business_name": "株式会社サンプル",
        "individual_name": "見本 太郎",
        "invoice_settings[footer]": "よろしくお願いいたします",
        "invoice_settings[custom_fields][0][name]": "注文番号",
        "invoice_settings[custom_fields][0][value]": "1",
        "invoice_settings[rendering_options][amount_tax_display]": "exclude_tax",
    }
    customer = api.customer(test_clock=clock)
    api.post_form(f"/v1/customers/{customer}", form)
    return customer


def address(name: str) -> dict[str, str]:
    """A whole address under this name of a parameter."""
    parts = {
        "city": "千代田区",
        "country": "JP",
        "line1": "丸の内1-1-1",
        "line2": "サンプルビル",
        "postal_code": "100-0005",
        "state": "東京都",
    }
    return {f"{name}[{part}]": value for part, value in parts.items()}


PERSON = {
    **address("billing_details[address]"),
    "billing_details[name]": "見本 太郎",
    "billing_details[email]": "taro@example.jp",
    "billing_details[phone]": "+81300000000",
    "allow_redisplay": "always",
}
FULL_INVOICE = {
    "description": "4月分",
    "footer": "振込手数料は御社にてご負担ください",
    "custom_fields[0][name]": "注文番号",
    "custom_fields[0][value]": "1",
    "metadata[board_invoice_id]": "1001",
    "statement_descriptor": "SAMPLE",
    "rendering[amount_tax_display]": "exclude_tax",
    "rendering[pdf][page_size]": "a4",
    "payment_settings[payment_method_types][]": "card",
    **{f"shipping_details[{name}]": "サンプル" for name in ("name", "phone")},
    **address("shipping_details[address]"),
}


def _mailed(api: Caller, customer: str) -> str:
    invoice = api.draft(customer, collection_method="send_invoice", days_until_due="30")
    api.post(f"/v1/invoices/{invoice}/finalize")
    return invoice


def _catalogue(api: Caller, customer: str) -> None:
    product = api.post_form(
        "/v1/products",
        {
            "name": "会費",
            "description": "年会費",
            "metadata[a]": "1",
            "url": "https://www.example.com",
            "unit_label": "席",
            "statement_descriptor": "SAMPLE",
            "images[]": "https://www.example.com/1.png",
            "tax_code": "txcd_10000000",
            "default_price_data[currency]": "jpy",
            "default_price_data[unit_amount]": "1000",
        },
    )
    price = api.post_form(
        "/v1/prices",
        {
            "product": product["id"],
            "currency": "jpy",
            "unit_amount": "1000",
            "nickname": "定価",
            "lookup_key": "fee",
            "tax_behavior": "exclusive",
            "metadata[a]": "1",
        },
    )
    rate = api.post_form(
        "/v1/tax_rates",
        {
            "display_name": "消費税",
            "percentage": "10",
            "inclusive": "false",
            "country": "JP",
            "state": "東京都",
            "description": "標準税率",
            "jurisdiction": "JP",
            "tax_type": "jct",
            "metadata[a]": "1",
        },
    )
    item = {"customer": customer, "pricing[price]": price["id"], "tax_rates[]": rate["id"]}
    item |= {"description": "会費", "metadata[a]": "1", "quantity": "2"}
    item |= {"period[start]": str(START), "period[end]": str(START + 86_400)}
    waiting = api.post_form("/v1/invoiceitems", item)
    assert waiting["invoice"] is None
    invoice = api.draft(customer)
    api.post_form("/v1/invoiceitems", {**item, "invoice": invoice})
    api.post(f"/v1/invoices/{invoice}", **{"default_tax_rates[]": rate["id"]})


def _payments(api: Caller, customer: str) -> None:
    form = {
        "amount": "500",
        "currency": "jpy",
        "customer": customer,
        "description": "手付金",
        "metadata[a]": "1",
        "receipt_email": "keiri@example.jp",
        "setup_future_usage": "off_session",
        "statement_descriptor_suffix": "SAMPLE",
        "payment_method_types[]": "card",
        **{f"shipping[{name}]": "サンプル" for name in ("name", "phone", "carrier")},
        "shipping[tracking_number]": "1",
        **address("shipping[address]"),
    }
    canceled = api.post_form("/v1/payment_intents", form)["id"]
    api.post(f"/v1/payment_intents/{canceled}/cancel", cancellation_reason="requested_by_customer")
    done = {**form, "confirm": "true", "payment_method": "pm_card_visa"}
    assert api.post_form("/v1/payment_intents", done)["status"] == "succeeded"
    automatic = {"amount": "500", "currency": "jpy", "automatic_payment_methods[enabled]": "true"}
    api.post_form("/v1/payment_intents", automatic)


def _everything(api: Caller) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        events = api.get("/v1/events", f"limit=100{cursor}")
        for event in events["data"]:
            yield event
            yield event["data"]["object"]
        if not events["has_more"]:
            break
        cursor = f"&starting_after={events['data'][-1]['id']}"
    for name in SCOPE[1:]:
        yield from api.get(f"/v1/{name}", "limit=100")["data"]


def _fields(objects: Iterable[dict[str, Any]]) -> list[str]:
    by_noun: dict[str, list[dict[str, Any]]] = {}
    for each in objects:
        by_noun.setdefault(each["object"], []).append(each)
    lines = [
        "## Fields",
        "",
        "*Filled*: has a value where there is one to have. *Null*: there, but null or empty in all that",
        "was measured.",
        "*Absent*: not there; the SDK marks these as optional, or they appear only when they are",
        "expanded. Fields of hashes are written with a dot, those of arrays with `[]`.",
        "",
    ]
    for noun in sorted(OBJECTS):
        states: dict[str, str] = {}
        _look(by_noun[noun], OBJECTS[noun], "", states)
        lines += [f"### {noun}", ""]
        for state in ("filled", "null", "absent"):
            names = [name for name, found in states.items() if found == state]
            if names:
                lines += [*_listed(state.capitalize(), names), ""]
    return lines


def _listed(title: str, names: list[str]) -> list[str]:
    text = f"**{title}** ({len(names)}): " + ", ".join(f"`{name}`" for name in names)
    return textwrap.wrap(text, 110, break_long_words=False, break_on_hyphens=False)


def _look(found: list[Any], sdk: type, prefix: str, states: dict[str, str]) -> None:
    """Say of each field of the SDK's class what it was in the hashes that were found."""
    for name, annotation in sorted(annotated(sdk).items()):
        if name == "deleted":
            continue
        path = f"{prefix}{name}"
        values = [each[name] for each in found if name in each]
        states[path] = _state(values)
        if states[path] != "filled":
            continue
        element = list_element(annotation)
        nested = hash_class(element) if element is not None else hash_class(annotation)
        if nested is None:
            continue
        if element is not None:
            inner = [entry for value in values for entry in value or ()]
            _look(
                [entry for entry in inner if isinstance(entry, dict)], nested, f"{path}[].", states
            )
        else:
            _look([value for value in values if value], nested, f"{path}.", states)


def _state(values: list[Any]) -> str:
    if not values:
        return "absent"
    return "filled" if any(value not in (None, [], {}, "") for value in values) else "null"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
