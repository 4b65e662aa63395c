"""Random histories with transfers in them: money comes, is applied, moved, given back, and deaths between.

The commands of `random_world` go on beside those of cash balances, so that cards, plans, subscriptions and
transfers meet on the same invoices. A failing history names its seed; ``SEIKYU_TEST_SEED`` repeats it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import create_engine, text

from tests.simulation.random_world import COMMANDS, RandomWorld
from tests.simulation.test_random_histories import expect_due_times, expect_sound, seed_of_run

HISTORIES_ON_SQLITE = 6
A_HISTORY = 800

AMOUNTS = (1, 700, 1_000, 6_000, 10_000, 16_000, 330_000)
BANK = "customer_cash_balance_transaction"
LINE = "seikyu.bank_statement_line"


def _fund(w: RandomWorld) -> None:
    w.post(
        f"/v1/test_helpers/customers/{w.any('customer')}/fund_cash_balance",
        amount=str(w.dice.choice(AMOUNTS)),
        currency="jpy",
    )


def _mode(w: RandomWorld) -> None:
    mode = w.dice.choice(["automatic", "automatic", "manual", "merchant_default"])
    w.post_form(
        f"/v1/customers/{w.any('customer')}/cash_balance",
        {"settings[reconciliation_mode]": mode},
    )


def _transfer(w: RandomWorld) -> None:
    w.post_form(
        "/v1/payment_intents",
        {
            "amount": str(w.dice.choice(AMOUNTS[1:])),
            "currency": "jpy",
            "customer": w.any("customer"),
            "confirm": "true",
            "payment_method_types[]": "customer_balance",
            "payment_method_data[type]": "customer_balance",
            "payment_method_options[customer_balance][funding_type]": "bank_transfer",
            "payment_method_options[customer_balance][bank_transfer][type]": "jp_bank_transfer",
        },
    )


def _apply(w: RandomWorld) -> None:
    form = {"amount": str(w.dice.choice(AMOUNTS[:4]))} if w.dice.random() < 0.5 else {}
    w.post_form(f"/v1/payment_intents/{w.any('payment_intent')}/apply_customer_balance", form)


def _apply_to_invoice(w: RandomWorld) -> None:
    _, found = w.ask("GET", f"/v1/invoice_payments?invoice={w.any('invoice')}&status=open")
    for payment in found.get("data", []):
        intent = payment["payment"]["payment_intent"]
        w.post(f"/v1/payment_intents/{intent}/apply_customer_balance")


def _confirm(w: RandomWorld) -> None:
    w.post_form(
        f"/v1/payment_intents/{w.any('payment_intent')}/confirm",
        {
            "payment_method_data[type]": "customer_balance",
            "payment_method_options[customer_balance][funding_type]": "bank_transfer",
            "payment_method_options[customer_balance][bank_transfer][type]": "jp_bank_transfer",
        },
    )


def _cancel(w: RandomWorld) -> None:
    w.post(f"/v1/payment_intents/{w.any('payment_intent')}/cancel")


def _give_back(w: RandomWorld) -> None:
    """Refund what was paid on an invoice, after taking it off or not."""
    invoice = w.any("invoice")
    _, found = w.ask("GET", f"/v1/invoice_payments?invoice={invoice}&status=paid")
    if not found.get("data"):
        return
    payment = w.dice.choice(found["data"])["payment"]["payment_intent"]
    if w.dice.random() < 0.5:
        w.post(f"/v1/invoices/{invoice}/detach_payment", payment_intent=payment)
    w.post("/v1/refunds", payment_intent=payment)


def _return(w: RandomWorld) -> None:
    w.post(
        "/v1/refunds",
        origin="customer_balance",
        customer=w.any("customer"),
        currency="jpy",
        amount=str(w.dice.choice(AMOUNTS[:4])),
    )


def _returned(w: RandomWorld) -> None:
    refund = w.any("refund")
    path = w.dice.choice([f"/v1/refunds/{refund}/cancel", f"/v1/seikyu/refunds/{refund}/complete"])
    w.post(path)


def _statement(w: RandomWorld) -> None:
    """A file with lines that are known and lines that are not; now and then one that is broken."""
    days = [w.dice.randint(1, 28) for _ in range(3)]
    rows = [f"2026/03/{day:02},{w.dice.choice(AMOUNTS)},ダレカ{day % 5}" for day in days]
    if w.dice.random() < 0.1:
        rows.append("2026/03/05")
    w.post("/v1/seikyu/bank_statements", file="\n".join(["日付,入金額,摘要", *rows]) + "\n")
    _, found = w.ask("GET", "/v1/seikyu/bank_statement_lines?limit=20")
    known = w.ids.setdefault(LINE, [])
    known += [line["id"] for line in found.get("data", []) if line["id"] not in known]


def _line(w: RandomWorld) -> None:
    path = f"/v1/seikyu/bank_statement_lines/{w.any(LINE)}"
    what = w.dice.choice(["assign", "assign", "unassign", "ignore"])
    w.post_form(f"{path}/{what}", {"customer": w.any("customer")} if what == "assign" else {})


CASH: tuple[tuple[int, Callable[[RandomWorld], None]], ...] = (
    (18, _fund),
    (4, _mode),
    (8, _transfer),
    (8, _apply),
    (8, _apply_to_invoice),
    (4, _confirm),
    (4, _cancel),
    (7, _give_back),
    (4, _return),
    (4, _returned),
    (4, _statement),
    (7, _line),
)


class TransferWorld(RandomWorld):
    """A world in which money also comes by transfer."""

    def step(self) -> None:
        """Do one thing at random."""
        every = (*COMMANDS, *CASH)
        (_, command) = self.dice.choices(every, [weight for weight, _ in every])[0]
        command(self)


def expect_money_where_it_is(world: RandomWorld) -> None:
    """Whatever came is in a balance, held for a payment, in one, or went back."""
    engine = create_engine(world.url)
    with engine.connect() as rows:

        def total(query: str) -> int:
            return int(rows.execute(text(query)).scalar() or 0)

        came = total(
            "SELECT SUM(net_amount) FROM cash_movements WHERE type IN ('funded', 'funding_reversed')"
        )
        balances = rows.execute(text("SELECT available FROM cash_balances")).scalars()
        there = sum(sum(orjson.loads(available).values()) for available in balances)
        held = total("SELECT SUM(amount_funded) FROM payment_intents")
        paid = rows.execute(text("SELECT amount, amount_refunded, details FROM charges")).all()
        spent = sum(
            amount - back
            for amount, back, details in paid
            if orjson.loads(details).get("type") == "customer_balance"
        )
        returned = total(
            "SELECT SUM(amount) FROM refunds WHERE intent_id IS NULL AND status <> 'canceled'"
        )
    engine.dispose()
    assert came == there + held + spent + returned, world.seed


def run(url: str, seed: int) -> RandomWorld:
    """Run one history to its end and hold it against the invariants."""
    world = TransferWorld(url, seed)
    try:
        while world.commands < A_HISTORY:
            world.step()
        world.database.mortality = 0  # the last process lives long enough to find every outcome
        expect_sound(world)
        expect_due_times(world)
        expect_money_where_it_is(world)
    finally:
        world.close()
    return world


def test_the_books_agree_after_any_history_of_transfers(tmp_path: Path) -> None:
    seed = seed_of_run()
    worlds = [
        run(f"sqlite:///{tmp_path / f'{seed + n}.db'}", seed + n)
        for n in range(HISTORIES_ON_SQLITE)
    ]
    assert sum(world.died for world in worlds) > 10, "a history without deaths proves little"
    assert all(world.refused < 0.75 * world.commands for world in worlds)


def test_the_books_agree_after_a_history_of_transfers_on_postgresql(postgres_server: Any) -> None:
    name = postgres_server.create_database()
    run(postgres_server.database_url(name), seed_of_run())
    postgres_server.drop_database(name)
