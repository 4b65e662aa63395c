"""When time acts on an invoice: a table of facts."""

from dataclasses import replace
from typing import Any

import pytest

from seikyu.engine.billing.due import next_action, timed
from seikyu.engine.billing.invoice import Invoice
from tests.billing.world import DAY, HOUR, MARCH

LATER = MARCH + 5 * DAY
OPEN = {"status": "open", "finalized_at": MARCH + HOUR, "amount_remaining": 100}


@pytest.mark.parametrize(
    ("facts", "at"),
    [
        # drafts
        ({"auto_advance": False}, None),
        ({"auto_advance": False, "automatically_finalizes_at": LATER}, None),
        ({}, MARCH + HOUR),
        ({"collection_method": "send_invoice"}, MARCH + HOUR),
        ({"automatically_finalizes_at": LATER}, LATER),
        ({"details": {"last_finalization_error": {"message": "x"}}}, None),
        # open
        (OPEN, MARCH + HOUR),
        ({**OPEN, "auto_advance": False}, None),
        ({**OPEN, "attempted": True}, None),
        ({**OPEN, "collection_method": "send_invoice"}, None),
        ({**OPEN, "amount_remaining": 0}, None),
        # over
        ({**OPEN, "status": "paid"}, None),
        ({**OPEN, "status": "uncollectible"}, None),
        ({**OPEN, "status": "void"}, None),
    ],
)
def test_the_next_moment_follows_from_the_facts(facts: dict[str, Any], at: int | None) -> None:
    invoice = replace(Invoice("in_1", MARCH, "cus_1", "jpy", "key", auto_advance=True), **facts)
    assert next_action(invoice) == at
    due = timed(invoice)
    assert due.next_action_at == at
    assert due.next_payment_attempt == (at if invoice.status == "open" else None)
    assert timed(due) is due
