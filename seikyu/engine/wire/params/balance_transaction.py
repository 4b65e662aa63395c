"""Parameters of ``/v1/customers/{id}/balance_transactions``."""

from seikyu.engine.wire.params.filters import CreatedPaging
from seikyu.engine.wire.params.kinds import Amount, Currency, Expand, ShortText, Word
from seikyu.engine.wire.params.metadata import Metadata


class BalanceTransactionCreate(Expand):
    """``POST /v1/customers/{id}/balance_transactions``. Minor units; negative favours the customer."""

    amount: Amount
    currency: Currency
    description: ShortText = None
    metadata: Metadata = None


class BalanceTransactionUpdate(Expand):
    """``POST /v1/customers/{id}/balance_transactions/{transaction}``."""

    description: ShortText = None
    metadata: Metadata = None


class BalanceTransactionList(CreatedPaging):
    """``GET /v1/customers/{id}/balance_transactions``."""

    invoice: Word | None = None
