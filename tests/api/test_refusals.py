"""What cannot be understood or is not allowed: a clear error in Stripe's shape, and nothing changed."""

import base64
import socket
from typing import Any

import httpx2
import orjson
import pytest
from sqlalchemy import create_engine, text

from tests.api.room import Caller, Reply, Room

FORM = {"content-type": "application/x-www-form-urlencoded"}
NOBODY = "cus_000000000000000000000000"


def raw(api: Caller, content: bytes, path: str = "/v1/customers", **headers: str) -> Reply:
    """POST these very bytes as a form."""
    return api.send("POST", path, content=content, headers={**FORM, **headers})


def expect(reply: Reply, status: int, code: str | None, param: str | None) -> dict[str, Any]:
    """The answer is this error, as JSON, with a message and a request id and without a traceback."""
    error = reply.error
    assert (reply.status, error["type"]) == (status, "invalid_request_error"), error
    assert (error.get("code"), error.get("param")) == (code, param), error
    assert error["message"]
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["request-id"].startswith("req_")
    assert "Traceback" not in orjson.dumps(reply.body).decode()
    return error


@pytest.fixture(autouse=True)
def _nothing_is_created(api: Caller) -> Any:
    """Every test of this file ends with as many customers as it made on purpose."""
    api.made = 0  # type: ignore[attr-defined]
    yield
    assert len(api.ids("/v1/customers")) == api.made  # type: ignore[attr-defined]


# ── forms ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content",
    [
        b"name=%",
        b"name=%4",
        b"name=%zz",
        b"%zz=1",
        b"name=%ff%fe",
        b"name=a%00b",
        b"name[=1",
        b"[name]=1",
        b"name]=1",
        b"metadata[a]=1&metadata[]=2",
        b"metadata=1&metadata[a]=1",
        b"a" * 3000 + b"=1",
        b"a" + b"[a]" * 40 + b"=1",
        b"&".join(b"metadata[k%d]=v" % n for n in range(25_001)),
        b"=value",
    ],
    ids=lambda content: content[:24].decode(),
)
def test_a_malformed_form_is_refused(api: Caller, content: bytes) -> None:
    reply = raw(api, content)
    assert reply.status == 400, reply.body
    assert reply.error["type"] == "invalid_request_error"
    assert reply.error["message"]


def test_an_empty_form_is_a_form(api: Caller) -> None:
    assert raw(api, b"").status == 200
    assert raw(api, b"&&").status == 200
    api.made = 2  # type: ignore[attr-defined]


def test_a_body_of_ten_megabytes_is_refused_and_the_connection_can_be_used_again(
    api: Caller,
) -> None:
    reply = raw(api, b"name=" + b"x" * 10_000_000)
    assert reply.status == 413
    assert reply.error["type"] == "invalid_request_error"
    assert reply.error["message"] == "Request is too large: at most 4194304 bytes are accepted."
    assert api.get("/v1/customers")["data"] == []


def test_a_large_body_that_arrives_in_parts_is_refused(api: Caller) -> None:
    parts = (b"x" * 100_000 for _ in range(100))
    answer = api.client.post(
        f"{api.base}/v1/customers",
        content=parts,
        headers={**FORM, "authorization": f"Bearer {api.key}"},
    )
    assert answer.status_code == 413
    assert api.get("/v1/customers")["data"] == []


def test_a_sender_that_hangs_up_halfway_has_sent_nothing(api: Caller) -> None:
    host, port = api.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(
            b"POST /v1/customers HTTP/1.1\r\nhost: sample\r\nauthorization: Bearer "
            + api.key.encode()
            + b"\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\nname="
        )
    assert api.get("/v1/customers")["data"] == []


def test_a_json_body_is_refused_with_the_reason(api: Caller) -> None:
    reply = api.send(
        "POST",
        "/v1/customers",
        content=b'{"name": "x"}',
        headers={"content-type": "application/json"},
    )
    error = expect(reply, 400, None, None)
    assert "application/x-www-form-urlencoded" in error["message"]


def test_something_that_is_not_http_is_answered_and_hung_up_on(api: Caller) -> None:
    host, port = api.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n")
        answer = b""
        while part := connection.recv(4096):
            answer += part
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Traceback" not in answer


# ── keys ───────────────────────────────────────────────────────────────────────────────────────


def test_a_request_without_a_key_is_told_how_to_give_one(api: Caller) -> None:
    answer = httpx2.get(f"{api.base}/v1/customers")
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("You did not provide an API key.")


@pytest.mark.parametrize(
    "header", ["Bearer", "Basic", "Basic !!!", "Basic gA==", "Digest x", "sk_test_x"]
)
def test_an_authorization_that_holds_no_key_is_refused(api: Caller, header: str) -> None:
    answer = httpx2.get(f"{api.base}/v1/customers", headers={"authorization": header})
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_an_unknown_key_is_refused_without_being_repeated(api: Caller) -> None:
    key = "sk_test_0123456789abcdefghijWXYZ"
    reply = Caller(api.base, key).send("GET", "/v1/customers")
    assert reply.status == 401
    assert "WXYZ" in reply.error["message"]
    assert "0123456789" not in reply.error["message"]


def test_a_key_may_be_the_user_of_basic_authentication(api: Caller) -> None:
    encoded = base64.b64encode(f"{api.key}:".encode()).decode()
    answer = httpx2.get(f"{api.base}/v1/customers", headers={"authorization": f"Basic {encoded}"})
    assert answer.status_code == 200


def test_a_publishable_key_cannot_be_used(room: Room, api: Caller) -> None:
    key = room.keys()[False, "publishable"]
    reply = Caller(api.base, key).send("GET", "/v1/customers")
    expect(reply, 403, "secret_key_required", None)


def test_a_revoked_key_is_refused_within_seconds(room: Room, api: Caller) -> None:
    engine = create_engine(room.database.url)
    keys = room.keys()
    with engine.begin() as connection:
        revoke = text("UPDATE api_keys SET revoked_at = 1 WHERE last4 = :last4")
        connection.execute(revoke, {"last4": keys[False, "secret"][-4:]})
    engine.dispose()
    reply = Caller(api.base, keys[False, "secret"]).send("GET", "/v1/customers")
    expect(reply, 401, "api_key_expired", None)


def test_each_account_and_each_mode_is_a_world_of_its_own(room: Room, api: Caller) -> None:
    customer = api.customer(card=None)
    keys = room.keys()
    for key in (keys[False, "secret"], keys[True, "secret"]):
        other = Caller(api.base, key)
        assert other.get("/v1/customers")["data"] == []
        expect(other.send("GET", f"/v1/customers/{customer}"), 404, "resource_missing", "id")
        expect(other.refused(f"/v1/customers/{customer}", {"name": "x"}), 404, *MISSING)
        expect(other.refused("/v1/invoices", {"customer": customer}), 400, *MISSING_CUSTOMER)
    assert api.get(f"/v1/customers/{customer}")["name"] == "株式会社サンプル"
    api.made = 1  # type: ignore[attr-defined]


MISSING = ("resource_missing", "id")
MISSING_CUSTOMER = ("resource_missing", "customer")


def test_live_mode_charges_no_test_card(room: Room, api: Caller) -> None:
    live = Caller(api.base, room.keys()[True, "secret"])
    customer = live.post("/v1/customers", name="サンプル")["id"]
    reply = live.refused("/v1/payment_methods/pm_card_visa/attach", {"customer": customer})
    assert reply.status in (400, 404)
    assert live.get("/v1/customers")["data"][0]["livemode"] is True


# ── addresses ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/unicorns"),
        ("POST", "/v1/customers/"),
        ("GET", "/v1/customers/"),
        ("DELETE", "/v1/customers"),
        ("PUT", "/v1/customers"),
        ("PATCH", "/v1/customers/cus_1"),
        ("GET", "/v1/invoices/in_1/finalize"),
        ("POST", "/v1/invoices/in_1/unicorn"),
        ("GET", "/v1/customers/a/b/c/d/e"),
        ("GET", "/v1/"),
    ],
)
def test_an_address_that_does_not_exist_is_named(api: Caller, method: str, path: str) -> None:
    error = expect(api.send(method, path), 404, None, None)
    assert error["message"].startswith(f"Unrecognized request URL ({method}: {path})")


@pytest.mark.parametrize(
    ("collection", "noun", "id", "param"),
    [
        ("customers", "customer", NOBODY, "id"),
        ("invoices", "invoice", "in_000000000000000000000000", "invoice"),
        ("payment_intents", "payment_intent", "pi_000000000000000000000000", "intent"),
        ("payment_methods", "PaymentMethod", "pm_000000000000000000000000", "payment_method"),
        ("prices", "price", "price_000000000000000000000000", "price"),
        ("products", "product", "prod_00000000000000", "id"),
        ("tax_rates", "tax rate", "txr_000000000000000000000000", "tax_rate"),
        ("events", "event", "evt_000000000000000000000000", "id"),
        ("charges", "charge", "ch_000000000000000000000000", "id"),
        ("invoiceitems", "invoiceitem", "ii_000000000000000000000000", "id"),
        ("invoices", "invoice", "%F0%9F%A6%84", "invoice"),
        ("invoices", "invoice", "' OR 1=1 --", "invoice"),
        ("customers", "customer", "in_000000000000000000000000", "id"),
    ],
)
def test_an_unknown_id_is_missing(
    api: Caller, collection: str, noun: str, id: str, param: str
) -> None:
    error = expect(api.send("GET", f"/v1/{collection}/{id}"), 404, "resource_missing", param)
    assert error["message"].startswith(f"No such {noun}: '")


def test_an_unknown_id_is_missing_wherever_it_is_written_to(api: Caller) -> None:
    for path in ("finalize", "pay", "send", "void", "mark_uncollectible"):
        reply = api.refused(f"/v1/invoices/in_000000000000000000000000/{path}")
        assert (reply.status, reply.error["code"]) == (404, "resource_missing")
    for path in ("/v1/customers/cus_1", "/v1/invoices/in_1", "/v1/webhook_endpoints/we_1"):
        reply = api.send("DELETE", path)
        assert (reply.status, reply.error["code"]) == (404, "resource_missing")


# ── parameters ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "form", "code", "param"),
    [
        ("customers", {"colour": "red"}, "parameter_unknown", "colour"),
        ("customers", {"address[planet]": "x"}, "parameter_unknown", "address[planet]"),
        ("products", {}, "parameter_missing", "name"),
        ("invoices", {}, "parameter_missing", "customer"),
        ("invoices", {"customer": NOBODY}, "resource_missing", "customer"),
        ("products", {"name": ""}, "parameter_invalid_empty", "name"),
        ("products", {"name": "x", "active": "maybe"}, None, "active"),
        ("customers", {"balance": "12.5"}, "parameter_invalid_integer", "balance"),
        ("customers", {"balance": "１２"}, "parameter_invalid_integer", "balance"),
        ("customers", {"balance": "9" * 40}, "parameter_invalid_integer", "balance"),
        ("customers", {"email": "no-at-sign"}, "email_invalid", "email"),
        ("customers", {"tax_exempt": "perhaps"}, None, "tax_exempt"),
        ("customers", {"address": "Tokyo"}, None, "address"),
        ("customers", {"name[first]": "x"}, None, "name"),
        ("customers", {"expand[]": "unicorn"}, None, "expand"),
        ("payment_intents", {"amount": "100"}, "parameter_missing", "currency"),
        ("payment_intents", {"amount": "100", "currency": "xxx"}, None, "currency"),
        ("payment_intents", {"amount": "49", "currency": "jpy"}, "amount_too_small", "amount"),
        ("payment_intents", {"amount": "-1", "currency": "jpy"}, None, "amount"),
        ("test_helpers/test_clocks", {}, "parameter_missing", "frozen_time"),
        (
            "webhook_endpoints",
            {"url": "https://sample.example.com"},
            "parameter_missing",
            "enabled_events",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else None,
)
def test_a_wrong_parameter_is_named(
    api: Caller, path: str, form: dict[str, str], code: str | None, param: str
) -> None:
    reply = api.refused(f"/v1/{path}", form)
    error = reply.error
    assert (reply.status, error["type"]) == (400, "invalid_request_error")
    assert error["param"] == param
    if code is not None:
        assert error.get("code") == code


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=ten",
        "limit=-1",
        "starting_after=cus_000000000000000000000000",
        "ending_before=x",
        "starting_after=cus_1&ending_before=cus_2",
        "created[gte]=yesterday",
        "created[around]=1",
        "created=x",
        "expand[]=data.unicorn",
        "expand[]=unicorn",
        "expand[]=data.invoice_settings.default_payment_method.customer.test_clock",
        "page=2",
        "email[a]=1",
        "limit=%zz",
    ],
)
def test_a_list_refuses_what_it_cannot_follow(api: Caller, query: str) -> None:
    reply = api.send("GET", "/v1/customers", query=query)
    assert reply.status == 400, reply.body
    assert reply.error["type"] == "invalid_request_error"
    assert reply.error["message"]


def test_what_may_be_expanded_is_said(api: Caller) -> None:
    reply = api.send("GET", "/v1/invoices", query="expand[]=data.total")
    error = expect(reply, 400, None, "expand")
    assert error["message"].startswith("This property cannot be expanded (data.total).")
    deep = "data.payments.data.payment.payment_intent.customer"
    reply = api.send("GET", "/v1/invoices", query=f"expand[]={deep}")
    expect(reply, 400, "property_expansion_max_depth", "expand")


# ── metadata ───────────────────────────────────────────────────────────────────────────────────


def test_metadata_is_merged_deleted_and_cleared(api: Caller) -> None:
    api.made = 1  # type: ignore[attr-defined]
    customer = api.post_form("/v1/customers", {"metadata[a]": "1", "metadata[b]": "2"})
    path = f"/v1/customers/{customer['id']}"
    assert customer["metadata"] == {"a": "1", "b": "2"}
    assert api.post_form(path, {"metadata[c]": "3"})["metadata"] == {"a": "1", "b": "2", "c": "3"}
    assert api.post_form(path, {"metadata[a]": ""})["metadata"] == {"b": "2", "c": "3"}
    assert api.post_form(path, {"metadata": ""})["metadata"] == {}


def test_metadata_of_the_largest_size_is_kept(api: Caller) -> None:
    api.made = 1  # type: ignore[attr-defined]
    keys = [f"{n:02}" + "k" * 38 for n in range(50)]
    created = api.post_form("/v1/customers", {f"metadata[{key}]": "価" * 500 for key in keys})
    assert api.get(f"/v1/customers/{created['id']}")["metadata"] == dict.fromkeys(keys, "価" * 500)
    reply = api.refused(f"/v1/customers/{created['id']}", {"metadata[one_more]": "x"})
    assert reply.error["param"] == "metadata"


@pytest.mark.parametrize(
    "form",
    [
        {f"metadata[k{n}]": "v" for n in range(51)},
        {"metadata[" + "k" * 41 + "]": "v"},
        {"metadata[k]": "v" * 501},
        {"metadata[a][b]": "v"},
        {"metadata": "text"},
    ],
    ids=["51 keys", "long key", "long value", "brackets", "no hash"],
)
def test_metadata_beyond_its_rules_is_refused(api: Caller, form: dict[str, str]) -> None:
    reply = api.refused("/v1/customers", form)
    assert (reply.status, reply.error["param"]) == (400, "metadata")


# ── headers ────────────────────────────────────────────────────────────────────────────────────


def test_every_answer_names_its_request_and_the_version(api: Caller) -> None:
    replies = [
        api.send("GET", "/v1/customers"),
        api.send("GET", "/v1/unicorns"),
        Caller(api.base, "sk_test_wrong").send("GET", "/v1/customers"),
    ]
    assert len({reply.headers["request-id"] for reply in replies}) == 3
    assert {reply.headers["stripe-version"] for reply in replies} == {"2026-10-28.endive"}


@pytest.mark.parametrize("version", ["2020-08-27", "2026-10-28.endive;feature=v1"])
def test_any_version_is_accepted_and_echoed(api: Caller, version: str) -> None:
    reply = api.send("GET", "/v1/customers", headers={"stripe-version": version})
    assert (reply.status, reply.headers["stripe-version"]) == (200, version)
