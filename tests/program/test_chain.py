"""A server, a signer and a chain as processes of their own: money comes in and goes out."""

from pathlib import Path
from typing import Any

import pytest

from evens.edges.cli.api import Api
from evens.edges.cli.server_file import Target
from tests.cli.chain.test_chain_signer import signing
from tests.cli.program import call, eventually, run, running
from tests.feeds.chain.chain import CHAIN_ID, COIN, deploy, running_chain
from tests.feeds.chain.conftest import XPUB

BOB = "0x" + "b0" * 20

EVM = {
    "EVENS_CHAIN_RAIL": "evm",
    "EVENS_CHAIN_URL": "http://127.0.0.1:9",
    "EVENS_CHAIN_ID": "1",
    "EVENS_CHAIN_TOKEN": BOB,
    "EVENS_CHAIN_XPUB": XPUB,
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"EVENS_CHAIN_XPUB": XPUB[:-1] + "1"}, "EVENS_CHAIN_XPUB: is no extended public key"),
        ({"EVENS_CHAIN_XPUB": "xprv" + XPUB[4:]}, "EVENS_CHAIN_XPUB: must be an extended PUBLIC key"),
        ({"EVENS_CHAIN_XPUB": None, "EVENS_CHAIN_ID": None}, "needs EVENS_CHAIN_ID, EVENS_CHAIN_XPUB"),
        ({"EVENS_CHAIN_TOKEN": "USDC"}, "EVENS_CHAIN_TOKEN: must be an address"),
        ({"EVENS_CHAIN_URL": "127.0.0.1:8545"}, "EVENS_CHAIN_URL: must be the address of a node"),
        ({"EVENS_CHAIN_CURRENCY": "DAI"}, "EVENS_CHAIN_CURRENCY: 'DAI' is none of EVENS_CURRENCIES"),
        ({"EVENS_CHAIN_APPROVAL_LIMIT": "-1"}, "EVENS_CHAIN_APPROVAL_LIMIT"),
    ],
)
def test_a_rail_with_a_wrong_setting_stops_the_start(tmp_path: Path, change: dict[str, str | None], said: str) -> None:
    env = {name: value for name, value in (EVM | change).items() if value is not None}
    ended = run("serve", "--port", "0", "--data", str(tmp_path / "data"), env=env)
    assert ended.code != 0
    assert said in " ".join(ended.err.split())
    assert "Traceback" not in ended.err


def test_money_comes_in_and_goes_out_over_a_real_chain(tmp_path: Path) -> None:
    """Pools 5: all of it together, on a bare machine."""
    with running_chain() as chain:
        token = deploy(chain)
        made = call("chain-signer", "--key-file", str(tmp_path / "key"), "--make-key", "--json")
        account = made.document["address"]
        token.mint(account, 500_000_000)
        chain.ask("anvil_setBalance", account, hex(COIN))
        chain.mine()
        bounds = ("--chain-id", str(CHAIN_ID), "--token", token.address, "--most", "100", "--most-per-day", "500")
        env = {
            **EVM,
            "EVENS_CHAIN_URL": chain.url,
            "EVENS_CHAIN_ID": str(CHAIN_ID),
            "EVENS_CHAIN_TOKEN": token.address,
            "EVENS_CHAIN_CONFIRMATIONS": "2",
            "EVENS_CHAIN_EVERY_S": "0.1",
            "EVENS_CHAIN_SIGNER": str(tmp_path / "sock"),
        }
        with (
            signing(tmp_path, *bounds),
            running(["serve", "--port", "0"], tmp_path / "data", env=env) as server,
            Api(Target(server.url, server.key)) as api,
        ):
            user = server.customer("ann")
            address = api.post("/v1/chain/wallet", {"user_id": user}).document["address"]
            token.transfer(address, 42_000_000)

            def cash() -> Any:
                chain.mine()
                return api.get(f"/v1/users/{user}/balance", currency="USDC")["cash"]

            assert eventually(lambda: cash() == "42.000000")
            key = server.ask("api-key", "create", "--role", "customer", "--user", "ann")["key"]
            with Api(Target(server.url, key)) as ann:
                body = {"amount": "30", "currency": "USDC", "destination": BOB}
                asked = ann.post("/v1/withdrawals", body).document["id"]
            api.post(f"/v1/withdrawals/{asked}/approve", {})

            def status() -> Any:
                chain.mine()
                return api.get(f"/v1/transactions/{asked}")["status"]

            assert eventually(lambda: status() == "completed")
            assert token.balance(BOB) == 30_000_000
            assert server.ask("audit")["problems"] == []
        assert server.process.returncode == 0
