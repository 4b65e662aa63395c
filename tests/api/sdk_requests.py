"""Every request that the official SDK can make, read from its source, and which of ours are none of these."""

import ast
import re
from functools import cache
from pathlib import Path

import stripe

REQUEST = re.compile(r'self\._request\(\s*"(get|post|delete)",\s*"(/v1/[^"]+)"')

PARAMS = re.compile(r"^params: .*?(\w+Params)\b")
"""How a method of the SDK says which parameters it takes."""

BESIDES = {"POST /v1/invoices/{}/detach_payment", "GET /v1/accounts/{}"}
"""Served besides: a preview that the installed SDK does not know yet, and the key's own account."""

NAMESPACES = ("billing/", "billing_portal/", "checkout/", "test_helpers/")
"""First words of paths that hold several collections."""


@cache
def of_stripe() -> frozenset[str]:
    """Return `METHOD /v1/path/{}` of every request that the SDK can make."""
    assert stripe.__file__ is not None
    folder = Path(stripe.__file__).parent
    return frozenset(
        f"{method.upper()} {unnamed(path)}"
        for service in folder.glob("**/_*_service.py")
        for method, path in REQUEST.findall(service.read_text())
    )


def unnamed(path: str) -> str:
    """Return the path, or operation, without the names of its ids: `/v1/invoices/{}`."""
    return re.sub(r"\{\w+\}", "{}", path)


@cache
def params_of_stripe() -> dict[str, tuple[str, str]]:
    """Return module and name of the SDK's class of parameters, by `METHOD /v1/path/{}`."""
    assert stripe.__file__ is not None
    found: dict[str, tuple[str, str]] = {}
    for service in Path(stripe.__file__).parent.glob("**/_*_service.py"):
        tree = ast.parse(service.read_text())
        modules = {
            alias.name: node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        for method in (x for x in ast.walk(tree) if isinstance(x, ast.FunctionDef)):
            request = REQUEST.search(ast.unparse(method).replace("'", '"'))
            named = [PARAMS.search(ast.unparse(arg)) for arg in method.args.args]
            name = next((match[1] for match in named if match), None)
            if request is not None and name in modules:
                verb, path = request.groups()
                found[f"{verb.upper()} {unnamed(path)}"] = (modules[name], name)
    return found


def is_stripes(operation: str) -> bool:
    """Say whether Stripe has the operation. The others are ours and have pages of their own."""
    return unnamed(operation) in of_stripe() | BESIDES


def collection(operation: str) -> str:
    """Return the collection that the operation belongs to."""
    path = operation.split(" /v1/")[1]
    return "/".join(path.split("/")[: 2 if path.startswith(NAMESPACES) else 1])
