"""Settings of an account through the API of ours, and what an invoice may have otherwise."""

import pytest

from tests.api.room import START, Caller, Room

DAY = 86_400


def test_an_account_that_set_nothing_has_settings_that_work(api: Caller) -> None:
    settings = api.get("/v1/seikyu/settings")
    assert settings["object"] == "seikyu.settings"
    assert settings["livemode"] is False
    assert settings["time_zone"] == "Asia/Tokyo"
    assert settings["retries"] == {
        "mode": "smart",
        "tries": 8,
        "window": "2_weeks",
        "days": [3, 5, 7],
    }
    assert settings["after_last_retry"] == {"subscription": "cancel", "invoice": "leave"}
    assert settings["reminders"] == {"days": [3, 5, 14]}
    assert settings["past_due"] == {"after_days": None, "invoice": "leave", "subscription": "leave"}
    assert settings["payment_plans"] == {"reminder_days": 7}
    assert settings["shortfall_tolerance"] == {}
    assert settings["tax"] == {"rounding": "down"}
    assert settings["numbering"] == {"scheme": "customer", "prefix": "", "next_sequence": 1}


def test_what_is_given_changes_and_the_rest_stays(api: Caller) -> None:
    changed = api.post_form(
        "/v1/seikyu/settings",
        {
            "retries[mode]": "custom",
            "retries[days][0]": "2",
            "retries[days][1]": "4",
            "reminders[days][0]": "-3",
            "time_zone": "America/New_York",
            "shortfall_tolerance[jpy]": "100",
            "business[address][line1]": "サンプル町 1-2-3",
        },
    )
    assert changed["retries"]["days"] == [2, 4]
    again = api.post_form("/v1/seikyu/settings", {"reminders[days]": "", "shortfall_tolerance": ""})
    assert again == api.get("/v1/seikyu/settings")
    assert again["retries"]["mode"] == "custom"
    assert again["time_zone"] == "America/New_York"
    assert (again["reminders"], again["shortfall_tolerance"]) == ({"days": []}, {})
    assert again["business"]["address"]["line1"] == "サンプル町 1-2-3"


@pytest.mark.parametrize(
    ("form", "param", "says"),
    [
        ({"retries[tries]": "9"}, "retries[tries]", "less than or equal to 8"),
        ({"retries[window]": "3_days"}, "retries[window]", "must be one of 1_week"),
        ({"retries[days][0]": "3"}, "retries[days]", "custom mode; the mode is smart"),
        ({"retries[mode]": "custom", "retries[tries]": "3"}, "retries[tries]", "belongs to"),
        ({"retries[mode]": "custom", "retries[days][0]": "0"}, "retries[days][0]", "greater"),
        (
            {"retries[mode]": "custom", **{f"retries[days][{i}]": "1" for i in range(4)}},
            "retries[days]",
            "at most 3",
        ),
        ({"reminders[days][0]": "3", "reminders[days][1]": "3"}, "reminders[days]", "twice"),
        ({"reminders[days][0]": "400"}, "reminders[days][0]", "less than or equal to 365"),
        ({"past_due[after_days]": "45"}, "past_due[after_days]", "30, 60 or 90"),
        ({"past_due[invoice]": "mark_uncollectible"}, "past_due[after_days]", "Missing required"),
        (
            {
                "past_due[after_days]": "30",
                "past_due[invoice]": "mark_uncollectible",
                "reminders[days][0]": "45",
            },
            "reminders[days]",
            "can never be sent",
        ),
        ({"time_zone": "Asia/Edo"}, "time_zone", "IANA"),
        ({"business[registration_number]": "T12"}, "business[registration_number]", "13 digits"),
        ({"shortfall_tolerance[xxx]": "1"}, "shortfall_tolerance", "Invalid currency"),
        ({"retrys[mode]": "none"}, "retrys", "unknown parameter"),
    ],
)
def test_schedules_that_cannot_be_are_refused_by_name(
    api: Caller, form: dict[str, str], param: str, says: str
) -> None:
    before = api.get("/v1/seikyu/settings")
    error = api.refused("/v1/seikyu/settings", form).error
    assert error["type"] == "invalid_request_error"
    assert error["param"] == param
    assert says in error["message"]
    assert api.get("/v1/seikyu/settings") == before


def test_an_invoice_may_be_collected_otherwise(room: Room, api: Caller) -> None:
    customer = api.customer("pm_card_chargeCustomerFail")
    invoice = api.post_form(
        "/v1/invoices",
        {
            "customer": customer,
            "auto_advance": "true",
            "collection_settings[retries][mode]": "custom",
            "collection_settings[retries][days][0]": "4",
        },
    )
    assert invoice["collection_settings"] == {"retries": {"mode": "custom", "days": [4]}}
    api.line(invoice["id"], 1_000)
    api.post(f"/v1/invoices/{invoice['id']}/finalize")
    room.drain()
    failed = api.get(f"/v1/invoices/{invoice['id']}")
    assert failed["next_payment_attempt"] == START + 4 * DAY
    error = api.refused(
        f"/v1/invoices/{invoice['id']}", {"collection_settings[retries][days][0]": "3"}
    ).error
    assert error["param"] == "collection_settings[retries][days]"


def test_changed_settings_hold_for_invoices_that_are_under_way(room: Room, api: Caller) -> None:
    customer = api.customer("pm_card_chargeCustomerFail")
    invoice = api.draft(customer, 1_000, auto_advance="true")
    api.post(f"/v1/invoices/{invoice}/finalize")
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["next_payment_attempt"] == START + DAY
    api.post_form("/v1/seikyu/settings", {"retries[mode]": "custom", "retries[days][0]": "6"})
    room.drain()
    later = api.get(f"/v1/invoices/{invoice}")
    assert (later["next_payment_attempt"], later["attempt_count"]) == (START + 6 * DAY, 1)
    api.post_form("/v1/seikyu/settings", {"retries[mode]": "none"})
    room.drain()
    assert api.get(f"/v1/invoices/{invoice}")["next_payment_attempt"] is None
