"""Parameters of ``/v1/payment_methods`` and ``/v1/customers/{id}/payment_methods``."""

from typing import Literal

from seikyu.engine.wire.params.filters import Paging
from seikyu.engine.wire.params.kinds import (
    Clearable,
    Count,
    Expand,
    Month,
    NeedsConnect,
    Text,
    Unserved,
    Word,
)
from seikyu.engine.wire.params.metadata import Metadata
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.payment_kinds import Empty, OtherKinds, PaymentMethodType
from seikyu.engine.wire.params.people import BillingDetails

Redisplay = Literal["always", "limited", "unspecified"]


class Networks(Params):
    """The card network to prefer where a card has two."""

    preferred: Clearable[Literal["cartes_bancaires", "mastercard", "visa"]] = None


class CardData(Params):
    """A card by its number, or by a token that stands for one. Never stored."""

    cvc: Word | None = None
    exp_month: Month | None = None
    exp_year: Count | None = None
    networks: Networks | None = None
    number: Word | None = None
    token: Word | None = None


class RadarOptions(Params):
    """A session of Stripe's fraud protection; accepted and not used."""

    referrer: Text = None
    session: Word | None = None


class PaymentMethodData(OtherKinds):
    """A payment method described in place, as payment intents take it."""

    type: PaymentMethodType
    allow_redisplay: Redisplay | None = None
    billing_details: BillingDetails | None = None
    card: CardData | None = None
    customer_balance: Empty | None = None
    konbini: Empty | None = None
    metadata: Metadata = None
    radar_options: RadarOptions | None = None


class PaymentMethodCreate(OtherKinds, Expand):
    """``POST /v1/payment_methods``."""

    type: PaymentMethodType | None = None
    allow_redisplay: Redisplay | None = None
    billing_details: BillingDetails | None = None
    card: CardData | None = None
    customer: NeedsConnect = None
    customer_balance: Empty | None = None
    konbini: Empty | None = None
    metadata: Metadata = None
    payment_method: NeedsConnect = None
    radar_options: RadarOptions | None = None


class CardUpdate(Params):
    """What may change about a card on file."""

    exp_month: Month | None = None
    exp_year: Count | None = None
    networks: Networks | None = None


class PaymentMethodUpdate(Expand):
    """``POST /v1/payment_methods/{id}``."""

    allow_redisplay: Redisplay | None = None
    billing_details: BillingDetails | None = None
    card: CardUpdate | None = None
    metadata: Metadata = None
    payto: Unserved = None
    us_bank_account: Unserved = None


class PaymentMethodAttach(Expand):
    """``POST /v1/payment_methods/{id}/attach``."""

    customer: Word
    customer_account: Unserved = None


class PaymentMethodDetach(Expand):
    """``POST /v1/payment_methods/{id}/detach``."""


class PaymentMethodList(Paging):
    """``GET /v1/payment_methods``."""

    allow_redisplay: Redisplay | None = None
    customer: Word | None = None
    customer_account: Unserved = None
    type: PaymentMethodType | None = None


class CustomerPaymentMethodList(Paging):
    """``GET /v1/customers/{id}/payment_methods``."""

    allow_redisplay: Redisplay | None = None
    type: PaymentMethodType | None = None
