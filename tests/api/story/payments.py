"""Payment intents in every status that the engine reaches, and the charges that they leave."""

from tests.api.recording import Recording
from tests.api.room import Room
from tests.api.story.forms import CARD, PERSON, shipping

FORM = {
    "amount": "500",
    "currency": "jpy",
    "description": "手付金",
    "metadata[a]": "1",
    "receipt_email": "keiri@example.jp",
    "setup_future_usage": "off_session",
    "statement_descriptor": "SAMPLE",
    "statement_descriptor_suffix": "SUFFIX",
    "payment_method_types[]": "card",
    "payment_method_options[card][request_three_d_secure]": "any",
    "payment_method_options[card][installments][enabled]": "true",
    "payment_method_options[card][installments][plan][count]": "3",
    "payment_method_options[card][installments][plan][interval]": "month",
    "payment_method_options[card][installments][plan][type]": "fixed_count",
    "payment_method_options[card][network]": "visa",
    "payment_method_options[card][request_extended_authorization]": "never",
    "payment_method_options[card][request_incremental_authorization]": "never",
    "payment_method_options[card][request_multicapture]": "never",
    "payment_method_options[card][request_overcapture]": "never",
    "payment_method_options[card][require_cvc_recollection]": "true",
    "payment_method_options[card][setup_credential_usage]": "recurring",
    "payment_method_options[card][stored_credential_usage]": "recurring",
    "payment_method_options[card][setup_future_usage]": "off_session",
    "payment_method_options[card][statement_descriptor_suffix_kana]": "サンプル",
    "payment_method_options[card][statement_descriptor_suffix_kanji]": "見本",
    **shipping("shipping"),
    "shipping[carrier]": "サンプル運輸",
    "shipping[tracking_number]": "1",
}


def chapter(api: Recording, room: Room) -> None:
    """Wait, change, cancel, succeed, fail, ask the customer."""
    customer = api.customer(name="決済見本")
    form = {**FORM, "customer": customer}
    waiting = api.post_form("/v1/payment_intents", form)["id"]
    change = {**form, "amount": "600", "description": "中間金", "metadata[b]": "2"}
    api.post_form(f"/v1/payment_intents/{waiting}", {**change, "payment_method": "pm_card_visa"})
    api.refused(f"/v1/payment_intents/{waiting}/capture")
    cancel = {"cancellation_reason": "requested_by_customer"}
    api.post_form(f"/v1/payment_intents/{waiting}/cancel", cancel)
    automatic = {"amount": "500", "currency": "jpy", "automatic_payment_methods[enabled]": "true"}
    api.post_form("/v1/payment_intents", automatic)
    newer = {"amount": "500", "currency": "jpy", "allowed_payment_method_types[]": "card"}
    api.post_form("/v1/payment_intents", newer)
    done = api.post_form(
        "/v1/payment_intents", {**form, "confirm": "true", "payment_method": "pm_card_visa"}
    )
    names = ("latest_charge", "latest_charge.refunds", "payment_method", "customer")
    query = "&".join(f"expand[]={name}" for name in names)
    api.get(f"/v1/payment_intents/{done['id']}", query)
    _with_a_full_card(api)
    failing = ("chargeDeclined", "chargeDeclinedIncorrectCvc", "chargeDeclinedExpiredCard")
    for card in (*failing, "chargeCustomerFail"):
        _fails(api, f"pm_card_{card}")
    asked = {**form, "confirm": "true", "payment_method": "pm_card_threeDSecure2Required"}
    assert api.post_form("/v1/payment_intents", asked)["status"] == "requires_action"


def _with_a_full_card(api: Recording) -> None:
    """The charge shows whose card it was."""
    card = api.post_form("/v1/payment_methods", {**CARD, **PERSON})["id"]
    form = {"amount": "700", "currency": "jpy", "payment_method": card}
    intent = api.post_form("/v1/payment_intents", form)["id"]
    api.post(f"/v1/payment_intents/{intent}/confirm", return_url="https://www.example.jp/done")


def _fails(api: Recording, card: str) -> None:
    """A card that is declined leaves the payment waiting for another one."""
    intent = api.post_form("/v1/payment_intents", FORM)["id"]
    api.refused(f"/v1/payment_intents/{intent}/confirm", {"payment_method": card})
    api.get(f"/v1/payment_intents/{intent}", "expand[]=latest_charge")
