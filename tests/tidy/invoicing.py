"""What the transition table, the events and the refusals of the engine owe each other.

The names of events and error codes are held against the official SDK, which lists them all: a
misspelled event would otherwise be delivered to nobody, and a program's `if error.code == …` would
never be true.
"""

import dataclasses
import importlib
import pkgutil
import re
import types
import typing
from collections.abc import Iterable, Mapping

import stripe
from stripe.params import WebhookEndpointCreateParams

from tests.tidy.sources import Source, code_strings

PREVIEW_EVENTS = {
    **{
        f"payment_plan.{what}": "payment plans under an address of their own, a private preview"
        for what in (
            "created",
            "installment_due",
            "installment_paid",
            "installment_will_be_due",
            "updated",
        )
    },
    "invoice_payment.detached": "un-applying a payment, which the SDK's stable release has not yet",
}
"""Events of Stripe's preview that the engine serves."""

UNLISTED_CODES = {
    "invoice_already_finalized": "Stripe's API changelog, version 2018-11-08",
}
"""Codes that Stripe answers with although its SDK does not list them, and how we know."""

EVENT_SHAPE = re.compile(r"(\?|[a-z_]+)(\.(\?|[a-z_]+))+")


def known_events() -> frozenset[str]:
    """Every event type that the official SDK knows, and the previews named above."""
    listed = WebhookEndpointCreateParams.__annotations__["enabled_events"]
    return _literals(listed) | frozenset(PREVIEW_EVENTS)


def known_codes() -> frozenset[str]:
    """Every error code that the official SDK knows, and those named above."""
    failure = stripe.PaymentIntent.LastPaymentError.__annotations__["code"]
    return _literals(failure) | frozenset(UNLISTED_CODES)


def unknown_events(sources: list[Source], known: frozenset[str]) -> list[str]:
    """Texts of the rules that look like an event and are none, or are put together at run time."""
    nouns = {event.split(".")[0] for event in known} - {"*"}
    findings = []
    for source in sources:
        for node, text in code_strings(source):
            if not EVENT_SHAPE.fullmatch(text):
                continue
            noun = text.split(".")[0]
            if (noun in nouns or "?" in text) and text not in known:
                findings.append(source.finding(node, f"{text!r} is no event that Stripe knows"))
    return findings


def gaps_of_the_table(
    table: Mapping[type, Mapping[str, object]],
    statuses: Iterable[str],
    commands: Iterable[type],
    known: frozenset[str],
) -> list[str]:
    """Edges that are missing, lead nowhere, announce nothing or announce what nobody knows."""
    wanted = set(statuses)
    findings = [f"{command.__name__} is not in the table" for command in set(commands) - set(table)]
    reached = {"draft"}
    for command, row in table.items():
        odd = wanted.symmetric_difference(row)
        findings += [f"{command.__name__}: {status} is missing or unknown" for status in odd]
        for status, edge in row.items():
            where = f"{command.__name__} in {status}"
            announced = getattr(edge, "announces", None)
            if announced is None:
                continue
            if not announced:
                findings.append(f"{where} announces nothing")
            if status == "void":
                findings.append(f"{where}: a void invoice never changes")
            targets = getattr(edge, "to", ())
            reached.update(targets)
            findings += [f"{where}: {event} is unknown" for event in set(announced) - known]
            findings += [f"{where}: leads to {target}" for target in set(targets) - wanted]
    return findings + [f"no command leads to {status}" for status in wanted - reached]


def commands_of(module: types.ModuleType) -> set[type]:
    """The commands a module defines: frozen records that a transition is asked by, named by a verb."""
    return {
        value
        for name, value in vars(module).items()
        if dataclasses.is_dataclass(value)
        and isinstance(value, type)
        and value.__module__ == module.__name__
        and name not in {"Invoice", "Move", "Forbidden", "CreateInvoice"}
    }


def refusals(package: types.ModuleType, root: type) -> set[type]:
    """Every refusal that any module of this package defines."""
    for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(found.name)
    pending = [root]
    found_classes: set[type] = set()
    while pending:
        children: list[type] = type.__subclasses__(pending.pop())
        for child in children:
            if child not in found_classes and child.__module__.startswith(package.__name__):
                found_classes.add(child)
                pending.append(child)
    return found_classes


def unanswerable_refusals(classes: Iterable[type], known: frozenset[str]) -> list[str]:
    """Refusals whose code no program can know, or that have no sentence about their rule."""
    findings = []
    for refusal in classes:
        code = getattr(refusal, "code", None)
        if code is not None and code not in known:
            findings.append(f"{refusal.__name__}: {code!r} is no error code that Stripe knows")
        if not refusal.__doc__:
            findings.append(f"{refusal.__name__} does not say which rule it is named for")
    return findings


def _literals(hint: object) -> frozenset[str]:
    """The values of every Literal inside a type hint."""
    if typing.get_origin(hint) is typing.Literal:
        return frozenset(str(value) for value in typing.get_args(hint))
    nested = [_literals(inner) for inner in typing.get_args(hint)]
    return frozenset().union(*nested)
