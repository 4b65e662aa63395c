"""Errors as Stripe words them: one exception, one rendering, one constructor per situation.

Everything that a caller can do wrong ends here as a WireError with an HTTP status, one of Stripe's
error types and, where Stripe has one, a code. Refusals of the billing rules are translated by
`from_refusal` with the table below it; no other place knows HTTP statuses.

What our own programs do wrong is never shown: `internal` says only that something went wrong and
under which request id it was recorded.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from seikyu.engine.billing.refusals import CardDeclined, Refusal

INVALID_REQUEST = "invalid_request_error"
CARD = "card_error"
IDEMPOTENCY = "idempotency_error"
API = "api_error"

DOCUMENTED_CODES = frozenset(
    """
    amount_too_large amount_too_small api_key_expired authentication_required balance_insufficient
    card_declined
    coupon_expired
    charge_already_captured charge_already_refunded charge_expired_for_capture
    customer_max_payment_methods email_invalid expired_card idempotency_key_in_use incorrect_cvc
    incorrect_number insufficient_funds invalid_charge_amount invalid_cvc invalid_expiry_month
    invalid_expiry_year invalid_number invoice_no_customer_line_items invoice_upcoming_none
    invoice_no_payment_method_types invoice_not_editable invoice_payment_intent_requires_action
    livemode_mismatch lock_timeout missing parameter_invalid_empty parameter_invalid_integer
    parameter_invalid_string_blank parameter_invalid_string_empty parameter_missing
    parameter_unknown parameters_exclusive payment_intent_action_required
    payment_intent_authentication_failure payment_intent_incompatible_payment_method
    payment_intent_invalid_parameter payment_intent_payment_attempt_failed
    payment_intent_unexpected_state payment_method_customer_decline
    payment_method_invalid_parameter payment_method_not_available payment_method_provider_decline
    payment_method_unactivated payment_method_unexpected_state payment_method_unsupported_type
    processing_error product_inactive rate_limit resource_already_exists resource_missing
    secret_key_required status_transition_invalid tax_id_invalid testmode_charges_only url_invalid
    """.split()  # noqa: SIM905 (a list literal of these would fill a screen)
)
"""Codes that Stripe's documentation explains, among those this engine can answer with."""


class WireError(Exception):
    """An answer that is an error. Raised anywhere in the edge, rendered once.

    ``extra`` holds whole objects that Stripe puts into an error (``payment_intent``, …): Python
    values, or bytes that are JSON already. ``should_retry`` becomes ``Stripe-Should-Retry`` when it
    is not None.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = INVALID_REQUEST,
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        extra: Mapping[str, Any] | None = None,
        should_retry: bool | None = None,
    ) -> None:
        """``param`` is in bracket notation: ``lines[0][amount]``."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.code = code
        self.param = param
        self.decline_code = decline_code
        self.extra: dict[str, Any] = dict(extra or {})
        self.should_retry = should_retry

    @property
    def doc_url(self) -> str | None:
        """Where Stripe's documentation explains the code."""
        return doc_url(self.code)


def doc_url(code: str | None) -> str | None:
    """Return where Stripe's documentation explains the code, None when it does not."""
    if code not in DOCUMENTED_CODES:
        return None
    return f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"


def render(error: WireError, request_id: str) -> bytes:
    """Return the body of the answer. A field that has no value is left out, as Stripe does."""
    message = error.message
    if error.type == API:
        message = f"{message} It is recorded under the request id {request_id}."
    fields: dict[str, Any] = {
        "code": error.code,
        "decline_code": error.decline_code,
        "doc_url": error.doc_url,
        "message": message,
        "param": error.param,
        **{name: _embedded(value) for name, value in error.extra.items()},
        "type": error.type,
    }
    present = {name: value for name, value in fields.items() if value is not None}
    return orjson.dumps({"error": present}, option=orjson.OPT_INDENT_2)


def _embedded(value: Any) -> Any:
    return orjson.Fragment(value) if isinstance(value, bytes) else value


# ── Parameters ──────────────────────────────────────────────────────────────────────────────────


def unknown_parameters(params: Iterable[str], suggestion: str | None = None) -> WireError:
    """Parameters that the operation does not have; ``suggestion`` is what may have been meant."""
    names = list(params)
    plural = "s" if len(names) > 1 else ""
    message = f"Received unknown parameter{plural}: {', '.join(names)}"
    if suggestion:
        message += f". Did you mean {suggestion}?"
    return WireError(400, message, code="parameter_unknown", param=names[0])


def unserved_parameter(param: str, reason: str = "") -> WireError:
    """A parameter that Stripe has and this engine refuses, so that nothing is silently ignored."""
    because = f": {reason}" if reason else ""
    message = f"The parameter {param} is not supported by Seikyu{because}."
    return WireError(400, message, code="parameter_unknown", param=param)


def missing_parameter(param: str) -> WireError:
    """A parameter that the operation cannot do without."""
    return WireError(
        400, f"Missing required param: {param}.", code="parameter_missing", param=param
    )


def empty_parameter(param: str) -> WireError:
    """An empty text where a value is needed: it means "unset", and this cannot be unset."""
    message = (
        f"You passed an empty string for '{param}'. We assume empty values are an attempt to "
        f"unset a parameter; however '{param}' cannot be unset. You should remove '{param}' from "
        "your request or supply a non-empty value."
    )
    return WireError(400, message, code="parameter_invalid_empty", param=param)


def invalid_integer(value: str, param: str) -> WireError:
    """Not a whole number in decimal digits."""
    message = f"Invalid integer: {shortened(value)}"
    return WireError(400, message, code="parameter_invalid_integer", param=param)


def invalid_choice(param: str, choices: Iterable[str]) -> WireError:
    """Not one of the words that the parameter takes."""
    return WireError(400, f"Invalid {param}: must be {either(choices)}", param=param)


def invalid_value(message: str, param: str | None, code: str | None = None) -> WireError:
    """Any other fault of one parameter."""
    return WireError(400, message, param=param, code=code)


def exclusive_parameters(params: Iterable[str]) -> WireError:
    """Parameters of which only one may be given."""
    names = list(params)
    message = f"You may only specify one of these parameters: {', '.join(names)}."
    return WireError(400, message, code="parameters_exclusive", param=names[0])


def malformed(message: str, param: str | None = None) -> WireError:
    """The request cannot be read as a form at all."""
    return WireError(400, f"Invalid request: {message}", param=param)


def too_large(limit: int) -> WireError:
    """The request has more bytes than are read. ``limit`` in bytes."""
    return WireError(413, f"Request is too large: at most {limit} bytes are accepted.")


def either(choices: Iterable[str]) -> str:
    """Return ``one of a, b, or c`` (``a`` alone when there is one), as Stripe lists choices."""
    words = list(choices)
    if len(words) == 1:
        return words[0]
    comma = "," if len(words) > 2 else ""
    return f"one of {', '.join(words[:-1])}{comma} or {words[-1]}"


def shortened(value: str, most: int = 100) -> str:
    """Return the value as far as a message should repeat it."""
    return value if len(value) <= most else f"{value[:most]}…"


# ── Objects and addresses ───────────────────────────────────────────────────────────────────────

NOUNS = {
    "credit_note": "credit note",
    "credit_note_line_item": "credit note line item",
    "payment_method": "PaymentMethod",
    "promotion_code": "promotion code",
    "tax_rate": "tax rate",
    "test_helpers.test_clock": "test clock",
    "webhook_endpoint": "webhook endpoint",
    "customer_balance_transaction": "customer balance transaction",
    "customer_cash_balance_transaction": "customer cash balance transaction",
    "seikyu.bank_statement": "bank statement",
    "seikyu.bank_statement_line": "bank statement line",
    "invoice_payment": "invoice payment",
}
"""Object types whose name in "No such …" is not the type itself."""

PATH_PARAMS = {
    "coupon": "coupon",
    "invoice": "invoice",
    "payment_intent": "intent",
    "payment_method": "payment_method",
    "price": "price",
    "tax_rate": "tax_rate",
}
"""The ``param`` Stripe names when the id in the address is unknown; ``id`` for all others."""


def resource_missing(object_type: str, id: str, param: str | None = None) -> WireError:
    """No such object. Without ``param`` the id came from the address (404), else from it (400)."""
    message = f"No such {NOUNS.get(object_type, object_type)}: '{shortened(id)}'"
    if param is None:
        param = PATH_PARAMS.get(object_type, "id")
        return WireError(404, message, code="resource_missing", param=param)
    return WireError(400, message, code="resource_missing", param=param)


def unrecognized_url(method: str, path: str) -> WireError:
    """No operation has this method and path; Stripe answers a wrong method in the same words."""
    message = f"Unrecognized request URL ({method}: {shortened(path, 200)})."
    if path.endswith("/"):
        message += (
            " If you are trying to list objects, remove the trailing slash. If you are trying to "
            "retrieve an object, make sure you passed a valid (non-empty) identifier in your code."
        )
    return WireError(404, message)


def cannot_expand(path: str, suggestion: str | None = None) -> WireError:
    """The named property holds no id of another object."""
    message = f"This property cannot be expanded ({shortened(path)})."
    if suggestion:
        message += f" You may want to try expanding '{suggestion}' instead."
    return WireError(400, message, param="expand")


def expanded_too_deep(path: str, levels: int) -> WireError:
    """The path has more levels than are followed."""
    message = (
        f"You cannot expand more than {levels} levels of a property. Property: {shortened(path)}"
    )
    return WireError(400, message, code="property_expansion_max_depth", param="expand")


# ── Keys ────────────────────────────────────────────────────────────────────────────────────────


def no_api_key() -> WireError:
    """The request names no key."""
    return WireError(
        401,
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    )


def invalid_api_key(key: str) -> WireError:
    """The key is not one of ours; the message shows only enough of it to recognize it."""
    return WireError(401, f"Invalid API Key provided: {redacted(key)}")


def expired_api_key(key: str) -> WireError:
    """The key was ours and is no longer valid."""
    message = f"Expired API Key provided: {redacted(key)}"
    return WireError(401, message, code="api_key_expired")


def secret_key_required() -> WireError:
    """A publishable key was used where a secret one is needed."""
    return WireError(
        403,
        "This API call cannot be made with a publishable API key. Please use a secret API key.",
        code="secret_key_required",
    )


def permission_missing(key: str, account: str, permission: str) -> WireError:
    """A restricted key lacks the permission."""
    return WireError(
        403,
        f"The provided key '{redacted(key)}' does not have the required permissions for this "
        f"endpoint on account '{account}'. Having the '{permission}' permission would allow this "
        "request to continue.",
    )


def account_out_of_reach(key: str, account: str) -> WireError:
    """``Stripe-Account`` names an account that is not the key's own."""
    return WireError(
        403,
        f"The provided key '{redacted(key)}' does not have access to account "
        f"'{shortened(account, 50)}' (or that account does not exist). A key of Seikyu acts for its "
        "own account only.",
        code="account_invalid",
    )


def redacted(key: str) -> str:
    """Return the key with stars for all but its kind and its last four characters."""
    parts = key.split("_")
    kind = "_".join(parts[:2]) + "_" if len(parts) > 2 and len(key) > 20 else ""
    tail = key[-4:] if len(key) > 12 else ""
    return f"{kind}{'*' * min(len(key) - len(kind) - len(tail), 30)}{tail}"


# ── Repetition and load ─────────────────────────────────────────────────────────────────────────


def idempotency_key_reused(key: str) -> WireError:
    """The key was first used with other parameters."""
    return WireError(
        400,
        "Keys for idempotent requests can only be used with the same parameters they were first "
        f"used with. Try using a key other than '{key}' if you meant to execute a different "
        "request.",
        type=IDEMPOTENCY,
    )


def idempotency_key_elsewhere(key: str, path: str, first_path: str) -> WireError:
    """The key was first used for another operation."""
    return WireError(
        400,
        "Keys for idempotent requests can only be used for the same endpoint they were first used "
        f"for ('{path}' vs '{first_path}'). Try using a key other than '{key}' if you meant to "
        "execute a different request.",
        type=IDEMPOTENCY,
    )


def idempotency_key_in_use(key: str) -> WireError:
    """The first request with the key has not been answered yet."""
    return WireError(
        409,
        "There is currently another in-progress request using this Idempotent Key (that probably "
        f"means you submitted twice, and the other request is still going through): {key}.",
        code="idempotency_key_in_use",
        should_retry=True,
    )


def locked() -> WireError:
    """Another request holds the object for longer than we wait."""
    return WireError(429, LOCKED, code="lock_timeout", should_retry=True)


LOCKED = (
    "This object cannot be accessed right now because another API request or process is currently "
    "accessing it. If you see this error intermittently, retry the request. If you see this error "
    "frequently and are making multiple concurrent requests to a single object, make your requests "
    "serially or at a lower rate."
)


COLLISIONS = {
    "invoices.number": "Another invoice already has the number that this one would get. Give the "
    "customer an invoice_prefix of its own or a higher next_invoice_sequence.",
    "customers.invoice_prefix": "Another customer already has this invoice_prefix; choose another "
    "one.",
    "promotion_codes.code_key": "Another active promotion code already has this code; choose another "
    "one, or switch the other one off.",
    "credit_notes.number": "Another credit note already has the number that this one would get.",
    "coupons.id": "Another coupon already has this id; choose another one.",
    "prices.lookup_key": "Another price already has this lookup_key; choose another one.",
    "bank_statement_lines.fingerprint": "Another import took in a line of this file meanwhile; nothing "
    "of this one was. Import it again: what is known is skipped.",
    "products.id": "Another product already has this id; choose another one.",
}
"""Columns in which two rows can meet although the rules looked before, and what to do then."""


def collided(column: str) -> WireError | None:
    """Something must be unique and is not; trying again changes nothing. None for what passes."""
    sentence = COLLISIONS.get(column)
    if sentence is None:
        return None
    return WireError(400, sentence, code="resource_already_exists")


def unavailable() -> WireError:
    """The database cannot be used now. Nothing was changed; the log says why."""
    return WireError(
        503,
        "The database cannot be used at the moment; nothing was changed. The server's log says why.",
        type=API,
        should_retry=True,
    )


def outcome_unknown() -> WireError:
    """The database was lost before it said whether the change is stored."""
    return WireError(
        503,
        "The database was lost before it confirmed the change, which may have been made. Repeat the "
        "request with the same idempotency key, or read the object, before you try anew. The "
        "server's log says why.",
        type=API,
        should_retry=True,
    )


def internal() -> WireError:
    """Our own fault. Says nothing of what happened: that is in the log, under the request id."""
    return WireError(500, "An unknown error occurred.", type=API)


# ── Refusals of the billing rules ───────────────────────────────────────────────────────────────

STATUSES = {
    "authentication_required": 402,
    "card_declined": 402,
    "idempotency_key_in_use": 409,
    "invoice_upcoming_none": 404,
    "lock_timeout": 429,
    "rate_limit": 429,
}
"""HTTP status of a refusal by its code. All others are 400, but see `from_refusal`."""


def from_refusal(refusal: Refusal) -> WireError:
    """Translate a refusal of the billing rules.

    A declined card is 402 ``card_error``. A missing object is 404 when the address named it
    (``param`` is ``id``) and 400 when a parameter did. Everything else goes by `STATUSES`.
    """
    code = refusal.code
    if isinstance(refusal, CardDeclined):
        return WireError(
            402,
            refusal.message,
            type=CARD,
            code=code,
            param=refusal.param,
            decline_code=refusal.decline_code,
            extra={"charge": refusal.charge},
        )
    status = STATUSES.get(code or "", 400)
    if code == "resource_missing" and refusal.param in (None, "id"):
        status = 404
    retry = True if status in (409, 429) else None
    return WireError(status, refusal.message, code=code, param=refusal.param, should_retry=retry)
