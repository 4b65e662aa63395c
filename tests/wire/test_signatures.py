"""Deliveries are signed so that Stripe's own verifier accepts them."""

import time

import pytest
import stripe

from seikyu.engine.wire.signatures import header

BODY = '{"id":"evt_1","object":"event","data":{"object":{"description":"請求書"}}}'.encode()


def verify(body: bytes, signature: str, secret: str) -> bool:
    """Ask the official SDK."""
    return bool(stripe.WebhookSignature.verify_header(body, signature, secret, 300))


def test_a_signature_has_known_characters() -> None:
    """The digest was made with openssl."""
    assert header(b"{}", ["whsec_test"], 1_700_000_000) == (
        "t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91"
    )


def test_the_official_verifier_accepts_it() -> None:
    assert verify(BODY, header(BODY, ["whsec_one"], int(time.time())), "whsec_one")


def test_while_a_secret_is_replaced_both_are_accepted() -> None:
    signature = header(BODY, ["whsec_new", "whsec_old"], int(time.time()))
    assert signature.count("v1=") == 2
    assert verify(BODY, signature, "whsec_new")
    assert verify(BODY, signature, "whsec_old")


def test_another_secret_another_body_and_an_old_time_are_refused() -> None:
    now = int(time.time())
    signature = header(BODY, ["whsec_one"], now)
    with pytest.raises(stripe.SignatureVerificationError):
        verify(BODY, signature, "whsec_two")
    with pytest.raises(stripe.SignatureVerificationError):
        verify(BODY + b" ", signature, "whsec_one")
    with pytest.raises(stripe.SignatureVerificationError):
        verify(BODY, header(BODY, ["whsec_one"], now - 301), "whsec_one")
