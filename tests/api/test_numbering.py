"""Numbering by account over HTTP: together without gaps, whoever asks at the same time."""

import threading

from tests.api.room import Caller, Room


def numbers(api: Caller) -> list[str]:
    """Numbers of all finalized invoices, sorted."""
    return sorted(i["number"] for i in api.get("/v1/invoices", "limit=100")["data"] if i["number"])


def by_account(api: Caller, **more: object) -> None:
    form = {f"numbering[{name}]": value for name, value in {"scheme": "account", **more}.items()}
    api.post_form("/v1/seikyu/settings", form)


def test_all_customers_count_together(api: Caller) -> None:
    by_account(api, prefix="ABC")
    for _ in range(3):
        api.post(f"/v1/invoices/{api.draft(api.customer(None))}/finalize")
    assert numbers(api) == ["ABC-0001", "ABC-0002", "ABC-0003"]


def test_a_prefix_goes_on_where_it_ended(api: Caller) -> None:
    customer = api.customer(None)
    by_account(api, prefix="AAA")
    api.post(f"/v1/invoices/{api.draft(customer)}/finalize")
    by_account(api, prefix="")
    api.post(f"/v1/invoices/{api.draft(customer)}/finalize")
    by_account(api, prefix="AAA", next_sequence=10)
    api.post(f"/v1/invoices/{api.draft(customer)}/finalize")
    api.post_form("/v1/seikyu/settings", {"numbering[scheme]": "customer"})
    own = api.post(f"/v1/customers/{customer}", invoice_prefix="OWN", next_invoice_sequence=5)
    api.post(f"/v1/customers/{customer}", next_invoice_sequence=2)
    api.post(f"/v1/invoices/{api.draft(customer)}/finalize")
    assert own["next_invoice_sequence"] == 5
    assert numbers(api) == ["0001", "AAA-0001", "AAA-0010", "OWN-0005"]


def test_a_refused_or_rolled_back_attempt_leaves_no_gap(api: Caller) -> None:
    by_account(api, prefix="GAP")
    customer = api.customer(None)
    empty = api.post("/v1/invoices", customer=customer, currency="jpy")["id"]
    assert api.refused(f"/v1/invoices/{empty}/finalize").status == 400
    api.post(f"/v1/invoices/{api.draft(customer)}/finalize")
    euros = api.post("/v1/invoices", customer=customer, currency="eur")["id"]
    api.post_form(f"/v1/invoices/{euros}/add_lines", {"lines[0][amount]": 1})
    api.refused(f"/v1/invoices/{euros}/finalize")  # nobody can carry one cent in a yen balance
    api.post(f"/v1/invoices/{api.draft(customer)}/finalize")
    assert numbers(api) == ["GAP-0001", "GAP-0002"]


def test_a_prefix_belongs_to_the_account_or_to_one_customer(api: Caller) -> None:
    theirs = api.customer(None, invoice_prefix="THEIRS")
    api.post(f"/v1/invoices/{api.draft(theirs)}/finalize")
    form = {"numbering[scheme]": "account", "numbering[prefix]": "THEIRS"}
    reply = api.refused("/v1/seikyu/settings", form)
    assert reply.error["param"] == "numbering[prefix]"
    by_account(api, prefix="OURS")
    for form in ({"invoice_prefix": "OURS"}, {"invoice_prefix": "THEIRS"}):
        reply = api.refused("/v1/customers", form)
        assert reply.error["param"] == "invoice_prefix"
    draft = api.draft(theirs)
    reply = api.refused(f"/v1/invoices/{draft}", {"number": "OURS-0007"})
    assert reply.error["param"] == "number"


def test_many_at_once_get_consecutive_numbers(room: Room, api: Caller) -> None:
    """Twelve customers finalize at the same moment, the first ones before there is any counter."""
    by_account(api, prefix="RUSH")
    drafts = [api.draft(api.customer(None)) for _ in range(12)]
    ready = threading.Barrier(12)
    statuses: list[int] = []

    def finalize(draft: str) -> None:
        caller = Caller(room.base, api.key)
        ready.wait(30)
        statuses.append(caller.send("POST", f"/v1/invoices/{draft}/finalize").status)
        caller.client.close()

    threads = [threading.Thread(target=finalize, args=(draft,)) for draft in drafts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert statuses == [200] * 12
    assert numbers(api) == [f"RUSH-{n:04d}" for n in range(1, 13)]
