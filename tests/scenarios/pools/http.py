"""Scenarios about pools over HTTP: deeds as requests, and answers as outcomes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from evens.core.values.moments import format_time
from tests.edges.conftest import Caller
from tests.scenarios.ask import Ask
from tests.scenarios.driver import Outcome
from tests.scenarios.pools import deeds
from tests.scenarios.pools.deeds import PoolDeed

ONE_DAY: Final = "2100-01-01T00:00:00Z"
_DONE: Final[Mapping[type[PoolDeed], str]] = {
    deeds.BeginPool: "begun",
    deeds.ChangePool: "changed",
    deeds.OpenRound: "opened",
    deeds.LockRound: "locked",
    deeds.SettleRound: "settled",
    deeds.VoidRound: "void",
    deeds.Stake: "staked",
}


class PoolsOverHttp:
    """Knows the ids of the bets in a scenario, and the pools of its rounds, as far as answers have told."""

    def __init__(self, user_id: Callable[[str], str], smallest: Callable[[str], str]) -> None:
        self._user_id = user_id
        self._smallest = smallest
        self._stakes: dict[str, str] = {}
        self._pools: dict[str, str] = {}

    def ask(self, deed: PoolDeed) -> Ask:
        """Return a deed as a request."""
        match deed:
            case deeds.BeginPool():
                return Ask("POST", "/v1/pools", self._pool(deed))
            case deeds.ChangePool(pool, fee_bps):
                return Ask("PATCH", f"/v1/pools/{pool}", {"fee_bps": fee_bps})
            case deeds.Stake():
                body = {"side": deed.side, "amount": deed.amount, "currency": deed.code, "round": deed.round}
                return Ask("POST", f"/v1/pools/{deed.pool}/bets", body)
            case deeds.OpenRound(pool, code, until):
                moment = ONE_DAY if until is None else format_time(until)
                body = {"code": code, "locks_at": moment, "settles_at": moment}
                return Ask("POST", f"/v1/pools/{pool}/rounds", body)
            case _:
                return self._about_a_round(deed)

    def _about_a_round(self, deed: deeds.LockRound | deeds.SettleRound | deeds.CorrectRound | deeds.VoidRound) -> Ask:
        path = f"/v1/pools/{deed.pool}/rounds/{deed.round}"
        match deed:
            case deeds.LockRound():
                return Ask("POST", f"{path}/lock")
            case deeds.SettleRound():
                return Ask("POST", f"{path}/settle", {"result": deed.result})
            case deeds.CorrectRound():
                return Ask("POST", f"{path}/correct", {"result": deed.result})
            case deeds.VoidRound():
                return Ask("POST", f"{path}/void", {"reason": deed.reason})

    def _pool(self, deed: deeds.BeginPool) -> dict[str, Any]:
        return {
            "key": deed.pool,
            "name": deed.pool,
            "symbol": deed.pool,
            "currency": deed.code,
            "fee_bps": deed.fee_bps,
            # The API has a least stake of its own where none is named; the rules, and scenarios, have none.
            "min_stake": deed.min_stake or self._smallest(deed.code),
            "max_stake": deed.max_stake,
        }

    def learn(self, deed: PoolDeed, body: Mapping[str, Any]) -> None:
        """Remember what the names in a deed stand for, now that it was done."""
        if isinstance(deed, deeds.Stake):
            self._stakes[deed.name] = body["id"]
        elif isinstance(deed, deeds.OpenRound):
            self._pools[deed.round] = deed.pool

    def outcome(self, deed: PoolDeed, body: Mapping[str, Any], replayed: bool) -> Outcome:
        """Return what came of a deed that was not refused."""
        result = body["status"] if isinstance(deed, deeds.CorrectRound) else _DONE[type(deed)]
        return Outcome(result, replayed=replayed)

    async def stake(self, caller: Caller, name: str) -> Outcome:
        """Ask how a stake stands."""
        bet = (await caller.get(f"/v1/pools/bets/{self._stakes[name]}")).json()
        facts = {} if bet["payout"] is None else {"paid": bet["payout"]}
        return Outcome(bet["status"], facts)

    async def round(self, caller: Caller, name: str) -> Outcome:
        """Ask how a round stands."""
        found = (await caller.get(f"/v1/pools/{self._pools[name]}/rounds/{name}")).json()
        facts = {side: found["sides"][side]["staked"] for side in ("up", "down")}
        facts |= {each: found[each] for each in ("fee", "rounding") if found[each] is not None}
        return Outcome(found["status"], facts)
