"""The program on the page `docs/start` does what the page says, copied as it stands there."""

import re

from tests.scenarios.conftest import Engine
from tests.tidy.sources import ROOT

PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_program_of_the_start_page_pays_an_invoice(sqlite_engine: Engine) -> None:
    (program,) = PYTHON.findall((ROOT / "docs" / "start" / "README.md").read_text())
    for placeholder, real in (
        ("sk_test_…", sqlite_engine.key),
        ("http://127.0.0.1:8420", sqlite_engine.base),
    ):
        assert placeholder in program
        program = program.replace(placeholder, real)
    names: dict[str, object] = {}
    exec(compile(program, "docs/start/README.md", "exec"), names)
    paid = names["paid"]
    assert (paid.status, paid.amount_paid, paid.currency) == ("paid", 10_000, "jpy")  # type: ignore[attr-defined]
    assert paid.hosted_invoice_url.startswith(sqlite_engine.base)  # type: ignore[attr-defined]
