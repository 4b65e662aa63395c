"""What else may be asked of a random world: discounts, notes, transfers, and changes of subscriptions.

Each command asks for one thing, with parameters that are refused now and then as well.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.simulation.random_world import RandomWorld

DAY = 86_400


def _coupon(w: "RandomWorld") -> None:
    form: dict[str, Any] = {"duration": w.dice.choice(["once", "forever", "repeating"])}
    if form["duration"] == "repeating":
        form["duration_in_months"] = "2"
    if w.dice.random() < 0.5:
        form["percent_off"] = w.dice.choice(["10", "33.3", "100"])
    else:
        form |= {"amount_off": w.dice.choice(["70", "1000"]), "currency": "jpy"}
    w.post_form("/v1/coupons", form)


def _discount(w: "RandomWorld") -> None:
    """Give a coupon to a draft, a subscription or a customer, or take it off again."""
    coupon = w.any("coupon")
    kind = w.dice.choice(["invoices", "subscriptions", "customers"])
    path = f"/v1/{kind}/{w.any(kind[:-1])}"
    if kind == "customers":
        w.post_form(path, {"coupon": w.dice.choice([coupon, ""])})
    elif w.dice.random() < 0.7:
        w.post_form(path, {"discounts[0][coupon]": coupon})
    else:
        w.post_form(path, {"discounts": ""})


def _item(w: "RandomWorld") -> None:
    """Let something wait for the customer's next invoice."""
    amount = str(w.dice.choice([-300, 40, 700, 2_500]))
    form = {"customer": w.any("customer"), "amount": amount, "currency": "jpy"}
    if w.dice.random() < 0.3:
        form["subscription"] = w.any("subscription")
    w.post_form("/v1/invoiceitems", form)


def _revise(w: "RandomWorld") -> None:
    form = {"from_invoice[action]": "revision", "from_invoice[invoice]": w.any("invoice")}
    w.post_form("/v1/invoices", form)


def _throw_away(w: "RandomWorld") -> None:
    w.ask("DELETE", f"/v1/invoices/{w.any('invoice')}")


def _plan(w: "RandomWorld") -> None:
    """Pay the next instalment, or more of them, or all."""
    amount = str(w.dice.choice([400, 500, 3_000, 5_000]))
    w.post_form(f"/v1/invoices/{w.any('invoice')}/pay", {"amount": amount})


def _note(w: "RandomWorld") -> None:
    """Credit an invoice: what is owed, and what was paid to the balance, the card or elsewhere."""
    invoice = w.any("invoice")
    amount = w.dice.choice([50, 400, 1_000, 6_000])
    form = {"invoice": invoice, "amount": str(amount)}
    way = w.dice.choice(["", "credit_amount", "refund_amount", "out_of_band_amount"])
    if way:
        form[way] = str(amount)
    w.post_form("/v1/credit_notes", form)


def _void_note(w: "RandomWorld") -> None:
    w.post_form(f"/v1/credit_notes/{w.any('credit_note')}/void", {})


def _fund(w: "RandomWorld") -> None:
    amount = str(w.dice.choice([50, 800, 1_000, 6_000, 20_000]))
    path = f"/v1/test_helpers/customers/{w.any('customer')}/fund_cash_balance"
    w.post_form(path, {"amount": amount, "currency": "jpy"})


def _apply_cash(w: "RandomWorld") -> None:
    w.post_form(f"/v1/payment_intents/{w.any('payment_intent')}/apply_customer_balance", {})


def _change(w: "RandomWorld") -> None:
    """Change a subscription: quantity, pause, end, terms."""
    id = w.any("subscription")
    change: dict[str, str] = w.dice.choice(
        [
            {"pause_collection[behavior]": "void"},
            {"pause_collection[behavior]": "mark_uncollectible"},
            {"pause_collection[behavior]": "keep_as_draft"},
            {"pause_collection": ""},
            {"cancel_at_period_end": "true"},
            {"cancel_at_period_end": "false"},
            {"collection_method": "send_invoice", "days_until_due": "0"},
            {"collection_method": "charge_automatically"},
            {"billing_cycle_anchor": "now"},
            {"trial_end": "now"},
            {"trial_end": str(w.time.now + 5 * DAY)},
        ]
    )
    if w.dice.random() < 0.5:
        status, found = w.ask("GET", f"/v1/subscriptions/{id}")
        if status != 200:
            return
        change = {
            "items[0][id]": found["items"]["data"][0]["id"],
            "items[0][quantity]": str(w.dice.randint(0, 3)),
            "proration_behavior": w.dice.choice(["none", "create_prorations", "always_invoice"]),
        }
    w.post_form(f"/v1/subscriptions/{id}", change)


def _resend(w: "RandomWorld") -> None:
    _, found = w.ask("GET", "/v1/seikyu/mails?limit=5")
    if found.get("data"):
        w.post_form(f"/v1/seikyu/mails/{w.dice.choice(found['data'])['id']}/resend", {})


def _lose_card(w: "RandomWorld") -> None:
    w.post_form(f"/v1/payment_methods/{w.any('payment_method')}/detach", {})


def _leave(w: "RandomWorld") -> None:
    if w.dice.random() < 0.2:
        w.ask("DELETE", f"/v1/customers/{w.any('customer')}")


def _terms(w: "RandomWorld") -> None:
    """Change the account's settings in the middle of everything."""
    w.post_form(
        "/v1/seikyu/settings",
        w.dice.choice(
            [
                {"shortfall_tolerance[jpy]": w.dice.choice(["0", "100"])},
                {"time_zone": w.dice.choice(["Asia/Tokyo", "America/New_York"])},
                {"numbering[scheme]": w.dice.choice(["account", "customer"])},
                {"past_due[after_days]": "9", "past_due[subscription]": "cancel"},
                {"retries[mode]": "custom", "retries[days][0]": "2"},
            ]
        ),
    )


def _forecast(w: "RandomWorld") -> None:
    w.ask("GET", f"/v1/invoices/{w.any('invoice')}/forecast")


MORE: tuple[tuple[int, Callable[["RandomWorld"], None]], ...] = (
    (1, _coupon),
    (4, _discount),
    (3, _item),
    (2, _revise),
    (2, _throw_away),
    (2, _plan),
    (5, _note),
    (2, _void_note),
    (4, _fund),
    (1, _apply_cash),
    (6, _change),
    (1, _resend),
    (1, _lose_card),
    (1, _leave),
    (1, _terms),
    (4, _forecast),
)
"""What may be asked besides ``random_world.COMMANDS``, and how often."""
