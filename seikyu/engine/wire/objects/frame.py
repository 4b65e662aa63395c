"""What an object says about its surroundings: whose it is, which world, where its pages are."""

from dataclasses import dataclass

from seikyu.engine.billing.account import Account


@dataclass(frozen=True, slots=True)
class Frame:
    """The surroundings of every object of one answer.

    ``public_url`` is where customers reach the hosted pages, without a trailing slash.
    """

    account: Account
    livemode: bool
    public_url: str
