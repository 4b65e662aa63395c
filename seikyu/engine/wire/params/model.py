"""Parameters of one operation: what a model is, and how its faults become Stripe's errors.

A model has one field per parameter, under Stripe's name. A parameter that was not given is absent
from ``model_fields_set`` (its field holds None); a parameter given as an empty text is None *and*
in the set, which means "unset this". `given` returns exactly the parameters that were given, the
form in which the billing rules take them.

Models are compiled once, on import. A parameter that is not in a model is an error, never ignored:
someone who misspells ``due_date`` must hear of it.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from seikyu.engine.wire.errors import (
    WireError,
    empty_parameter,
    exclusive_parameters,
    invalid_choice,
    invalid_integer,
    invalid_value,
    missing_parameter,
    unknown_parameters,
    unserved_parameter,
)


class Params(BaseModel):
    """The parameters of an operation, or a hash inside them."""

    model_config = ConfigDict(
        extra="forbid",
        protected_namespaces=(),
        hide_input_in_errors=True,
        regex_engine="rust-regex",
    )


P = TypeVar("P", bound=Params)


def parse(model: type[P], raw: Mapping[str, Any]) -> P:
    """Return the typed parameters. Raises WireError that names the first fault.

    ``raw`` is what `forms.decode` returned. Unknown parameters are reported before anything else,
    as Stripe does: they are the likeliest cause of the other faults.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise _wire_error(model, error) from None


def given(params: Params) -> dict[str, Any]:
    """Return the parameters that were given, hashes as dicts, under Stripe's names."""
    return params.model_dump(exclude_unset=True, by_alias=True)


def bracketed(location: tuple[int | str, ...]) -> str:
    """Return ``lines[0][amount]`` for ``("lines", 0, "amount")``."""
    first, *rest = location
    return f"{first}{''.join(f'[{part}]' for part in rest)}"


# ── What a validator raises ─────────────────────────────────────────────────────────────────────


def refused(message: str, code: str | None = None) -> PydanticCustomError:
    """A fault that is explained by ``message`` alone."""
    return PydanticCustomError("value", "{text}", {"text": message, "code": code})


def refused_empty() -> PydanticCustomError:
    """An empty text where unsetting makes no sense."""
    return PydanticCustomError("empty", "empty")


def refused_integer(value: str) -> PydanticCustomError:
    """A text that is no whole number."""
    return PydanticCustomError("integer", "{text}", {"text": value})


def refused_unserved(reason: str) -> PydanticCustomError:
    """A parameter of Stripe's that this engine does not have, for ``reason``."""
    return PydanticCustomError("unserved", "{text}", {"text": reason})


def refused_exclusive(*names: str) -> PydanticCustomError:
    """Parameters of which only one may be given; raised by the hash that has them."""
    return PydanticCustomError("exclusive", "exclusive", {"names": names})


# ── Translation ─────────────────────────────────────────────────────────────────────────────────


def _wire_error(model: type[Params], error: ValidationError) -> WireError:
    faults = error.errors(include_url=False)
    unknown = [bracketed(fault["loc"]) for fault in faults if fault["type"] == "extra_forbidden"]
    if unknown:
        return unknown_parameters(unknown, _suggestion(model, unknown[0]))
    unserved = next((fault for fault in faults if fault["type"] == "unserved"), None)
    return _fault(unserved or faults[0])


def _suggestion(model: type[Params], name: str) -> str | None:
    names = [field.alias or name for name, field in model.model_fields.items()]
    close = get_close_matches(name, names, n=1, cutoff=0.8)
    return close[0] if close else None


def _fault(fault: ErrorDetails) -> WireError:
    """Translate one fault. Types in lower case words are ours, the others pydantic's."""
    kind = fault["type"]
    context: dict[str, Any] = fault.get("ctx", {})
    if kind == "exclusive":
        return exclusive_parameters([bracketed((*fault["loc"], name)) for name in context["names"]])
    param = bracketed(fault["loc"])
    if kind == "empty" or (fault["input"] == "" and (kind in _SHAPES or kind == "literal_error")):
        return empty_parameter(param)
    if kind == "missing":
        return missing_parameter(param)
    if kind == "integer":
        return invalid_integer(context["text"], param)
    if kind == "unserved":
        return unserved_parameter(param, context["text"])
    if kind == "literal_error":
        return invalid_choice(param, _choices(context["expected"]))
    if kind == "too_long":
        most = context["max_length"]
        return invalid_value(f"Invalid array: at most {most} elements are accepted.", param)
    if kind == "value":
        return invalid_value(context["text"], param, context["code"])
    return invalid_value(_SHAPES.get(kind, "Invalid value"), param)


_SHAPES = {
    "model_type": "Invalid object",
    "model_attributes_type": "Invalid object",
    "dict_type": "Invalid object",
    "list_type": "Invalid array",
    "string_type": "Invalid string",
}
"""Pydantic's names for values of the wrong shape → Stripe's words."""


def _choices(expected: str) -> list[str]:
    """Read the words out of pydantic's ``'a', 'b' or 'c'``; no word has a quote in it."""
    return expected.split("'")[1::2]
