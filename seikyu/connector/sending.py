"""Sending one invoice to Stripe, exactly once, however often it is interrupted.

The order of steps is what makes it safe; each leaves something the next attempt can see.

1. The link row is committed as `reserved`, with the customer, before Stripe hears of anything.
2. A draft is created (idempotency key from connection, invoice, revision and content), its id is
   committed, its lines are added. A draft never advances by itself, so a half-filled one is inert.
3. The draft's total is compared with board's: one yen of difference, and the draft is deleted.
4. It is finalized, then charged or e-mailed, as it was made: Stripe lets no finalized invoice change
   from one to the other. Only a finalized invoice is collected, and Stripe collects it once.
5. The link row is committed as `sent`.

Who finds a `reserved` link does not know how far it came: it looks in Stripe for an invoice with the
metadata of this board invoice and goes on from there. A draft that is not exactly right is deleted,
and the revision goes up, since the old keys would only return the deleted one.
"""

from dataclasses import dataclass, replace

import stripe

from seikyu.connector import reasons
from seikyu.connector.conditions import Case, Mode, Rules
from seikyu.connector.customers import Customers
from seikyu.connector.facts import CustomerFinding, Link, LinkState, StripeInvoice
from seikyu.connector.plan import CreateInvoice
from seikyu.connector.reasons import Reason
from seikyu.connector.store import InvoiceLinks
from seikyu.connector.stripe_side import Draft, StripeSide

CUSTOM_FIELD_NAME, CUSTOM_FIELD_VALUE, METADATA_VALUE, FOOTER = 40, 140, 500, 5_000
NEEDS_THE_CUSTOMER = ("authentication_required", "invoice_payment_intent_requires_action")


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the attempt: the link as it stands, Stripe's invoice, and what to tell."""

    link: Link
    stripe: StripeInvoice | None
    reason: Reason | None = None


class Sender:
    """Sends invoices of one connection within one run."""

    def __init__(
        self,
        stripe_side: StripeSide,
        links: InvoiceLinks,
        customers: Customers,
        rules: Rules,
        connection_id: str,
        run_id: str,
    ) -> None:
        """Prepare; nothing is sent yet."""
        self._stripe, self._links, self._customers = stripe_side, links, customers
        self._rules, self._connection_id, self._run_id = rules, connection_id, run_id

    def send(self, case: Case, operation: CreateInvoice) -> Sent:
        """Send an invoice. Raises what the SDK raises; the link row then says how far it came."""
        finding = self._customers.settle_on(case, operation.customer)
        if operation.mode is Mode.CHARGE and not finding.has_default_card:
            return self.wait(case, reasons.no_default_card(finding.customer_id or "?"))
        earlier = case.link if case.link and case.link.state is LinkState.RESERVED else None
        link = self._reserve(case, operation, finding, earlier)
        found = self._begun(link) if earlier else None
        if found is not None and found.status == "draft" and not self._fits(found, operation):
            link = self._discard(link, found)
            found = None
        if found is None and link.customer_id != finding.customer_id:
            link = replace(link, customer_id=finding.customer_id)
            self._links.save(link)
        if found is None:
            found = self._create(link, case, operation)
            link = self._links_now(link)
        if found.status == "draft" and found.total != operation.amount:
            self._discard(link, found)
            differ = reasons.totals_differ(operation.amount, found.total, found.currency.upper())
            return self.wait(case, differ)
        return self._collect(link, found, operation.mode)

    def wait(self, case: Case, reason: Reason) -> Sent:
        """Keep that a person was asked, so that the invoice is tried again when that is done.

        What was begun stays reserved: Stripe may have it, so the next attempt must look there first.
        """
        known = self._links.of_invoices([case.invoice.id]).get(case.invoice.id)
        begun = known is not None and known.state is LinkState.RESERVED
        state = LinkState.RESERVED if begun else LinkState.WAITING
        waiting = replace(known or _new_link(case), state=state, reason=reason.name)
        if known is not None and known.state is LinkState.ENDED:
            waiting = replace(waiting, revision=known.revision + 1, stripe_invoice_id=None)
        self._links.save(waiting)
        return Sent(waiting, None, reason)

    def introduce(self, case: Case) -> Sent:
        """Create the customer that Stripe lacks, so that a person needs only to add the card."""
        finding = self._customers.settle_on(case, case.customer)
        return self.wait(case, reasons.no_default_card(finding.customer_id or "?"))

    def withdraw(self, case: Case) -> Sent:
        """Remove what an earlier attempt left, since the invoice is not to be sent any more.

        What was finalized already is sent, and stays: voiding it is for a person to decide.
        """
        assert case.link is not None
        link = case.link
        found = self._begun(link)
        if found is not None and found.status != "draft":
            return Sent(self._mark_sent(link, found), found)
        if found is not None:
            self._stripe.delete_draft(found.id)
        self._links.remove(link.board_invoice_id)
        return Sent(link, None)

    # ── The steps ───────────────────────────────────────────────────────────────────────────────

    def _reserve(
        self,
        case: Case,
        operation: CreateInvoice,
        finding: CustomerFinding,
        earlier: Link | None,
    ) -> Link:
        if earlier is not None:
            # The look-up must ask for the customer of the earlier attempt, should it differ.
            kept = replace(earlier, amount=operation.amount, mode=operation.mode.value)
            self._links.save(kept)
            return kept
        before = case.link or _new_link(case)
        again = before.state is LinkState.ENDED
        link = replace(
            before,
            state=LinkState.RESERVED,
            revision=before.revision + 1 if again else before.revision,
            customer_id=finding.customer_id,
            stripe_invoice_id=None,
            amount=operation.amount,
            currency=case.invoice.currency.lower(),
            mode=operation.mode.value,
            run_id=self._run_id,
            board_status=case.invoice.invoice_status,
            written_status=None,
            seen_status=None,
            seen_paid=0,
            ended_at=None,
            reason=None,
        )
        self._links.save(link)
        return link

    def _begun(self, link: Link) -> StripeInvoice | None:
        """Look for what an earlier attempt made. Should a race have made two, one survives."""
        if link.customer_id is None:
            return None
        found = self._stripe.invoices_of(link.customer_id, link.board_invoice_id)
        if not found:
            return None
        kept = next((one for one in found if one.status != "draft"), found[0])
        for surplus in found:
            if surplus.id != kept.id and surplus.status == "draft":
                self._stripe.delete_draft(surplus.id)
        self._links.save(replace(link, stripe_invoice_id=kept.id))
        return kept

    def _fits(self, draft: StripeInvoice, operation: CreateInvoice) -> bool:
        """Whether a draft is collected as is wanted now and has every line and the right total."""
        same = draft.charge_automatically is (operation.mode is Mode.CHARGE)
        if not same or draft.total != operation.amount:
            return False
        return self._stripe.count_lines(draft.id) == len(operation.lines)

    def _discard(self, link: Link, draft: StripeInvoice) -> Link:
        """Delete a draft. The revision goes up first: a crash in between must not reuse its key."""
        fresh = replace(
            link, revision=link.revision + 1, stripe_invoice_id=None, run_id=self._run_id
        )
        self._links.save(fresh)
        self._stripe.delete_draft(draft.id)
        return fresh

    def _create(self, link: Link, case: Case, operation: CreateInvoice) -> StripeInvoice:
        assert link.customer_id is not None
        draft = Draft(
            customer_id=link.customer_id,
            currency=link.currency,
            charge_automatically=operation.mode is Mode.CHARGE,
            due=case.invoice.payment_limit_date,
            footer=_footer(case),
            custom_fields=self._custom_fields(case),
            metadata=self._metadata(case, link),
        )
        try:
            made = self._stripe.create_draft(draft, link.board_invoice_id, link.revision)
            self._links.save(replace(link, stripe_invoice_id=made.id))
            filled = self._stripe.add_lines(
                made.id, operation.lines, link.board_invoice_id, link.revision
            )
        except stripe.InvalidRequestError:
            # Stripe remembers a refusal under its key; once the cause is gone, a new key is needed.
            known = self._links_now(link)
            self._links.save(replace(known, revision=known.revision + 1, stripe_invoice_id=None))
            if known.stripe_invoice_id is not None:
                self._stripe.delete_draft(known.stripe_invoice_id)
            raise
        return filled or made

    def _collect(self, link: Link, invoice: StripeInvoice, mode: Mode) -> Sent:
        """Finalize and collect, from whatever state the invoice is in; in draft mode leave it."""
        link = self._links_now(link)
        if mode is Mode.DRAFT:
            return Sent(self._mark_sent(link, invoice), invoice)
        if invoice.status == "draft":
            invoice = self._stripe.finalize(invoice.id)
        reason: Reason | None = None
        if invoice.status == "open" and not invoice.charge_automatically:
            invoice = self._stripe.send(invoice.id)
        elif invoice.status == "open":
            invoice, reason = self._charge(invoice)
        return Sent(self._mark_sent(link, invoice), invoice, reason)

    def _charge(self, invoice: StripeInvoice) -> tuple[StripeInvoice, Reason | None]:
        """Charge once. A declined invoice stays open and is handed to Stripe's own retries."""
        reason: Reason | None = None
        try:
            if invoice.attempt_count == 0:
                self._stripe.pay(invoice.id)
            else:
                reason = reasons.charge_declined("前回の実行 / earlier run")
        except stripe.CardError as error:
            reason = _declined(error)
        except stripe.InvalidRequestError as error:
            # Stripe's own retry, or a customer at the payment page, may have been quicker.
            reason = reasons.stripe_refused(str(error.user_message or error))
        now = self._stripe.invoice(invoice.id) or invoice
        if now.status != "open":
            return now, None
        if reason is not None and not now.auto_advance:
            self._stripe.let_stripe_retry(now.id)
        return now, reason

    def _mark_sent(self, link: Link, invoice: StripeInvoice) -> Link:
        """What was paid on the way is not noted as seen: carrying it to board comes next."""
        sent = replace(
            link,
            state=LinkState.SENT,
            stripe_invoice_id=invoice.id,
            mode=_how_collected(invoice).value,
            seen_status=None if invoice.status == "paid" else invoice.status,
            reason=None,
        )
        self._links.save(sent)
        return sent

    def _links_now(self, link: Link) -> Link:
        return self._links.of_invoices([link.board_invoice_id])[link.board_invoice_id]

    # ── What goes with it ───────────────────────────────────────────────────────────────────────

    def _metadata(self, case: Case, link: Link) -> dict[str, str]:
        invoice = case.invoice
        values = {
            "board_invoice_id": str(invoice.id),
            "board_document_id": str(invoice.document.id) if invoice.document else "",
            "board_project_id": str(invoice.project_id),
            "board_project_no": str(invoice.project_no or ""),
            "board_client_id": str(invoice.client.id),
            "seikyu_connection": self._connection_id,
            "seikyu_run": link.run_id,
        }
        return {name: value[:METADATA_VALUE] for name, value in values.items() if value}

    def _custom_fields(self, case: Case) -> tuple[tuple[str, str], ...]:
        fields = [
            ("案件名", case.invoice.name),
            ("登録番号", self._rules.registration_number or ""),
        ]
        return tuple((name, _cut(value, CUSTOM_FIELD_VALUE)) for name, value in fields if value)


def _new_link(case: Case) -> Link:
    invoice = case.invoice
    return Link(
        board_invoice_id=invoice.id,
        state=LinkState.WAITING,
        board_client_id=invoice.client.id,
        project_no=invoice.project_no,
        currency=invoice.currency.lower(),
        board_status=invoice.invoice_status,
        name=invoice.name,
        client_name=invoice.client.name,
    )


def _how_collected(invoice: StripeInvoice) -> Mode:
    """What was wanted may have changed since the invoice was made; this is what is."""
    if invoice.status == "draft":
        return Mode.DRAFT
    return Mode.CHARGE if invoice.charge_automatically else Mode.EMAIL


def _declined(error: stripe.CardError) -> Reason:
    message = str(error.user_message or error.code or "")
    if error.code in NEEDS_THE_CUSTOMER:
        return reasons.charge_needs_the_customer(message)
    return reasons.charge_declined(message)


def _footer(case: Case) -> str | None:
    message = case.invoice.document.message if case.invoice.document else None
    return _cut(message, FOOTER) if message else None


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
