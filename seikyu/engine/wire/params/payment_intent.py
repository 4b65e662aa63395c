"""Parameters of ``/v1/payment_intents``."""

from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from seikyu.engine.wire.params.customer import Email
from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Charge,
    Clearable,
    Currency,
    Expand,
    Many,
    NeedsConnect,
    Text,
    Unserved,
    Unset,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params, refused, refused_empty
from seikyu.engine.wire.params.payment_kinds import IntentPaymentMethodOptions
from seikyu.engine.wire.params.payment_method import PaymentMethodData, RadarOptions
from seikyu.engine.wire.params.people import CarriedShipping


def _off_session(value: Any) -> bool | str:
    """``true``, ``false``, or how the customer agreed to later charges."""
    words: dict[str, bool | str] = {
        "true": True, "false": False, "one_off": "one_off", "recurring": "recurring",
    }  # fmt: skip
    if value == "":
        raise refused_empty()
    if type(value) is not str or value not in words:
        raise refused("Invalid off_session: must be one of true, false, one_off, or recurring")
    return words[value]


OffSession = Annotated[bool | str, PlainValidator(_off_session)]
CaptureMethod = Literal["automatic", "automatic_async", "manual"]
FutureUsage = Literal["off_session", "on_session"]


class AutomaticPaymentMethods(Params):
    """Whether the kinds of payment methods are chosen by the account's settings."""

    enabled: Boolean
    allow_redirects: Literal["always", "never"] | None = None


class _Intent(Expand):
    """What can be said about a payment at any time before it is made."""

    allowed_payment_method_types: Many[Word] | None = None
    amount_details: Unserved = None
    capture_method: CaptureMethod | None = None
    excluded_payment_method_types: Unset = None
    hooks: Unserved = None
    payment_details: Unset = None
    payment_method: Word | None = None
    payment_method_data: PaymentMethodData | None = None
    payment_method_options: IntentPaymentMethodOptions | None = None
    payment_method_types: Many[Word] | None = None
    receipt_email: Email = None
    setup_future_usage: Clearable[FutureUsage] = None
    shipping: Clearable[CarriedShipping] = None


class _Described(_Intent):
    """What describes a payment, for whom and for what."""

    application_fee_amount: NeedsConnect = None
    customer: Word | None = None
    customer_account: Unserved = None
    description: Text = None
    metadata: Metadata = None
    payment_method_configuration: Unserved = None
    statement_descriptor: Text = None
    statement_descriptor_suffix: Text = None
    transfer_data: NeedsConnect = None
    transfer_group: NeedsConnect = None


class _Confirmation(Params):
    """What is said at the moment of paying."""

    confirmation_token: Unserved = None
    error_on_requires_action: Unserved = None
    mandate: Unserved = None
    mandate_data: Unset = None
    off_session: OffSession | None = None
    radar_options: RadarOptions | None = None
    return_url: Word | None = None
    use_stripe_sdk: Boolean | None = None


class PaymentIntentCreate(_Described, _Confirmation):
    """``POST /v1/payment_intents``. ``amount`` in minor units of ``currency``."""

    amount: Charge
    currency: Currency
    automatic_payment_methods: AutomaticPaymentMethods | None = None
    confirm: Boolean | None = None
    confirmation_method: Literal["automatic", "manual"] | None = None
    on_behalf_of: NeedsConnect = None


class PaymentIntentUpdate(_Described):
    """``POST /v1/payment_intents/{id}``."""

    amount: Charge | None = None
    currency: Currency | None = None


class PaymentIntentConfirm(_Intent, _Confirmation):
    """``POST /v1/payment_intents/{id}/confirm``."""

    amount_to_confirm: Unserved = None


class PaymentIntentCapture(Expand):
    """``POST /v1/payment_intents/{id}/capture``."""

    amount_details: Unserved = None
    amount_to_capture: Charge | None = None
    application_fee_amount: NeedsConnect = None
    final_capture: Boolean | None = None
    hooks: Unserved = None
    metadata: Metadata = None
    payment_details: Unset = None
    statement_descriptor: Text = None
    statement_descriptor_suffix: Text = None
    transfer_data: NeedsConnect = None


class PaymentIntentCancel(Expand):
    """``POST /v1/payment_intents/{id}/cancel``."""

    cancellation_reason: (
        Literal["abandoned", "duplicate", "fraudulent", "requested_by_customer"] | None
    ) = None


class PaymentIntentRetrieve(Expand):
    """``GET /v1/payment_intents/{id}``."""

    client_secret: Word | None = None


class PaymentIntentList(CreatedPaging):
    """``GET /v1/payment_intents``."""

    customer: Word | None = None
    customer_account: Unserved = None
