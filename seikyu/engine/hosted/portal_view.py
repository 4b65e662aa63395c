"""What the portal says: a customer's invoices, cards and details in one language, written out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seikyu.engine.hosted import language
from seikyu.engine.hosted.answers import SAID
from seikyu.engine.hosted.view import address_lines
from seikyu.engine.hosted.words import BRANDS
from seikyu.engine.store.portal import (
    OwnCard,
    OwnInvoice,
    OwnInvoices,
    OwnSubscription,
    PortalVisit,
)

PLACE = ("postal_code", "state", "city", "line1", "line2")
"""The parts of an address that the form asks for; the country stays as it is."""


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice in the list. ``tone`` is how its badge looks; ``moment`` is the day that matters."""

    id: str
    number: str
    badge: str
    explanation: str
    tone: str
    moment: str
    amount: str
    is_owed: bool
    has_receipt: bool


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription in the list. ``moment``: when it renews or ends."""

    id: str
    name: str
    moment: str
    is_ending: bool


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card in the list."""

    id: str
    name: str
    expiry: str
    expired: bool
    is_default: bool


class PortalView:
    """One customer's portal, ready for the templates."""

    def __init__(self, who: PortalVisit, locale: str) -> None:
        """``locale`` is one of ``language.LOCALES``."""
        self.who = who
        self.locale = locale
        self.words: Mapping[str, str] = SAID[locale]
        self.livemode = who.world.livemode
        self.issuer: str = who.business.name or who.world.account.name
        self.home = f"p/session/{who.key}"

    @property
    def customer(self) -> str:
        """Whose portal it is; empty for a customer without a name."""
        name = self.who.customer_name
        return language.addressed(name, self.locale) if name else ""

    @property
    def ends(self) -> str:
        """Until when the session is open, in the issuer's time zone."""
        moment = language.clock_time(self.who.ends_at, self.who.time_zone)
        return self.words["portal_ends"].format(time=moment)

    @property
    def contact(self) -> list[str]:
        """Where the issuer is and how to reach it, line by line."""
        business, words = self.who.business, self.words
        country = self.who.world.account.country
        lines = list(address_lines(business.address, self.locale, country))
        if business.phone:
            lines.append(words["phone"].format(phone=business.phone))
        if business.email:
            lines.append(business.email)
        return lines

    def sums(self, invoices: OwnInvoices) -> list[tuple[str, str]]:
        """For each currency, how many invoices are owed and what remains of them."""
        said = self.words["owed_sum"]
        return [
            (said.format(count=count), language.money(amount, currency, decimals))
            for currency, decimals, count, amount in invoices.sums
        ]

    def invoice(self, invoice: OwnInvoice) -> InvoiceRow:
        """Write out an invoice of the list."""
        badge, japanese = invoice.badge, self.locale == "ja"
        if invoice.is_owed and invoice.due_date is not None:
            moment = self.words["due"].format(day=self.day(invoice.due_date))
        else:
            moment = self.words["issued"].format(day=self.day(invoice.issued_at))
        tone = badge.name.lower().replace(" ", "_")
        return InvoiceRow(
            id=invoice.id,
            number=invoice.number,
            badge=badge.label_ja if japanese else badge.label,
            explanation=badge.explanation_ja if japanese else badge.explanation,
            tone="processing" if tone == "pending" else tone,
            moment=moment,
            amount=language.money(invoice.amount, invoice.currency, invoice.decimals),
            is_owed=invoice.is_owed,
            has_receipt=invoice.has_receipt,
        )

    def subscription(self, one: OwnSubscription) -> SubscriptionRow:
        """Write out a subscription."""
        ending = one.ends_at is not None
        said = self.words["subscription_ends" if ending else "subscription_renews"]
        day = self.day(one.ends_at if one.ends_at is not None else one.renews_at)
        name = ", ".join(one.names) or self.words["subscriptions_title"]
        return SubscriptionRow(one.id, name, said.format(day=day), ending)

    def card(self, card: OwnCard) -> CardRow:
        """Write out a card. It is good to the end of its month."""
        year, month = language.year_and_month(self.who.now, self.who.time_zone)
        expired = (card.exp_year, card.exp_month) < (year, month)
        said = self.words["card_expired" if expired else "card_expires"]
        return CardRow(
            id=card.id,
            name=self.card_name(card),
            expiry=said.format(month=f"{card.exp_month:02}", year=card.exp_year),
            expired=expired,
            is_default=card.id == self.who.default_card,
        )

    def card_name(self, card: OwnCard) -> str:
        """Name a card by brand and last four digits."""
        brand = BRANDS.get(card.brand, card.brand.title())
        return self.words["by_card"].format(brand=brand, last4=card.last4)

    @property
    def details(self) -> list[tuple[str, list[str]]]:
        """What is known of the customer: the name, and whatever may be changed."""
        shown = dict.fromkeys(("name", *self.who.changeable))
        return [(self._label(name), self._detail(name)) for name in shown]

    def _label(self, name: str) -> str:
        return self.words["phone_number" if name == "phone" else name]

    def _detail(self, name: str) -> list[str]:
        value: Any = self.who.details.get(name)
        home = self.who.world.account.country
        if name == "address":
            lines = list(address_lines(value, self.locale, home))
        elif name == "shipping":
            place = address_lines((value or {}).get("address"), self.locale, home)
            lines = [line for line in ((value or {}).get("name"), *place) if line]
        else:
            lines = [value] if value else []
        return lines or [self.words["not_given"]]

    def day(self, moment: int) -> str:
        """Write the day of a Unix time in the issuer's zone."""
        return language.day(moment, self.locale, self.who.time_zone)
