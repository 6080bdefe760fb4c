"""What of the journal changes somebody's record: which markets, bets and rounds were settled, or settled otherwise.

The commands that can do so are few, and the journal's index leads to them, so that nothing else has to be read.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from evens.core.commands.every import Command
from evens.core.commands.exchange import AdvanceMarket
from evens.core.commands.fixed_odds import AdvanceFixture, CashOutBet, VoidBet
from evens.core.commands.pools import AdvanceRound
from evens.core.commands.wallets import RequestWithdrawal, TagCustomer, Withdraw
from evens.core.events.every import Event
from evens.core.events.exchange import MarketStatusChanged
from evens.core.events.fixed_odds import BetEnded, BetReopened, BetsRestored, BetsReturned, FixtureStageFinished
from evens.core.events.ledger import Rejected
from evens.core.events.pools import RoundBooked
from evens.core.events.wallets import CustomerTagged, TransferRefused
from evens.core.receipts import Receipt
from evens.core.values.betting import MarketStatus
from evens.core.values.fixed_odds import FixtureStage
from evens.core.values.records import RecordProduct

COMMANDS: Final[tuple[type[Command], ...]] = (
    AdvanceMarket,
    AdvanceFixture,
    AdvanceRound,
    CashOutBet,
    VoidBet,
    TagCustomer,
    RequestWithdrawal,
    Withdraw,
)
"""What can change a record."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be looked at: by its product, its id, and its key if it is a market of an event."""

    product: RecordProduct
    thing: int
    part: str = ""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A customer has other tags, so whoever they met in a market may belong together with them, or no longer."""

    customer: int


@dataclass(frozen=True, slots=True)
class PaidTo:
    """A customer is paid out to a place, in letters and digits: people write one account number in several ways."""

    customer: int
    place: str


Found = Due | Tagged | PaidTo


def due_of(receipt: Receipt) -> list[Found]:
    """Return what is to be looked at after a record, each once."""
    found = [each for event in receipt.events for each in _told_by(event)]
    command = receipt.command
    if isinstance(command, Withdraw | RequestWithdrawal) and command.destination and not _is_rejected(receipt):
        place = _letters_and_digits(command.destination)
        found += [PaidTo(command.customer, place)] if place else []
    return list(dict.fromkeys(found))


def _told_by(event: Event) -> Iterator[Found]:
    match event:
        case MarketStatusChanged(market, status) if status in (MarketStatus.SETTLED, MarketStatus.VOID):
            yield Due(RecordProduct.EXCHANGE, market)
        case FixtureStageFinished(fixture, market, FixtureStage.NOTHING):
            yield Due(RecordProduct.SPORTSBOOK, fixture, market)
        case BetEnded(bet) | BetReopened(bet):
            yield Due(RecordProduct.SPORTSBOOK, bet)
        case BetsReturned():
            yield from (Due(RecordProduct.SPORTSBOOK, bet) for bet in event.bets)
        case BetsRestored():
            for booked in event.booked:
                yield from (Due(RecordProduct.SPORTSBOOK, single.bet) for single in booked.singles)
        case RoundBooked(settled):
            yield Due(RecordProduct.POOLS, settled)
        case CustomerTagged(customer):
            yield Tagged(customer)
        case _:
            return


def _is_rejected(receipt: Receipt) -> bool:
    return any(isinstance(event, Rejected | TransferRefused) for event in receipt.events)


def _letters_and_digits(destination: str) -> str:
    return "".join([each for each in normalize("NFKC", destination).lower() if each.isalnum()])
