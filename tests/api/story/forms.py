"""Whole hashes of parameters, as full as Stripe takes them, that several chapters send."""


def address(name: str) -> dict[str, str]:
    """A whole address under this name of a parameter."""
    parts = {
        "city": "千代田区",
        "country": "JP",
        "line1": "丸の内1-1-1",
        "line2": "サンプルビル",
        "postal_code": "100-0005",
        "state": "東京都",
    }
    return {f"{name}[{part}]": value for part, value in parts.items()}


def shipping(name: str) -> dict[str, str]:
    """Where goods go, under this name of a parameter."""
    return {
        f"{name}[name]": "サンプル倉庫",
        f"{name}[phone]": "+81300000001",
        **address(f"{name}[address]"),
    }


PERSON = {
    **address("billing_details[address]"),
    "billing_details[name]": "見本 太郎",
    "billing_details[email]": "taro@example.jp",
    "billing_details[phone]": "+81300000000",
}

CUSTOMER = {
    **address("address"),
    **shipping("shipping"),
    "description": "得意先",
    "email": "keiri@example.jp",
    "phone": "+81300000000",
    "preferred_locales[]": "ja",
    "metadata[board_client_id]": "1",
    "metadata[a]": "1",
    "business_name": "株式会社サンプル",
    "individual_name": "見本 太郎",
    "balance": "-500",
    "tax_exempt": "reverse",
    "invoice_settings[footer]": "よろしくお願いいたします",
    "invoice_settings[custom_fields][0][name]": "注文番号",
    "invoice_settings[custom_fields][0][value]": "1",
    "invoice_settings[rendering_options][amount_tax_display]": "exclude_tax",
}
CARD = {
    "type": "card",
    "card[number]": "4242424242424242",
    "card[exp_month]": "12",
    "card[exp_year]": "2034",
    "card[cvc]": "123",
}
