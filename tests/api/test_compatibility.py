"""The page on compatibility says what is true of this version, and knows all that Stripe has."""

from seikyu.engine.wire.params.operations import OPERATIONS
from tests.api.compatibility import BESIDES, PAGE, of_stripe, page, unnamed
from tests.api.recording import is_ours


def test_the_page_says_what_is_measured() -> None:
    """When this fails: python -m tests.api.compatibility."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_operation_that_is_served_is_one_of_stripes() -> None:
    stripes = [each for each in OPERATIONS if not is_ours(each)]
    served = {f"{each.split(' ')[0]} {unnamed(each.split(' ')[1])}" for each in stripes}
    assert served - of_stripe() == {"POST /v1/invoices/{}/detach_payment"}
    assert served >= BESIDES


def test_the_sdk_is_read_to_the_end() -> None:
    found = of_stripe()
    assert {"POST /v1/invoices/{}/pay", "POST /v1/test_helpers/test_clocks/{}/advance"} <= found
    assert len(found) > 300
