"""The customer portal: its configurations and the sessions that lead there."""

from tests.api.recording import Recording
from tests.api.room import Room

FORM = {
    "name": "見本",
    "business_profile[headline]": "見本商事",
    "business_profile[privacy_policy_url]": "https://www.example.jp/privacy",
    "business_profile[terms_of_service_url]": "https://www.example.jp/terms",
    "default_return_url": "https://www.example.jp/",
    "features[invoice_history][enabled]": "true",
    "features[payment_method_update][enabled]": "true",
    "metadata[a]": "1",
}


def chapter(api: Recording, room: Room) -> None:
    """Configure, change, open."""
    made = api.post_form("/v1/billing_portal/configurations", FORM)["id"]
    api.post_form(
        f"/v1/billing_portal/configurations/{made}",
        {**FORM, "business_profile[headline]": "見本工業", "metadata[b]": "2", "active": "true"},
    )
    customer = api.customer(name="窓口見本")
    opened = {"customer": customer, "return_url": "https://www.example.jp/b", "locale": "ja"}
    api.post_form("/v1/billing_portal/sessions", opened)
    api.post_form("/v1/billing_portal/sessions", {**opened, "configuration": made})
