"""A tote, where people bet in the rounds of a pool, in words; and what a round pays, worked out in fractions."""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import floor
from typing import Any

from evens.core.commands.pools import CreatePool, OpenRound, PlacePoolBet, SettleRound, VoidRound
from evens.core.events.pools import PoolBetPlaced, PoolCreated, RoundOpened
from evens.core.values.ids import PoolId, RoundId
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult
from tests.core.exchange.floor import Floor

HOUR_NS = 3600 * 10**9


class Tote(Floor):
    """Rounds last an hour and settle a minute later; bets are in millionths of USDC."""

    def __init__(self, fee_bps: int = 100, **terms: Any) -> None:
        super().__init__()
        self.define("USDC", 6)
        created = self.do(CreatePool("nasdaq", "USDC", PoolTerms("Nasdaq", "^IXIC", fee_bps, **terms)))[0]
        assert isinstance(created, PoolCreated), created
        self.pool: PoolId = created.pool
        self.rounds: dict[str, RoundId] = {}

    def open(self, code: str, lasts_ns: int = HOUR_NS) -> RoundOpened:
        """Open a round."""
        locks_at = self.next_at + lasts_ns
        opened = self.do(OpenRound(self.pool, code, locks_at, locks_at + 60 * 10**9))[0]
        assert isinstance(opened, RoundOpened), opened
        self.rounds[code] = opened.round
        return opened

    def wants(self, name: str, side: str, stake_minor: int, code: str | None = None) -> PlacePoolBet:
        """Return the command for a bet."""
        return PlacePoolBet(self.people[name], self.pool, PoolSide[side.upper()], stake_minor, code)

    def bet(self, name: str, side: str, stake_minor: int, code: str | None = None) -> PoolBetPlaced:
        """Place a bet that is taken."""
        placed = self.do(self.wants(name, side, stake_minor, code))[0]
        assert isinstance(placed, PoolBetPlaced), placed
        return placed

    def settle(self, code: str, result: str, **more: Any) -> None:
        """Say how a round ended, and book it."""
        self.finish(SettleRound(self.rounds[code], RoundResult[result.upper()], **more))

    def void(self, code: str) -> None:
        """Give the stakes of a round back."""
        self.finish(VoidRound(self.rounds[code], "no price"))

    def lock(self, code: str) -> None:
        """Let time pass until a round is locked, by the house itself."""
        self.at(self.house.pools.rounds[self.rounds[code]].locks_at)
        self.work()

    def has(self, name: str) -> int:
        """Return what somebody has in cash."""
        return self.balance_minor(self.people[name], "USDC")

    def sound(self) -> None:
        """Check that the house is sound, and that its history leads to it."""
        self.house.check()
        assert self.replayed().digest() == self.house.digest()


def open_tote(fee_bps: int = 100, cash_minor: int = 10_000_000, **terms: Any) -> Tote:
    """Open a tote for ann, bob and cho, with this much in each one's pocket."""
    tote = Tote(fee_bps, **terms)
    for name in ("ann", "bob", "cho"):
        tote.join(name, USDC=cash_minor)
    return tote


def pays(stakes: Iterable[tuple[str, str, int]], fee_bps: int, result: str) -> Mapping[str, int]:
    """Return what everybody gets back of stakes (who, side, amount), in fractions rounded down for each."""
    stakes = list(stakes)
    won = sum(stake for _, side, stake in stakes if side == result)
    lost = sum(stake for *_, stake in stakes) - won
    returned: dict[str, int] = {}
    for who, side, stake in stakes:
        if result == "void" or not won or not lost:
            back = stake
        elif side == result:
            fee = floor(lost * Fraction(fee_bps, 10_000))
            back = floor(stake + (lost - fee) * Fraction(stake, won))
        else:
            back = 0
        returned[who] = returned.get(who, 0) + back
    return returned
