"""`seikyu sandbox run`: the main job of Seikyu on made-up data, from board to 入金済 and back.

1. The sample's customers get their Stripe customers and test cards.
2. One sync: cards are charged, and customers who have no card are e-mailed a payment page.
3. One of the e-mailed invoices is paid at its page, as the customer would; the webhook comes back, and
   board says 入金済.
Every step looks first whether it was done: a second run sends and charges nothing.
"""

import os
import time
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table

from seikyu.board.client import BoardClient
from seikyu.board.documents import Invoice
from seikyu.board.words import InvoiceStatus
from seikyu.commands import customer
from seikyu.commands.connector import now
from seikyu.commands.failures import CannotStart
from seikyu.commands.sandbox_parts import Parts
from seikyu.commands.stripe_forms import StripeForms
from seikyu.connector import webhooks
from seikyu.connector.cli import language_of, sync_once
from seikyu.connector.facts import Link
from seikyu.connector.report import FAILED

BACK_SYNC_SECONDS = 30
POLL_SECONDS = 0.2

Statuses = Mapping[int, Invoice]


def tell(parts: Parts, console: Console) -> None:
    """Go through the story. Raises CannotStart where it cannot go on."""
    for moved in parts.moved:
        console.print(f"Port {moved.wanted} is used already; the {moved.name} has {moved.port}.")
    names = prepare_customers(parts.stripe, parts.connection.board_client, parts.cards)
    console.print(f"Stripe has {names} sample customers with their test cards.")
    before = statuses(parts)
    show_counts(console, "board before", before)
    _sync(parts, console)
    _pay_one(parts, console)
    after = statuses(parts)
    show_counts(console, "board after", after)
    show_changes(console, before, after)


# ── 1. customers ────────────────────────────────────────────────────────────────────────────────


def prepare_customers(
    stripe: StripeForms, board: BoardClient, cards: Mapping[str, str | None]
) -> int:
    """Give each of these mail addresses a Stripe customer, with its test card, once."""
    names = {address: client.name for client in board.list_clients() for address in client.to or ()}
    for address, card in cards.items():
        if not stripe.get("/v1/customers", email=address, limit="1")["data"]:
            _create_customer(stripe, names.get(address, address), address, card)
    return len(cards)


def _create_customer(stripe: StripeForms, name: str, address: str, card: str | None) -> None:
    form = {"name": name, "email": address, "preferred_locales[0]": "ja"}
    if card is not None:
        form |= {"payment_method": card, "invoice_settings[default_payment_method]": card}
    stripe.post("/v1/customers", form, once=f"customer-{address}")


# ── 2. sync ─────────────────────────────────────────────────────────────────────────────────────


def _sync(parts: Parts, console: Console) -> None:
    console.rule("seikyu sync (自動チャージ; who has no card gets a payment page: メール送信)")
    language = language_of(None, os.environ)
    code = sync_once(
        parts.environ, now, dry_run=False, as_json=False, language=language, requested_by="sandbox"
    )
    if code == FAILED:
        raise CannotStart("The sync did not reach its end; see above.")


# ── 3. a customer pays ──────────────────────────────────────────────────────────────────────────


def _pay_one(parts: Parts, console: Console) -> None:
    console.rule("A customer pays at the payment page")
    link = _emailed(parts)
    if link is None:
        console.print("No invoice was e-mailed.")
        return
    invoice = parts.stripe.get(f"/v1/invoices/{link.stripe_invoice_id}")
    # The page may have been made while the engine had another port.
    page = parts.engine.base + urlsplit(invoice["hosted_invoice_url"]).path
    about = f"{link.name} of {link.client_name}, {invoice['amount_due']:,} JPY"
    if invoice["status"] == "paid":
        console.print(f"{about}: was paid in an earlier run. {page}", soft_wrap=True)
    else:
        console.print(f"{about}: paying at {page}", soft_wrap=True)
        customer.pay(page)
        paid = parts.stripe.get(f"/v1/invoices/{link.stripe_invoice_id}")
        console.print(f"Stripe says: {paid['status']}.")
    _wait_for_board(parts, console, link)


def _emailed(parts: Parts) -> Link | None:
    """Return the first invoice that was e-mailed: in every run the same one."""
    sent = parts.connection.links.of_invoices(list(statuses(parts)))
    mailed = [link for link in sent.values() if link.mode == "email" and link.stripe_invoice_id]
    return min(mailed, key=lambda link: link.board_invoice_id, default=None)


def _wait_for_board(parts: Parts, console: Console, link: Link) -> None:
    """Wait until the webhook has come back and board was told; else look without one."""
    deadline = time.monotonic() + BACK_SYNC_SECONDS
    while not _carried_over(parts, link):
        if time.monotonic() > deadline:
            console.print("No webhook came; looking at Stripe without one.")
            webhooks.sweep(parts.connection)
            return
        time.sleep(POLL_SECONDS)
    console.print(f"board says: {InvoiceStatus.PAID.label}.")


def _carried_over(parts: Parts, link: Link) -> bool:
    """Whether the payment was noted, which comes after board has answered."""
    found = parts.connection.links.of_invoices([link.board_invoice_id])
    return found[link.board_invoice_id].seen_status == "paid"


# ── board before and after ──────────────────────────────────────────────────────────────────────


def statuses(parts: Parts) -> Statuses:
    """Return board's invoices by 請求ID, as board has them now."""
    return {invoice.id: invoice for invoice in parts.connection.board_client.list_invoices()}


def show_counts(console: Console, title: str, invoices: Statuses) -> None:
    """Print how many invoices have each 請求ステータス."""
    counted = Counter(invoice.invoice_status for invoice in invoices.values())
    told = " · ".join(
        f"{status.label} {counted[status]}" for status in InvoiceStatus if counted[status]
    )
    console.print(f"{title}: {told}", soft_wrap=True)


def show_changes(console: Console, before: Statuses, after: Statuses) -> None:
    """Print what became of which invoice in board."""
    changed = [
        (before[id], invoice)
        for id, invoice in sorted(after.items())
        if id in before and before[id].invoice_status is not invoice.invoice_status
    ]
    if not changed:
        console.print("Nothing changed in board: everything was done in an earlier run.")
        return
    table = Table("請求ID", "顧客", "案件名", "請求ステータス", title="What changed in board")
    for old, new in changed:
        became = f"{old.invoice_status.label} → {new.invoice_status.label}"
        table.add_row(str(new.id), new.client.name, new.name, became)
    console.print(table)


def show_addresses(console: Console, parts: Parts) -> None:
    """Print where everything is, and how to try it."""
    key = parts.keys.test_secret_key
    lines = (
        f"engine      {parts.engine.base}   key {key}",
        f"board       {parts.board.base}/   (simulator: its page, and its API under /v1)",
        f"connector   {parts.receiver.base}{webhooks.PATH}   (receives the webhooks)",
        "",
        "import stripe",
        f'client = stripe.StripeClient("{key}", base_addresses={{"api": "{parts.engine.base}"}})',
        "for invoice in client.v1.invoices.list({'limit': 3}):",
        "    print(invoice.number, invoice.status, invoice.hosted_invoice_url)",
    )
    console.rule("Try it")
    for line in lines:
        console.print(line, soft_wrap=True, markup=False, highlight=False)
