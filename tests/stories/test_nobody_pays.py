"""Invoices that nobody pays, told day by day: charged, mailed, with a card that goes away, elsewhere."""

from zoneinfo import ZoneInfo

from tests.stories.story import Story, moment

NEW_YORK = ZoneInfo("America/New_York")
FAILED = [
    "charge.failed",
    "payment_intent.payment_failed",
    "invoice.payment_failed",
    "invoice.updated",
]


def on(day: str, *names: str) -> list[str]:
    """What happened on a day."""
    return [f"{day} {name}" for name in names]


def test_an_automatic_invoice_nobody_pays(story: Story) -> None:
    """Nine attempts over two weeks, then collections gives up and says so."""
    story.settings({"after_last_retry[invoice]": "mark_uncollectible"})
    story.begins("2026-03-01", "pm_card_chargeCustomerFail")
    # ── 1 March: made, an hour later finalized and charged
    draft = story.invoice(10_000, auto_advance=True)
    assert story.news() == on("03-01", "invoice.created", "invoiceitem.created", "invoice.updated")
    assert story.until("2026-03-01 00:59") == []
    assert story.until("2026-03-01 01:00") == on(
        "03-01",
        "payment_intent.created",
        "invoice.finalized",
        "invoice.updated",
        *FAILED,
        "customer.updated",
        "mail payment_failed",
    )
    first = story.get(draft.id)
    assert (first.status, first.attempt_count) == ("open", 1)
    assert first.next_payment_attempt == moment("2026-03-02 01:00")
    # ── 2 to 14 March: eight retries
    told = [*FAILED, "mail payment_failed"]
    for day in ("02", "03", "04", "06", "08", "10", "12"):
        assert story.until(f"2026-03-{day} 12:00") == on(f"03-{day}", *told)
    # ── 14 March: the last one, and the end
    assert story.until("2026-03-14 12:00") == on(
        "03-14",
        *FAILED,
        "invoice.marked_uncollectible",
        "invoice.updated",
        "customer.updated",
        "mail payment_failed",
    )
    last = story.get(draft.id)
    assert (last.status, last.attempt_count) == ("uncollectible", 9)
    assert last.next_payment_attempt is None
    # ── a year later: nothing more
    assert story.until("2027-03-14") == []


def test_a_mailed_invoice_nobody_pays(story: Story) -> None:
    """Mailed when it is finalized, recalled three times, given up after 30 days."""
    story.settings({"past_due[after_days]": "30", "past_due[invoice]": "mark_uncollectible"})
    story.begins("2026-03-01", None)
    draft = story.invoice(
        10_000, auto_advance=True, collection_method="send_invoice", days_until_due=14
    )
    story.news()
    assert story.until("2026-03-01 01:00") == on(
        "03-01",
        "payment_intent.created",
        "invoice.finalized",
        "invoice.updated",
        "invoice.sent",
        "mail invoice",
    )
    assert story.get(draft.id).next_payment_attempt is None
    assert story.until("2026-03-15 00:59") == []
    assert story.until("2026-03-15 01:00") == on("03-15", "customer.updated")
    assert story.until("2026-05-01") == [
        *on("03-18", "invoice.overdue", "mail reminder"),
        *on("03-20", "invoice.overdue", "mail reminder"),
        *on("03-29", "invoice.overdue", "mail reminder"),
        *on("04-14", "invoice.marked_uncollectible", "invoice.updated", "customer.updated"),
    ]
    mails = story.caller.get("/v1/seikyu/mails", "kind=reminder")["data"]
    assert [mail["days"] for mail in mails] == [14, 5, 3]
    assert {mail["status"] for mail in mails} == {"captured"}


def test_the_card_disappears_between_finalizing_and_charging(story: Story) -> None:
    """A charge that cannot be made is said, counted and tried again; the others are not touched."""
    story.begins("2026-03-01")
    gone = story.sdk.v1.customers.retrieve(story.customer).invoice_settings
    draft = story.invoice(10_000)
    other = story.new_customer()
    paid = story.sdk.v1.invoices.create(
        {"customer": other, "currency": "jpy", "auto_advance": True}
    )
    story.sdk.v1.invoices.add_lines(paid.id, {"lines": [{"amount": 500, "description": "x"}]})
    story.sdk.v1.invoices.finalize_invoice(draft.id, {"auto_advance": True})
    assert isinstance(gone.default_payment_method, str)
    story.sdk.v1.payment_methods.detach(gone.default_payment_method)
    story.news()
    happened = story.until("2026-03-01 00:30")
    assert happened == on(
        "03-01",
        "invoice.payment_failed",
        "invoice.updated",
        "customer.updated",
        "mail payment_failed",
    )
    assert story.get(draft.id).next_payment_attempt == moment("2026-03-02")
    story.use_card("pm_card_visa")
    story.until("2026-03-02 12:00")
    assert story.get(draft.id).status == "paid"
    assert story.get(paid.id).status == "paid"


def test_an_account_moves_from_tokyo_to_new_york(story: Story) -> None:
    """Reminders keep the account's time of day: New York's summer time begins on 8 March."""
    story.begins("2026-03-01 09:00", None)
    draft = story.invoice(
        10_000, auto_advance=True, collection_method="send_invoice", days_until_due=5
    )
    story.sdk.v1.invoices.finalize_invoice(draft.id)
    due = moment("2026-03-06 09:00")
    assert story.get(draft.id).due_date == due
    story.news()
    story.settings({"time_zone": "America/New_York"})
    story.until("2026-03-31 09:00")
    reminders = story.caller.get("/v1/events", "type=invoice.overdue")["data"][::-1]
    # 6 March 09:00 in Tokyo is 5 March 19:00 in New York; from 8 March on, 19:00 is an hour earlier.
    assert [event["created"] for event in reminders] == [
        moment("2026-03-08 19:00", NEW_YORK),
        moment("2026-03-10 19:00", NEW_YORK),
        moment("2026-03-19 19:00", NEW_YORK),
    ]
    assert [event["created"] - due for event in reminders] == [
        3 * 86_400 - 3600,
        5 * 86_400 - 3600,
        14 * 86_400 - 3600,
    ]


def test_a_worker_that_slept_recalls_once_and_charges_once(story: Story) -> None:
    """400 days in one call: every moment comes, in order, and each only once."""
    story.begins("2026-01-01", "pm_card_chargeCustomerFail")
    charged = story.invoice(10_000, auto_advance=True)
    mailed = story.invoice(
        10_000, auto_advance=True, collection_method="send_invoice", days_until_due=30
    )
    story.news()
    happened = story.until("2027-02-05")
    assert [line[:5] for line in happened] == sorted(line[:5] for line in happened)
    assert sum(line.endswith("invoice.payment_failed") for line in happened) == 9
    assert sum(line.endswith("invoice.overdue") for line in happened) == 3
    assert story.get(charged.id).attempt_count == 9
    assert story.get(mailed.id).status == "open"
