"""The demo's chain rail, without a chain: a customer who pays in and out over it, and an operator who approves."""

import os
import uuid
from collections.abc import Mapping
from contextlib import suppress
from threading import Event
from typing import Final

from evens.edges.cli.api import Api
from evens.edges.cli.failures import Refused, Unavailable
from evens.edges.cli.server_file import Target
from evens.edges.cli.wording import money_text

RAIL: Final = "EVENS_CHAIN_RAIL"
CURRENCY: Final = "USDC"
NAME: Final = "ada"
"""Who pays over the chain, if there is such a customer."""

_SIMULATED: Final = "simulated"
_ELSEWHERE: Final = "0x" + "e7" * 20
_AMOUNT: Final = "25.00"
_PAUSE_S: Final = 5.0
_FINISHED: Final = frozenset({"confirmed", "returned", "rejected", "by_hand"})


class PayingOverChain:
    """Pays the same amount in and out, again and again, until ``stop`` is set.

    Whoever has chosen a rail of their own gets no simulated one, and nothing is paid over it.
    """

    def __init__(self, api: Api, url: str, user_ids: Mapping[str, str], stop: Event) -> None:
        self._api = api
        self._url = url
        self._user_id = user_ids.get(NAME)
        self._stop = stop
        self.latest = ""
        """What happened last, in words; any thread may read it."""

    @staticmethod
    def announce() -> None:
        """Tell the server, which is yet to start in this process, that there is a simulated rail."""
        os.environ.setdefault(RAIL, _SIMULATED)

    def work(self) -> None:
        """Pay in, ask for a payout, have it approved and wait until it was made; then again."""
        if self._user_id is None or os.environ.get(RAIL) != _SIMULATED:
            return
        key = ""
        while not self._stop.wait(_PAUSE_S):
            # What is refused, or does not answer, is let go: the next turn pays again.
            with suppress(Refused, Unavailable):
                key = key or self._customers_key(self._user_id)
                self._pay_in(self._user_id)
                self._pay_out(self._user_id, key)

    def _customers_key(self, user_id: str) -> str:
        body = {"role": "customer", "user_id": user_id}
        return self._api.post("/v1/api-keys", body, key=f"demo-{uuid.uuid4().hex}").document["key"]

    def _pay_in(self, user_id: str) -> None:
        address = self._api.post("/v1/chain/wallet", {"user_id": user_id}).document["address"]
        arrived = {"user_id": user_id, "amount": _AMOUNT, "tx_hash": f"0x{uuid.uuid4().hex}"}
        self._api.post("/v1/simulate/deposits", arrived)
        self._say(f"{money_text(_AMOUNT, CURRENCY)} arrived for {NAME} at {_short(address)}")

    def _pay_out(self, user_id: str, key: str) -> None:
        with Api(Target(self._url, key), pauses_s=()) as customer:
            body = {"amount": _AMOUNT, "currency": CURRENCY, "destination": _ELSEWHERE}
            asked = customer.post("/v1/withdrawals", body).document["id"]
        if self._stop.wait(_PAUSE_S):
            return
        self._api.post(f"/v1/withdrawals/{asked}/approve", {})
        self._say(f"a payout to {_short(_ELSEWHERE)} was approved")
        while not self._stop.wait(1.0):
            (payout,) = [
                each for each in self._api.get("/v1/chain/withdrawals", user_id=user_id)["items"] if each["id"] == asked
            ]
            if payout["status"] in _FINISHED:
                self._say(f"{money_text(_AMOUNT, CURRENCY)} left to {_short(_ELSEWHERE)}: {payout['status']}")
                return

    def _say(self, what: str) -> None:
        self.latest = what


def _short(address: str) -> str:
    return f"{address[:6]}…{address[-4:]}"
