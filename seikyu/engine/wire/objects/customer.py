"""Customers and the movements of their credit balance on the wire."""

from collections.abc import Mapping
from typing import Any

from seikyu.engine.billing.balance import BalanceTransaction
from seikyu.engine.billing.customer import Customer
from seikyu.engine.wire.objects.discount import discount
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.people import address, shipping


def customer(customer: Customer, frame: Frame) -> dict[str, Any]:
    """Return the customer; of a deleted one, only that it is deleted."""
    if customer.deleted:
        return {"id": customer.id, "object": "customer", "deleted": True}
    details = customer.details.get
    return {
        "id": customer.id,
        "object": "customer",
        "address": address(details("address")),
        "balance": customer.balance,
        "business_name": details("business_name"),
        "created": customer.created,
        "currency": customer.currency,
        "customer_account": None,
        "default_source": None,
        "delinquent": customer.delinquent,
        "description": details("description"),
        "discount": discount(customer.discounts[0], frame) if customer.discounts else None,
        "email": customer.email,
        "individual_name": details("individual_name"),
        "invoice_credit_balance": _credit(customer),
        "invoice_prefix": customer.invoice_prefix,
        "invoice_settings": {
            "custom_fields": details("custom_fields"),
            "default_payment_method": customer.default_payment_method,
            "footer": details("footer"),
            "rendering_options": _rendering_options(details("rendering_options")),
        },
        "livemode": frame.livemode,
        "metadata": details("metadata") or {},
        "name": details("name"),
        "next_invoice_sequence": customer.next_invoice_sequence,
        "phone": details("phone"),
        "preferred_locales": details("preferred_locales") or [],
        "shipping": shipping(details("shipping")),
        "tax_exempt": details("tax_exempt") or "none",
        "test_clock": customer.clock_id,
    }


def _credit(customer: Customer) -> dict[str, int]:
    """Return the credit by currency, in minor units: positive in the customer's favour."""
    return {} if customer.currency is None else {customer.currency: -customer.balance}


def balance_transaction(movement: BalanceTransaction, frame: Frame) -> dict[str, Any]:
    """Return the movement. Minor units; negative is in the customer's favour."""
    return {
        "id": movement.id,
        "object": "customer_balance_transaction",
        "amount": movement.amount,
        "checkout_session": None,
        "created": movement.created,
        "credit_note": movement.credit_note_id,
        "currency": movement.currency,
        "customer": movement.customer_id,
        "customer_account": None,
        "description": movement.description,
        "ending_balance": movement.ending_balance,
        "invoice": movement.invoice_id,
        "livemode": frame.livemode,
        "metadata": movement.metadata,
        "type": movement.type,
    }


def _rendering_options(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if given is None:
        return None
    return {
        "amount_tax_display": given.get("amount_tax_display"),
        "template": given.get("template"),
    }
