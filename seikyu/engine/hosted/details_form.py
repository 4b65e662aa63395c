"""The form of the customer's own details: which fields it has, what was typed, and what that asks for.

Only what the portal's configuration lets customers change is read; anything else that is sent is ignored.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seikyu.engine.hosted.portal_view import PLACE
from seikyu.engine.store.portal import PortalVisit

LONGEST = 500
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

AUTOCOMPLETE = {
    "name": "organization",
    "email": "email",
    "phone": "tel",
    "postal_code": "postal-code",
    "state": "address-level1",
    "city": "address-level2",
    "line1": "address-line1",
    "line2": "address-line2",
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: its name, the word beside it, what it holds and what is wrong with that."""

    name: str
    label: str
    value: str
    autocomplete: str
    kind: str = "text"
    error: str = ""


@dataclass(frozen=True, slots=True)
class DetailsForm:
    """The form as groups of fields; ``given`` is what the customer asks to change, when nothing is wrong."""

    groups: tuple[tuple[str, tuple[Field, ...]], ...]
    given: Mapping[str, Any]

    @property
    def wrong(self) -> bool:
        """Whether a field cannot be kept as it is."""
        return any(field.error for _, fields in self.groups for field in fields)


def details_form(who: PortalVisit, sent: Mapping[str, str] | None = None) -> DetailsForm:
    """Return the form as it is now, or as it was sent."""
    groups: list[tuple[str, tuple[Field, ...]]] = []
    given: dict[str, Any] = {}
    plain = tuple(
        _field(name, who.details.get(name) or "", sent)
        for name in ("name", "email", "phone")
        if name in who.changeable
    )
    if plain:
        groups.append(("", plain))
        given.update({field.name: field.value or None for field in plain})
    if "address" in who.changeable:
        fields, place = _place("", who.details.get("address") or {}, who, sent)
        groups.append(("address", fields))
        given["address"] = place
    if "shipping" in who.changeable:
        fields, given["shipping"] = _shipping(who, sent)
        groups.append(("shipping", fields))
    return DetailsForm(tuple(groups), given)


def _shipping(
    who: PortalVisit, sent: Mapping[str, str] | None
) -> tuple[tuple[Field, ...], dict[str, Any] | None]:
    before = who.details.get("shipping") or {}
    fields, place = _place("shipping_", before.get("address") or {}, who, sent)
    name = _field("shipping_name", before.get("name") or "", sent, needed=place is not None)
    shipping = {**before, "name": name.value, "address": place} if place is not None else None
    return (name, *fields), shipping


def _place(
    prefix: str, before: Mapping[str, Any], who: PortalVisit, sent: Mapping[str, str] | None
) -> tuple[tuple[Field, ...], dict[str, Any] | None]:
    """Return the fields of an address and the address; None where every field is empty."""
    fields = tuple(_field(f"{prefix}{part}", before.get(part) or "", sent) for part in PLACE)
    values = {part: field.value or None for part, field in zip(PLACE, fields, strict=True)}
    if not any(values.values()):
        return fields, None
    return fields, {**values, "country": before.get("country") or who.world.account.country}


def _field(
    name: str, before: str, sent: Mapping[str, str] | None, *, needed: bool = False
) -> Field:
    part = name.removeprefix("shipping_") if name != "shipping_name" else name
    label = "phone_number" if part == "phone" else part
    value = before if sent is None else CONTROL.sub(" ", sent.get(name, "")).strip()
    kind = {"email": "email", "phone": "tel"}.get(part, "text")
    error = _fault(name, value, needed=needed) if sent is not None else ""
    return Field(name, label, value, AUTOCOMPLETE.get(part, "name"), kind, error)


def _fault(name: str, value: str, *, needed: bool) -> str:
    if len(value) > LONGEST:
        return "error_too_long"
    if name == "email" and not EMAIL.fullmatch(value):
        return "error_email"
    return "error_name" if (name == "name" or needed) and not value else ""
