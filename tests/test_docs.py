"""The documentation says what is true: links lead somewhere, pages are found, nothing is left out."""

import re
import tomllib

import pytest

from tests.tidy.sources import ROOT, Source, tracked_texts

TEXTS = tracked_texts()
PAGES = [text for text in TEXTS if text.path.endswith(".md")]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
VARIABLE = re.compile(r"\bSEIKYU_[A-Z][A-Z_]*[A-Z]\b")
NOT_SETTINGS = {"SEIKYU_BASE", "SEIKYU_KEY"}  # what a test hands to the script of tests/node


def broken_links(pages: list[Source]) -> list[str]:
    """Relative links that lead to no file, and anchors that no heading of the page makes."""
    findings = []
    for page in pages:
        for target in LINK.findall(FENCE.sub("", page.text)):
            if "://" in target or target.startswith("mailto:"):
                continue
            name, _, anchor = target.partition("#")
            path = (ROOT / page.path).parent / name if name else ROOT / page.path
            if not path.exists():
                findings.append(page.finding(1, f"the link {target} leads nowhere"))
            elif anchor and path.suffix == ".md" and anchor not in anchors(path.read_text()):
                findings.append(page.finding(1, f"the link {target} names no heading"))
    return findings


def anchors(text: str) -> set[str]:
    """What the headings of a page are called in an address."""
    titles = re.findall(r"^#+ +(.+)$", FENCE.sub("", text), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", title.strip().lower()) for title in titles)
    return {title.replace(" ", "-") for title in kept}


def variables(texts: list[Source]) -> set[str]:
    """The settings that these files name."""
    return {name for text in texts for name in VARIABLE.findall(text.text)} - NOT_SETTINGS


def test_links_lead_somewhere() -> None:
    assert len(PAGES) >= 8
    assert broken_links(PAGES) == []


@pytest.mark.parametrize("target", ["docs/nowhere.md", "README.md#no-such-heading"])
def test_a_link_that_leads_nowhere_is_found(target: str) -> None:
    assert broken_links([Source("README.md", f"[see]({target})")])


def named_files(text: str) -> list[str]:
    """The files of the package that a text names by their whole path."""
    return re.findall(r"`(seikyu/[\w/]+\.py)`", text)


def test_the_files_that_the_architecture_names_exist() -> None:
    named = named_files((ROOT / "ARCHITECTURE.md").read_text())
    assert len(named) >= 8
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_the_map_of_the_rules_names_every_file_of_them_once() -> None:
    page = (ROOT / "docs" / "internals" / "rules.md").read_text()
    rows = "".join(line for line in page.splitlines() if line.startswith("|"))
    named = re.findall(r"`(\w+\.py)`", rows)
    files = {path.name for path in (ROOT / "seikyu/engine/billing").glob("*.py")}
    assert sorted(named) == sorted(files - {"__init__.py"})


def test_every_page_is_on_a_shelf() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    pages = {page.path.removeprefix("docs/") for page in PAGES if page.path.startswith("docs/")}
    assert {page for page in pages - {"README.md"} if f"({page})" not in index} == set()


def test_every_setting_is_documented_and_every_documented_setting_is_read() -> None:
    code = [text for text in TEXTS if text.path.startswith(("seikyu/", ".ci/", "bench/"))]
    tests = [text for text in TEXTS if text.path in {"tests/conftest.py", "tests/requirements.py"}]
    page = Source("", (ROOT / "docs" / "operating" / "settings.md").read_text())
    assert variables([page]) == variables(code + tests)


def test_every_direct_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["dependencies"] + project["optional-dependencies"]["dev"]
    page = (ROOT / "docs" / "internals" / "dependencies.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)
    listed = {name.strip() for row in rows for name in row.split(",")} - {"package", "---"}
    assert listed == {re.split(r"[;<>= ]", name)[0] for name in declared}
