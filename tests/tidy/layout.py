"""SQL only in the stores, no floats for money, small files and functions, honest names."""

import ast
import re

from tests.tidy.imports import imported_modules, within
from tests.tidy.sources import Source, code_strings

SQL_HOMES = (
    "seikyu.engine.store",
    "seikyu.connector.store",
    "seikyu.console.store",
    "seikyu.board.simulator",  # a program of its own: its state is its store
)
SQL_LIBRARIES = ("sqlalchemy", "alembic", "psycopg", "sqlite3")
SQL = re.compile(
    r"\s*(SELECT\s.+\sFROM\s|INSERT\s+(OR\s+\w+\s+)?INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|"
    r"(CREATE|DROP|ALTER)\s+(UNIQUE\s+)?(TABLE|INDEX|VIEW|TRIGGER|SCHEMA)\s|PRAGMA\s+\w|"
    r"BEGIN\s+IMMEDIATE|WITH\s+\w+\s+AS\s*\()",
    re.IGNORECASE | re.DOTALL,
)

MONEY = (
    "seikyu.engine.billing",
    "seikyu.engine.wire",
    "seikyu.engine.processors",
    "seikyu.engine.statements",
    "seikyu.connector.plan",
    "seikyu.connector.tax",
    "seikyu.connector.amounts",
    "seikyu.connector.lines",
    "seikyu.board.documents",
)
NO_MONEY: dict[tuple[str, float], str] = {
    (
        "seikyu.engine.wire.params.model",
        0.8,
    ): "how alike two parameter names must be to suggest one",
}
"""(module, float) → what it is, where a float stands beside money and is none."""

FLOAT_COLUMNS = frozenset(("Float", "FLOAT", "Double", "DOUBLE", "DOUBLE_PRECISION", "REAL"))

LONGEST_FILE = 500
LONGEST_FUNCTION = 70
MIGRATIONS = re.compile(r"/migrations/versions/|/versions/")

BANNED_NAMES = frozenset(
    ("utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "services")
) | frozenset(("base", "misc"))
BANNED_CLASS_ENDINGS = ("Manager", "Helper", "Helpers", "Utils", "Util", "Service")


def sql_outside_stores(sources: list[Source]) -> list[str]:
    """SQL statements, and libraries that speak SQL, outside the packages that may hold them."""
    findings = []
    for source in sources:
        if any(within(source.module, home) for home in SQL_HOMES):
            continue
        for node, target in imported_modules(source, set()):
            if any(within(target, library) for library in SQL_LIBRARIES):
                findings.append(source.finding(node, f"{target} is imported outside a store"))
        for node, text in code_strings(source):
            if SQL.match(text):
                findings.append(source.finding(node, f"SQL outside a store: {text[:40]!r}"))
    return findings


def floats_for_money(sources: list[Source]) -> list[str]:
    """Floating point where money is counted, and float columns anywhere.

    `/` is refused as well: on integers it makes a float. `//` and `divmod` say what is meant, and so
    does a division in which `Fraction(…)` or `Decimal(…)` is written out, which is exact. `round` is
    refused because it rounds halves to even, which no tax rule does.
    """
    findings = []
    for source in sources:
        findings += _float_columns(source)
        if not any(within(source.module, home) for home in MONEY):
            continue
        rejections = _float_rejections(source)
        for node in ast.walk(source.tree):
            if id(node) in rejections or _is_no_money(source, node):
                continue
            if what := _floating(node):
                findings.append(source.finding(node, what))
    return findings


def unneeded_floats(sources: list[Source]) -> list[str]:
    """Entries of NO_MONEY whose float is gone: the list must not outlive its needs."""
    there = set()
    for source in sources:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                there.add((source.module, node.value))
    return [f"{module}: there is no {value} any more" for module, value in set(NO_MONEY) - there]


def too_large(sources: list[Source]) -> list[str]:
    """Files and functions over the limits. A migration is a list of statements and has none."""
    findings = []
    for source in sources:
        if MIGRATIONS.search(source.path):
            continue
        lines = source.text.count("\n")
        if lines > LONGEST_FILE:
            findings.append(source.finding(1, f"{lines} lines, more than {LONGEST_FILE}"))
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    findings.append(source.finding(node, f"{node.name} has {length} lines"))
    return findings


def banned_names(sources: list[Source]) -> list[str]:
    """Names that say nothing about what is inside."""
    findings = []
    for source in sources:
        parts = [part for part in source.module.split(".") if part.split("_")[-1] in BANNED_NAMES]
        findings += [source.finding(1, f"{part!r} does not say what is in it") for part in parts]
        classes = [node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)]
        for node in classes:
            if node.name.endswith(BANNED_CLASS_ENDINGS):
                findings.append(source.finding(node, f"{node.name!r} does not say what it does"))
    return findings


def _float_columns(source: Source) -> list[str]:
    findings = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and within(node.module or "", "sqlalchemy"):
            names = {alias.name for alias in node.names} & FLOAT_COLUMNS
            findings += [source.finding(node, f"a column of type {name}") for name in names]
        elif isinstance(node, ast.Attribute) and node.attr in FLOAT_COLUMNS:
            findings.append(source.finding(node, f"a column of type {node.attr}"))
    return findings


def _floating(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return f"the float {node.value}"
    if isinstance(node, ast.Name) and node.id == "float":
        return "float"
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
        exact = "/ makes a float of integers; use // or divmod, or write Fraction() around one side"
        return None if _divides_exactly(node) else exact
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "round":
        return "round() rounds halves to even"
    return None


def _divides_exactly(division: ast.AST) -> bool:
    calls = [node for node in ast.walk(division) if isinstance(node, ast.Call)]
    return any(getattr(call.func, "id", "") in {"Fraction", "Decimal"} for call in calls)


def _is_no_money(source: Source, node: ast.AST) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return (source.module, node.value) in NO_MONEY
    return False


def _float_rejections(source: Source) -> set[int]:
    """The names `float` in `isinstance(value, float)`: the way in which a float is refused."""
    allowed: set[int] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "isinstance":
            allowed.update(id(inner) for inner in ast.walk(node))
    return allowed
