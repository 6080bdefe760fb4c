"""Rehearsing a command: finding out what it would do, by the rules themselves, without booking anything.

How it works
------------
Within one snapshot of the database a house is loaded that knows only what the command is about: its market, with every
position and bet in it, and the accounts of those who hold these. The kernel decides the command on this house, and then
the chores that it brings about, part after part, until there are none left. What a correction recalls is read from the
same snapshot. In the end the balances are compared with those of the beginning, and the house is thrown away.

The sequencer is not asked, so a rehearsal takes nothing from the writer but its share of the processor, and that in
small pieces. What happens after the snapshot is not in it: a customer who pays meanwhile owes less.

Example: market 7 has positions of ann and bob. The house that is loaded has market 7, ann, bob, the house and their
accounts. ``SettleMarket`` is decided, then ``AdvanceMarket`` until it is settled: ann has 19.00 more, bob 20.00 less,
fees 1.00 more.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from evens.core.challenges.recalling import ChallengesBooked
from evens.core.commands.challenges import RuleChallenge
from evens.core.commands.every import Command
from evens.core.commands.exchange import ArchiveMarket, SettleMarket, VoidMarket
from evens.core.commands.fixed_odds import (
    ArchiveFixture,
    CancelBets,
    DeclareResults,
    RollBackResults,
    VoidBet,
    VoidFixture,
)
from evens.core.commands.pools import ArchiveRound, SettleRound, VoidRound
from evens.core.commands.wallets import CompleteWithdrawal, Deposit, RejectWithdrawal, ReverseTransaction, Withdraw
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected
from evens.core.exchange.recalling import PositionsBooked
from evens.core.fixed_odds.recalling import AccumulatorsBooked, SinglesBooked, SinglesReturned
from evens.core.kernel import step
from evens.core.ledger.accounts import InvariantBroken
from evens.core.pools.settling import StakesBooked
from evens.core.state import House
from evens.core.values.ids import HOUSE, TRANSFERS_PER_COMMAND_MAX, CustomerId, Rail, account_holder
from evens.store.challenges import rehearsing as challenges
from evens.store.database import Database
from evens.store.exchange import rehearsing as exchange
from evens.store.fixed_odds import rehearsing as fixed_odds
from evens.store.journal_tables import HEAD
from evens.store.pools import rehearsing as pools
from evens.store.recalling import recall
from evens.store.wallets import rehearsing as wallets
from evens.store.wallets.loading import load_currencies

if TYPE_CHECKING:
    from evens.store.database import Wire

HOLDERS_MAX: Final = 100_000
"""How many holders of accounts a rehearsal looks at, at most."""

_CHORES_AT_ONCE: Final = 100
_HEAD: Final = HEAD.select("seq", "at")
_ARCHIVING: Final = (ArchiveMarket, ArchiveFixture, ArchiveRound)
_ALWAYS: Final = frozenset((HOUSE, *Rail))
"""Whose accounts any command may touch."""

_LOADERS: Final[Mapping[type[Command], Callable[["Wire", House, Any], Awaitable[set[int]]]]] = {
    SettleMarket: lambda wire, house, asked: challenges.load_market_with_challenges(wire, house, asked.market),
    VoidMarket: lambda wire, house, asked: challenges.load_market_with_challenges(wire, house, asked.market),
    RuleChallenge: lambda wire, house, asked: challenges.load_challenge(wire, house, asked.challenge),
    DeclareResults: lambda wire, house, asked: fixed_odds.load_fixture(wire, house, asked.fixture),
    RollBackResults: lambda wire, house, asked: fixed_odds.load_fixture(wire, house, asked.fixture),
    CancelBets: lambda wire, house, asked: fixed_odds.load_fixture(wire, house, asked.fixture),
    VoidFixture: lambda wire, house, asked: fixed_odds.load_fixture(wire, house, asked.fixture),
    VoidBet: fixed_odds.load_bet,
    SettleRound: lambda wire, house, asked: pools.load_round(wire, house, asked.round),
    VoidRound: lambda wire, house, asked: pools.load_round(wire, house, asked.round),
    ReverseTransaction: wallets.load_reversible,
    CompleteWithdrawal: wallets.load_pending,
    RejectWithdrawal: wallets.load_pending,
    Deposit: wallets.load_customer,
    Withdraw: wallets.load_customer,
}
"""For each command that can be rehearsed: what loads what it is about, and returns who holds accounts in it."""

_HOLDERS: Final[Mapping[type, Callable[[Any, Any], Iterable[int]]]] = {
    PositionsBooked: exchange.holders_recalled,
    ChallengesBooked: challenges.holders_recalled,
    SinglesBooked: fixed_odds.holders_recalled,
    SinglesReturned: fixed_odds.holders_recalled,
    AccumulatorsBooked: fixed_odds.holders_recalled,
    StakesBooked: pools.holders_recalled,
}
"""Who holds accounts in what was recalled, by what was asked for."""


_MARKET: Final = "SELECT settlement::text FROM evens.markets WHERE id = $1"
_FIXTURE: Final = """
SELECT string_agg(key || ' ' || settlement, ', ' ORDER BY key) FROM evens.fixture_markets WHERE fixture = $1
"""
_ROUND: Final = "SELECT settlement::text FROM evens.rounds WHERE id = $1"


def _basis(command: Command) -> tuple[str, int] | None:
    """Return what to ask for the state that a command was decided on, if the rules themselves do not compare it."""
    match command:
        case SettleMarket() | VoidMarket():
            return (_MARKET, command.market) if command.correction else None
        case SettleRound():
            return (_ROUND, command.round) if command.correction else None
        case DeclareResults() | RollBackResults() | CancelBets() | VoidFixture():
            return _FIXTURE, command.fixture
        case _:
            return None


class TooMuchToRehearse(Exception):
    """More than :data:`HOLDERS_MAX` holders of accounts are concerned."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a command would do as of record ``seq`` of the journal: why it would be refused, or how balances change.

    ``before`` and ``after`` have the balances, in minor units, of every account that would change. ``names`` are the
    usernames of the customers among their holders.
    """

    seq: int
    refusal: Rejected | None
    before: Mapping[int, int]
    after: Mapping[int, int]
    names: Mapping[int, str]


def can_rehearse(command: Command) -> bool:
    """Return whether a command can be rehearsed."""
    return type(command) in _LOADERS


class Rehearsals:
    """Rehearses commands, one at a time, on what a database has at that moment."""

    def __init__(self, database: Database, *, holders_max: int = HOLDERS_MAX) -> None:
        self._database = database
        self._holders_max = holders_max
        self._one_at_a_time = asyncio.Lock()

    async def rehearse(self, command: Command) -> Rehearsal:
        """Return what a command would do now.

        Raises :class:`TooMuchToRehearse` and ``StoreUnavailable``; ``KeyError`` unless it can be rehearsed.
        """
        load = cast("Callable[[Wire, House, Any], Awaitable[set[int]]]", _LOADERS[type(command)])
        async with (
            self._one_at_a_time,
            self._database.connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            wire = cast("Wire", connection)
            stage = _Stage(wire, self._holders_max)
            await stage.begin()
            await stage.know(await load(wire, stage.house, command) | _ALWAYS)
            return await stage.play(command)

    async def basis(self, command: Command) -> str | None:
        """Return what must be the same when a command is booked that was decided on now: which results stand.

        ``None`` if the rules refuse the command anyway where something has changed.
        """
        asked = _basis(command)
        if asked is None:
            return None
        async with self._database.connection() as connection:
            return await connection.fetchval(*asked)


class _Stage:
    """A house that knows only what a command is about."""

    def __init__(self, wire: "Wire", holders_max: int) -> None:
        self.house = House()
        self._wire = wire
        self._holders_max = holders_max
        self._known: set[int] = set()
        self._before: dict[int, int] = {}
        self._happened: list[Event] = []
        self._at = 0

    async def begin(self) -> None:
        """Take the place in the journal, and the currencies."""
        head = await self._wire.fetchrow(_HEAD)
        assert head is not None
        self.house.seq, self.house.at = head["seq"], head["at"]
        self._at = max(time.time_ns(), head["at"])
        await load_currencies(self._wire, self.house)

    async def know(self, holders: Collection[int]) -> None:
        """Load those who are not known yet, with their accounts. Nothing of theirs can have changed so far."""
        new = [holder for holder in holders if holder not in self._known]
        self._known.update(new)
        if len(self._known) > self._holders_max:
            raise TooMuchToRehearse
        self._before |= await wallets.load_holders(self._wire, self.house, new)

    async def play(self, command: Command) -> Rehearsal:
        """Decide the command and what follows from it; return how balances have changed."""
        seq = self.house.seq
        first = await self._step(command)
        refusal = first if isinstance(first, Rejected) else None
        while refusal is None and (chores := self.house.chores(self._at, _CHORES_AT_ONCE)):
            for chore in chores:
                if not isinstance(chore, _ARCHIVING) and isinstance(await self._step(chore), Rejected):
                    # As in the sequencer, what is refused although it stays to be done is left alone.
                    self.house.agenda.finish(chore)
            await asyncio.sleep(0)
        before, after = self._before, self.house.ledger.balances
        changed = [account for account, minor in after.items() if before.get(account, 0) != minor]
        holders = {account_holder(account) for account in changed}
        if not holders <= self._known:
            raise InvariantBroken(f"a rehearsal of {command!r} touched accounts that it had not loaded")
        names = self.house.wallets.customers
        return Rehearsal(
            seq,
            refusal,
            {account: before.get(account, 0) for account in changed},
            {account: after[account] for account in changed},
            {holder: names[CustomerId(holder)] for holder in holders if holder in names},
        )

    async def _step(self, command: Command) -> Event:
        recalled: Any = None
        if (wanted := self.house.recall(command)) is not None:
            if isinstance(wanted, AccumulatorsBooked):
                recalled = await fixed_odds.recall_accumulators(self._wire, self.house, wanted, self._happened)
            else:
                recalled = await recall(self._wire, wanted)
            holders = cast("Callable[[Any, Any], Iterable[int]]", _HOLDERS[type(wanted)])
            await self.know([*holders(wanted, recalled)])
        seq, at = self.house.seq + 1, max(self._at, self.house.at + TRANSFERS_PER_COMMAND_MAX)
        happened = step(self.house, command, seq, at, recalled)
        self._happened += (event for event in happened if isinstance(event, fixed_odds.REMEMBERED))
        return happened[0]
