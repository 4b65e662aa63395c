"""Payment methods: a card typed in, one from a token, changed, attached, detached."""

from tests.api.recording import Recording
from tests.api.room import Room
from tests.api.story.forms import CARD, PERSON


def chapter(api: Recording, room: Room) -> None:
    """Everything that happens to a card before it pays."""
    customer = api.customer(None, name="カード見本")
    form = {**CARD, **PERSON, "allow_redisplay": "always", "metadata[a]": "1"}
    typed = api.post_form("/v1/payment_methods", form)["id"]
    path = f"/v1/payment_methods/{typed}"
    api.post(f"{path}/attach", customer=customer)
    change = {"card[exp_month]": "11", "card[exp_year]": "2036", "allow_redisplay": "limited"}
    api.post_form(
        path, {**PERSON, **change, "billing_details[name]": "見本 花子", "metadata[b]": "2"}
    )
    token = api.post_form("/v1/payment_methods", {"type": "card", "card[token]": "tok_visa"})
    api.post(f"/v1/payment_methods/{token['id']}/attach", customer=customer)
    default = {"invoice_settings[default_payment_method]": token["id"]}
    api.post_form(f"/v1/customers/{customer}", default)
    api.post(f"/v1/payment_methods/{token['id']}/detach")
    api.get(f"/v1/customers/{customer}", "expand[]=invoice_settings.default_payment_method")
    api.get(f"/v1/payment_methods/{typed}", "expand[]=customer")
