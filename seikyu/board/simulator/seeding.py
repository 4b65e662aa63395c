"""Builds a seed: the records a simulator starts with, in the shape of a seed file.

A seed is one JSON object: `company` (a name), `payment_terms`, `clients`, `projects`, `invoices`
(each with its 請求書 under `invoice`) in board's own field names, and `cards` (client's mail
address → Stripe test payment method, or null for a Stripe customer without a card; an address that
is absent has no Stripe customer yet). What can be derived need not be written: names of statuses,
the client and the project's words inside an invoice, and sums of lines.

請求ID and 請求書ID are counted separately but overlap, as in board: an id of the one kind is often
also an id of the other, for another record. Who confuses them reads the wrong document.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from seikyu.board.simulator.tax import rounded, totals
from seikyu.board.words import (
    InvoiceStatus,
    InvoiceTiming,
    OrderStatus,
    PaymentMethod,
    TaxRounding,
)

Line = dict[str, object]
Seed = dict[str, object]

PAYMENT_TERMS = ("月末締翌月末払", "月末締翌々月末払", "20日締翌月20日払", "請求日から14日以内")


def line(
    description: str,
    unit_price: int | str,
    *,
    quantity: int | str = 1,
    unit: str = "式",
    rate: int = 10,
    included: bool = False,
    withholding: bool = False,
) -> Line:
    """Return a normal line; its price is quantity x unit price, cut off to whole yen."""
    exact = Fraction(Decimal(str(quantity))) * Fraction(Decimal(str(unit_price)))
    return {
        **_EMPTY_LINE,
        "description": description,
        "quantity": str(Decimal(str(quantity)) + Decimal("0.0")),
        "unit": unit,
        "unit_price": str(Decimal(str(unit_price)) + Decimal("0.0")),
        "price": f"{rounded(exact, TaxRounding.FLOOR)}.0",
        "tax_rate": f"{rate}.0",
        "tax_included_flg": int(included),
        "tax_withholding_flg": int(withholding),
        "reduced_tax_rate_kbn": 2 if rate == 8 else 1,
    }


def note(description: str) -> Line:
    """Return a line that is only text."""
    return {**_EMPTY_LINE, "description": description}


def heading(description: str) -> Line:
    """Return a 見出し行."""
    return {**_EMPTY_LINE, "document_detail_kbn": 2, "section_description": description}


def subtotal(lines: Iterable[Line]) -> Line:
    """Return a 小計行 over the given lines."""
    amount = sum(int(Decimal(str(each["price"]))) for each in lines if each["price"] is not None)
    return {
        **_EMPTY_LINE,
        "document_detail_kbn": 3,
        "section_description": "小計",
        "section_subtotal": f"{amount}.0",
    }


_EMPTY_LINE: Mapping[str, object] = {
    "detail_date": None,
    "description": "",
    "quantity": None,
    "unit": None,
    "unit_price": None,
    "price": None,
    "tax_rate": "10.0",
    "tax_included_flg": 0,
    "tax_withholding_flg": 0,
    "reduced_tax_rate_kbn": 1,
    "section_description": None,
    "section_subtotal": None,
    "document_detail_kbn": 1,
    "deduction_applicable": True,
}


class SeedBuilder:
    """Collects records and counts their ids, each kind in its own id space."""

    def __init__(self, company: str, created_at: datetime) -> None:
        """Start with the payment terms only; records are created at `created_at`."""
        self._company, self._created_at = company, created_at.isoformat(timespec="milliseconds")
        self._clients: list[dict[str, object]] = []
        self._projects: list[dict[str, object]] = []
        self._invoices: list[dict[str, object]] = []
        self._cards: dict[str, str | None] = {}

    def client(
        self, name: str, to: str = "", *, cc: str = "", card: str | bool | None = False, **more: str
    ) -> int:
        """Add a client and return its id. `card`: a test token, None: customer without a card."""
        client_id = 201 + len(self._clients)
        self._clients.append(
            {
                "id": client_id,
                "name": name,
                "name_disp": name,
                "to": to,
                "cc": cc,
                "custom_no": f"C{client_id}",
                "currency": "JPY",
                "created_at": self._created_at,
                "updated_at": self._created_at,
                **more,
            }
        )
        if not isinstance(card, bool):
            self._cards[to] = card
        return client_id

    def project(
        self,
        client_id: int,
        name: str,
        *,
        order_status: OrderStatus = OrderStatus.ORDERED,
        payment_method: PaymentMethod = PaymentMethod.CREDIT_CARD,
        timing: InvoiceTiming = InvoiceTiming.ONCE,
        rounding: TaxRounding = TaxRounding.FLOOR,
        to: str = "",
        currency: str = "JPY",
    ) -> int:
        """Add a project and return its id."""
        number = len(self._projects)
        self._projects.append(
            {
                "id": 501 + number,
                "project_no": 1 + number,
                "management_no": f"P-{1 + number:05}",
                "name": name,
                "client_id": client_id,
                "order_status": int(order_status),
                "payment_method_kbn": int(payment_method),
                "invoice_timing_kbn": int(timing),
                "tax_rule_kbn": int(rounding),
                "to": to,
                "cc": "",
                "currency": currency,
                "payment_term_id": 1,
                "created_at": self._created_at,
                "updated_at": self._created_at,
            }
        )
        return 501 + number

    def invoice(
        self,
        project_id: int,
        lines: Iterable[Line],
        *,
        invoice_date: date,
        payment_limit_date: date,
        updated_at: datetime,
        status: InvoiceStatus = InvoiceStatus.INVOICED,
        message: str | None = None,
        paid_date: date | None = None,
    ) -> int:
        """Add a 請求 with its 請求書, its sums by board's rule; return the 請求ID."""
        invoice_id = 1001 + len(self._invoices)
        rounding = TaxRounding(int(str(self._projects[project_id - 501]["tax_rule_kbn"])))
        details = [{"no": no, **each} for no, each in enumerate(lines, start=1)]
        sums = totals(details, rounding)
        self._invoices.append(
            {
                "id": invoice_id,
                "project_id": project_id,
                "invoice_date": invoice_date.isoformat(),
                "payment_limit_date": payment_limit_date.isoformat(),
                "invoice_status": int(status),
                "paid_date": paid_date.isoformat() if paid_date else None,
                "created_at": self._created_at,
                "updated_at": updated_at.isoformat(timespec="milliseconds"),
                "invoice": {
                    "id": invoice_id + 7,
                    "message": message,
                    "total": f"{sums.total}.0",
                    "tax": f"{sums.tax}.0",
                    "tax_withholding": f"{sums.tax_withholding}.0",
                    "details": details,
                },
            }
        )
        return invoice_id

    def seed(self) -> Seed:
        """Return the seed, ready to be written as JSON."""
        return {
            "company": self._company,
            "payment_terms": [
                {"id": id, "name": name} for id, name in enumerate(PAYMENT_TERMS, start=1)
            ],
            "clients": self._clients,
            "projects": self._projects,
            "invoices": self._invoices,
            "cards": self._cards,
        }
