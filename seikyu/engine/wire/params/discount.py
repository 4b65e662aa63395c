"""``discounts`` of invoices, lines and whatever else is discounted."""

from seikyu.engine.wire.params.kinds import Word
from seikyu.engine.wire.params.model import Params


class Discount(Params):
    """One of three: a coupon or a promotion code to redeem, or a discount that is there already."""

    coupon: Word | None = None
    discount: Word | None = None
    promotion_code: Word | None = None
