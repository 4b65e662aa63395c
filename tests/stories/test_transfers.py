"""Customers who pay by bank transfer: all at once, a yen too little, twice, and to the wrong invoice."""

from typing import Any

from tests.stories.story import Story

FUNDED = "customer_cash_balance_transaction.created"
LEFT = "cash_balance.funds_available"

PAID = [
    "customer_cash_balance_transaction.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "invoice_payment.paid",
    "invoice.paid",
    "invoice.payment_succeeded",
    "invoice.updated",
]
"""What is said of an invoice that is paid from the cash balance."""


def on(day: str, *names: str) -> list[str]:
    """Events of one day."""
    return [f"{day} {name}" for name in names]


def bill(story: Story, amount: int) -> str:
    """Finalize an invoice over ``amount`` yen that is due in thirty days; nothing of it is mailed."""
    draft = story.invoice(amount, collection_method="send_invoice", days_until_due=30)
    return story.sdk.v1.invoices.finalize_invoice(draft.id).id


def pays(story: Story, amount: int) -> None:
    """A transfer of ``amount`` yen comes."""
    story.sdk.v1.test_helpers.customers.fund_cash_balance(
        story.customer, {"amount": amount, "currency": "jpy"}
    )


def by_hand(story: Story, mode: str = "manual") -> None:
    """Change how the customer's money is reconciled."""
    settings: Any = {"settings": {"reconciliation_mode": mode}}
    story.sdk.v1.customers.cash_balance.update(story.customer, settings)


def left(story: Story) -> int:
    """Yen in the cash balance."""
    cash = story.sdk.v1.customers.cash_balance.retrieve(story.customer)
    return cash.available["jpy"] if cash.available else 0


def payment_of(story: Story, invoice: str) -> str:
    """The payment that was made on the invoice."""
    (paid,) = story.sdk.v1.invoice_payments.list({"invoice": invoice, "status": "paid"}).data
    return str(paid.payment.payment_intent)


def by_transfer(story: Story, amount: int) -> str:
    """Create and confirm a payment by bank transfer, and apply the cash balance to it by hand."""
    form: Any = {
        "amount": amount,
        "currency": "jpy",
        "customer": story.customer,
        "confirm": True,
        "payment_method_types": ["customer_balance"],
        "payment_method_data": {"type": "customer_balance"},
        "payment_method_options": {
            "customer_balance": {
                "funding_type": "bank_transfer",
                "bank_transfer": {"type": "jp_bank_transfer"},
            }
        },
    }
    intent = story.sdk.v1.payment_intents.create(form)
    assert story.sdk.v1.payment_intents.apply_customer_balance(intent.id).status == "succeeded"
    return intent.id


def test_three_invoices_in_one_transfer(story: Story) -> None:
    """¥330,000 for three invoices, a fourth one of another amount being open too."""
    story.begins("2026-01-01", card=None)
    story.settings({"mails[receipt]": "true"})
    invoices = [bill(story, amount) for amount in (99_000, 121_000, 110_000, 55_000)]
    story.news()
    # ── 20 January: one transfer, exactly the first three
    story.until("2026-01-20")
    pays(story, 330_000)
    assert story.news() == [
        *on("01-20", FUNDED, *PAID, *PAID, *PAID),
        *on("01-20", "mail receipt", "mail receipt", "mail receipt"),
    ]
    assert [story.get(each).status for each in invoices] == ["paid", "paid", "paid", "open"]
    assert left(story) == 0
    # ── 25 January: the fourth
    story.until("2026-01-25")
    pays(story, 55_000)
    assert story.news() == [*on("01-25", FUNDED, *PAID), *on("01-25", "mail receipt")]
    assert story.get(invoices[3]).status == "paid"
    # ── nobody is reminded of anything in spring
    assert story.until("2026-04-01") == []


def test_a_yen_too_little(story: Story) -> None:
    """The invoice stays open and falls due; the missing yen comes, and pays it with the rest."""
    story.begins("2026-01-01", card=None)
    story.settings({"mails[receipt]": "false"})
    invoice = bill(story, 330_000)
    story.news()
    story.until("2026-01-20")
    pays(story, 329_999)
    assert story.news() == on("01-20", FUNDED, LEFT)
    assert (story.get(invoice).status, story.get(invoice).amount_paid) == ("open", 0)
    assert left(story) == 329_999
    shown = story.ours("get", f"/v1/customers/{story.customer}/cash_balance/reconciliation_preview")
    assert [each["reason"] for each in shown["items"]] == ["owes_more_than_is_left"]
    # ── 5 February: past due, and the yen
    story.until("2026-02-05")
    pays(story, 1)
    assert story.news() == on("02-05", FUNDED, *PAID)
    assert story.get(invoice).status == "paid"
    assert left(story) == 0


def test_paid_twice(story: Story) -> None:
    """The second transfer stays; half of it pays the next invoice, the rest goes back to the bank."""
    story.begins("2026-01-01", card=None)
    story.settings({"mails[receipt]": "false"})
    invoice = bill(story, 330_000)
    story.news()
    story.until("2026-01-20")
    pays(story, 330_000)
    assert story.news() == on("01-20", FUNDED, *PAID)
    story.until("2026-01-21")
    pays(story, 330_000)
    assert story.news() == on("01-21", FUNDED, LEFT)
    assert story.get(invoice).amount_paid == 330_000
    assert left(story) == 330_000
    # ── 1 February: the next invoice takes of it when it is finalized
    story.until("2026-02-01")
    following = bill(story, 130_000)
    assert story.news() == on(
        "02-01",
        "invoice.created",
        "invoiceitem.created",
        "invoice.updated",
        "payment_intent.created",
        "invoice.finalized",
        "invoice.updated",
        *PAID,
    )
    assert story.get(following).status == "paid"
    # ── the rest is sent back
    refund = story.sdk.v1.refunds.create(
        {
            "origin": "customer_balance",
            "customer": story.customer,
            "currency": "jpy",
            "amount": 200_000,
        }
    )
    assert story.news() == on("02-01", "refund.created", FUNDED)
    assert refund.status == "pending"
    assert left(story) == 0
    story.until("2026-02-03")
    story.ours("post", f"/v1/seikyu/refunds/{refund.id}/complete")
    assert story.news() == on("02-03", "refund.updated")
    assert story.sdk.v1.refunds.retrieve(refund.id).status == "succeeded"


def test_a_transfer_is_moved_to_several_invoices(story: Story) -> None:
    """The way that Stripe describes, step by step.

    A payment is applied whole and to one invoice only. To spread one that came by transfer: switch
    automatic reconciliation off, refund the payment to the cash balance, and apply the money to the
    invoices wanted, in any amounts.
    """
    story.begins("2026-01-01", card=None)
    story.settings({"mails[receipt]": "false"})
    wrong = bill(story, 300_000)
    story.news()
    story.until("2026-01-10")
    pays(story, 300_000)
    assert story.news() == on("01-10", FUNDED, *PAID)
    first, second = bill(story, 200_000), bill(story, 180_000)
    payment = payment_of(story, wrong)
    story.news()
    # ── the payment is taken off the invoice that it was not meant for
    story.detach(wrong)
    assert story.news() == on(
        "01-10", "payment_intent.created", "invoice_payment.detached", "invoice.updated"
    )
    assert (story.get(wrong).status, story.get(wrong).auto_advance) == ("open", False)
    # ── automatic reconciliation off, the payment refunded to the cash balance
    by_hand(story)
    story.sdk.v1.refunds.create({"payment_intent": payment})
    assert story.news() == on("01-10", "refund.created", "charge.refunded", FUNDED, LEFT)
    assert left(story) == 300_000
    assert [story.get(each).status for each in (wrong, first, second)] == ["open", "open", "open"]
    # ── all of the first invoice: its own payment takes what it needs
    (expected,) = story.sdk.v1.invoice_payments.list({"invoice": first}).data
    intent = str(expected.payment.payment_intent)
    story.sdk.v1.payment_intents.apply_customer_balance(intent)
    assert story.news() == on("01-10", *PAID)
    assert story.get(first).status == "paid"
    # ── a part of the second one: a payment of any amount, applied to it
    part = by_transfer(story, 100_000)
    assert story.news() == on(
        "01-10",
        "payment_intent.created",
        "payment_intent.requires_action",
        FUNDED,
        "charge.succeeded",
        "payment_intent.succeeded",
    )
    story.ours("post", f"/v1/invoices/{second}/attach_payment", payment_intent=part)
    assert story.news() == on("01-10", "invoice_payment.paid", "invoice.updated")
    assert story.get(second).amount_remaining == 80_000
    assert left(story) == 0
    # ── the payment that was given back cannot be applied any more
    assert story.sdk.v1.payment_intents.retrieve(payment).amount_received == 300_000
    # ── automatic again: the next transfer pays the rest of the second invoice
    by_hand(story, "automatic")
    pays(story, 80_000)
    assert story.news() == on("01-10", FUNDED, *PAID)
    assert story.get(second).status == "paid"
    assert story.get(wrong).amount_remaining == 300_000
