"""Invoices on the wire.

``payments`` and ``confirmation_secret`` are not here: they appear only when a request expands them.
The first page of lines was rendered when the lines changed, and is put in as it is.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from seikyu.engine.billing.invoice import DRAFT, Invoice
from seikyu.engine.billing.plan import Instalment
from seikyu.engine.wire.objects.discount import amounts
from seikyu.engine.wire.objects.failure import wire_error
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.method_options import invoice_options
from seikyu.engine.wire.objects.people import address, shipping
from seikyu.engine.wire.objects.taxes import tax_rate, taxes

Hash = Mapping[str, Any]

ALWAYS: dict[str, Any] = {
    "amount_shipping": 0,
    "application": None,
    "customer_account": None,
    "default_source": None,
    "on_behalf_of": None,
    "receipt_number": None,
    "shipping_cost": None,
    "status_details": None,
    "threshold_reason": None,
    "total_pretax_credit_amounts": [],
}
"""Fields of what this engine does not have."""

NO_AUTOMATIC_TAX: dict[str, Any] = {
    "disabled_reason": None,
    "enabled": False,
    "liability": None,
    "provider": None,
    "status": None,
}

BY_SELF: dict[str, Any] = {"type": "self"}

NO_PAYMENT_SETTINGS: dict[str, Any] = {
    "default_mandate": None,
    "payment_method_options": None,
    "payment_method_types": None,
}


def invoice(invoice: Invoice, frame: Frame) -> dict[str, Any]:
    """Return the invoice. Amounts in minor units of its currency, times in Unix seconds."""
    details = invoice.details.get
    draft = invoice.status == DRAFT
    page = None if draft else f"{frame.public_url}/i/{invoice.hosted_key}"
    return {
        "id": invoice.id,
        "object": "invoice",
        **ALWAYS,
        "parent": _parent(invoice),
        "account_country": frame.account.country,
        "account_name": frame.account.name,
        "account_tax_ids": details("account_tax_ids"),
        "amount_due": invoice.amount_due,
        "amount_overpaid": invoice.amount_overpaid,
        "amount_paid": invoice.amount_paid,
        "amount_paid_off_stripe": invoice.amount_paid_off_stripe,
        "amount_remaining": invoice.amount_remaining,
        "attempt_count": invoice.attempt_count,
        "attempted": invoice.attempted,
        "auto_advance": invoice.auto_advance,
        "automatic_tax": _overlaid(NO_AUTOMATIC_TAX, details("automatic_tax")),
        "automatically_finalizes_at": invoice.automatically_finalizes_at,
        "billing_reason": invoice.billing_reason,
        "collection_method": invoice.collection_method,
        "created": invoice.created,
        "currency": invoice.currency,
        "custom_fields": details("custom_fields"),
        **_customer(invoice),
        "default_payment_method": invoice.default_payment_method,
        "default_tax_rates": [tax_rate(rate, frame) for rate in invoice.default_rates],
        "description": details("description"),
        "due_date": invoice.due_date,
        "effective_at": invoice.effective_at,
        "ending_balance": invoice.ending_balance,
        "footer": details("footer"),
        "hosted_invoice_url": page,
        "invoice_pdf": None if page is None else f"{page}/pdf",
        "issuer": details("issuer") or BY_SELF,
        "last_finalization_error": wire_error(details("last_finalization_error"), frame),
        "latest_revision": invoice.latest_revision,
        "lines": _lines(invoice),
        "livemode": frame.livemode,
        "metadata": details("metadata") or {},
        "next_payment_attempt": invoice.next_payment_attempt,
        "number": invoice.number,
        "payment_settings": _payment_settings(details("payment_settings")),
        "rendering": _rendering(details("rendering")),
        "shipping_details": shipping(details("shipping_details")),
        "statement_descriptor": details("statement_descriptor"),
        "status": invoice.status,
        # Nobody waits for webhooks here: they count as delivered when the invoice was made.
        "webhooks_delivered_at": None if draft else invoice.created,
        **_history(invoice),
        **_sums(invoice),
        **_plan(invoice),
        **_own_collection(details("collection_settings")),
    }


def _parent(invoice: Invoice) -> dict[str, Any] | None:
    """The subscription that the invoice bills, with its metadata as of the invoice's creation."""
    if invoice.subscription_id is None:
        return None
    return {
        "quote_details": None,
        "subscription_details": {
            "metadata": invoice.details.get("subscription_metadata") or {},
            "subscription": invoice.subscription_id,
            "subscription_proration_date": None,
        },
        "type": "subscription_details",
    }


def _customer(invoice: Invoice) -> dict[str, Any]:
    """The customer as of finalization, or of the last save of a draft."""
    shown = invoice.snapshot.get
    return {
        "customer": invoice.customer_id or None,
        "customer_address": address(shown("address")),
        "customer_email": shown("email"),
        "customer_name": shown("name"),
        "customer_phone": shown("phone"),
        "customer_shipping": shipping(shown("shipping")),
        "customer_tax_exempt": shown("tax_exempt"),
        "customer_tax_ids": shown("tax_ids") or [],
    }


def _history(invoice: Invoice) -> dict[str, Any]:
    revised = invoice.revises_id
    return {
        "from_invoice": None if revised is None else {"action": "revision", "invoice": revised},
        "period_end": invoice.period_end,
        "period_start": invoice.period_start,
        "status_transitions": {
            "finalized_at": invoice.finalized_at,
            "marked_uncollectible_at": invoice.marked_uncollectible_at,
            "paid_at": invoice.paid_at,
            "voided_at": invoice.voided_at,
        },
        "test_clock": invoice.clock_id,
    }


def _plan(invoice: Invoice) -> Hash:
    """A field of Stripe's preview, which is there only where an invoice has a payment plan."""
    return {"amounts_due": [_instalment(part) for part in invoice.plan]} if invoice.plan else {}


def _instalment(part: Instalment) -> dict[str, Any]:
    return {
        "amount": part.amount,
        "amount_paid": part.amount_paid,
        "amount_remaining": part.amount_remaining,
        "days_until_due": part.days_until_due,
        "description": part.description,
        "due_date": part.due_date,
        "paid_at": part.paid_at,
        "status": part.status,
    }


def _own_collection(overrides: Hash | None) -> Hash:
    """A field of ours, which is there only where an invoice is collected otherwise than its account."""
    return {"collection_settings": overrides} if overrides else {}


def _sums(invoice: Invoice) -> dict[str, Any]:
    return {
        "post_payment_credit_notes_amount": invoice.post_payment_credit_notes_amount,
        "pre_payment_credit_notes_amount": invoice.pre_payment_credit_notes_amount,
        "starting_balance": invoice.starting_balance,
        "discounts": [discount.id for discount in invoice.discounts],
        "subtotal": invoice.subtotal,
        "subtotal_excluding_tax": invoice.subtotal_excluding_tax,
        "total": invoice.total,
        "total_discount_amounts": amounts(invoice.total_discounts),
        "total_excluding_tax": invoice.total_excluding_tax,
        "total_taxes": taxes(invoice.total_taxes),
    }


def _lines(invoice: Invoice) -> Any:
    if invoice.lines_page:
        return orjson.Fragment(invoice.lines_page)
    return {
        "object": "list",
        "data": [],
        "has_more": False,
        "total_count": 0,
        "url": f"/v1/invoices/{invoice.id}/lines",
    }


def _payment_settings(given: Hash | None) -> Hash:
    if not given:
        return NO_PAYMENT_SETTINGS
    return {
        "default_mandate": None,
        "payment_method_options": invoice_options(given.get("payment_method_options")),
        "payment_method_types": given.get("payment_method_types"),
    }


def _rendering(given: Hash | None) -> Hash | None:
    if given is None:
        return None
    pdf = given.get("pdf")
    return {
        "amount_tax_display": given.get("amount_tax_display"),
        "pdf": None if pdf is None else {"page_size": pdf.get("page_size")},
        "template": given.get("template"),
        "template_version": given.get("template_version"),
    }


def _overlaid(empty: Hash, given: Hash | None) -> Hash:
    return {**empty, **given} if given else empty
