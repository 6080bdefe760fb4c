"""What followers of a round, or of a pool, see; kept up to date by events."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from evens.core.events.every import Event
from evens.core.events.pools import (
    PoolBetPlaced,
    RoundBooked,
    RoundDecided,
    RoundLocked,
    RoundOpened,
    RoundStageFinished,
)
from evens.core.values.ids import RoundId
from evens.core.values.money import Currency
from evens.core.values.pools import PoolSide, RoundResult, RoundStage, RoundStatus
from evens.edges.http.pools.presenting import present_round
from evens.store.pools.rows import NOTHING_STAKED, PoolRow, RoundRow, SideRow
from evens.store.pools.snapshots import PoolSnapshot, RoundSnapshot

EVENTS: Final = (
    PoolBetPlaced,
    RoundLocked,
    RoundDecided,
    RoundStageFinished,
    RoundBooked,
)
"""The events that change what everybody sees of a round."""

_STAYS: Final = frozenset({"pool", "code", "opens_at", "locks_at", "settles_at", "currency", "fee_bps"})


class FollowedRound:
    """One round. ``changed_at`` is the last command that changed anything but the sides, ``staked_at`` these."""

    def __init__(self, row: RoundRow, currency: Currency, seq: int = 0) -> None:
        self._row = row
        self._currency = currency
        # Counted in place: a round may take thousands of bets between two messages.
        self._staked = {PoolSide.UP: row.up.staked_minor, PoolSide.DOWN: row.down.staked_minor}
        self._bets = {PoolSide.UP: row.up.bets, PoolSide.DOWN: row.down.bets}
        self.changed_at = self.staked_at = seq

    @property
    def row(self) -> RoundRow:
        """The round as the tables have it."""
        up, down = (SideRow(self._staked[side], self._bets[side]) for side in (PoolSide.UP, PoolSide.DOWN))
        return replace(self._row, up=up, down=down)

    @property
    def is_open(self) -> bool:
        """Whether people can bet in it."""
        return self._row.status is RoundStatus.OPEN

    def apply(self, seq: int, event: Event) -> None:
        """Apply an event of this round."""
        if isinstance(event, PoolBetPlaced):
            self._staked[event.side] += event.stake_minor
            self._bets[event.side] += 1
            self.staked_at = seq
        elif (changed := _changed(event)) is not None:
            self._row, self.changed_at = replace(self._row, **changed), seq

    def show(self) -> dict[str, Any]:
        """Return the whole round, as it is over HTTP."""
        return asdict(present_round(self.row, self._currency))

    def changes(self, since: int) -> dict[str, Any]:
        """Return what changed after ``since``: the sides, and what can change beside them."""
        shown = self.show() if max(self.changed_at, self.staked_at) > since else {}
        return {
            name: value
            for name, value in shown.items()
            if name not in _STAYS and (self.staked_at if name == "sides" else self.changed_at) > since
        }


class RoundView:
    """One round, followed by its code. Implements :class:`evens.edges.stream.topic.View`."""

    def __init__(self, snapshot: RoundSnapshot, currency: Currency) -> None:
        self.seq = snapshot.seq
        self._id = snapshot.round.id
        self._round = FollowedRound(snapshot.round, currency)

    def knows(self, number: RoundId) -> bool:
        """Return whether this is the round."""
        return number == self._id

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Apply an event, if it is of this round."""
        if isinstance(event, EVENTS) and event.round == self._id:
            self._round.apply(seq, event)
            self.seq = seq

    def snapshot(self) -> dict[str, Any]:
        """Return the whole round."""
        return self._round.show()

    def delta(self, since: int) -> dict[str, Any]:
        """Return what changed after ``since``."""
        return self._round.changes(since)

    def forget(self, seq: int) -> None:
        """Do nothing: there is no record that grows."""


class PoolView:
    """A pool's current round and the one before it; the next one follows by itself.

    The current round is the open one that locks first; while none is open, the last one. Implements
    :class:`evens.edges.stream.topic.View`.
    """

    def __init__(self, snapshot: PoolSnapshot, currency: Currency) -> None:
        self.seq = snapshot.seq
        self._pool: PoolRow = snapshot.pool
        self._currency = currency
        self._rounds = {row.id: FollowedRound(row, currency) for row in snapshot.rounds}
        self._shown: tuple[RoundId | None, RoundId | None] = self._choose()
        self._turned_at = 0

    def knows(self, number: RoundId) -> bool:
        """Return whether this is a round that matters here."""
        return number in self._rounds

    def is_of(self, pool: int) -> bool:
        """Return whether this is the pool."""
        return pool == self._pool.id

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Apply an event, if it is of this pool."""
        if isinstance(event, RoundOpened):
            if not self.is_of(event.pool):
                return
            self._rounds[event.round] = FollowedRound(opened_row(self._pool, event), self._currency, seq)
        elif isinstance(event, EVENTS) and event.round in self._rounds:
            self._rounds[event.round].apply(seq, event)
            if isinstance(event, PoolBetPlaced):
                if event.round in self._shown:
                    self.seq = seq
                return
        else:
            return
        self.seq = seq
        self._turn(seq)

    def snapshot(self) -> dict[str, Any]:
        """Return the current round, and the one before it as ``previous``; the code is null if there is none yet."""
        current, previous = self._shown
        shown = {"pool": self._pool.key, "code": None} if current is None else self._rounds[current].show()
        return {**shown, "previous": None if previous is None else self._rounds[previous].show()}

    def delta(self, since: int) -> dict[str, Any]:
        """Return what changed after ``since``: all of it when the next round has become the current one."""
        if self._turned_at > since:
            return self.snapshot()
        current, previous = self._shown
        delta = {} if current is None else self._rounds[current].changes(since)
        if previous is not None and (changes := self._rounds[previous].changes(since)):
            delta["previous"] = changes
        return delta

    def forget(self, seq: int) -> None:
        """Drop rounds that are neither open nor shown: they are history."""
        for number in [each for each, known in self._rounds.items() if not known.is_open and each not in self._shown]:
            del self._rounds[number]

    def _turn(self, seq: int) -> None:
        chosen = self._choose()
        if chosen != self._shown:
            self._shown, self._turned_at = chosen, seq

    def _choose(self) -> tuple[RoundId | None, RoundId | None]:
        """Return the current round and the one before it."""
        rows = {number: known.row for number, known in self._rounds.items()}
        opened = [row for number, row in rows.items() if self._rounds[number].is_open]
        rest = sorted((row for number, row in rows.items() if not self._rounds[number].is_open), key=_code)
        if opened:
            return min(opened, key=lambda row: (row.locks_at, row.id)).id, rest[-1].id if rest else None
        over = [row.id for row in rest[-2:]]
        return over[-1] if over else None, over[0] if len(over) == 2 else None


def _changed(event: Event) -> Mapping[str, Any] | None:
    """Return the columns of a round that an event changes."""
    match event:
        case RoundLocked():
            return {"status": RoundStatus.LOCKED, "commitment": event.commitment, "locked_at": event.at}
        case RoundDecided():
            is_void = event.result is RoundResult.VOID
            return {
                "status": RoundStatus.VOID if is_void else RoundStatus.SETTLED,
                "stage": RoundStage.SETTLING if event.settlement == 1 else RoundStage.RECALLING,
                "settlement": event.settlement,
                "result": event.result,
                "decided_at": event.at,
                "evidence": event.evidence,
                "reason": event.reason,
            }
        case RoundStageFinished():
            return {"stage": event.stage, "fee_minor": 0, "rounding_minor": 0}
        case RoundBooked():
            return {
                "stage": RoundStage.NOTHING,
                "fee_minor": event.fee_minor,
                "rounding_minor": event.rounding_minor,
            }
        case _:
            # That the house knows a round again changes nothing that is seen of it.
            return None


def opened_row(pool: PoolRow, event: RoundOpened) -> RoundRow:
    """Return a round as it is when it opens."""
    return RoundRow(
        id=event.round,
        pool=event.pool,
        pool_key=pool.key,
        currency_number=pool.currency_number,
        code=event.code,
        terms=event.terms,
        opens_at=event.opens_at,
        locks_at=event.locks_at,
        settles_at=event.settles_at,
        status=RoundStatus.OPEN,
        stage=RoundStage.NOTHING,
        commitment=None,
        locked_at=None,
        settlement=0,
        result=None,
        decided_at=None,
        fee_minor=0,
        rounding_minor=0,
        up=NOTHING_STAKED,
        down=NOTHING_STAKED,
        evidence=None,
        reason=None,
    )


def _code(row: RoundRow) -> str:
    return row.code
