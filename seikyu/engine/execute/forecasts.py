"""Forecasts: an invoice's book loaded as for acting, run forward, and thrown away."""

from seikyu.engine.billing.advancing import Advance
from seikyu.engine.billing.decision import Context
from seikyu.engine.billing.forecasting import forecast
from seikyu.engine.billing.invoice import Invoice
from seikyu.engine.billing.test_clock import TestClock
from seikyu.engine.execute.loading import of_invoice
from seikyu.engine.store.session import Session
from seikyu.engine.wire.objects.forecast import forecast as rendered
from seikyu.engine.wire.objects.frame import Frame


def forecast_shown(session: Session, invoice_id: str, now: int) -> bytes | None:
    """Return what will happen to the invoice by itself, None when there is no such invoice.

    ``now`` is the system's time; an invoice on a test clock is seen from the clock's.
    """
    invoice = session.get(Invoice, invoice_id)
    if invoice is None:
        return None
    clock = session.get(TestClock, invoice.clock_id)
    present = clock.frozen_time if clock else now
    livemode = session.world.livemode
    context = Context(livemode, present, present, mint=str, token=str)
    book = of_invoice(session, invoice_id, Advance())
    return rendered(forecast(book, context), Frame(session.world.account, livemode, ""))
