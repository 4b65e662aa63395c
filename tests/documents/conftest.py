"""A running shop whose papers are fetched over HTTP. What a paper says does not depend on the database."""

from collections.abc import Callable, Iterator

import httpx2
import pytest

from tests.documents.reader import Pdf
from tests.hosted.shop import START, Issuer, Shop, running_shop

Fetch = Callable[[str], Pdf]


@pytest.fixture(scope="package")
def shared_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """An engine with its pages."""
    with running_shop(f"sqlite:///{tmp_path_factory.mktemp('papers') / 'seikyu.db'}") as shop:
        yield shop


@pytest.fixture
def shop(shared_shop: Shop) -> Shop:
    """The engine, its time back at the start."""
    shared_shop.time.now = START
    return shared_shop


@pytest.fixture
def issuer(shop: Shop) -> Iterator[Issuer]:
    """A Japanese issuer."""
    opened = shop.issuer()
    yield opened
    opened.client.close()


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    """A browser that reads English: a paper does not care."""
    with httpx2.Client(timeout=30, headers={"accept-language": "en"}) as opened:
        yield opened


@pytest.fixture
def fetch(client: httpx2.Client) -> Fetch:
    """Fetches a PDF that must be there."""

    def fetched(url: str) -> Pdf:
        answer = client.get(url)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
        return Pdf(answer.content)

    return fetched
