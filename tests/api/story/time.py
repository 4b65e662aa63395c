"""Test clocks: made, advanced with what is due on them, deleted with their customers."""

from tests.api.recording import Recording
from tests.api.room import START, Room


def chapter(api: Recording, room: Room) -> None:
    """A month passes on one clock; another is deleted."""
    clock = api.post("/v1/test_helpers/test_clocks", frozen_time=START, name="月末")["id"]
    customer = api.customer(name="月末見本", test_clock=clock)
    waiting = {"customer": customer, "amount": "300", "currency": "jpy"}
    api.post_form("/v1/invoiceitems", waiting)
    api.draft(customer, auto_advance="true")
    failing = api.customer("pm_card_chargeCustomerFail", name="延滞見本", test_clock=clock)
    api.draft(failing, auto_advance="true")
    api.post(f"/v1/test_helpers/test_clocks/{clock}/advance", frozen_time=START + 30 * 86_400)
    room.drain()
    gone = api.post("/v1/test_helpers/test_clocks", frozen_time=START)["id"]
    api.customer(name="消滅見本", test_clock=gone)
    assert api.send("DELETE", f"/v1/test_helpers/test_clocks/{gone}").status == 200
