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
from tests.api.sdk_requests import params_of_stripe, unnamed

REQUEST_OPTIONS = {
    "api_key", "content_type", "headers", "idempotency_key", "max_network_retries",
    "stripe_account", "stripe_context", "stripe_version",
}  # fmt: skip
"""Of a request, not of an operation."""

FORWARD = {"StripeContext": object, "Mapping": typing.Mapping}
"""Names that the SDK imports only for type checkers."""

SDK = {each: found for each in OPERATIONS if (found := params_of_stripe().get(unnamed(each)))}
"""Operation → the SDK's class of its parameters; of those without any there is none."""

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
    module, name = SDK[operation]
    return getattr(importlib.import_module(module), name)


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
        "GET /v1/customers/{id}/cash_balance/reconciliation_preview",  # ours
        "POST /v1/events/{id}/resend",  # ours
        "GET /v1/payment_plans",  # a private preview
        "POST /v1/payment_plans",
        "POST /v1/payment_plans/{id}",
        "POST /v1/events/{id}/retry",  # of the official command line
        "POST /v1/webhook_endpoints/{id}/roll_secret",  # ours
    }
