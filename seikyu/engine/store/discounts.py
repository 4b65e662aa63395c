"""Queries of coupons and promotion codes, and the loading of decisions on them.

Whatever may be redeemed is locked (after its customer, coupons before codes, each by id): two requests
can never redeem the last of something twice.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, or_, select

from seikyu.engine.billing.catalogue import Product
from seikyu.engine.billing.coupon import Coupon, CouponBook, CreateCoupon
from seikyu.engine.billing.customer import Customer
from seikyu.engine.billing.decision import Given
from seikyu.engine.billing.line import Shelf
from seikyu.engine.billing.promotion_code import (
    CreatePromotionCode,
    PromotionBook,
    PromotionCode,
)
from seikyu.engine.billing.refusals import CustomerIsDeleted, ObjectMissing
from seikyu.engine.store.session import Session, columns
from seikyu.engine.store.statement import Statement
from seikyu.engine.store.tables import invoices, payment_intents, promotion_codes

_NAMESAKES = Statement(
    select(*columns(PromotionCode)).where(
        promotion_codes.c.world_id == bindparam("world"),
        promotion_codes.c.code_key == bindparam("code_key"),
        promotion_codes.c.active.is_(True),
    )
)
_PAID = Statement(
    select(invoices.c.id)
    .where(
        invoices.c.world_id == bindparam("world"),
        invoices.c.customer_id == bindparam("customer_id"),
        or_(invoices.c.status == "paid", invoices.c.amount_paid > 0),
    )
    .limit(1)
)
_PAYMENT = Statement(
    select(payment_intents.c.id)
    .where(
        payment_intents.c.world_id == bindparam("world"),
        payment_intents.c.customer_id == bindparam("customer_id"),
        payment_intents.c.amount_received > 0,
    )
    .limit(1)
)

_NOTHING = Shelf()


def offers(session: Session, entries: Iterable[Given], customer_id: str | None) -> Shelf:
    """Return a shelf with the coupons and promotion codes that ``discounts`` of the entries name.

    ``coupon`` and ``promotion_code`` of a customer count as well.
    """
    coupon_ids: set[str] = set()
    code_ids: set[str] = set()
    for entry in entries:
        for one in (entry, *(entry.get("discounts") or ())):
            coupon_ids |= {one["coupon"]} if one.get("coupon") else set()
            code_ids |= {one["promotion_code"]} if one.get("promotion_code") else set()
    if not coupon_ids and not code_ids:
        return _NOTHING
    unlocked = (session.get(PromotionCode, id) for id in sorted(code_ids))
    coupon_ids |= {code.coupon_id for code in unlocked if code is not None}
    coupons = _locked(session, Coupon, coupon_ids)
    codes = _locked(session, PromotionCode, code_ids)
    asked = any(code.first_time for code in codes.values())
    new = not asked or not has_paid(session, customer_id)
    return Shelf(coupons=coupons, promotion_codes=codes, customer_is_new=new)


def _locked(session: Session, kind: type, ids: Iterable[str]) -> dict[str, Any]:
    found = ((id, session.locked(kind, id)) for id in sorted(ids))
    return {id: record for id, record in found if record is not None}


def has_paid(session: Session, customer_id: str | None) -> bool:
    """Say whether the customer ever paid an invoice or made another payment."""
    if customer_id is None:
        return False
    return bool(
        session.rows(_PAID, customer_id=customer_id)
        or session.rows(_PAYMENT, customer_id=customer_id)
    )


def of_coupon(session: Session, id: str | None, command: Any) -> CouponBook:
    """Load for the commands of ``billing.coupon``."""
    if isinstance(command, CreateCoupon):
        own = command.given.get("id")
        wanted = (command.given.get("applies_to") or {}).get("products") or ()
        found = (session.get(Product, each) for each in wanted)
        return CouponBook(
            taken=own is not None and session.show(own) is not None,
            products=tuple(p for p in found if p is not None and not p.deleted),
        )
    coupon = session.locked(Coupon, id)
    if coupon is None or coupon.deleted:
        raise ObjectMissing("coupon", id or "")
    return CouponBook(coupon)


def of_promotion_code(session: Session, id: str | None, command: Any) -> PromotionBook:
    """Load for the commands of ``billing.promotion_code``."""
    given: Given = command.given
    if not isinstance(command, CreatePromotionCode):
        code = session.locked(PromotionCode, id)
        if code is None:
            raise ObjectMissing("promotion code", id or "")
        coupon = session.get(Coupon, code.coupon_id)
        return PromotionBook(code, coupon, namesakes=_namesakes(session, code.code))
    customer = None
    if given.get("customer"):
        customer = session.get(Customer, given["customer"])
        if customer is None or customer.deleted:
            raise CustomerIsDeleted(f"No such customer: '{given['customer']}'", "customer")
    return PromotionBook(
        coupon=session.get(Coupon, given["promotion"].get("coupon")),
        customer=customer,
        namesakes=_namesakes(session, given.get("code")),
    )


def _namesakes(session: Session, code: str | None) -> tuple[PromotionCode, ...]:
    if code is None:
        return ()
    return session.all(PromotionCode, _NAMESAKES, code_key=code.lower())
