"""Scenarios about pools and the core's own language: deeds as commands, and events as outcomes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from evens.core.commands.every import Command
from evens.core.commands.pools import (
    ChangePool,
    CreatePool,
    LockRound,
    OpenRound,
    PlacePoolBet,
    SettleRound,
    VoidRound,
)
from evens.core.events.every import Event
from evens.core.events.pools import (
    PoolBetPlaced,
    PoolCreated,
    RoundBooked,
    RoundDecided,
    RoundLocked,
    RoundOpened,
    StakesSettled,
)
from evens.core.state import House
from evens.core.values.ids import CustomerId, PoolId, RoundId
from evens.core.values.money import format_minor, parse_amount
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult
from tests.scenarios.driver import Outcome
from tests.scenarios.pools import deeds
from tests.scenarios.pools.deeds import PoolDeed

NOTHING: Final = 2**48
"""A pool or round that does not exist."""

FOR_EVER: Final = 2**62

RESULTS: Final[Mapping[type[Command], str]] = {
    CreatePool: "begun",
    ChangePool: "changed",
    OpenRound: "opened",
    LockRound: "locked",
    SettleRound: "settled",
    VoidRound: "void",
    PlacePoolBet: "staked",
}
"""How a scenario calls what comes of a command that is not refused."""


class PoolWording:
    """Knows which pools, rounds and bets the names of a scenario stand for, as far as receipts have told."""

    def __init__(self, customer: Callable[[str], int], scale: Callable[[str], int]) -> None:
        self._customer = customer
        self._scale = scale
        self._pools: dict[str, tuple[PoolId, str, PoolTerms]] = {}
        self._rounds: dict[str, tuple[RoundId, int]] = {}
        self._stakes: dict[str, tuple[PoolBetPlaced, int]] = {}

    def command(self, deed: PoolDeed) -> Command:
        """Return a deed as a command."""
        match deed:
            case deeds.BeginPool():
                return CreatePool(deed.pool, deed.code, self._terms(deed))
            case deeds.ChangePool(pool, fee_bps):
                number, _, terms = self._pool(pool)
                return ChangePool(number, replace(terms, fee_bps=fee_bps))
            case deeds.Stake():
                stake_minor = parse_amount(deed.amount, self._scale(deed.code))
                side, customer = PoolSide[deed.side.upper()], CustomerId(self._customer(deed.who))
                return PlacePoolBet(customer, self._pool(deed.pool)[0], side, stake_minor, deed.round)
            case deeds.OpenRound(pool, code, until):
                locks_at = FOR_EVER if until is None else until
                return OpenRound(self._pool(pool)[0], code, locks_at, locks_at)
            case _:
                return self._about_a_round(deed)

    def _about_a_round(
        self, deed: deeds.LockRound | deeds.SettleRound | deeds.CorrectRound | deeds.VoidRound
    ) -> Command:
        number = self._rounds.get(deed.round, (RoundId(NOTHING), 0))[0]
        match deed:
            case deeds.LockRound():
                return LockRound(number)
            case deeds.SettleRound():
                return SettleRound(number, RoundResult[deed.result.upper()])
            case deeds.CorrectRound():
                return SettleRound(number, RoundResult[deed.result.upper()], correction=True)
            case deeds.VoidRound():
                return VoidRound(number, deed.reason)

    def _pool(self, name: str) -> tuple[PoolId, str, PoolTerms]:
        return self._pools.get(name, (PoolId(NOTHING), "USD", PoolTerms(name, name, 100)))

    def _terms(self, deed: deeds.BeginPool) -> PoolTerms:
        scale = self._scale(deed.code)
        least = 1 if deed.min_stake is None else parse_amount(deed.min_stake, scale)
        most = None if deed.max_stake is None else parse_amount(deed.max_stake, scale)
        return PoolTerms(deed.pool, deed.pool, deed.fee_bps, least, most)

    def learn(self, deed: PoolDeed, happened: Iterable[Event]) -> None:
        """Remember what the names in a deed stand for, now that it was done."""
        for event in happened:
            if isinstance(deed, deeds.BeginPool) and isinstance(event, PoolCreated):
                self._pools[deed.pool] = event.pool, deed.code, event.terms
            elif isinstance(deed, deeds.OpenRound) and isinstance(event, RoundOpened):
                self._rounds[deed.round] = event.round, self._scale(self._pool(deed.pool)[1])
            elif isinstance(deed, deeds.Stake) and isinstance(event, PoolBetPlaced):
                self._stakes[deed.name] = event, self._scale(deed.code)

    def outcome(self, command: Command, happened: tuple[Event, ...], replayed: bool) -> Outcome | None:
        """Return what came of a command that was not refused, if it is one about a pool."""
        if isinstance(command, SettleRound) and command.result is RoundResult.VOID:
            return Outcome("void", replayed=replayed)
        result = RESULTS.get(type(command))
        return None if result is None else Outcome(result, replayed=replayed)

    def number(self, kind: str, name: str) -> int | None:
        """Return the id of a stake, or of a pool as a place where one bets, if there is one of this name."""
        if kind == "place" and name in self._pools:
            return self._pools[name][0]
        return self._stakes[name][0].bet if kind == "stake" and name in self._stakes else None

    def stake(self, _house: House, happened: Iterable[Event], name: str) -> Outcome:
        """Return how a stake stands by what was booked for the one whose it is."""
        placed, scale = self._stakes[name]
        standing, events = Outcome("open"), list(happened)
        for event in events:
            if isinstance(event, StakesSettled) and (event.round, event.customer) == (placed.round, placed.customer):
                returned = format_minor(event.returned_minor, scale)
                won = event.returned_minor > 0
                standing = Outcome("won" if won else "lost", {"paid": returned})
                if self._is_refunded(events, placed.round, event.settlement):
                    standing = Outcome("refunded", {"paid": returned})
        return standing

    def _is_refunded(self, events: Iterable[Event], number: RoundId, settlement: int) -> bool:
        """Return whether everybody has the stake back: the round is void, or one of its sides is empty."""
        sides = {event.side for event in events if isinstance(event, PoolBetPlaced) and event.round == number}
        results = [
            event.result
            for event in events
            if isinstance(event, RoundDecided) and (event.round, event.settlement) == (number, settlement)
        ]
        return len(sides) < len(PoolSide) or results == [RoundResult.VOID]

    def round(self, _house: House, happened: Iterable[Event], name: str) -> Outcome:
        """Return how a round stands by the events about it alone."""
        number, scale = self._rounds[name]
        status, sums, taken = "open", dict.fromkeys(PoolSide, 0), {"fee": 0, "rounding": 0}
        for event in happened:
            if getattr(event, "round", None) != number:
                continue
            match event:
                case PoolBetPlaced():
                    sums[event.side] += event.stake_minor
                case RoundLocked():
                    status = "locked"
                case RoundDecided():
                    status = "void" if event.result is RoundResult.VOID else "settled"
                case RoundBooked():
                    taken = {"fee": event.fee_minor, "rounding": event.rounding_minor}
                case _:
                    pass
        facts = {side.name.lower(): format_minor(minor, scale) for side, minor in sums.items()}
        facts |= {each: format_minor(minor, scale) for each, minor in taken.items()}
        return Outcome(status, facts)
