"""A server, a signer and a chain as processes of their own: money comes in and goes out."""

from pathlib import Path
from typing import Any

from evens.edges.cli.api import Api
from evens.edges.cli.server_file import Target
from tests.cli.chain.test_chain_signer import signing
from tests.cli.program import call, eventually, running
from tests.feeds.chain.chain import CHAIN_ID, COIN, deploy, running_chain
from tests.feeds.chain.conftest import XPUB

BOB = "0x" + "b0" * 20


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
            "EVENS_CHAIN_RAIL": "evm",
            "EVENS_CHAIN_URL": chain.url,
            "EVENS_CHAIN_ID": str(CHAIN_ID),
            "EVENS_CHAIN_TOKEN": token.address,
            "EVENS_CHAIN_XPUB": XPUB,
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
