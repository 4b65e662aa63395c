"""board's words: its statuses and kinds as numbers, each with the Japanese label board shows.

The one place where board's code numbers get a name. The numbers are not in the order of the life
they describe (4 請求OK comes before 2 請求済), so no rule may compare them by size.
Source of the numbers: board's public API documentation, v1.9.0.
"""

from enum import IntEnum, StrEnum


class InvoiceStatus(IntEnum):
    """請求ステータス, listed in the order of an invoice's life.

    `INVOICE_OK` means "may be invoiced" and counts as not yet invoiced; `PARTLY_PAID` counts as
    unpaid.
    """

    NOT_INVOICED = 1
    INVOICE_OK = 4
    INVOICED = 2
    PARTLY_PAID = 5
    PAID = 3
    UNCOLLECTIBLE = 9

    @property
    def label(self) -> str:
        """Return the word board shows."""
        return _INVOICE_STATUS_LABELS[self]


class OrderStatus(IntEnum):
    """受注ステータス of a project. Only `ORDERED` (受注済) is surely won; `CONFIRMED` may be."""

    ESTIMATING_HIGH = 1
    ESTIMATING_MIDDLE = 2
    ESTIMATING_LOW = 3
    ESTIMATING_EXCLUDED = 8
    CONFIRMED = 4
    ORDERED = 5
    LOST = 9

    @property
    def label(self) -> str:
        """Return the word board shows."""
        return _ORDER_STATUS_LABELS[self]


class PaymentMethod(IntEnum):
    """支払方法 (`payment_method_kbn`)."""

    BANK_TRANSFER = 1
    DIRECT_DEBIT = 2
    CREDIT_CARD = 3
    CASH = 4
    CASH_ON_DELIVERY = 5
    CONVENIENCE_STORE = 6
    POSTAL_TRANSFER = 7

    @property
    def label(self) -> str:
        """Return the word board shows."""
        return _PAYMENT_METHOD_LABELS[self]


class InvoiceTiming(IntEnum):
    """請求タイミング (`invoice_timing_kbn`): how many 請求 records a project makes by itself."""

    ONCE = 1
    RECURRING = 2
    SPLIT = 3

    @property
    def label(self) -> str:
        """Return the word board shows."""
        return _INVOICE_TIMING_LABELS[self]


class TaxRounding(IntEnum):
    """消費税の端数処理 (`tax_rule_kbn`), applied once per tax rate and invoice."""

    ROUND = 1
    FLOOR = 2
    CEILING = 3

    @property
    def label(self) -> str:
        """Return the word board shows."""
        return _TAX_ROUNDING_LABELS[self]


class LineKind(IntEnum):
    """明細区分 (`document_detail_kbn`)."""

    NORMAL = 1
    HEADING = 2
    SUBTOTAL = 3

    @property
    def label(self) -> str:
        """Return the word board shows."""
        return _LINE_KIND_LABELS[self]


class Operation(StrEnum):
    """What a token can be allowed to do, in the words of board's token page (操作権限)."""

    LIST_CLIENTS = "顧客リスト取得"
    GET_CLIENT = "顧客取得"
    CREATE_CLIENT = "顧客登録"
    LIST_PROJECTS = "案件リスト取得"
    GET_PROJECT = "案件取得"
    LIST_INVOICES = "請求リスト取得"
    SET_INVOICE_STATUS = "請求ステータス更新"
    GET_INVOICE_DOCUMENT = "請求書取得"
    LIST_PAYMENT_TERMS = "支払条件リスト取得"


class ResponseGroup(StrEnum):
    """How much of a record an answer carries.

    A document group means small plus that document; `ALL` means large plus every document.
    """

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    ESTIMATE = "estimate"
    ORDER = "order"
    DELIVERY = "delivery"
    INVOICE = "invoice"
    RECEIPT = "receipt"
    PROJECT_COST = "project_cost"
    ALL = "all"


_INVOICE_STATUS_LABELS = {
    InvoiceStatus.NOT_INVOICED: "未請求",
    InvoiceStatus.INVOICE_OK: "請求OK",
    InvoiceStatus.INVOICED: "請求済",
    InvoiceStatus.PARTLY_PAID: "一部入金済",
    InvoiceStatus.PAID: "入金済",
    InvoiceStatus.UNCOLLECTIBLE: "回収不能",
}
_ORDER_STATUS_LABELS = {
    OrderStatus.ESTIMATING_HIGH: "見積中(高)",
    OrderStatus.ESTIMATING_MIDDLE: "見積中(中)",
    OrderStatus.ESTIMATING_LOW: "見積中(低)",
    OrderStatus.ESTIMATING_EXCLUDED: "見積中(除)",
    OrderStatus.CONFIRMED: "受注確定",
    OrderStatus.ORDERED: "受注済",
    OrderStatus.LOST: "失注",
}
_PAYMENT_METHOD_LABELS = {
    PaymentMethod.BANK_TRANSFER: "銀行振込",
    PaymentMethod.DIRECT_DEBIT: "口座振替",
    PaymentMethod.CREDIT_CARD: "クレジットカード",
    PaymentMethod.CASH: "現金支払",
    PaymentMethod.CASH_ON_DELIVERY: "代金引換",
    PaymentMethod.CONVENIENCE_STORE: "コンビニ支払",
    PaymentMethod.POSTAL_TRANSFER: "郵便振替",
}
_INVOICE_TIMING_LABELS = {
    InvoiceTiming.ONCE: "一括請求",
    InvoiceTiming.RECURRING: "定期請求",
    InvoiceTiming.SPLIT: "分割請求",
}
_TAX_ROUNDING_LABELS = {
    TaxRounding.ROUND: "四捨五入",
    TaxRounding.FLOOR: "切り捨て",
    TaxRounding.CEILING: "切り上げ",
}
_LINE_KIND_LABELS = {
    LineKind.NORMAL: "通常行",
    LineKind.HEADING: "見出し行",
    LineKind.SUBTOTAL: "小計行",
}
