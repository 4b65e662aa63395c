"""Chooses and orders the records of a list, with board's habits.

Unknown query parameters are ignored without a word; an array is one value joined by commas; when a
parameter is repeated, only its first value counts. The order of lists is undocumented: here the
newest change comes first, so that a change during reading does shift the pages.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from seikyu.board.paging import JAPAN
from seikyu.board.simulator.state import Body, Records, stamp

Test = Callable[[object], bool]
PER_PAGE, PER_PAGE_AT_MOST = 10, 100


class BadParameter(Exception):
    """A filter value that cannot be read; board answers 422."""

    def __init__(self, name: str) -> None:
        """Name the parameter."""
        self.name = name
        super().__init__(name)


# Parameter → (field, comparison). A field with "project." or "client." is read from there.
_CLIENT_FILTERS = {
    "name_cont": ("name", "cont"),
    "name_disp_cont": ("name_disp", "cont"),
    "invoice_system_number_eq": ("invoice_system_number", "eq"),
    "custom_no_eq": ("custom_no", "eq"),
    "tags[]": ("tags", "any"),
    "updated_at_gteq": ("updated_at", "since"),
    "updated_at_lteq": ("updated_at", "until"),
}
_PROJECT_FILTERS = {
    "name_cont": ("name", "cont"),
    "client_id_eq": ("client_id", "eq"),
    "client_name_cont": ("client.name", "cont"),
    "client_name_disp_cont": ("client.name_disp", "cont"),
    "order_status_in[]": ("order_status", "in"),
    "invoice_timing_kbn_in[]": ("invoice_timing_kbn", "in"),
    "project_no_eq": ("project_no", "eq"),
    "management_no_eq": ("management_no", "eq"),
    "tags[]": ("tags", "any"),
    "created_at_gteq": ("created_at", "since"),
    "created_at_lteq": ("created_at", "until"),
    "updated_at_gteq": ("updated_at", "since"),
    "updated_at_lteq": ("updated_at", "until"),
}
_INVOICE_FILTERS = {
    "invoice_date_gteq": ("invoice_date", "from"),
    "invoice_date_lteq": ("invoice_date", "to"),
    "invoice_payment_limit_date_gteq": ("payment_limit_date", "from"),
    "invoice_payment_limit_date_lteq": ("payment_limit_date", "to"),
    "invoice_status_in[]": ("invoice_status", "in"),
    "project_order_status_in[]": ("project.order_status", "in"),
    "project_project_no_eq": ("project.project_no", "eq"),
    "project_management_no_eq": ("project.management_no", "eq"),
    "project_name_cont": ("project.name", "cont"),
    "project_client_id_eq": ("project.client_id", "eq"),
    "project_client_name_cont": ("client.name", "cont"),
    "project_client_name_disp_cont": ("client.name_disp", "cont"),
    "project_tags[]": ("project.tags", "any"),
    "updated_at_gteq": ("updated_at", "since"),
    "updated_at_lteq": ("updated_at", "until"),
}
FILTERS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "clients": _CLIENT_FILTERS,
    "projects": _PROJECT_FILTERS,
    "invoices": _INVOICE_FILTERS,
    "payment_terms": {"name_cont": ("name", "cont")},
}


def first_values(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the query with the first value of each parameter."""
    values: dict[str, str] = {}
    for name, value in pairs:
        values.setdefault(name, value)
    return values


def select(records: Records, kind: str, query: Mapping[str, str]) -> list[Body]:
    """Return the matching records, newest change first; raises BadParameter."""
    tests = [
        (field, _test(name, comparison, query[name]))
        for name, (field, comparison) in FILTERS[kind].items()
        if query.get(name, "") != ""
    ]
    if kind in ("clients", "projects", "payment_terms") and query.get("include_archive_flg") != "1":
        tests.append(("archive_flg", lambda value: not value))
    if kind == "projects" and query.get("include_lost_flg") != "1":
        tests.append(("order_status", lambda value: value != 9))
    chosen = [
        body
        for body in records.all(kind)
        if all(test(_value(records, kind, body, field)) for field, test in tests)
    ]
    chosen.sort(key=lambda body: (str(body.get("updated_at", "")), body["id"]), reverse=True)
    return chosen


def page_of(query: Mapping[str, str]) -> tuple[int, int]:
    """Return (page, per_page); more than 100 per page gives 100. Raises BadParameter."""
    page = _whole("page", query.get("page") or "1")
    per_page = _whole("per_page", query.get("per_page") or str(PER_PAGE))
    return page, min(per_page, PER_PAGE_AT_MOST)


def _whole(name: str, value: str) -> int:
    if not value.isdecimal() or int(value) < 1:
        raise BadParameter(name)
    return int(value)


def _value(records: Records, kind: str, body: Body, field: str) -> object:
    if "." not in field:
        return body.get(field)
    owner, name = field.split(".")
    parent: Body = body
    if kind == "invoices":
        parent = records.get("projects", _int(body["project_id"])) or {}
    if owner == "client":
        parent = records.get("clients", _int(parent.get("client_id"))) or {}
    return parent.get(name)


def _test(name: str, comparison: str, wanted: str) -> Test:
    """Return the test of one parameter. Dates compare as text, being YYYY-MM-DD."""
    match comparison:
        case "cont":
            return lambda value: wanted in str(value or "")
        case "eq":
            return lambda value: str(value) == wanted
        case "in":
            choices = set(wanted.split(","))
            return lambda value: str(value) in choices
        case "any":
            tags = set(wanted.split(","))
            return lambda value: isinstance(value, list) and not tags.isdisjoint(value)
    moment = _moment(name, wanted)
    day, instant = moment[:10], moment
    match comparison:
        case "from":
            return lambda value: str(value or "") >= day
        case "to":
            return lambda value: "" < str(value or "") <= day
        case "since":
            return lambda value: str(value) >= instant
        case _:
            return lambda value: str(value) <= instant


def _moment(name: str, text: str) -> str:
    """Read a date, "YYYY-MM-DD HH:MM:SS" (both Japan time) or ISO 8601, as board stamps times."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadParameter(name) from None
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=JAPAN))


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0
