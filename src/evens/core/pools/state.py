"""The pools' live state: pools, and their rounds until they are history."""

from collections.abc import Iterator, Mapping
from typing import Final

from evens.core.commands.pools import AdvanceRound, ArchiveRound, LockRound
from evens.core.ledger.accounts import InvariantBroken, Ledger
from evens.core.ledger.agenda import Agenda
from evens.core.pools.round import Round
from evens.core.values.ids import AccountClass, CustomerId, PoolId, RoundId, account_id
from evens.core.values.pools import PoolTerms, RoundStage, RoundStatus

CORRECTION_WINDOW_NS: Final = 7 * 24 * 3600 * 10**9
"""How long after its last result a round is known; it is archived then, and recalled if it is corrected later."""


class Pool:
    """A series of rounds. ``terms`` hold for those to come, ``last_code`` is that of the round opened last."""

    __slots__ = ("currency_number", "id", "key", "last_code", "terms")

    def __init__(self, pool: PoolId, key: str, currency_number: int, terms: PoolTerms, last_code: str = "") -> None:
        self.id = pool
        self.key = key
        self.currency_number = currency_number
        self.terms = terms
        self.last_code = last_code


class Pools:
    """Pools by id and by key, rounds by id; ``open`` are the rounds of each pool that are not locked, by code."""

    __slots__ = ("agenda", "by_id", "by_key", "customers", "frozen", "ledger", "open", "rounds")

    def __init__(
        self, ledger: Ledger, agenda: Agenda, customers: Mapping[CustomerId, str], frozen: Mapping[CustomerId, None]
    ) -> None:
        self.ledger = ledger
        self.agenda = agenda
        self.customers = customers
        self.frozen = frozen
        self.by_id: dict[PoolId, Pool] = {}
        self.by_key: dict[str, Pool] = {}
        self.rounds: dict[RoundId, Round] = {}
        self.open: dict[PoolId, dict[str, Round]] = {}

    def add_pool(self, pool: Pool) -> None:
        """Make a pool known."""
        self.by_id[pool.id] = pool
        self.by_key[pool.key] = pool
        self.open[pool.id] = {}

    def add_round(self, opened: Round) -> None:
        """Make a round known, and put on the agenda what is to be done for it."""
        self.rounds[opened.id] = opened
        if opened.status is RoundStatus.OPEN:
            self.open[opened.pool][opened.code] = opened
            self.agenda.schedule(opened.locks_at, opened.id, LockRound(opened.id))
        if opened.stage is not RoundStage.NOTHING:
            self.agenda.begin(AdvanceRound(opened.id))
        elif opened.decided_at is not None:
            self._schedule_archiving(opened, opened.decided_at)

    def has_code(self, pool: PoolId, code: str) -> bool:
        """Return whether a round of a pool that is not history has this code. Looks at all: rounds open rarely."""
        return any(known.pool == pool and known.code == code for known in self.rounds.values())

    def close_round(self, locked: Round) -> None:
        """Count a round no longer among those in which people can bet."""
        self.open[locked.pool].pop(locked.code, None)

    def drop_round(self, archived: Round) -> None:
        """Forget a round."""
        del self.rounds[archived.id]

    def enter(self, busy: Round, stage: RoundStage) -> None:
        """Let a round begin a stage, or end the last one."""
        busy.begin(stage)
        if stage is not RoundStage.NOTHING:
            self.agenda.begin(AdvanceRound(busy.id))
            return
        self.agenda.finish(AdvanceRound(busy.id))
        assert busy.decided_at is not None, f"round {busy.id} has no result"
        self._schedule_archiving(busy, busy.decided_at)

    def _schedule_archiving(self, booked: Round, decided_at: int) -> None:
        """Archive a round that is booked once its result is so old that it is hardly corrected any more.

        One that is still being booked then, because the server was away, is archived when it is booked.
        """
        chore = ArchiveRound(booked.id, booked.settlement)
        self.agenda.schedule(decided_at + CORRECTION_WINDOW_NS, booked.id, chore)

    def is_lock_due(self, command: LockRound) -> bool:
        """Return whether a round has not been locked or voided before its time."""
        known = self.rounds.get(command.round)
        return known is not None and known.status is RoundStatus.OPEN

    def is_archiving_due(self, command: ArchiveRound) -> bool:
        """Return whether a round is still there with the result for which this was scheduled, and that is booked."""
        known = self.rounds.get(command.round)
        return known is not None and known.settlement == command.settlement and known.stage is RoundStage.NOTHING

    def check(self) -> None:
        """Raise :class:`InvariantBroken` unless every side's sum is that of its stakes until they are booked."""
        for known in self.rounds.values():
            if known.result is None and not all(on.is_sound() for on in known.sides.values()):
                raise InvariantBroken(f"the stakes of round {known.id} do not add up")

    def escrow(self) -> Iterator[tuple[int, int]]:
        """Yield what customers have staked, by escrow account."""
        for known in self.rounds.values():
            for customer in known.customers():
                if customer not in known.corrected:
                    account = account_id(customer, known.currency_number, AccountClass.ESCROW)
                    yield account, known.staked_minor(customer)

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        for number in sorted(self.by_id):
            pool = self.by_id[number]
            yield f"pool {pool.id} {pool.key} {pool.currency_number} {pool.last_code} {pool.terms}"
        for number in sorted(self.rounds):
            yield from self.rounds[number].lines()
