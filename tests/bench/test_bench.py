"""The benchmark runs from end to end and prints ratios. No test asserts how fast anything is."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_tiny_run_prints_a_ratio_for_every_part_on_sqlite(tmp_path: Path) -> None:
    written = tmp_path / "figures.json"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "bench", "--quick", "--databases", "sqlite"),
            *("--rounds", "1", "--seconds", "0.15", "--sizes", "0,20", "--due", "12"),
            *("--month-end", "12", "--stored", "20"),
            *("--dir", str(tmp_path), "--json", str(written)),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads(written.read_text())
    ratios = {f["what"]: f["ratio"] for f in found["figures"] if f["ratio"] is not None}
    assert {
        "GET one invoice",
        "list of 100 invoices",
        "POST a customer, 1 client",
        "POST a customer, 8 clients",
        "lives of an invoice (four writes), 20 stored, 8 clients",
        "search by number (1 found), 20 stored",
    } <= ratios.keys()
    assert sum(what.startswith("month end, 12 invoices") for what in ratios) == 1
    assert sum(what.startswith("a look for due work, 20 stored") for what in ratios) == 1
    assert any(f["what"].startswith("PDF page") for f in found["figures"])
    assert sum("reconcile" in what for what in ratios) == 6
    assert all(ratio > 0 for ratio in ratios.values())
    for what in ratios:
        assert what.strip() in done.stdout
    assert list(tmp_path.iterdir()) == [written], "the databases are removed at the end"
