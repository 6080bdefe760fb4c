"""Taking a bet: every reason to refuse it first, then the stake into escrow and what it can cost out of the bank.

The bet is judged on the line as the journal has it at this place: a change of odds or a suspension that was recorded
before counts, one that was recorded after does not. So nobody bets on what is over, however late a message comes
through to them.

Example: a customer saw 2.10 and accepts better odds. The line says 2.15 by now: the bet is taken at 2.15. It says 2.05:
the bet is refused, with 2.05 for the next attempt.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from evens.core.commands.fixed_odds import PlaceBet, WantedLeg
from evens.core.events.every import Event
from evens.core.events.fixed_odds import BetPlaced
from evens.core.events.ledger import Rejected, TransferKind
from evens.core.fixed_odds.accumulator import Accumulator
from evens.core.fixed_odds.bank import reserve
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.fixed_odds.line import find_market
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.fixed_odds.stake_limits import check_stake, reserve_for
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.limits import check_debt, check_frozen, check_funds
from evens.core.values.fixed_odds import Acceptance, BetLeg, FixtureStage, FixtureStatus, OpenSingle
from evens.core.values.ids import AccountClass, BetId, account_id
from evens.core.values.odds import ODDS_MIN

_On = list[tuple[Fixture, FixtureMarket]]

_CLOSED: Final = (
    FixedOddsReason.EVENT_FINISHED,
    FixedOddsReason.DEADLINE_PASSED,
    FixedOddsReason.LINE_UNAVAILABLE,
    FixedOddsReason.EVENT_BUSY,
    FixedOddsReason.EVENT_SUSPENDED,
)
"""Why nobody can bet on a market. Of several reasons the one that comes first here is told."""

_NOT_OFFERED: Final = (
    FixedOddsReason.SELECTION_REMOVED,
    FixedOddsReason.EVENT_SUSPENDED,
    FixedOddsReason.ODDS_TOO_SHORT,
)
"""Why nobody can bet on a selection of a market that is open, in the same manner."""


def place_bet(book: FixedOdds, command: PlaceBet, seq: int, at: int) -> Iterator[Event]:
    """Take a bet at the present odds."""
    currency = book.ledger.currencies.get(command.currency)
    if currency is None:
        yield Rejected(SharedReason.CURRENCY_UNKNOWN, (("currency", command.currency),))
        return
    on = _find_legs(book, command)
    if isinstance(on, Rejected):
        yield on
        return
    legs = tuple(
        [
            BetLeg(leg.fixture, leg.market, leg.selection, market.selections[leg.selection].odds)
            for leg, (_, market) in zip(command.legs, on, strict=True)
        ]
    )
    cash = account_id(command.customer, currency.number, AccountClass.CASH)
    escrow = account_id(command.customer, currency.number, AccountClass.ESCROW)
    refusal = (
        check_frozen(book.frozen, command.customer)
        or check_debt(book.ledger, command.customer)
        or _check_related(on)
        or _check_open(book, on, at)
        or _check_selections(command.legs, on)
        or _check_odds(command, legs)
        or check_stake(book, command.customer, currency.number, command.stake_minor, legs, on)
        or check_funds(book.ledger, command.currency, cash, escrow, command.stake_minor)
    )
    if refusal is not None:
        yield refusal
        return
    yield from _take(book, command, BetId(seq), currency.number, legs, on[0][1], at)


def _take(
    book: FixedOdds,
    command: PlaceBet,
    bet: BetId,
    currency_number: int,
    legs: tuple[BetLeg, ...],
    market: FixtureMarket,
    at: int,
) -> Iterator[Event]:
    """Yield the bet, its stake into escrow, and what the house reserves: for a single, in its market."""
    singles = market.book(currency_number) if len(legs) == 1 else None
    before_minor = 0 if singles is None else singles.reserved_minor
    reserved_minor = 0 if singles is not None else reserve_for(None, legs, currency_number, command.stake_minor)
    yield BetPlaced(
        bet=bet,
        customer=command.customer,
        currency_number=currency_number,
        stake_minor=command.stake_minor,
        legs=legs,
        reserved_minor=reserved_minor,
        at=at,
    )
    mover = Mover(book.ledger, currency_number, at)
    cash, escrow = (command.customer, AccountClass.CASH), (command.customer, AccountClass.ESCROW)
    yield from mover.move(TransferKind.STAKE, cash, escrow, command.stake_minor)
    yield from reserve(mover, before_minor, reserved_minor if singles is None else singles.reserved_minor)


def apply_bet_placed(book: FixedOdds, event: BetPlaced) -> None:
    """Remember the bet."""
    if len(event.legs) > 1:
        book.add_accumulator(
            Accumulator(
                event.bet,
                event.customer,
                event.currency_number,
                event.stake_minor,
                event.legs,
                event.reserved_minor,
                event.at,
            )
        )
        return
    leg = next(iter(event.legs))
    market = book.fixtures[leg.fixture].markets[leg.market]
    single = OpenSingle(event.bet, leg.selection, leg.odds, event.stake_minor, event.at)
    market.add(event.customer, event.currency_number, single)


def _find_legs(book: FixedOdds, command: PlaceBet) -> _On | Rejected:
    if command.customer not in book.customers:
        return Rejected(SharedReason.CUSTOMER_UNKNOWN)
    on: _On = []
    refusals: list[Rejected] = []
    for leg in command.legs:
        found = find_market(book, leg.fixture, leg.market, leg.selection)
        if isinstance(found, Rejected):
            refusals.append(found)
        else:
            on.append(found)
    if not refusals:
        return on
    # A fixture that is unknown comes before a selection that is, whichever leg it is.
    unknown = [refusal for refusal in refusals if refusal.reason is FixedOddsReason.EVENT_UNKNOWN]
    return (unknown or refusals)[0]


def _check_related(on: _On) -> Rejected | None:
    """Refuse legs of which one makes another likelier: they are on one fixture or in one group."""
    if len(on) == 1:
        return None
    fixtures = [fixture.id for fixture, _ in on]
    groups = [market.group for _, market in on if market.group is not None]
    related = len(set(fixtures)) < len(fixtures) or len(set(groups)) < len(groups)
    return Rejected(FixedOddsReason.LEGS_RELATED) if related else None


def _check_open(book: FixedOdds, on: _On, at: int) -> Rejected | None:
    """Refuse a bet on what is over, not heard of, busy or suspended; each for all legs before the next."""
    found = [reason for fixture, market in on if (reason := _why_closed(book, fixture, market, at)) is not None]
    return Rejected(min(found, key=_CLOSED.index)) if found else None


def _why_closed(book: FixedOdds, fixture: Fixture, market: FixtureMarket, at: int) -> FixedOddsReason | None:
    """Return the first of :data:`_CLOSED` that holds for a leg."""
    if fixture.status is not FixtureStatus.NEW or market.results:
        return FixedOddsReason.EVENT_FINISHED
    if at >= fixture.deadline:
        return FixedOddsReason.DEADLINE_PASSED
    if fixture.source in book.silent:
        return FixedOddsReason.LINE_UNAVAILABLE
    if market.stage is not FixtureStage.NOTHING:
        return FixedOddsReason.EVENT_BUSY
    if fixture.suspended or fixture.held or market.suspended or market.contradicted:
        return FixedOddsReason.EVENT_SUSPENDED
    return None


def _check_selections(legs: Iterable[WantedLeg], on: _On) -> Rejected | None:
    """Refuse a bet on a selection that is out, suspended or too short; each for all legs before the next."""
    found = [
        reason
        for leg, (_, market) in zip(legs, on, strict=True)
        if (reason := _why_not_offered(market, leg.selection)) is not None
    ]
    return Rejected(min(found, key=_NOT_OFFERED.index)) if found else None


def _why_not_offered(market: FixtureMarket, key: str) -> FixedOddsReason | None:
    """Return the first of :data:`_NOT_OFFERED` that holds for a leg."""
    selection = market.selections[key]
    if market.removals and market.is_removed(key):
        return FixedOddsReason.SELECTION_REMOVED
    if selection.suspended:
        return FixedOddsReason.EVENT_SUSPENDED
    if selection.odds < ODDS_MIN:
        return FixedOddsReason.ODDS_TOO_SHORT
    return None


def _check_odds(command: PlaceBet, legs: tuple[BetLeg, ...]) -> Rejected | None:
    """Refuse odds that the customer does not take, and name those of every leg for the next attempt."""
    refused = [
        None
        for wanted, leg in zip(command.legs, legs, strict=True)
        if not _takes(command.accept, wanted.odds, leg.odds)
    ]
    if not refused:
        return None
    facts = tuple([(f"odds_{place}", leg.odds) for place, leg in enumerate(legs)])
    return Rejected(FixedOddsReason.ODDS_CHANGED, facts)


def _takes(accept: Acceptance, seen: int | None, now: int) -> bool:
    if seen is None or accept is Acceptance.ANY:
        return True
    return now >= seen if accept is Acceptance.BETTER else now == seen
