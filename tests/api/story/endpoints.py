"""Webhook endpoints: one that stays, one that is changed and deleted."""

from tests.api.recording import Recording
from tests.api.room import Room

FORM = {
    "url": "https://hooks.example.com/a",
    "enabled_events[]": "*",
    "description": "会計",
    "api_version": "2026-10-28.endive",
    "metadata[a]": "1",
}


def chapter(api: Recording, room: Room) -> None:
    """Create, change, delete."""
    api.post_form("/v1/webhook_endpoints", FORM)
    gone = api.post_form("/v1/webhook_endpoints", {**FORM, "url": "https://hooks.example.com/b"})
    path = f"/v1/webhook_endpoints/{gone['id']}"
    change = {
        "url": "https://hooks.example.com/c",
        "enabled_events[]": "invoice.paid",
        "description": "経理",
        "disabled": "true",
        "metadata[b]": "2",
    }
    api.post_form(path, change)
    assert api.send("DELETE", path).status == 200
