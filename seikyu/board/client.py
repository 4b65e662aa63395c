"""The typed client of board's API: one method per operation the product uses.

Runs unchanged against board (the default address of the settings) and against the simulator. It is
synchronous; one client holds one key and token, and several threads may share it. It never shows
or logs the two. How calls are paced, counted and repeated: calls.py; how lists are read although
they shift: paging.py; what the errors mean: errors.py.

board silently ignores query parameters it does not know, so a misspelt filter would return
everything. Filters are therefore named arguments here, and their names on the wire stand in this
file only.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Self, TypeVar

import httpx2

from seikyu.board.budget import DAILY_LIMIT, Budget
from seikyu.board.calls import Answer, Call, Caller, Usage
from seikyu.board.documents import Client, Invoice, InvoiceDocument, PaymentTerm, Project
from seikyu.board.errors import BoardForbidden, BoardNotFound, BoardRejected, BoardUnreadable
from seikyu.board.fields import Json, MalformedRecord
from seikyu.board.paging import JAPAN, ListReader, OnProgress
from seikyu.board.words import InvoiceStatus, Operation, OrderStatus, ResponseGroup

Record = TypeVar("Record")
OnMalformed = Callable[[MalformedRecord], None]

# What a record group of `clients` may be; the others have more.
_CLIENT_GROUPS = (ResponseGroup.SMALL, ResponseGroup.LARGE)


class BoardClient:
    """A connection to one company's board."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        api_token: str,
        *,
        budget: Budget,
        now: Callable[[], datetime],
        sleep: Callable[[float], None] = time.sleep,
        timeout_seconds: float = 30,
        daily_limit: int = DAILY_LIMIT,
        stop_at_percent: int = 80,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        """Prepare a connection; nothing is sent yet.

        `now` returns an aware date-time and belongs together with `sleep`. At `stop_at_percent`
        of `daily_limit` the client sends nothing more and raises DailyLimitReached.
        Raises BoardCredentialsInvalid for a key or token that cannot be sent.
        """
        self._base_url = base_url
        self._caller = Caller(
            base_url,
            api_key,
            api_token,
            budget=budget,
            now=now,
            sleep=sleep,
            timeout_seconds=timeout_seconds,
            daily_limit=daily_limit,
            stop_at_percent=stop_at_percent,
            transport=transport,
        )

    def __repr__(self) -> str:
        """Show the address only: never the key or the token."""
        return f"BoardClient({self._base_url!r})"

    def __enter__(self) -> Self:
        """Use as a context manager to close the connections at its end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._caller.close()

    def usage(self) -> Usage:
        """Return how many calls of today (UTC) are used, without making one."""
        return self._caller.usage()

    # ── 顧客 ────────────────────────────────────────────────────────────────────────────────────

    def list_clients(
        self,
        *,
        name_cont: str | None = None,
        include_archived: bool = False,
        updated_at_gteq: date | datetime | None = None,
        updated_at_lteq: date | datetime | None = None,
        response_group: ResponseGroup = ResponseGroup.LARGE,
        on_progress: OnProgress | None = None,
        on_malformed: OnMalformed | None = None,
    ) -> list[Client]:
        """Return every client that matches; `to`, `cc` and `custom_no` need group `large`.

        A record that cannot be read raises MalformedRecord, or, where `on_malformed` is given, is
        handed to it and left out.
        """
        if response_group not in _CLIENT_GROUPS:
            raise ValueError("board's clients have the response groups small and large only")
        params = _params(
            name_cont=name_cont,
            include_archive_flg=1 if include_archived else None,
            updated_at_gteq=updated_at_gteq,
            updated_at_lteq=updated_at_lteq,
            response_group=response_group,
        )
        rows = self._list(Operation.LIST_CLIENTS, "/clients", params, on_progress)
        return _parsed(rows, Client.from_json, on_malformed)

    def get_client(self, client_id: int) -> Client:
        """Return one client; raises BoardNotFound."""
        return Client.from_json(self._get(Operation.GET_CLIENT, f"/clients/{client_id}"))

    def create_client(
        self,
        *,
        name: str,
        name_disp: str | None = None,
        to: Iterable[str] = (),
        cc: Iterable[str] = (),
        custom_no: str | None = None,
    ) -> Client:
        """Create a client and return it. Not repeated when its outcome is unknown.

        Raises BoardOutcomeUnknown (then look by name before trying again) and BoardRejected.
        """
        body: dict[str, object] = {"name": name, "name_disp": name_disp or name}
        optional = {"to": ",".join(to), "cc": ",".join(cc), "custom_no": custom_no}
        body.update({field: value for field, value in optional.items() if value})
        operation = Operation.CREATE_CLIENT
        call = Call(operation, "POST", "/clients", {}, body, repeatable=False)
        return Client.from_json(_object(operation, self._caller.send(call)))

    # ── 案件 ────────────────────────────────────────────────────────────────────────────────────

    def list_projects(
        self,
        *,
        client_id_eq: int | None = None,
        project_no_eq: int | None = None,
        order_status_in: Iterable[OrderStatus] = (),
        include_lost: bool = False,
        include_archived: bool = False,
        updated_at_gteq: date | datetime | None = None,
        updated_at_lteq: date | datetime | None = None,
        response_group: ResponseGroup = ResponseGroup.LARGE,
        on_progress: OnProgress | None = None,
        on_malformed: OnMalformed | None = None,
    ) -> list[Project]:
        """Return every project that matches; mail settings and payment method need `large`.

        board leaves out lost and archived projects unless told to include them.
        """
        params = _params(
            client_id_eq=client_id_eq,
            project_no_eq=project_no_eq,
            include_lost_flg=1 if include_lost else None,
            include_archive_flg=1 if include_archived else None,
            updated_at_gteq=updated_at_gteq,
            updated_at_lteq=updated_at_lteq,
            response_group=response_group,
            **{"order_status_in[]": order_status_in},
        )
        rows = self._list(Operation.LIST_PROJECTS, "/projects", params, on_progress)
        return _parsed(rows, Project.from_json, on_malformed)

    def get_project(
        self, project_id: int, *, response_group: ResponseGroup = ResponseGroup.LARGE
    ) -> Project:
        """Return one project; raises BoardNotFound."""
        params = _params(response_group=response_group)
        return Project.from_json(
            self._get(Operation.GET_PROJECT, f"/projects/{project_id}", params)
        )

    # ── 請求 ────────────────────────────────────────────────────────────────────────────────────

    def list_invoices(
        self,
        *,
        invoice_date_gteq: date | None = None,
        invoice_date_lteq: date | None = None,
        payment_limit_date_gteq: date | None = None,
        payment_limit_date_lteq: date | None = None,
        order_status_in: Iterable[OrderStatus] = (),
        invoice_status_in: Iterable[InvoiceStatus] = (),
        project_no_eq: int | None = None,
        client_id_eq: int | None = None,
        updated_at_gteq: date | datetime | None = None,
        updated_at_lteq: date | datetime | None = None,
        response_group: ResponseGroup = ResponseGroup.ALL,
        on_progress: OnProgress | None = None,
        on_malformed: OnMalformed | None = None,
    ) -> list[Invoice]:
        """Return every 請求 that matches, in no particular order; by default with its 請求書.

        This is the only way to read 請求: board has no get by id, and no filter by payment method.
        """
        params = _params(
            invoice_date_gteq=invoice_date_gteq,
            invoice_date_lteq=invoice_date_lteq,
            invoice_payment_limit_date_gteq=payment_limit_date_gteq,
            invoice_payment_limit_date_lteq=payment_limit_date_lteq,
            project_project_no_eq=project_no_eq,
            project_client_id_eq=client_id_eq,
            updated_at_gteq=updated_at_gteq,
            updated_at_lteq=updated_at_lteq,
            response_group=response_group,
            **{
                "project_order_status_in[]": order_status_in,
                "invoice_status_in[]": invoice_status_in,
            },
        )
        rows = self._list(Operation.LIST_INVOICES, "/invoices", params, on_progress)
        return _parsed(rows, Invoice.from_json, on_malformed)

    def set_invoice_status(self, invoice_id: int, status: InvoiceStatus) -> None:
        """Set the 請求ステータス of a 請求 (by 請求ID). Repeating it changes nothing more.

        board sets the status only: neither the day nor the amount of the payment.
        """
        self._caller.send(_status_call(invoice_id, status))

    def get_invoice_document(self, document_id: int, *, currency: str = "JPY") -> InvoiceDocument:
        """Return one 請求書 by its 請求書ID (not 請求ID); raises BoardNotFound.

        The document does not say its currency, so it is given by who knows the 請求.
        """
        path = f"/documents/invoices/{document_id}"
        return InvoiceDocument.from_json(self._get(Operation.GET_INVOICE_DOCUMENT, path), currency)

    # ── 支払条件, permissions ───────────────────────────────────────────────────────────────────

    def list_payment_terms(
        self, *, include_archived: bool = False, on_progress: OnProgress | None = None
    ) -> list[PaymentTerm]:
        """Return the names of the 支払条件."""
        rows = self._list(
            Operation.LIST_PAYMENT_TERMS,
            "/payment_terms",
            _params(include_archive_flg=1 if include_archived else None),
            on_progress,
        )
        return _parsed(rows, PaymentTerm.from_json, None)

    def may(self, operation: Operation) -> bool:
        """Find out with one call that changes nothing whether the token allows an operation.

        Lists are asked for one record; what needs an id is asked for id 0, which does not exist;
        顧客登録 is tried without a name, which board refuses. Other errors are raised.
        """
        try:
            self._caller.send(_PROBES[operation])
        except BoardForbidden:
            return False
        except (BoardNotFound, BoardRejected):
            return True
        return True

    # ── reading ─────────────────────────────────────────────────────────────────────────────────

    def _get(
        self, operation: Operation, path: str, params: Mapping[str, str] | None = None
    ) -> Json:
        return _object(operation, self._caller.send(Call(operation, "GET", path, params or {})))

    def _list(
        self,
        operation: Operation,
        path: str,
        params: Mapping[str, str],
        on_progress: OnProgress | None,
    ) -> list[Json]:
        return ListReader(
            self._caller,
            operation,
            path,
            params,
            has_updated_at=operation is not Operation.LIST_PAYMENT_TERMS,
            on_progress=on_progress,
        ).read()


def _object(operation: Operation, answer: Answer) -> Json:
    parsed = answer.json(operation)
    if not isinstance(parsed, dict):
        raise BoardUnreadable(operation, answer.status, "it is not an object")
    return parsed


def _parsed(
    rows: Iterable[Json], parse: Callable[[Json], Record], on_malformed: OnMalformed | None
) -> list[Record]:
    records: list[Record] = []
    for row in rows:
        try:
            records.append(parse(row))
        except MalformedRecord as malformed:
            if on_malformed is None:
                raise
            on_malformed(malformed)
    return records


def _params(**values: object) -> dict[str, str]:
    """Return query parameters as board reads them; None and empty selections are left out."""
    written = {name: _written(value) for name, value in values.items() if value is not None}
    return {name: value for name, value in written.items() if value}


def _written(value: object) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Iterable):
        # board reads an array as one value joined by commas, and only the first such value.
        return ",".join(str(int(item)) for item in value)
    if isinstance(value, datetime):
        # board reads "YYYY-MM-DD HH:MM:SS" as Japan time; a naive date-time would be a guess.
        if value.tzinfo is None:
            raise ValueError("a date-time given to board needs a time zone")
        return f"{value.astimezone(JAPAN):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _status_call(invoice_id: int, status: InvoiceStatus) -> Call:
    path = f"/invoices/invoice_status/{invoice_id}"
    body = {"invoice_status": int(status)}
    return Call(Operation.SET_INVOICE_STATUS, "PATCH", path, {}, body)


def _probe(operation: Operation, path: str) -> Call:
    return Call(operation, "GET", path, {"per_page": "1"})


_PROBES: Mapping[Operation, Call] = {
    Operation.LIST_CLIENTS: _probe(Operation.LIST_CLIENTS, "/clients"),
    Operation.GET_CLIENT: _probe(Operation.GET_CLIENT, "/clients/0"),
    Operation.CREATE_CLIENT: Call(Operation.CREATE_CLIENT, "POST", "/clients", {}, {"name": ""}),
    Operation.LIST_PROJECTS: _probe(Operation.LIST_PROJECTS, "/projects"),
    Operation.GET_PROJECT: _probe(Operation.GET_PROJECT, "/projects/0"),
    Operation.LIST_INVOICES: _probe(Operation.LIST_INVOICES, "/invoices"),
    Operation.SET_INVOICE_STATUS: _status_call(0, InvoiceStatus.INVOICED),
    Operation.GET_INVOICE_DOCUMENT: _probe(Operation.GET_INVOICE_DOCUMENT, "/documents/invoices/0"),
    Operation.LIST_PAYMENT_TERMS: _probe(Operation.LIST_PAYMENT_TERMS, "/payment_terms"),
}
