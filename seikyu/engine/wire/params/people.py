"""Hashes about people and places, which many operations take."""

from seikyu.engine.wire.params.kinds import Clearable, FullText, ShortText, Text
from seikyu.engine.wire.params.model import Params


class Address(Params):
    """A postal address. ``country`` is two letters, ISO 3166-1."""

    city: Text = None
    country: Text = None
    line1: Text = None
    line2: Text = None
    postal_code: Text = None
    state: Text = None


class Shipping(Params):
    """Where goods go."""

    address: Address
    name: FullText
    phone: Text = None


class CarriedShipping(Shipping):
    """Where goods go, and who carries them."""

    carrier: Text = None
    tracking_number: Text = None


class BillingDetails(Params):
    """Whom a payment method belongs to."""

    address: Clearable[Address] = None
    email: ShortText = None
    name: Text = None
    phone: Text = None
    tax_id: Text = None


class CustomField(Params):
    """A name and a value that are printed at the head of an invoice."""

    name: FullText
    value: FullText
