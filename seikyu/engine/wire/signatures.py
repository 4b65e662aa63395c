"""The ``Stripe-Signature`` header of webhook deliveries.

The signed text is the time of the attempt, a full stop and the body; the key is the endpoint's
whole secret, ``whsec_`` included. While a secret is being replaced both are used, so the receiver
may check with either. Each attempt is signed anew: receivers refuse old times.
"""

import hmac
from collections.abc import Sequence


def header(body: bytes, secrets: Sequence[str], timestamp: int) -> str:
    """Return ``t=…,v1=…`` with one ``v1`` per secret. ``timestamp`` in Unix seconds."""
    signed = b"%d.%b" % (timestamp, body)
    schemes = [f"v1={hmac.digest(key.encode(), signed, 'sha256').hex()}" for key in secrets]
    return ",".join([f"t={timestamp}", *schemes])
