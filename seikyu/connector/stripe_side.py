"""Stripe, as the connector uses it: every call to Stripe's API stands in this file.

Through the official SDK, so the same code talks to real Stripe and to any server that speaks its
API; only the base address differs. The SDK repeats calls that got no answer, with the same
idempotency key. Keys are derived from (connection, board invoice, revision, what is sent): a repeat
after a crash is answered with what the first attempt made, and makes nothing twice. A refusal is
remembered under its key too; `_once` sees to it that it does not stay when its cause is gone.

No search API is used and no filter by time: a test clock may give customers another time than ours.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import stripe

from seikyu.connector.facts import PaidHow, StripeInvoice
from seikyu.connector.lines import LineTax, StripeLine
from seikyu.connector.reasons import TOKYO
from seikyu.connector.store import Received

NETWORK_RETRIES = 3
TIMEOUT_SECONDS = 40
LINES_A_CALL = 250
PAGE = 100
REFUSED = (stripe.InvalidRequestError, stripe.PermissionError)
MOST_REFUSALS = 50
PAYMENTS = "payments.data.payment.payment_intent"
WEBHOOK_EVENTS = (
    "invoice.paid",
    "invoice.updated",
    "invoice.voided",
    "invoice.marked_uncollectible",
    "invoice.deleted",
    "invoice_payment.paid",
    "invoice_payment.detached",
)
"""All that can change what board should say, and where payments are applied; `invoice.updated` covers
partial and undone payments."""

PAID, DETACHED = "invoice_payment.paid", "invoice_payment.detached"
PREVIEWS = frozenset({DETACHED})
"""Events that only an account with Stripe's preview of applying payments can listen to."""

UNAPPLIED, UNAPPLIED_FROM = "unapplied", "unapplied_from"
"""Metadata of a payment that was taken off an invoice, under the source's names."""


@dataclass(frozen=True, slots=True)
class StripeCustomer:
    """A Stripe customer: what is needed of it."""

    id: str
    email: str | None
    has_default_card: bool
    board_client_id: str | None
    connection_id: str | None


@dataclass(frozen=True, slots=True)
class StripePayment:
    """A payment intent: its status, and what its metadata says of where it was applied."""

    id: str
    status: str
    unapplied: bool
    unapplied_from: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new invoice is made of, besides its lines. `due` is the day (Tokyo) it falls due."""

    customer_id: str
    currency: str
    charge_automatically: bool
    due: date | None
    footer: str | None
    custom_fields: tuple[tuple[str, str], ...]
    metadata: Mapping[str, str]


class StripeSide:
    """One Stripe account, seen by one connection."""

    def __init__(self, api_key: str, url: str, connection_id: str) -> None:
        """Prepare the client; nothing is sent yet."""
        self._connection_id = connection_id
        self._api = stripe.StripeClient(
            api_key,
            base_addresses={"api": url},
            max_network_retries=NETWORK_RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_SECONDS),
        ).v1

    # ── Customers ───────────────────────────────────────────────────────────────────────────────

    def customer(self, customer_id: str) -> StripeCustomer | None:
        """Return a customer; None when it was deleted or never existed."""
        try:
            found = self._api.customers.retrieve(customer_id)
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return None
            raise
        return None if getattr(found, "deleted", False) else _customer(found)

    def customers_with(self, email: str) -> list[StripeCustomer]:
        """Return the customers with this address; Stripe compares it letter by letter."""
        spellings = dict.fromkeys((email, email.lower()))
        found: dict[str, StripeCustomer] = {}
        for spelling in spellings:
            page = self._api.customers.list({"email": spelling, "limit": PAGE})
            found.update({one.id: _customer(one) for one in page.data})
        return list(found.values())

    def create_customer(self, name: str, email: str, board_client_id: int) -> StripeCustomer:
        """Create a customer, once: a repeat with the same values returns the first one."""
        params: dict[str, Any] = {
            "name": name,
            "email": email,
            "preferred_locales": ["ja"],
            "metadata": {
                "board_client_id": str(board_client_id),
                "seikyu_connection": self._connection_id,
            },
        }
        key = self._key("customer", board_client_id, params)
        return _customer(_once(key, lambda once: self._api.customers.create(_as(params), once)))

    # ── Invoices: reading ───────────────────────────────────────────────────────────────────────

    def invoice(self, invoice_id: str) -> StripeInvoice | None:
        """Return an invoice as it is now, with how it was paid; None when its draft was deleted."""
        try:
            found = self._api.invoices.retrieve(invoice_id, {"expand": [PAYMENTS]})
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return None
            raise
        return StripeInvoice.of(found, self._paid_how(found))

    def invoices_with_status(self, status: str) -> Iterator[StripeInvoice]:
        """Return every invoice of the account with this status (never "paid": that is unbounded)."""
        pages = self._api.invoices.list(_as({"status": status, "limit": PAGE}))
        for found in pages.auto_paging_iter():
            yield StripeInvoice.of(found)

    def invoices_of(self, customer_id: str, board_invoice_id: int) -> list[StripeInvoice]:
        """Return what was made for a board invoice and still counts, oldest first."""
        pages = self._api.invoices.list({"customer": customer_id, "limit": PAGE})
        wanted = {
            ("board_invoice_id", str(board_invoice_id)),
            ("seikyu_connection", self._connection_id),
        }
        found = [StripeInvoice.of(one) for one in pages.auto_paging_iter()]
        matching = [one for one in found if wanted <= set(one.metadata) and one.status != "void"]
        return list(reversed(matching))

    def count_lines(self, invoice_id: str) -> int:
        """Return how many lines an invoice has."""
        pages = self._api.invoices.line_items.list(invoice_id, {"limit": PAGE})
        return sum(1 for _ in pages.auto_paging_iter())

    # ── Invoices: making ────────────────────────────────────────────────────────────────────────

    def create_draft(self, draft: Draft, board_invoice_id: int, revision: int) -> StripeInvoice:
        """Create an invoice without lines. It never advances by itself while it is incomplete."""
        params: dict[str, Any] = {
            "customer": draft.customer_id,
            "currency": draft.currency,
            "auto_advance": False,
            "pending_invoice_items_behavior": "exclude",
            "collection_method": (
                "charge_automatically" if draft.charge_automatically else "send_invoice"
            ),
            "metadata": dict(draft.metadata),
        }
        if not draft.charge_automatically:
            params["due_date"] = _end_of_day(draft.due) if draft.due else None
        if draft.footer:
            params["footer"] = draft.footer
        if draft.custom_fields:
            params["custom_fields"] = [{"name": n, "value": v} for n, v in draft.custom_fields]
        params = {name: value for name, value in params.items() if value is not None}
        key = self._key(f"create-r{revision}", board_invoice_id, params)
        made = _once(key, lambda once: self._api.invoices.create(_as(params), once))
        return StripeInvoice.of(made)

    def add_lines(
        self, invoice_id: str, lines: Sequence[StripeLine], board_invoice_id: int, revision: int
    ) -> StripeInvoice | None:
        """Add the lines, as many calls as are needed; returns the invoice after the last."""
        latest = None
        for start in range(0, len(lines), LINES_A_CALL):
            chunk = [_line(line) for line in lines[start : start + LINES_A_CALL]]
            params = {"lines": chunk}
            key = self._key(f"lines-r{revision}-{start}-{invoice_id}", board_invoice_id, params)
            latest = _once(key, self._adding(invoice_id, params))
        return None if latest is None else StripeInvoice.of(latest)

    def _adding(self, invoice_id: str, params: Mapping[str, Any]) -> Callable[[Any], Any]:
        return lambda once: self._api.invoices.add_lines(invoice_id, _as(params), once)

    def finalize(self, invoice_id: str) -> StripeInvoice:
        """Finalize a draft, without letting Stripe go on by itself."""
        # No key of our own: a refusal would be remembered under it, and only a draft can be finalized.
        params = _as({"auto_advance": False})
        return StripeInvoice.of(self._api.invoices.finalize_invoice(invoice_id, params))

    def send(self, invoice_id: str) -> StripeInvoice:
        """E-mail an open invoice to its customer; a repeat e-mails nothing more."""
        key = self._key_of_step("send", invoice_id)
        sent = _once(key, lambda once: self._api.invoices.send_invoice(invoice_id, {}, once))
        return StripeInvoice.of(sent)

    def pay(self, invoice_id: str) -> StripeInvoice:
        """Charge the customer's default card; raises stripe.CardError when it is declined."""
        key = self._key_of_step("pay", invoice_id)
        return StripeInvoice.of(
            _once(key, lambda once: self._api.invoices.pay(invoice_id, {}, once))
        )

    def let_stripe_retry(self, invoice_id: str) -> None:
        """Hand an open invoice over to Stripe's own retries of failed charges."""
        self._api.invoices.update(invoice_id, _as({"auto_advance": True}))

    def delete_draft(self, invoice_id: str) -> None:
        """Delete a draft; one that is gone already is no error."""
        try:
            self._api.invoices.delete(invoice_id)
        except stripe.InvalidRequestError as error:
            if error.code != "resource_missing":
                raise

    # ── Payments ────────────────────────────────────────────────────────────────────────────────

    def payment(self, payment_id: str) -> StripePayment | None:
        """Return a payment; None when this account has none such."""
        try:
            found = self._api.payment_intents.retrieve(payment_id)
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return None
            raise
        metadata = found.metadata.to_dict() if found.metadata else {}
        stamped = metadata.get(UNAPPLIED) == "true"
        return StripePayment(found.id, found.status, stamped, metadata.get(UNAPPLIED_FROM))

    def is_applied(self, payment_id: str) -> bool:
        """Whether the payment is on an invoice now."""
        wanted = {
            "payment": {"type": "payment_intent", "payment_intent": payment_id},
            "status": "paid",
            "limit": 1,
        }
        return bool(self._api.invoice_payments.list(_as(wanted)).data)

    def stamp_unapplied(self, payment_id: str, taken_off: str) -> None:
        """Let the payment say that it is on no invoice, and from which it was taken."""
        self._describe(payment_id, {UNAPPLIED: "true", UNAPPLIED_FROM: taken_off})

    def clear_stamp(self, payment_id: str) -> None:
        """Let the payment say nothing of the kind any more."""
        self._describe(payment_id, {UNAPPLIED: "", UNAPPLIED_FROM: ""})

    def _describe(self, payment_id: str, metadata: Mapping[str, str]) -> None:
        self._api.payment_intents.update(payment_id, _as({"metadata": dict(metadata)}))

    def payment_events(self) -> list[Received]:
        """Return the last hundred events of payments on invoices, the newest first."""
        page = self._api.events.list(_as({"types": [DETACHED, PAID], "limit": PAGE}))
        return [received(event.to_dict()) for event in page.data]

    # ── Webhooks ────────────────────────────────────────────────────────────────────────────────

    def register_webhook(self, url: str) -> str:
        """Register our webhook address with just the events needed; returns its signing secret.

        Stripe shows the secret only at creation, so an earlier endpoint of ours at the same
        address is replaced. Endpoints of others are left alone.
        """
        mine = {"seikyu": "connector", "seikyu_connection": self._connection_id}
        for endpoint in self._api.webhook_endpoints.list({"limit": PAGE}).auto_paging_iter():
            metadata = endpoint.metadata.to_dict() if endpoint.metadata else {}
            if endpoint.url == url and mine.items() <= metadata.items():
                self._api.webhook_endpoints.delete(endpoint.id)
        params = {"url": url, "enabled_events": list(WEBHOOK_EVENTS), "metadata": mine}
        try:
            secret = self._api.webhook_endpoints.create(_as(params)).secret
        except stripe.InvalidRequestError as error:
            if not (error.param or "").startswith("enabled_events"):
                raise
            # An account outside Stripe's preview: payments are not taken off invoices there either.
            known = [name for name in WEBHOOK_EVENTS if name not in PREVIEWS]
            secret = self._api.webhook_endpoints.create(
                _as({**params, "enabled_events": known})
            ).secret
        assert secret is not None
        return str(secret)

    # ── Within ──────────────────────────────────────────────────────────────────────────────────

    def _key(self, what: str, board_id: int, params: Mapping[str, Any]) -> str:
        content = json.dumps(params, sort_keys=True, default=str).encode()
        digest = hashlib.sha256(content).hexdigest()[:16]
        return f"seikyu-{self._connection_id}-{board_id}-{what}-{digest}"

    def _key_of_step(self, what: str, invoice_id: str) -> str:
        return f"seikyu-{self._connection_id}-{invoice_id}-{what}"

    def _paid_how(self, invoice: Any) -> PaidHow:
        """Tell how an invoice was paid. Without any payment it was carried over, or paid outside."""
        if invoice.status != "paid":
            return PaidHow.ONLINE
        if (invoice.ending_balance or 0) > 0:
            # A balance that is still owed: the invoice was carried into it instead of charged.
            return PaidHow.UNDER_MINIMUM
        payments = [one for one in _payments(invoice) if one.status == "paid"]
        if not payments:
            return PaidHow.OUTSIDE_STRIPE if invoice.amount_due > 0 else PaidHow.ONLINE
        if all(one.payment.type == "payment_record" for one in payments):
            return PaidHow.OUTSIDE_STRIPE
        if all(self._is_bank_transfer(one.payment) for one in payments):
            return PaidHow.BANK_TRANSFER
        return PaidHow.ONLINE

    def _is_bank_transfer(self, payment: Any) -> bool:
        intent = payment.payment_intent if payment.type == "payment_intent" else None
        if intent is None or isinstance(intent, str):
            return False
        types = list(intent.payment_method_types or ())
        if "customer_balance" not in types or len(types) == 1:
            return types == ["customer_balance"]
        whole = self._api.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})
        charge = whole.latest_charge
        details = getattr(charge, "payment_method_details", None)
        return getattr(details, "type", None) == "customer_balance"


def _once(key: str, call: Callable[[Any], Any]) -> Any:
    """Make a call once, however often it is repeated, without taking a refusal for the last word.

    Stripe remembers a refusal like any answer and repeats it for a day, also when its cause is gone.
    A *remembered* refusal says that nothing was done under that key, so the next key of the row is
    taken. Whoever repeats the call after a crash goes along the same row, to the one key under which
    something was done. A declined card is no refusal: it was an attempt, and is not made again.
    """
    for number in range(1, MOST_REFUSALS):
        try:
            return call({"idempotency_key": key if number == 1 else f"{key}-{number}"})
        except REFUSED as error:
            if not _is_remembered(error):
                raise
    return call({"idempotency_key": f"{key}-{MOST_REFUSALS}"})


def _is_remembered(error: stripe.StripeError) -> bool:
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    return headers.get("idempotent-replayed") == "true"


def _payments(invoice: Any) -> list[Any]:
    payments = getattr(invoice, "payments", None)
    return list(payments.data) if payments else []


def received(event: Mapping[str, Any]) -> Received:
    """Return what an event is about. Raises KeyError or TypeError for what is no event."""
    about = event["data"]["object"]
    is_payment = about["object"] == "invoice_payment"
    payment = (about.get("payment") or {}).get("payment_intent") if is_payment else None
    return Received(
        str(event["id"]),
        str(event["type"]),
        str(about["id"]) if about["object"] == "invoice" else _id_of(about.get("invoice")),
        _id_of(payment),
        int(event.get("created") or 0),
    )


def _id_of(named: Any) -> str | None:
    """Return the id of an object that is there as its id or as a whole."""
    found = named.get("id") if isinstance(named, dict) else named
    return str(found) if found else None


def _customer(customer: Any) -> StripeCustomer:
    metadata = customer.metadata.to_dict() if customer.metadata else {}
    settings = customer.invoice_settings
    card = (settings and settings.default_payment_method) or getattr(
        customer, "default_source", None
    )
    return StripeCustomer(
        id=customer.id,
        email=customer.email,
        has_default_card=bool(card),
        board_client_id=metadata.get("board_client_id"),
        connection_id=metadata.get("seikyu_connection"),
    )


def _line(line: StripeLine) -> dict[str, Any]:
    params: dict[str, Any] = {"description": line.description, "amount": line.amount}
    if line.amount < 0:
        params["discountable"] = False
    if line.board_line_no is not None:
        params["metadata"] = {"board_line_no": str(line.board_line_no)}
    if line.tax is not None:
        params["tax_amounts"] = [_tax_amount(line.tax)]
    return params


def _tax_amount(tax: LineTax) -> dict[str, Any]:
    rate: dict[str, Any] = {
        "display_name": "消費税",
        "percentage": tax.percentage,
        "inclusive": tax.inclusive,
        "country": "JP",
        "tax_type": "jct",
    }
    if tax.reduced:
        rate["description"] = "軽減税率"
    return {"amount": tax.amount, "taxable_amount": tax.taxable_amount, "tax_rate_data": rate}


def _end_of_day(day: date) -> int:
    """Return Unix seconds of the last second of a day in Tokyo."""
    return int(datetime.combine(day, time(23, 59, 59), TOKYO).timestamp())


def _as(params: Mapping[str, Any]) -> Any:
    """The SDK's parameter types cannot be built up step by step; Stripe checks the values itself."""
    return params
