"""Why a field is null or empty in everything that was measured: the features that the engine does not have.

The table of compatibility shows the reason beside the field. A field that is never filled and has no reason
here fails a test, and so does a reason that explains nothing any more.
"""

from fnmatch import fnmatchcase

CONNECT = "Stripe Connect is not served: one account, its own money"
OTHER_METHODS = "another kind of payment method than cards and bank transfers"
PROCESSOR = "known to the card's bank or network only; processors do not say"
RADAR = "Stripe Radar is not served"
STRIPE_BALANCE = "Stripe's own balance and pay-outs; the money is not kept here"
STRIPE_TAX = "Stripe Tax is not served: taxes come from tax rates and amounts"
LATER = "not served yet"
EMPTY = "a hash without fields, in Stripe's declaration too"
SENDER = "statements and test helpers do not say from which account money came"
FLEXIBLE = "all prices of a subscription recur equally often (billing mode classic)"
TERMINAL = "card terminals and separate capture are not served"
OLD = "an older part of Stripe's API, replaced by what is served"
UNASKED = "nobody is asked for it: it is not needed to make invoices"
DASHBOARD = "a part of Stripe's dashboard"
NOBODY = "nobody but the account's owner has to know or confirm it here"
PREVIEW = "a part of Stripe's that is not open to everybody"

REASONS: dict[str, str] = {
    # ── Connect, and accounts of others
    "*.application": CONNECT,
    "*.application_fee": CONNECT,
    "*.application_fee_amount": CONNECT,
    "*.on_behalf_of": CONNECT,
    "*.transfer": CONNECT,
    "*.transfer_data": CONNECT,
    "*.transfer_group": CONNECT,
    "charge.source_transfer": CONNECT,
    "event.account": CONNECT,
    "event.context": CONNECT,
    "account.controller.*": CONNECT,
    "account.external_accounts": STRIPE_BALANCE,
    "account.groups": CONNECT,
    "*.customer_account": CONNECT,
    # ── the account
    "account.business_profile.*": UNASKED,
    "account.business_type": UNASKED,
    "account.company": UNASKED,
    "account.email": UNASKED,
    "account.individual": UNASKED,
    "account.metadata": UNASKED,
    "account.tos_acceptance.*": UNASKED,
    "account.future_requirements.*": NOBODY,
    "account.requirements.*": NOBODY,
    "account.settings.bacs_debit_payments": OTHER_METHODS,
    "account.settings.paypay_payments": OTHER_METHODS,
    "account.settings.sepa_debit_payments": OTHER_METHODS,
    "account.settings.card_issuing": STRIPE_BALANCE,
    "account.settings.payouts": STRIPE_BALANCE,
    "account.settings.treasury": STRIPE_BALANCE,
    "account.settings.*": UNASKED,
    # ── cards, banks, and what is not one
    "*.risk_score": RADAR,
    "*.rule": RADAR,
    "*.radar_options": RADAR,
    "*.review": RADAR,
    "charge.fraud_details.*": RADAR,
    "*.advice_code": PROCESSOR,
    "*.network_advice_code": PROCESSOR,
    "*.network_decline_code": PROCESSOR,
    "*.checks.*": PROCESSOR,
    "payment_method.card.wallet": OTHER_METHODS,
    "payment_method.card.generated_from": TERMINAL,
    "*.card.description": PROCESSOR,
    "*.card.iin": PROCESSOR,
    "*.card.issuer": PROCESSOR,
    "*.card.regulated_status": PROCESSOR,
    "charge.payment_method_details.card.capture_before": TERMINAL,
    "charge.payment_method_details.card.wallet": OTHER_METHODS,
    "charge.payment_method_details.card.installments": LATER,
    "charge.payment_method_details.card.*": PROCESSOR,
    "charge.authorization_code": PROCESSOR,
    "*.payment_method_options.card.capture_method": TERMINAL,
    "*.payment_method_options.card.installments.available_plans": PROCESSOR,
    "*.payment_method_options.card.mandate_options": OTHER_METHODS,
    "*.payment_method_options.*": OTHER_METHODS,
    "invoice.payment_settings.default_mandate": OTHER_METHODS,
    # ── payments
    "*.balance_transaction": STRIPE_BALANCE,
    "*.failure_balance_transaction": STRIPE_BALANCE,
    "charge.level3": PREVIEW,
    "*.presentment_details": PREVIEW,
    "*.hooks": STRIPE_TAX,
    "*.managed_payments": PREVIEW,
    "*.payment_details": PREVIEW,
    "*.payment_record": PREVIEW,
    "*.payment_record_refund": PREVIEW,
    "*.payment_method_configuration_details": DASHBOARD,
    "*.payment_method_configuration": DASHBOARD,
    "payment_intent.excluded_payment_method_types": LATER,
    "payment_intent.amount_details.*": PREVIEW,
    "payment_intent.processing": "an invoice's payment is never in this status when it is shown",
    "*_error.param": "no parameter was wrong",
    "*_error.payment_intent": "the payment intent is the object itself",
    "*_error.request_log_url": DASHBOARD,
    "*_error.setup_intent": LATER,
    "*_error.charge": "nothing was charged",
    "*_error.decline_code": "nothing was charged",
    "*_error.payment_method": "nothing was charged",
    "*_error.payment_method_type": "nothing was charged",
    "*.source": OLD,
    "*.default_source": OLD,
    "customer.sources": OLD,
    # ── invoices
    "invoice.account_tax_ids": LATER,
    "invoice.automatic_tax.*": STRIPE_TAX,
    "customer.tax": STRIPE_TAX,
    "tax_rate.flat_amount": STRIPE_TAX,
    "*.customer_tax_ids": LATER,
    "customer.tax_ids": LATER,
    "customer.subscriptions": LATER,
    "*.rendering.template": LATER,
    "*.rendering.template_version": LATER,
    "*.rendering_options.template": LATER,
    "*.receipt_number": LATER,
    "*.shipping_cost": LATER,
    "*shipping.carrier": "no parameter of Stripe's sets it",
    "*shipping.tracking_number": "no parameter of Stripe's sets it",
    "*.shipping_details.carrier": "no parameter of Stripe's sets it",
    "*.shipping_details.tracking_number": "no parameter of Stripe's sets it",
    "invoice.status_details": PREVIEW,
    "invoice.threshold_reason": LATER,
    "*.pretax_credit_amounts": LATER,
    "*.total_pretax_credit_amounts": LATER,
    "discount.checkout_session": LATER,
    "discount.subscription_item": LATER,
    "subscription_item.discounts": LATER,
    "invoiceitem.proration_details.discount_amounts": LATER,
    "*.parent.quote_details": LATER,
    "*.subscription_proration_date": LATER,
    "customer_balance_transaction.checkout_session": LATER,
    "charge.refunds": LATER,
    "invoiceitem.frozen_fields": PREVIEW,
    "invoiceitem.invoicing_rules": PREVIEW,
    "*.credited_items": LATER,
    # ── cash balances
    "*.account_holder_address.*": UNASKED,
    "*.bank_address.*": UNASKED,
    "*_instructions.reference": "a transfer in Japan carries no reference that could be given out",
    "*_instructions.hosted_instructions_url": "an invoice's own page says where to transfer to",
    "charge.payment_method_details.customer_balance": EMPTY,
    "payment_method.customer_balance": EMPTY,
    "refund.destination_details.customer_cash_balance": EMPTY,
    "refund.destination_details.*.reference": "no bank is connected that would give one",
    "*_bank_transfer.bic": SENDER,
    "*_bank_transfer.iban_last4": SENDER,
    "*_bank_transfer.account_number_last4": SENDER,
    "*_bank_transfer.sort_code": SENDER,
    "*_bank_transfer.network": SENDER,
    "*_bank_transfer.sender_bank": SENDER,
    "*_bank_transfer.sender_branch": SENDER,
    # ── refunds
    "refund.*transfer_reversal": CONNECT,
    "refund.description": "no parameter of Stripe's sets it",
    "refund.failure_reason": "no refund fails in what is measured",
    "refund.next_action": OTHER_METHODS,
    "refund.payment_method": OTHER_METHODS,
    # ── subscriptions
    "subscription.application_fee_percent": CONNECT,
    "subscription.automatic_tax.*": STRIPE_TAX,
    "subscription.billing_mode.*": FLEXIBLE,
    "subscription.billing_schedules": PREVIEW,
    "subscription.status_details": PREVIEW,
    "subscription.cancellation_details.feedback_option": PREVIEW,
    "subscription.trial_settings.end_behavior.billing_cycle_anchor": PREVIEW,
    "subscription.invoice_settings.account_tax_ids": LATER,
    "subscription.pending_*": LATER,
    "subscription.next_pending_invoice_item_invoice": LATER,
    "subscription.schedule": LATER,
    "*.billing_thresholds": LATER,
    "subscription_item.billed_until": FLEXIBLE,
    "subscription_item.current_trial": FLEXIBLE,
    "plan.metadata": "the price has none in what was measured",
    "plan.nickname": "the price has none in what was measured",
    "plan.trial_period_days": "the price has none in what was measured",
    "plan.transform_usage": "the price has none in what was measured",
    "plan.*": LATER,
    # ── catalogue
    "price.custom_unit_amount": LATER,
    "price.recurring.meter": LATER,
    "price.tiers": LATER,
    "price.tiers_mode": LATER,
    # ── the portal
    "billing_portal.session.flow": LATER,
    "billing_portal.configuration.*": LATER,
    "billing_portal.session.*": LATER,
}
"""Pattern of paths → reason; the first that fits counts."""


def reason(path: str) -> str | None:
    """Return why the field at this path is never filled, None when nobody said so."""
    return next((why for pattern, why in REASONS.items() if fnmatchcase(path, pattern)), None)


def unused(paths: set[str]) -> list[str]:
    """Return the patterns that explain none of these paths."""
    explained = {
        next((pattern for pattern in REASONS if fnmatchcase(path, pattern)), "") for path in paths
    }
    return [pattern for pattern in REASONS if pattern not in explained]
