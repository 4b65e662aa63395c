"""Which Stripe customer an invoice goes to: linked, found by e-mail, or to be created.

Looking is separate from creating, so that the preview shows the same finding as the run. What is
unclear (several customers with the address, a customer that belongs to another client) is found and
reported, never guessed: a guess could charge somebody else's card.

A project may have an address of its own. Stripe e-mails to the customer's one address, so where an
invoice is e-mailed such an address gets a Stripe customer of its own, linked to the same client. A
card, on the other hand, belongs to the client: in charge mode the client's own customer is used, and
it is the client's address that it is found by.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

import stripe

from seikyu.connector.conditions import Case, Mode, recipients
from seikyu.connector.facts import ClientFacts, CustomerFinding, CustomerKind
from seikyu.connector.store import CustomerLink, CustomerLinks
from seikyu.connector.stripe_side import StripeCustomer, StripeSide

MANUAL = "manual"


class Customers:
    """Looks customers up and links them, for one connection."""

    def __init__(
        self,
        stripe: StripeSide,
        links: CustomerLinks,
        now: Callable[[], datetime],
        connection_id: str,
    ) -> None:
        """Prepare; nothing is looked up yet."""
        self._stripe, self._links, self._now = stripe, links, now
        self._connection_id = connection_id
        self._found: dict[tuple[int, str], CustomerFinding] = {}
        self._clients_with: dict[str, set[int]] = {}

    def know(self, clients: Iterable[ClientFacts]) -> None:
        """Learn which of board's clients have which address, to notice when two share one."""
        for client in clients:
            for address in client.to:
                self._clients_with.setdefault(address.lower(), set()).add(client.id)

    def look_up(self, case: Case, mode: Mode) -> CustomerFinding:
        """Find the customer of an invoice without changing anything; asked once per address."""
        address = _own_address(case, mode)
        key = (case.invoice.client.id, address)
        if key not in self._found:
            self._found[key] = self._look_up(*key, _email(case, address))
        return self._found[key]

    def settle_on(self, case: Case, finding: CustomerFinding) -> CustomerFinding:
        """Create the customer where there is none, and keep the link; returns what stands now."""
        client_id, address = case.invoice.client.id, finding.address
        if finding.kind is CustomerKind.LINKED:
            return finding
        if finding.kind is CustomerKind.FOUND:
            assert finding.customer_id is not None
            self._keep(client_id, address, finding.customer_id, "email")
            return finding
        name = case.client.name if case.client else case.invoice.client.name
        made = self._stripe.create_customer(name, _email(case, address), client_id)
        self._keep(client_id, address, made.id, "created")
        standing = replace(
            finding,
            kind=CustomerKind.LINKED,
            customer_id=made.id,
            has_default_card=made.has_default_card,
        )
        self._found[client_id, address] = standing
        return standing

    def _look_up(self, client_id: int, address: str, email: str) -> CustomerFinding:
        link = self._links.find(client_id, address)
        if link is not None:
            customer = self._stripe.customer(link.customer_id)
            if customer is not None:
                return _finding(CustomerKind.LINKED, customer, address)
            if link.origin == MANUAL:
                return CustomerFinding(CustomerKind.DELETED, link.customer_id, address=address)
        return self._by_email(client_id, address, email)

    def _by_email(self, client_id: int, address: str, email: str) -> CustomerFinding:
        sharing = self._clients_with.get(email.lower(), set()) - {client_id}
        if sharing:
            return CustomerFinding(
                CustomerKind.SHARED, address=address, other_client_id=min(sharing)
            )
        try:
            found = self._stripe.customers_with(email)
        except stripe.InvalidRequestError:
            # Not an address Stripe can look for; creating says so, as this invoice's reason.
            found = []
        ours = [one for one in found if self._made_for(one, client_id)]
        candidates = ours or found
        if not candidates:
            return CustomerFinding(CustomerKind.TO_CREATE, address=address)
        if len(candidates) > 1:
            return CustomerFinding(CustomerKind.AMBIGUOUS, address=address, count=len(candidates))
        customer = candidates[0]
        for link in self._links.of_customer(customer.id):
            if link.board_client_id != client_id:
                return CustomerFinding(
                    CustomerKind.SHARED,
                    customer.id,
                    address=address,
                    other_client_id=link.board_client_id,
                )
        return _finding(CustomerKind.FOUND, customer, address)

    def _made_for(self, customer: StripeCustomer, client_id: int) -> bool:
        """Whether we created the customer for this client, perhaps in a run that was killed."""
        mine = customer.connection_id == self._connection_id
        return mine and customer.board_client_id == str(client_id)

    def _keep(self, client_id: int, address: str, customer_id: str, origin: str) -> None:
        self._links.save(CustomerLink(client_id, customer_id, origin, address), self._now())


def _finding(kind: CustomerKind, customer: StripeCustomer, address: str) -> CustomerFinding:
    return CustomerFinding(kind, customer.id, customer.has_default_card, address)


def _own_address(case: Case, mode: Mode) -> str:
    """Return the project's address where it needs a customer of its own, else ""."""
    email = recipients(case)[0]
    of_client = case.client is not None and email in case.client.to
    return "" if mode is Mode.CHARGE or of_client else email


def _email(case: Case, address: str) -> str:
    """Return the address a customer is found by, and created with."""
    if address:
        return address
    return case.client.to[0] if case.client and case.client.to else recipients(case)[0]
