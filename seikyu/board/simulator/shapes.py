"""Shows records as board's API does: how much of each a response group carries, and in what form.

Money and quantities become strings such as "90000.0", statuses get their names beside them, and an
invoice is completed from its project. Which group carries what is documented by board for the
groups as wholes only; the split between small, medium and large below is ours, with the documented
points kept: `to`, `cc` and `custom_no` of a client are not in small; a document group is small plus
that document; all is large plus every document.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import IntEnum

from seikyu.board.simulator.state import Body, Records
from seikyu.board.words import (
    InvoiceStatus,
    InvoiceTiming,
    LineKind,
    OrderStatus,
    PaymentMethod,
    TaxRounding,
)

CLIENT_GROUPS = ("small", "large")
GROUPS = (
    "small", "medium", "large", "estimate", "order", "delivery", "invoice", "receipt",
    "project_cost", "all",
)  # fmt: skip
_SIZES = {"small": 0, "medium": 1, "large": 2, "all": 2}
_USER = {"id": 1, "last_name": "見本", "first_name": "太郎"}


class Shapes:
    """Renders the records of one simulated company."""

    def __init__(self, records: Records) -> None:
        """Render from these records."""
        self._records = records

    def client(self, body: Body, group: str) -> Body:
        """Return a 顧客; `large` has everything."""
        shown: Body = {
            "id": body["id"],
            "name": body.get("name", ""),
            "name_disp": body.get("name_disp") or body.get("name", ""),
            "zip": body.get("zip", ""),
            "pref": body.get("pref", ""),
            "address1": body.get("address1", ""),
            "address2": body.get("address2", ""),
            "tel": body.get("tel", ""),
            "archive_flg": body.get("archive_flg", 0),
            "created_at": body["created_at"],
            "updated_at": body["updated_at"],
        }
        if group == "large":
            shown |= {
                "to": body.get("to") or "",
                "cc": body.get("cc") or "",
                "custom_no": body.get("custom_no") or "",
                "payment_term_id": body.get("payment_term_id"),
                "payment_term_name": self._term(body),
                "invoice_system_number": body.get("invoice_system_number") or "",
                "note": body.get("note") or "",
                "tags": body.get("tags") or [],
                "currency": body.get("currency") or "JPY",
                "lang_kbn": 1,
                "lang_kbn_name": "日本語",
            }
        return shown

    def project(self, body: Body, group: str) -> Body:
        """Return a 案件, with its 請求書 in the groups `invoice` and `all`."""
        documents = [
            invoice["invoice"] for invoice in self._records.invoices_of_project(_int(body, "id"))
        ]
        shown: Body = {
            "id": body["id"],
            "project_no": body.get("project_no"),
            "management_no": body.get("management_no"),
            "name": body.get("name", ""),
            "client": self._client_of(body),
            "total": _sum(documents, "total"),
            "tax": _sum(documents, "tax"),
            **_labelled(body, "order_status", OrderStatus),
            **_labelled(body, "invoice_timing_kbn", InvoiceTiming),
            "created_at": body["created_at"],
            "updated_at": body["updated_at"],
        }
        size = _SIZES.get(group, 0)
        if size >= 1:
            shown |= {"contact": body.get("contact"), "user": _USER, "tags": body.get("tags") or []}
        if size >= 2:
            shown |= {
                **_labelled(body, "payment_method_kbn", PaymentMethod),
                **_labelled(body, "tax_rule_kbn", TaxRounding),
                "to": body.get("to"),
                "cc": body.get("cc"),
                "payment_term_id": body.get("payment_term_id"),
                "payment_term_name": self._term(body),
                "currency": body.get("currency") or "JPY",
                "lock_flg": body.get("lock_flg", 0),
                "archive_flg": body.get("archive_flg", 0),
            }
        if group in ("invoice", "all"):
            shown["invoices"] = [self.document(invoice) for invoice in self._of_project(body)]
        return shown

    def invoice(self, body: Body, group: str, *, with_payment_method: bool = True) -> Body:
        """Return a 請求, with its 請求書 in the groups `invoice` and `all`.

        `with_payment_method` says whether large and all carry 支払方法, which is unverified.
        """
        project = self._project_of(body)
        document = _map(body["invoice"])
        shown: Body = {
            "id": body["id"],
            "project_id": body["project_id"],
            "project_no": project.get("project_no"),
            "management_no": project.get("management_no"),
            "name": project.get("name", ""),
            "client": self._client_of(project),
            "total": _decimal(document.get("total") or 0),
            "tax": _decimal(document.get("tax") or 0),
            "invoice_date": body.get("invoice_date"),
            "payment_limit_date": body.get("payment_limit_date"),
            **_labelled(project, "order_status", OrderStatus),
            **_labelled(body, "invoice_status", InvoiceStatus),
            "created_at": body["created_at"],
            "updated_at": body["updated_at"],
        }
        size = _SIZES.get(group, 0)
        if size >= 1:
            shown |= {
                "contact": project.get("contact"),
                "user": _USER,
                "cost_total": 0,
                "cost_tax": 0,
            }
        if size >= 2:
            shown |= {
                "paid_date": body.get("paid_date"),
                "tags": body.get("tags") or [],
                "lock_flg": body.get("lock_flg", 0),
                "currency": project.get("currency") or "JPY",
                "lang_kbn": 1,
                "lang_kbn_name": "日本語",
            }
            if with_payment_method:
                shown |= _labelled(project, "payment_method_kbn", PaymentMethod)
        if group in ("invoice", "all"):
            shown["invoice"] = self.document(body)
        return shown

    def document(self, body: Body) -> Body:
        """Return the 請求書 of a 請求."""
        document = _map(body["invoice"])
        details = document.get("details") or []
        return {
            "id": document["id"],
            "message": document.get("message"),
            "total": _decimal(document.get("total") or 0),
            "tax": _decimal(document.get("tax") or 0),
            "tax_withholding": _decimal(document.get("tax_withholding") or 0),
            "seal_approval_status": 1,
            "document_amount_disp_kbn": 1,
            "lock_flg": document.get("lock_flg", 0),
            "invoice_date": body.get("invoice_date"),
            "payment_limit_date": body.get("payment_limit_date"),
            "details": [_line(_map(line)) for line in details] if isinstance(details, list) else [],
        }

    def payment_term(self, body: Body) -> Body:
        """Return a 支払条件."""
        return {"archive_flg": 0, **body}

    def _project_of(self, body: Body) -> Body:
        return self._records.get("projects", _int(body, "project_id")) or {}

    def _of_project(self, body: Body) -> list[Body]:
        return self._records.invoices_of_project(_int(body, "id"))

    def _client_of(self, project: Body) -> Body:
        client = self._records.get("clients", _int(project, "client_id")) or {}
        return {
            "id": project["client_id"],
            "name": client.get("name", ""),
            "name_disp": client.get("name_disp") or client.get("name", ""),
            "custom_no": client.get("custom_no"),
        }

    def _term(self, body: Body) -> object:
        term = body.get("payment_term_id")
        found = self._records.get("payment_terms", term) if isinstance(term, int) else None
        return found["name"] if found else None


def _labelled(body: Body, name: str, kinds: type[IntEnum]) -> Body:
    value = body.get(name)
    label = getattr(kinds(value), "label", "") if isinstance(value, int) else None
    return {name: value, f"{name}_name": label}


def _line(line: Mapping[str, object]) -> Body:
    shown = dict(line)
    for name in ("quantity", "unit_price", "price", "tax_rate", "section_subtotal"):
        if shown.get(name) is not None:
            shown[name] = _decimal(shown[name])
    return shown | _labelled(shown, "document_detail_kbn", LineKind)


def _decimal(value: object) -> str:
    """Write a number as board does: always with a decimal point."""
    return str(Decimal(str(value)) + Decimal("0.0"))


def _sum(documents: list[object], name: str) -> str:
    return _decimal(sum(Decimal(str(_map(document).get(name) or 0)) for document in documents))


def _int(body: Mapping[str, object], name: str) -> int:
    value = body.get(name)
    return value if isinstance(value, int) else 0


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
