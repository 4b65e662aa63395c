"""Bank statements on the command line: imported into a file that a server uses, once."""

from pathlib import Path

import stripe

from tests.servers import Installation
from tests.statements.files import Transfer, packed, transfers


def test_a_statement_is_previewed_imported_and_known_again(
    sqlite_installation: Installation, tmp_path: Path
) -> None:
    keys = sqlite_installation.create_account()
    server = sqlite_installation.serve()
    sdk = stripe.StripeClient(keys["test_secret_key"], base_addresses={"api": server.base})
    customer = sdk.v1.customers.create({"name": "サンプルショウジ"})
    file = tmp_path / "nyukin.txt"
    file.write_bytes(packed(transfers(Transfer(1_500, "ｻﾝﾌﾟﾙｼﾖｳｼﾞ"), Transfer(20, "ﾀﾞﾚｶ", number=2))))
    shown = sqlite_installation.answer(
        "engine", "import-statement", str(file), "--preview", "--json"
    )
    assert (shown["preview"], shown["imported"], shown["matched"]) == (True, 2, 1)
    assert sdk.v1.customers.cash_balance.retrieve(customer.id).available is None
    told = sqlite_installation.seikyu("engine", "import-statement", str(file))
    assert told.returncode == 0
    assert "2 lines imported, 1520 yen: 1 matched, 1 waiting; 0 skipped." in told.stderr
    cash = sdk.v1.customers.cash_balance.retrieve(customer.id)
    assert cash.to_dict()["available"] == {"jpy": 1_500}
    again = sqlite_installation.seikyu("engine", "import-statement", str(file))
    assert "0 lines imported" in again.stderr
    assert "Line 2: This line was imported before." in again.stderr
    assert sqlite_installation.seikyu("engine", "audit").returncode == 0


def test_what_cannot_be_imported_is_said_in_a_sentence(
    sqlite_installation: Installation, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\x00\x01")
    command = ("engine", "import-statement", str(bad))
    assert "no account yet" in sqlite_installation.seikyu(*command).stderr
    account = sqlite_installation.create_account()["account"]
    for options, says in (
        ((), "no text file"),
        (("--preview",), "no text file"),
        (("--account", "acct_none"), "no account acct_none"),
        (("--column", "who=me"), "the roles are amount, bank_id, date"),
        (("--account", account, "--live"), "no text file"),
    ):
        refused = sqlite_installation.seikyu(*command, *options)
        assert (refused.returncode, says in refused.stderr) == (2, True), refused.stderr
    missing = sqlite_installation.seikyu("engine", "import-statement", str(tmp_path / "none"))
    assert (missing.returncode, "cannot be read" in missing.stderr) == (2, True)
    sqlite_installation.create_account()
    assert "--account; there are" in sqlite_installation.seikyu(*command).stderr
