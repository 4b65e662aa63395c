"""Settings on the wire: an object of ours, one a world."""

from dataclasses import asdict
from typing import Any

from seikyu.engine.billing.configuring import GROUPS
from seikyu.engine.billing.settings import Settings
from seikyu.engine.wire.objects.frame import Frame
from seikyu.engine.wire.objects.people import address


def settings(settings: Settings, frame: Frame) -> dict[str, Any]:
    """Return the settings; days as arrays, amounts in minor units of the currency that names them."""
    groups = {name: asdict(getattr(settings, name)) for name in GROUPS}
    business = groups["business"]
    business["address"] = address(business["address"])
    business["registration_number"] = (
        business["registration_number"] or frame.account.registration_number
    )
    return {
        "object": "seikyu.settings",
        "livemode": frame.livemode,
        "time_zone": settings.time_zone,
        "reconciliation": settings.reconciliation,
        "shortfall_tolerance": settings.shortfall_tolerance,
        **groups,
    }
