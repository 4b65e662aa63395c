"""Parameters of ``/v1/billing_portal/configurations`` and ``/v1/billing_portal/sessions``.

Features that this portal does not have may be said to be off, so that programs which name them all go on
working; switching one on is refused by name.
"""

from typing import Annotated, Any, Literal

from pydantic import PlainValidator

from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import (
    Boolean,
    Clearable,
    Expand,
    Many,
    NeedsConnect,
    ShortText,
    Unserved,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params, refused, refused_unserved
from seikyu.engine.wire.params.webhook_endpoint import Address

LONGEST_HEADLINE = 60


def _off(reason: str) -> Any:
    def only_off(value: Any) -> bool:
        if value == "false":
            return False
        raise refused_unserved(reason) if value == "true" else refused("Invalid boolean")

    return PlainValidator(only_off)


PauseOff = Annotated[bool, _off("customers cannot pause subscriptions in this portal")]
UpdateOff = Annotated[bool, _off("customers cannot change subscriptions in this portal")]
LoginOff = Annotated[bool, _off("this portal is entered by sessions only")]


def _headline(value: Any) -> str | None:
    if type(value) is not str or len(value) > LONGEST_HEADLINE:
        raise refused(f"Invalid string: must be at most {LONGEST_HEADLINE} characters")
    return value or None


Headline = Annotated[str | None, PlainValidator(_headline)]

Locale = Literal[
    "auto", "bg", "cs", "da", "de", "el", "en", "en-AU", "en-CA", "en-GB", "en-IE", "en-IN", "en-NZ",
    "en-SG", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hr", "hu", "id", "it", "ja", "ko",
    "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th", "tr",
    "vi", "zh", "zh-HK", "zh-TW",
]  # fmt: skip
"""All are taken; the portal speaks Japanese and English."""


class BusinessProfile(Params):
    """What the portal says of the business."""

    headline: Headline = None
    privacy_policy_url: Clearable[Address] = None
    terms_of_service_url: Clearable[Address] = None


class CustomerUpdate(Params):
    """What customers may change about themselves."""

    allowed_updates: Clearable[
        Many[Literal["address", "email", "name", "phone", "shipping", "tax_id"]]
    ] = None
    enabled: Boolean


class ChangedCustomerUpdate(CustomerUpdate):
    """The same, when a configuration is changed."""

    enabled: Boolean | None = None  # type: ignore[assignment]


class InvoiceHistory(Params):
    """Whether customers see their invoices."""

    enabled: Boolean


class PaymentMethodUpdate(Params):
    """Whether customers may add and remove cards."""

    enabled: Boolean
    payment_method_configuration: Unserved = None


Reasons = Clearable[
    Many[
        Literal[
            "customer_service", "low_quality", "missing_features", "other", "switched_service",
            "too_complex", "too_expensive", "unused",
        ]
    ]
]  # fmt: skip


class CancellationReason(Params):
    """Whether customers are asked why they cancel, and which answers there are."""

    enabled: Boolean
    feedback_options: Unserved = None
    options: Reasons


class ChangedCancellationReason(Params):
    """The same, when a configuration is changed."""

    enabled: Boolean
    feedback_options: Unserved = None
    options: Reasons = None


class SubscriptionCancel(Params):
    """Whether customers may cancel subscriptions, and when that takes effect."""

    cancellation_reason: CancellationReason | None = None
    enabled: Boolean
    mode: Literal["at_period_end", "immediately"] | None = None
    proration_behavior: Literal["always_invoice", "create_prorations", "none"] | None = None


class ChangedSubscriptionCancel(SubscriptionCancel):
    """The same, when a configuration is changed."""

    cancellation_reason: ChangedCancellationReason | None = None  # type: ignore[assignment]
    enabled: Boolean | None = None  # type: ignore[assignment]


class SubscriptionPause(Params):
    """A feature that this portal does not have."""

    duration: Unserved = None
    enabled: PauseOff | None = None


class SubscriptionUpdate(Params):
    """A feature that this portal does not have."""

    billing_cycle_anchor: Unserved = None
    default_allowed_updates: Unserved = None
    enabled: UpdateOff
    products: Unserved = None
    proration_behavior: Unserved = None
    schedule_at_period_end: Unserved = None
    trial_update_behavior: Unserved = None


class ChangedSubscriptionUpdate(SubscriptionUpdate):
    """The same, when a configuration is changed."""

    enabled: UpdateOff | None = None  # type: ignore[assignment]


class Features(Params):
    """What a portal offers."""

    customer_update: CustomerUpdate | None = None
    invoice_history: InvoiceHistory | None = None
    payment_method_update: PaymentMethodUpdate | None = None
    subscription_cancel: SubscriptionCancel | None = None
    subscription_pause: SubscriptionPause | None = None
    subscription_update: SubscriptionUpdate | None = None


class ChangedFeatures(Features):
    """The same, when a configuration is changed."""

    customer_update: ChangedCustomerUpdate | None = None
    subscription_cancel: ChangedSubscriptionCancel | None = None
    subscription_update: ChangedSubscriptionUpdate | None = None


class LoginPage(Params):
    """A page on which customers let themselves in: not served."""

    enabled: LoginOff


class _Configuration(Expand):
    business_profile: BusinessProfile | None = None
    default_return_url: Clearable[Address] = None
    login_page: LoginPage | None = None
    metadata: Metadata = None
    name: ShortText = None


class PortalConfigurationCreate(_Configuration):
    """``POST /v1/billing_portal/configurations``."""

    features: Features


class PortalConfigurationUpdate(_Configuration):
    """``POST /v1/billing_portal/configurations/{id}``."""

    active: Boolean | None = None
    features: ChangedFeatures | None = None


class PortalConfigurationList(Paging):
    """``GET /v1/billing_portal/configurations``."""

    active: Boolean | None = None
    is_default: Boolean | None = None


class PortalSessionCreate(Expand):
    """``POST /v1/billing_portal/sessions``."""

    after_expiration: Unserved = None
    configuration: Word | None = None
    customer: Word | None = None
    customer_account: Unserved = None
    flow_data: Unserved = None
    locale: Locale | None = None
    on_behalf_of: NeedsConnect = None
    return_url: Address | None = None
