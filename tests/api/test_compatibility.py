"""The page on compatibility says what is true of this version, and knows all that Stripe has."""

from seikyu.engine.wire.params.operations import OPERATIONS
from tests.api.compatibility import PAGE, page
from tests.api.sdk_requests import BESIDES, is_stripes, of_stripe, unnamed

OURS = {
    "GET /v1/customers/{id}/cash_balance/reconciliation_preview",
    "GET /v1/invoices/{id}/forecast",
    "GET /v1/payment_plans",
    "GET /v1/payment_plans/{id}",
    "POST /v1/payment_plans",
    "POST /v1/payment_plans/{id}",
    "POST /v1/events/{id}/resend",
    "POST /v1/events/{id}/retry",
    "POST /v1/webhook_endpoints/{id}/roll_secret",
}
"""What we serve on Stripe's own paths and Stripe's SDK cannot ask; the rest of ours is /v1/seikyu/.

Payment plans are Stripe's private preview.
"""


def test_the_page_says_what_is_measured() -> None:
    """When this fails: python -m tests.api.compatibility."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_operation_that_is_served_is_one_of_stripes_or_known_to_be_ours() -> None:
    ours = {each for each in OPERATIONS if not is_stripes(each)}
    assert {each for each in ours if "/v1/seikyu/" not in each} == OURS
    assert {unnamed(each) for each in OPERATIONS} >= BESIDES
    assert not BESIDES - {"GET /v1/accounts/{}"} & of_stripe()


def test_the_sdk_is_read_to_the_end() -> None:
    found = of_stripe()
    assert {"POST /v1/invoices/{}/pay", "POST /v1/test_helpers/test_clocks/{}/advance"} <= found
    assert len(found) > 300
