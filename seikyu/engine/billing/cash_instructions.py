"""Funding instructions: the bank account that a customer is told to transfer money to.

In test mode it is a sample that no bank has, another number for every customer. In live mode it is the
account's own bank account of the settings or, where the account has bought a range of virtual accounts
from its bank and says so there, one number of that range that only this customer is told: then the number
alone says who paid. A customer always gets the same one. No number is ever made up in live mode.
Source: Stripe, "Bank transfers in Japan" (funding instructions, zengin).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from seikyu.engine.billing.account import Account
from seikyu.engine.billing.cash import CashBalance
from seikyu.engine.billing.changing import replace
from seikyu.engine.billing.refusals import NoBankAccount, NotServed
from seikyu.engine.billing.settings import BankAccount, Settings

if TYPE_CHECKING:
    from seikyu.engine.billing.book import Book

JAPANESE_TRANSFER = "jp_bank_transfer"

TRANSFERS = {
    "jpy": JAPANESE_TRANSFER,
    "usd": "us_bank_transfer",
    "eur": "eu_bank_transfer",
    "gbp": "gb_bank_transfer",
    "mxn": "mx_bank_transfer",
}
"""Currency → Stripe's type of a bank transfer in it."""

SAMPLE_BANK = BankAccount(
    bank_name="サンプル銀行 (テスト)",
    bank_code="9999",
    branch_name="サンプル支店",
    branch_code="999",
    account_type="futsu",
)
"""No bank has this code; nobody can send money there by mistake."""

NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


@dataclass(frozen=True, slots=True)
class Instructions:
    """Where a customer's transfers go. ``address`` is Stripe's hash of a zengin account."""

    id: str
    currency: str
    country: str = "JP"
    version: int = 0
    address: dict[str, Any] = field(default_factory=dict)


def instructed(
    book: "Book", cash: CashBalance, currency: str, *, livemode: bool
) -> tuple[CashBalance, Instructions]:
    """Return what the customer is told, and the balance with the number that is theirs from now on.

    Raises NotServed (currency), NoBankAccount (settings).
    """
    served(currency)
    cash = _numbered(cash, book.settings, book.last_virtual, livemode=livemode)
    bank = transfer_account(book.account, book.settings, cash, livemode=livemode)
    if bank is None:
        raise NoBankAccount(
            "There is no bank account that customers could be told. Set bank_account in the settings "
            "(/v1/seikyu/settings) first.",
            "funding_type",
        )
    return cash, Instructions(cash.customer_id, currency, address=zengin(bank))


def served(currency: str, param: str = "currency") -> None:
    """Raise NotServed for transfers in another currency than yen."""
    if currency != "jpy":
        raise NotServed(
            f"Bank transfers are served in jpy (jp_bank_transfer), not in {currency}.", param
        )


def transfer_account(
    account: Account, settings: Settings, cash: CashBalance | None, *, livemode: bool
) -> BankAccount | None:
    """Return where this customer's transfers go, None when there is no account to tell.

    For pages and papers too: it decides nothing and gives no number out.
    """
    own = settings.bank_account
    number = None if cash is None else cash.virtual_number
    if not livemode:
        holder = own.account_holder_name or settings.business.name or account.name
        return replace(SAMPLE_BANK, account_number=number or "0000000", account_holder_name=holder)
    if number is not None and cash is not None and cash.virtual_branch is not None:
        name = own.virtual_branch_name if cash.virtual_branch == own.virtual_branch_code else None
        return replace(
            own,
            account_type="futsu",
            account_number=number,
            branch_code=cash.virtual_branch,
            branch_name=name,
        )
    return own if own.account_number else None


def zengin(bank: BankAccount) -> dict[str, Any]:
    """Return the account as Stripe's hash ``zengin``."""
    return {
        "account_holder_address": NO_ADDRESS,
        "account_holder_name": bank.account_holder_name,
        "account_number": bank.account_number,
        "account_type": bank.account_type,
        "bank_address": NO_ADDRESS,
        "bank_code": bank.bank_code,
        "bank_name": bank.bank_name,
        "branch_code": bank.branch_code,
        "branch_name": bank.branch_name,
    }


def virtual_branch(settings: Settings, *, livemode: bool) -> str | None:
    """Return the branch in which customers' numbers are given out, None when there is none."""
    if not livemode:
        return SAMPLE_BANK.branch_code
    bank = settings.bank_account
    ready = bank.virtual_branch_code and bank.virtual_first_number and bank.virtual_last_number
    return bank.virtual_branch_code if ready else None


def _numbered(
    cash: CashBalance, settings: Settings, last: int | None, *, livemode: bool
) -> CashBalance:
    """Give the customer a number, when numbers are given out and it has none.

    ``last``: the highest number given out so far. Raises NoBankAccount at the end of the range.
    """
    branch = virtual_branch(settings, livemode=livemode)
    if branch is None or cash.virtual_number is not None:
        return cash
    first, end = 1, 9_999_999
    if livemode:
        bank = settings.bank_account
        first, end = int(bank.virtual_first_number or 1), int(bank.virtual_last_number or 0)
    number = max(first, (last or 0) + 1)
    if number > end:
        raise NoBankAccount(
            f"All virtual accounts of branch {branch} up to {end:07d} were given out. Set a further "
            "range in bank_account of the settings.",
            "funding_type",
        )
    return replace(cash, virtual_branch=branch, virtual_number=f"{number:07d}")
