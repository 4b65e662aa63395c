"""Keep track of payments that are on no invoice, with nothing but the official SDK.

Run it beside an engine (or against Stripe):

    STRIPE_API_KEY=sk_test_… STRIPE_WEBHOOK_SECRET=whsec_… SEIKYU_STRIPE_URL=http://127.0.0.1:8420 \\
        python examples/unapplied_payments.py serve 4242     # stamps payments as they are taken off
    python examples/unapplied_payments.py list               # prints those that wait for an invoice
    python examples/unapplied_payments.py apply in_… pi_…    # applies one, and clears its stamp

The endpoint of ``serve`` must be registered for ``invoice_payment.detached``
(``POST /v1/webhook_endpoints``), which answers with the secret.
"""

import os
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import stripe


def client() -> stripe.StripeClient:
    """Return the SDK's client for the key and the address of the environment."""
    address = os.environ.get("SEIKYU_STRIPE_URL", "https://api.stripe.com")
    return stripe.StripeClient(os.environ["STRIPE_API_KEY"], base_addresses={"api": address})


def webhook_handler(sdk: stripe.StripeClient, event: Any) -> None:
    """Stamp the payment that was taken off an invoice. Doing it twice does no harm."""
    if event.type == "invoice_payment.detached":
        invoice_payment = event.data.object
        sdk.v1.payment_intents.update(
            invoice_payment.payment.payment_intent,
            {"metadata": {"unapplied": "true", "unapplied_from": invoice_payment.invoice}},
        )


def apply(sdk: stripe.StripeClient, invoice: str, payment_intent: str) -> None:
    """Apply a payment to an invoice, then clear its stamp."""
    sdk.v1.invoices.attach_payment(invoice, {"payment_intent": payment_intent})
    sdk.v1.payment_intents.update(
        payment_intent, {"metadata": {"unapplied": "false", "unapplied_from": ""}}
    )


def unapplied_payments(sdk: stripe.StripeClient) -> Iterator[stripe.PaymentIntent]:
    """Find every payment that carries the stamp, page by page."""
    found = sdk.v1.payment_intents.search({"query": "metadata['unapplied']:'true'"})
    yield from found.auto_paging_iter()


def render_unapplied_payments(sdk: stripe.StripeClient) -> list[str]:
    """Return a line for each payment that waits: what, how much, where it came from."""
    return [
        f"{payment.id}  {payment.amount_received} {payment.currency}  "
        f"from {payment.metadata['unapplied_from']}"
        for payment in unapplied_payments(sdk)
    ]


class Handler(BaseHTTPRequestHandler):
    """Verifies each delivery and handles it."""

    def do_POST(self) -> None:
        """Answer 200 once the event is dealt with, 400 when its signature is not ours."""
        body = self.rfile.read(int(self.headers["content-length"]))
        signature = self.headers.get("stripe-signature", "")
        sdk = client()
        try:
            event = sdk.construct_event(body, signature, os.environ["STRIPE_WEBHOOK_SECRET"])
        except (ValueError, stripe.SignatureVerificationError):
            self.send_response(400)
            self.end_headers()
            return
        webhook_handler(sdk, event)
        self.send_response(200)
        self.end_headers()


def main(arguments: list[str]) -> None:
    """Do what the first argument says."""
    match arguments:
        case ["serve", port]:
            HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
        case ["list"]:
            print("\n".join(render_unapplied_payments(client())))
        case ["apply", invoice, payment_intent]:
            apply(client(), invoice, payment_intent)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
