"""The source files a rule is applied to, parsed once.

A rule takes sources and returns findings: one line each, `path:line: what is wrong`. Because a rule
takes its sources as a value, a test can hand it an offending snippet and see it fail.
"""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Source:
    """One Python file: its path from the root of the project, with `/`, and its text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file."""
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        """Its dotted name: `seikyu/board/__init__.py` is `seikyu.board`."""
        parts = self.path.removesuffix(".py").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def is_package(self) -> bool:
        """Whether it is the `__init__.py` of a package."""
        return self.path.endswith("/__init__.py")

    def finding(self, node: ast.AST | int, what: str) -> str:
        """One finding at a node, or at a line."""
        line = node if isinstance(node, int) else getattr(node, "lineno", 1)
        return f"{self.path}:{line}: {what}"


def python_sources(*folders: str) -> list[Source]:
    """Every Python file below these folders of the project."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                relative = path.relative_to(ROOT).as_posix()
                found.append(Source(relative, path.read_text()))
    return found


def tracked_texts() -> list[Source]:
    """Every text file that git tracks or would take, and, outside a checkout, every file of ours."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    names = done.stdout.split("\0") if done.returncode == 0 else _walked()
    texts = []
    for name in filter(None, names):
        path = ROOT / name
        if path.is_file():
            raw = path.read_bytes()
            if b"\0" not in raw:
                texts.append(Source(name, raw.decode(errors="replace")))
    return texts


def _walked() -> Iterator[str]:
    for folder in ("seikyu", "tests", "docs", "bench", ".ci"):
        for path in (ROOT / folder).rglob("*"):
            if "node_modules" not in path.parts and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT).as_posix()
    for path in ROOT.iterdir():
        yield path.name


def code_strings(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every string in the code but docstrings; an f-string is its fixed parts, `?` between them."""
    silent: set[int] = set()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Expr):
            silent.add(id(node.value))
        elif isinstance(node, ast.JoinedStr):
            silent.update(id(part) for part in node.values)
    for node in ast.walk(source.tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node, node.value
        elif isinstance(node, ast.JoinedStr):
            yield node, "".join(_fixed(part) for part in node.values)


def _fixed(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "?"
