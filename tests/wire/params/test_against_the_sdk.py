"""The models are held against the official SDK: nothing it can send is unknown to us.

Each operation's model is compared with the SDK's typed parameters, at every depth: every parameter
is either taken or refused by name, required ones are required, and lists of choices are the same.
What differs on purpose is written down here.
"""

import importlib
import typing
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
import typing_extensions
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from seikyu.engine.wire.params.kinds import Legacy, NeedsConnect, Unserved
from seikyu.engine.wire.params.model import Params
from seikyu.engine.wire.params.operations import OPERATIONS

REQUEST_OPTIONS = {
    "api_key", "content_type", "headers", "idempotency_key", "max_network_retries",
    "stripe_account", "stripe_context", "stripe_version",
}  # fmt: skip
"""Of a request, not of an operation."""

FORWARD = {"StripeContext": object, "Mapping": typing.Mapping}
"""Names that the SDK imports only for type checkers."""

SDK = {
    "GET /v1/account": "_account_retrieve_current_params.AccountRetrieveCurrentParams",
    "GET /v1/billing_portal/configurations":
        "billing_portal._configuration_list_params.ConfigurationListParams",
    "POST /v1/billing_portal/configurations":
        "billing_portal._configuration_create_params.ConfigurationCreateParams",
    "POST /v1/billing_portal/configurations/{id}":
        "billing_portal._configuration_update_params.ConfigurationUpdateParams",
    "POST /v1/billing_portal/sessions":
        "billing_portal._session_create_params.SessionCreateParams",
    "GET /v1/charges": "_charge_list_params.ChargeListParams",
    "GET /v1/charges/search": "_charge_search_params.ChargeSearchParams",
    "GET /v1/coupons": "_coupon_list_params.CouponListParams",
    "POST /v1/coupons": "_coupon_create_params.CouponCreateParams",
    "POST /v1/coupons/{id}": "_coupon_update_params.CouponUpdateParams",
    "GET /v1/customers": "_customer_list_params.CustomerListParams",
    "GET /v1/customers/search": "_customer_search_params.CustomerSearchParams",
    "POST /v1/customers": "_customer_create_params.CustomerCreateParams",
    "POST /v1/customers/{id}": "_customer_update_params.CustomerUpdateParams",
    "GET /v1/customers/{id}/balance_transactions":
        "_customer_list_balance_transactions_params.CustomerListBalanceTransactionsParams",
    "POST /v1/customers/{id}/balance_transactions":
        "_customer_create_balance_transaction_params.CustomerCreateBalanceTransactionParams",
    "POST /v1/customers/{id}/balance_transactions/{transaction}":
        "_customer_modify_balance_transaction_params.CustomerModifyBalanceTransactionParams",
    "GET /v1/customers/{id}/payment_methods":
        "_customer_list_payment_methods_params.CustomerListPaymentMethodsParams",
    "GET /v1/events": "_event_list_params.EventListParams",
    "GET /v1/invoice_payments": "_invoice_payment_list_params.InvoicePaymentListParams",
    "GET /v1/invoice_payments/{id}": "_invoice_payment_retrieve_params.InvoicePaymentRetrieveParams",
    "GET /v1/invoiceitems": "_invoice_item_list_params.InvoiceItemListParams",
    "POST /v1/invoiceitems": "_invoice_item_create_params.InvoiceItemCreateParams",
    "POST /v1/invoiceitems/{id}": "_invoice_item_update_params.InvoiceItemUpdateParams",
    "GET /v1/invoices": "_invoice_list_params.InvoiceListParams",
    "GET /v1/invoices/search": "_invoice_search_params.InvoiceSearchParams",
    "POST /v1/invoices": "_invoice_create_params.InvoiceCreateParams",
    "POST /v1/invoices/create_preview": "_invoice_create_preview_params.InvoiceCreatePreviewParams",
    "GET /v1/invoices/{id}": "_invoice_retrieve_params.InvoiceRetrieveParams",
    "POST /v1/invoices/{id}": "_invoice_update_params.InvoiceUpdateParams",
    "POST /v1/invoices/{id}/add_lines": "_invoice_add_lines_params.InvoiceAddLinesParams",
    "POST /v1/invoices/{id}/attach_payment":
        "_invoice_attach_payment_params.InvoiceAttachPaymentParams",
    "POST /v1/invoices/{id}/finalize": "_invoice_finalize_invoice_params.InvoiceFinalizeInvoiceParams",
    "GET /v1/invoices/{id}/lines": "_invoice_line_item_list_params.InvoiceLineItemListParams",
    "POST /v1/invoices/{id}/lines/{line}":
        "_invoice_line_item_update_params.InvoiceLineItemUpdateParams",
    "POST /v1/invoices/{id}/mark_uncollectible":
        "_invoice_mark_uncollectible_params.InvoiceMarkUncollectibleParams",
    "POST /v1/invoices/{id}/pay": "_invoice_pay_params.InvoicePayParams",
    "POST /v1/invoices/{id}/remove_lines": "_invoice_remove_lines_params.InvoiceRemoveLinesParams",
    "POST /v1/invoices/{id}/send": "_invoice_send_invoice_params.InvoiceSendInvoiceParams",
    "POST /v1/invoices/{id}/update_lines": "_invoice_update_lines_params.InvoiceUpdateLinesParams",
    "POST /v1/invoices/{id}/void": "_invoice_void_invoice_params.InvoiceVoidInvoiceParams",
    "GET /v1/payment_intents": "_payment_intent_list_params.PaymentIntentListParams",
    "GET /v1/payment_intents/search": "_payment_intent_search_params.PaymentIntentSearchParams",
    "POST /v1/payment_intents": "_payment_intent_create_params.PaymentIntentCreateParams",
    "GET /v1/payment_intents/{id}": "_payment_intent_retrieve_params.PaymentIntentRetrieveParams",
    "POST /v1/payment_intents/{id}": "_payment_intent_update_params.PaymentIntentUpdateParams",
    "POST /v1/payment_intents/{id}/cancel": "_payment_intent_cancel_params.PaymentIntentCancelParams",
    "POST /v1/payment_intents/{id}/capture":
        "_payment_intent_capture_params.PaymentIntentCaptureParams",
    "POST /v1/payment_intents/{id}/confirm":
        "_payment_intent_confirm_params.PaymentIntentConfirmParams",
    "GET /v1/payment_methods": "_payment_method_list_params.PaymentMethodListParams",
    "POST /v1/payment_methods": "_payment_method_create_params.PaymentMethodCreateParams",
    "POST /v1/payment_methods/{id}": "_payment_method_update_params.PaymentMethodUpdateParams",
    "POST /v1/payment_methods/{id}/attach": "_payment_method_attach_params.PaymentMethodAttachParams",
    "POST /v1/payment_methods/{id}/detach": "_payment_method_detach_params.PaymentMethodDetachParams",
    "GET /v1/prices": "_price_list_params.PriceListParams",
    "GET /v1/prices/search": "_price_search_params.PriceSearchParams",
    "POST /v1/prices": "_price_create_params.PriceCreateParams",
    "POST /v1/prices/{id}": "_price_update_params.PriceUpdateParams",
    "GET /v1/products": "_product_list_params.ProductListParams",
    "GET /v1/products/search": "_product_search_params.ProductSearchParams",
    "POST /v1/products": "_product_create_params.ProductCreateParams",
    "POST /v1/products/{id}": "_product_update_params.ProductUpdateParams",
    "GET /v1/promotion_codes": "_promotion_code_list_params.PromotionCodeListParams",
    "POST /v1/promotion_codes": "_promotion_code_create_params.PromotionCodeCreateParams",
    "POST /v1/promotion_codes/{id}": "_promotion_code_update_params.PromotionCodeUpdateParams",
    "GET /v1/subscription_items": "_subscription_item_list_params.SubscriptionItemListParams",
    "POST /v1/subscription_items": "_subscription_item_create_params.SubscriptionItemCreateParams",
    "POST /v1/subscription_items/{id}":
        "_subscription_item_modify_params.SubscriptionItemModifyParams",
    "DELETE /v1/subscription_items/{id}":
        "_subscription_item_delete_params.SubscriptionItemDeleteParams",
    "GET /v1/subscriptions": "_subscription_list_params.SubscriptionListParams",
    "GET /v1/subscriptions/search": "_subscription_search_params.SubscriptionSearchParams",
    "POST /v1/subscriptions": "_subscription_create_params.SubscriptionCreateParams",
    "POST /v1/subscriptions/{id}": "_subscription_update_params.SubscriptionUpdateParams",
    "DELETE /v1/subscriptions/{id}": "_subscription_cancel_params.SubscriptionCancelParams",
    "POST /v1/subscriptions/{id}/resume": "_subscription_resume_params.SubscriptionResumeParams",
    "GET /v1/tax_rates": "_tax_rate_list_params.TaxRateListParams",
    "POST /v1/tax_rates": "_tax_rate_create_params.TaxRateCreateParams",
    "POST /v1/tax_rates/{id}": "_tax_rate_update_params.TaxRateUpdateParams",
    "GET /v1/test_helpers/test_clocks": "test_helpers._test_clock_list_params.TestClockListParams",
    "POST /v1/test_helpers/test_clocks":
        "test_helpers._test_clock_create_params.TestClockCreateParams",
    "POST /v1/test_helpers/test_clocks/{id}/advance":
        "test_helpers._test_clock_advance_params.TestClockAdvanceParams",
    "GET /v1/webhook_endpoints": "_webhook_endpoint_list_params.WebhookEndpointListParams",
    "POST /v1/webhook_endpoints": "_webhook_endpoint_create_params.WebhookEndpointCreateParams",
    "POST /v1/webhook_endpoints/{id}": "_webhook_endpoint_update_params.WebhookEndpointUpdateParams",
}  # fmt: skip

REQUIRED_OTHERWISE = {
    "POST /v1/payment_methods/{id}/attach customer",
    "POST /v1/payment_intents mandate_data customer_acceptance online ip_address",
    "POST /v1/payment_intents mandate_data customer_acceptance online user_agent",
    "POST /v1/payment_intents/{id}/confirm mandate_data customer_acceptance",
}
"""Parameters that are required on one side and optional on the other, on purpose."""

OPEN_CHOICES = {
    "POST /v1/invoices automatic_tax liability type",  # only the account itself
    "POST /v1/invoices/{id} automatic_tax liability type",
    "POST /v1/invoices create_preview issuer type",
    "POST /v1/invoices create_preview automatic_tax liability type",
    "POST /v1/invoices create_preview subscription_details billing_cycle_anchor type",
    "POST /v1/invoices create_preview subscription_details billing_mode type",
    "POST /v1/invoices create_preview subscription_details cancel_at",
    "POST /v1/invoices issuer type",
    "POST /v1/invoices/{id} issuer type",
    "POST /v1/subscriptions automatic_tax liability type",
    "POST /v1/subscriptions/{id} automatic_tax liability type",
    "POST /v1/subscriptions invoice_settings issuer type",
    "POST /v1/subscriptions/{id} invoice_settings issuer type",
    "POST /v1/subscriptions billing_mode type",  # classic alone
    "subscriptions cancel_at",  # billing schedules are not served
    "payment_intents payment_method_data type",  # the SDK leaves out cards, which we take
    "POST /v1/customers tax_id_data type",
    "POST /v1/webhook_endpoints api_version",
    "POST /v1/webhook_endpoints enabled_events",
    "POST /v1/webhook_endpoints/{id} enabled_events",
    "payment_intents allowed_payment_method_types",
    "payment_intents excluded_payment_method_types",
    "payment_method_options card network",
}
"""Choices that differ on purpose: mostly long lists that Stripe keeps adding to."""

REFUSED = (Legacy, NeedsConnect, Unserved)


def sdk_params(operation: str) -> Any:
    """The SDK's class for an operation."""
    module, _, name = SDK[operation].rpartition(".")
    return getattr(importlib.import_module(f"stripe.params.{module}"), name)


def parts(annotation: Any) -> Iterator[Any]:
    """All the types inside an annotation, containers and wrappers taken off."""
    origin = get_origin(annotation)
    if origin is typing.Annotated:
        yield from parts(get_args(annotation)[0])
    elif origin in (Literal, typing_extensions.Literal) or origin is None:
        yield annotation
    else:
        for part in get_args(annotation):
            yield from parts(part)


def choices(annotation: Any) -> set[str]:
    """The words that an annotation lists, without the empty one that unsets."""
    literals = [part for part in parts(annotation) if get_origin(part) is not None]
    return {word for literal in literals for word in get_args(literal) if word != ""}


def is_refused(field: FieldInfo) -> bool:
    """Whether the model has the parameter only to refuse it."""
    return field.annotation is type(None)


def differences(model: type[Params], sdk: Any, where: str) -> Iterator[str]:
    """What the SDK can send that the model does not take as it is meant."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    for name, annotation in get_type_hints(sdk, localns=FORWARD).items():
        here = f"{where} {name}"
        if name in REQUEST_OPTIONS:
            continue
        if name not in fields:
            yield f"{here}: unknown"
            continue
        field = fields[name]
        if is_refused(field):
            continue
        if (
            field.is_required() != (name in sdk.__required_keys__)
            and here not in REQUIRED_OTHERWISE
        ):
            yield f"{here}: required here {field.is_required()}"
        yield from _inside(field, annotation, here)


def _inside(field: FieldInfo, annotation: Any, here: str) -> Iterator[str]:
    ours, theirs = list(parts(field.annotation)), list(parts(annotation))
    nested = [part for part in ours if isinstance(part, type) and issubclass(part, BaseModel)]
    hashes = [part for part in theirs if typing_extensions.is_typeddict(part)]
    if nested and hashes and issubclass(nested[0], Params):
        yield from differences(nested[0], hashes[0], here)
    elif bool(nested) != bool(hashes):
        yield f"{here}: a hash on one side only"
    is_open = any(
        all(word in here.replace("/", " ").split() for word in known.replace("/", " ").split())
        for known in OPEN_CHOICES
    )
    expected = choices(annotation)
    if not is_open and bool not in theirs and choices(field.annotation) != expected:
        yield f"{here}: choices differ by {sorted(choices(field.annotation) ^ expected)}"


@pytest.mark.parametrize("operation", sorted(SDK))
def test_nothing_the_sdk_can_send_is_unknown(operation: str) -> None:
    assert list(differences(OPERATIONS[operation], sdk_params(operation), operation)) == []


def test_every_operation_with_parameters_of_its_own_is_compared() -> None:
    named = {name for name, model in OPERATIONS.items() if set(model.model_fields) - {"expand"}}
    besides = {each for each in named if "/seikyu/" not in each} - set(SDK)
    assert besides == {
        "POST /v1/invoices/{id}/detach_payment",  # a preview operation
        "POST /v1/events/{id}/resend",  # ours
        "POST /v1/events/{id}/retry",  # of the official command line
        "POST /v1/webhook_endpoints/{id}/roll_secret",  # ours
    }
