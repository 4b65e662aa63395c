"""A customer at the hosted page: opens it, types a test card into its form, sends it.

It knows no more of the page than a browser does: which form it has, where that goes, what its fields
are for (`autocomplete`), and what is filled in already.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx2

from seikyu.commands.failures import CannotStart

CARD = {
    "cc-name": "見本 太郎",
    "cc-number": "4242 4242 4242 4242",
    "cc-exp": "12 / 40",
    "cc-exp-month": "12",
    "cc-exp-year": "2040",
    "cc-csc": "123",
}
"""What a browser would fill in, by the word with which a field asks for it."""

TIMEOUT_SECONDS = 30


@dataclass(slots=True)
class Form:
    """One form of a page: where it goes, and its fields as they would be sent."""

    action: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    takes_a_card: bool = False


def pay(page: str) -> None:
    """Pay the invoice of a hosted page with a test card. Raises CannotStart when that cannot be."""
    with httpx2.Client(follow_redirects=True, timeout=TIMEOUT_SECONDS) as browser:
        shown = browser.get(page)
        form = next((form for form in forms(shown.text) if form.takes_a_card), None)
        if shown.status_code != httpx2.codes.OK or form is None:
            raise CannotStart(f"The page {page} has no form to pay by card.")
        answer = browser.post(urljoin(str(shown.url), form.action), data=form.fields)
        if answer.status_code != httpx2.codes.OK:
            raise CannotStart(f"The page {page} did not take the card ({answer.status_code}).")


def forms(html: str) -> list[Form]:
    """Return the forms of a page, with the card typed in where they ask for one."""
    reader = _Reader()
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._inside: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = Form(given.get("action", ""))
            self.forms.append(self._inside)
        elif tag in {"input", "button"} and self._inside is not None and given.get("name"):
            self._fill(self._inside, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None

    def _fill(self, form: Form, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "submit" if tag == "button" else "text")
        asked = given.get("autocomplete", "").split(" ")[-1]
        if kind in {"checkbox", "radio"} and "checked" not in given:
            return
        form.takes_a_card = form.takes_a_card or asked == "cc-number"
        form.fields[given["name"]] = CARD.get(asked, given.get("value", ""))
