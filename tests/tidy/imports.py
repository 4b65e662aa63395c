"""Who may import whom, and what the pure rings may import of the outside.

The table is the one of ARCHITECTURE.md. Every import statement counts, wherever it stands: at the top,
inside a function, relative, or as text given to `import_module`. A module that is in no row of the
table is a finding too, so a new package cannot slip past it.
"""

import ast
import sys
from collections.abc import Iterator

from tests.tidy.sources import Source

EVERYTHING = "*"

TABLE: dict[str, tuple[str, ...]] = {
    "seikyu": (),
    "seikyu.engine": (),
    "seikyu.engine.billing": (),
    "seikyu.engine.clock": (),
    "seikyu.engine.statements": (),
    "seikyu.engine.wire": ("seikyu.engine.billing",),
    "seikyu.engine.store": ("seikyu.engine.billing",),
    "seikyu.engine.processors": ("seikyu.engine.billing",),
    "seikyu.engine.execute": (
        "seikyu.engine.billing",
        "seikyu.engine.wire",
        "seikyu.engine.store",
        "seikyu.engine.processors",
        "seikyu.engine.clock",
        "seikyu.engine.statements",
    ),
    "seikyu.engine.worker": (
        "seikyu.engine.execute",
        "seikyu.engine.store",
        "seikyu.engine.wire",
        "seikyu.engine.processors",
        "seikyu.engine.clock",
        "seikyu.engine.letters",
        "seikyu.engine.documents",
    ),
    "seikyu.engine.letters": (
        "seikyu.engine.billing",
        "seikyu.engine.wire",
        "seikyu.engine.store",
        "seikyu.engine.documents",
        "seikyu.engine.hosted",
    ),
    "seikyu.engine.api": ("seikyu.engine.execute", "seikyu.engine.store", "seikyu.engine.wire"),
    "seikyu.engine.documents": (),
    "seikyu.engine.hosted": (
        "seikyu.engine.execute",
        "seikyu.engine.store",
        "seikyu.engine.wire",
        "seikyu.engine.documents",
    ),
    "seikyu.board": (),
    "seikyu.connector": ("seikyu.board",),
    "seikyu.console": ("seikyu.connector", "seikyu.board"),
    "seikyu.config": (EVERYTHING,),
    "seikyu.commands": (EVERYTHING,),
    "seikyu.__main__": (EVERYTHING,),
}
"""Module or package → what of ours it may import besides itself. The longest matching row counts."""

FREE_FOR_ALL = ("seikyu",)
"""The root package holds the version and nothing else, so anybody may ask it."""

STRIPE_SDK_USERS = ("seikyu.connector", "seikyu.console", "seikyu.engine.processors")
"""The engine *is* the Stripe API: only its processor port may one day be a client of the real one."""

PURE_MODULES = (
    "seikyu.engine.billing",
    "seikyu.engine.statements",
    "seikyu.engine.wire",
    "seikyu.connector.plan",
)
PURE_THIRD_PARTY: dict[str, tuple[str, ...]] = {
    "seikyu.engine.billing": (),
    "seikyu.engine.statements": (),
    "seikyu.engine.wire": ("orjson", "pydantic", "pydantic_core"),
    "seikyu.connector.plan": (),
}
IMPURE_STANDARD_LIBRARY = {
    *("asyncio", "http", "io", "multiprocessing", "os", "pathlib", "random", "secrets", "select"),
    *("shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "time"),
    *("urllib.request", "uuid"),
}
"""Modules that read or change the world outside. `threading` is not one: a lock is not I/O."""


def imports_outside_the_table(sources: list[Source]) -> list[str]:
    """Imports of ours that the table does not allow, and modules it does not know."""
    modules = {source.module for source in sources}
    findings = []
    for source in sources:
        row = _row(source.module)
        if row is None:
            findings.append(source.finding(1, f"{source.module} is in no row of the import table"))
            continue
        for node, target in imported_modules(source, modules):
            if target.split(".")[0] == "seikyu" and not _allowed(row, target):
                findings.append(source.finding(node, f"{row} may not import {target}"))
    return findings


def impure_imports(sources: list[Source]) -> list[str]:
    """What the pure rings import that is neither pure nor theirs."""
    findings = []
    for source in sources:
        ring = next((pure for pure in PURE_MODULES if within(source.module, pure)), None)
        if ring is None:
            continue
        for node, target in imported_modules(source, set()):
            top = target.split(".")[0]
            if top == "seikyu" or top in PURE_THIRD_PARTY[ring]:
                continue
            if top not in sys.stdlib_module_names:
                findings.append(source.finding(node, f"{ring} is pure and may not import {target}"))
            elif any(within(target, impure) for impure in IMPURE_STANDARD_LIBRARY):
                findings.append(source.finding(node, f"{ring} is pure; {target} is not"))
    return findings


def stripe_sdk_imports(sources: list[Source]) -> list[str]:
    """Uses of the official SDK outside the programs that are clients of Stripe."""
    findings = []
    for source in sources:
        if any(within(source.module, user) for user in STRIPE_SDK_USERS):
            continue
        for node, target in imported_modules(source, set()):
            if within(target, "stripe"):
                findings.append(source.finding(node, f"{source.module} may not import stripe"))
    return findings


def imported_modules(source: Source, modules: set[str]) -> Iterator[tuple[ast.AST, str]]:
    """Every module the file imports, absolute. `from a import b` is `a.b` where that is a module."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name
        elif isinstance(node, ast.ImportFrom):
            package = _origin(source, node)
            for alias in node.names:
                nested = f"{package}.{alias.name}"
                yield node, nested if nested in modules or nested in TABLE else package
        elif isinstance(node, ast.Call) and _imports_by_text(node.func):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node, first.value
            elif _row(source.module) != "seikyu.__main__":
                yield node, "seikyu.(computed)"


def within(module: str, package: str) -> bool:
    """Whether a module is this package or below it."""
    return module == package or module.startswith(package + ".")


def _origin(source: Source, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    parts = source.module.split(".")
    up = node.level - (1 if source.is_package else 0)
    base = parts[: len(parts) - up] if up else parts
    return ".".join([*base, node.module] if node.module else base)


def _imports_by_text(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"import_module", "__import__"}


def _row(module: str) -> str | None:
    """The row of the table that a module stands in; the roots `seikyu` and its programs are exact."""
    rows = [row for row in TABLE if within(module, row)]
    if not rows:
        return None
    longest = max(rows, key=len)
    exact_only = longest in {"seikyu", "seikyu.engine"}
    return None if exact_only and module != longest else longest


def _allowed(row: str, target: str) -> bool:
    if TABLE[row] == (EVERYTHING,) or target in FREE_FOR_ALL:
        return True
    target_row = _row(target)
    return target_row is not None and (target_row == row or target_row in TABLE[row])
