"""What no file of the project may contain: where one machine keeps its things, and registry addresses.

A lock file or a note that names a package registry's host ties everybody to that host; a path of
one developer's machine helps nobody else. The needles are put together from pieces here, so that
this file does not contain them itself.
"""

import re

from tests.tidy.sources import Source

_HOSTS = (
    ("pypi", "org"),
    ("test.pypi", "org"),
    ("files.pythonhosted", "org"),
    ("pythonhosted", "org"),
    ("registry.npmjs", "org"),
    ("npmjs", "com"),
    ("registry.yarnpkg", "com"),
    ("deb.debian", "org"),
    ("security.debian", "org"),
    ("archive.ubuntu", "com"),
    ("crates", "io"),
    ("proxy.golang", "org"),
    ("repo.maven.apache", "org"),
    ("repo1.maven", "org"),
    ("rubygems", "org"),
    ("conda.anaconda", "org"),
)
REGISTRY_HOSTS = tuple(".".join(pieces) for pieces in _HOSTS)
_HOST = re.compile("|".join(rf"(?<![\w-]){re.escape(host)}(?![\w-])" for host in REGISTRY_HOSTS))

_HOMES = ("root", "home/[a-z][a-z0-9_-]*", "Users/[A-Za-z][A-Za-z0-9_-]*", "work/(?:main|shared)")
_PATH = re.compile(
    rf"(?<![\w.}}\])/-])/(?:{'|'.join(_HOMES)})(?:/|\b(?=[\s\"'`,;:)]|$))"
    r"|[A-Z]:\\Users\\"
    rf"|(?<![\w/])\.\./{'shared'}\b",
    re.MULTILINE,
)


def registry_hosts(texts: list[Source]) -> list[str]:
    """Every line that names the host of a package registry."""
    return _matches(texts, _HOST, "names a package registry")


def machine_paths(texts: list[Source]) -> list[str]:
    """Every line that names a place on one developer's machine."""
    return _matches(texts, _PATH, "names a path of one machine")


def _matches(texts: list[Source], pattern: re.Pattern[str], what: str) -> list[str]:
    findings = []
    for text in texts:
        for number, line in enumerate(text.text.splitlines(), 1):
            if match := pattern.search(line):
                findings.append(text.finding(number, f"{what}: {match.group().strip()}"))
    return findings
