"""Only the clock reads the clock.

A moment is a value that is handed down, because a customer may live on a test clock. So code neither
calls nor passes around a function that reads the system's time, and no SQL asks the database for it.
"""

import ast
import re

from tests.tidy.imports import within
from tests.tidy.sources import Source, code_strings

WATCHED = ("seikyu.engine", "seikyu.board", "seikyu.connector", "seikyu.console")

READERS: dict[str, str] = {
    "seikyu.engine.clock": "it is the engine's clock",
}
"""Module → why it may read the system clock."""

TIME_READERS = frozenset(
    ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
) | frozenset(("process_time", "clock_gettime", "localtime", "gmtime", "ctime"))
DATE_READERS = frozenset(("now", "utcnow", "today"))
SQL_READERS = re.compile(
    r"\bCURRENT_(TIMESTAMP|DATE|TIME)\b|\bnow\(\)|'now'|\bunixepoch\(\)", re.IGNORECASE
)


def clock_readers(sources: list[Source]) -> list[str]:
    """Every place that reads the system clock and is not among those that may."""
    findings = []
    for source in sources:
        if not any(within(source.module, watched) for watched in WATCHED):
            continue
        if source.module in READERS:
            continue
        findings += _python_readers(source)
        for node, text in code_strings(source):
            if SQL_READERS.search(text):
                findings.append(source.finding(node, "SQL asks the database for the time"))
    return findings


def unneeded_allowances(sources: list[Source]) -> list[str]:
    """Modules that may read the clock and do not, or are gone: the list must not outlive its needs."""
    known = {source.module: source for source in sources}
    findings = []
    for module in READERS:
        if module not in known:
            findings.append(f"{module}: may read the clock but does not exist")
        elif not _python_readers(known[module]):
            findings.append(f"{module}: may read the clock but does not")
    return findings


def _python_readers(source: Source) -> list[str]:
    names = _origins(source)
    findings = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            full = _dotted(node, names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            full = names.get(node.id, "")
        else:
            continue
        if _reads(full):
            findings.append(source.finding(node, f"{full} reads the system clock"))
    return findings


def _reads(full: str) -> bool:
    module, _, name = full.rpartition(".")
    if module == "time":
        return name in TIME_READERS
    if module in {"datetime.datetime", "datetime.date"}:
        return name in DATE_READERS
    return module.endswith("func") and name in {"now", "current_timestamp", "current_date"}


def _origins(source: Source) -> dict[str, str]:
    """Name in this file → where it comes from: `from datetime import datetime as dt`."""
    names: dict[str, str] = {}
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return names


def _dotted(node: ast.expr, names: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    return ""
