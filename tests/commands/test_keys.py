"""Restricted keys: made and revoked on the command line, obeyed by the API."""

import pytest
import stripe

from tests.servers import Installation


@pytest.fixture
def account(sqlite_installation: Installation) -> dict[str, str]:
    """An account with its two secret keys."""
    keys: dict[str, str] = sqlite_installation.create_account()
    return keys


def restricted(installation: Installation, account: str, *permissions: str) -> str:
    """A key with these permissions."""
    options = [part for one in permissions for part in ("--permission", one)]
    made = installation.answer("engine", "create-key", account, *options, "--json")
    return str(made["restricted_key"])


def test_a_restricted_key_does_what_it_is_permitted_and_no_more(
    sqlite_installation: Installation, account: dict[str, str]
) -> None:
    key = restricted(sqlite_installation, account["account"], "customer_write", "invoice_read")
    assert key.startswith("rk_test_")
    server = sqlite_installation.serve()
    sdk = stripe.StripeClient(key, base_addresses={"api": server.base})
    customer = sdk.v1.customers.create({"name": "株式会社サンプル"})
    assert sdk.v1.customers.retrieve(customer.id).name == "株式会社サンプル"
    assert sdk.v1.invoices.list().data == []
    with pytest.raises(stripe.PermissionError) as refused:
        sdk.v1.invoices.create({"customer": customer.id})
    assert refused.value.http_status == 403
    assert "'rak_invoice_write' permission would allow" in str(refused.value.user_message)
    assert key not in str(refused.value.user_message)
    with pytest.raises(stripe.PermissionError):
        sdk.v1.charges.list()


def test_a_revoked_key_opens_nothing(
    sqlite_installation: Installation, account: dict[str, str]
) -> None:
    key = restricted(sqlite_installation, account["account"], "customer_read")
    assert sqlite_installation.seikyu("engine", "revoke-key", key).returncode == 0
    again = sqlite_installation.seikyu("engine", "revoke-key", key)
    assert again.returncode == 2
    assert "was revoked before" in again.stderr
    server = sqlite_installation.serve()
    with pytest.raises(stripe.AuthenticationError) as refused:
        stripe.StripeClient(key, base_addresses={"api": server.base}).v1.customers.list()
    assert "Expired API Key" in str(refused.value.user_message)


def test_bad_input_is_named(sqlite_installation: Installation, account: dict[str, str]) -> None:
    unknown = sqlite_installation.seikyu(
        "engine", "create-key", account["account"], "--permission", "fly"
    )
    assert unknown.returncode == 2
    assert "--permission fly is unknown" in unknown.stderr
    nobody = sqlite_installation.seikyu(
        "engine", "create-key", "acct_none", "--permission", "customer_read"
    )
    assert nobody.returncode == 2
    assert "no account acct_none" in nobody.stderr


def test_a_key_acts_for_its_own_account_only(
    sqlite_installation: Installation, account: dict[str, str]
) -> None:
    server = sqlite_installation.serve()
    sdk = stripe.StripeClient(account["test_secret_key"], base_addresses={"api": server.base})
    own = sdk.v1.customers.create({}, {"stripe_account": account["account"]})
    assert own.id.startswith("cus_")
    with pytest.raises(stripe.PermissionError) as refused:
        sdk.v1.customers.list({}, {"stripe_account": "acct_other"})
    assert "does not have access to account 'acct_other'" in str(refused.value.user_message)
