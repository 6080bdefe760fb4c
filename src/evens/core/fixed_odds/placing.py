"""Taking a bet: every reason to refuse it first, then the stake into escrow and what it can cost out of the bank.

The bet is judged on the line as the journal has it at this place: a change of odds or a suspension that was recorded
before counts, one that was recorded after does not. So nobody bets on what is over, however late a message comes
through to them.

Example: a customer saw 2.10 and accepts better odds. The line says 2.15 by now: the bet is taken at 2.15. It says 2.05:
the bet is refused, with 2.05 for the next attempt.
"""

from collections.abc import Iterable, Iterator

from evens.core.commands.fixed_odds import PlaceBet, WantedLeg
from evens.core.events.every import Event
from evens.core.events.fixed_odds import BetPlaced
from evens.core.events.ledger import Rejected, TransferKind
from evens.core.fixed_odds.accumulator import Accumulator
from evens.core.fixed_odds.bank import Reserves, reserve
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
    mover = Mover(book.ledger, currency.number, at)
    if len(legs) == 1:
        reserved_minor, reserves = 0, Reserves(book, on[0][1], at)
    else:
        reserved_minor, reserves = reserve_for(None, legs, currency.number, command.stake_minor), None
    yield BetPlaced(
        bet=BetId(seq),
        customer=command.customer,
        currency_number=currency.number,
        stake_minor=command.stake_minor,
        legs=legs,
        reserved_minor=reserved_minor,
        at=at,
    )
    yield from mover.move(
        TransferKind.STAKE,
        (command.customer, AccountClass.CASH),
        (command.customer, AccountClass.ESCROW),
        command.stake_minor,
    )
    if reserves is not None:
        yield from reserves.align(first=1)
    else:
        yield from reserve(mover, 0, reserved_minor)


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
    (leg,) = event.legs
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
    # A fixture that is unknown comes before a selection that is, whichever leg it is.
    unknown = [refusal for refusal in refusals if refusal.reason is FixedOddsReason.EVENT_UNKNOWN]
    return next(iter(unknown or refusals), None) or on


def _check_related(on: _On) -> Rejected | None:
    """Refuse legs of which one makes another likelier: they are on one fixture or in one group."""
    fixtures = [fixture.id for fixture, _ in on]
    groups = [market.group for _, market in on if market.group is not None]
    related = len(set(fixtures)) < len(fixtures) or len(set(groups)) < len(groups)
    return Rejected(FixedOddsReason.LEGS_RELATED) if related else None


def _check_open(book: FixedOdds, on: _On, at: int) -> Rejected | None:
    """Refuse a bet on what is over, not heard of, busy or suspended; each for all legs before the next."""
    if any(fixture.status is not FixtureStatus.NEW or market.results for fixture, market in on):
        return Rejected(FixedOddsReason.EVENT_FINISHED)
    if any(at >= fixture.deadline for fixture, _ in on):
        return Rejected(FixedOddsReason.DEADLINE_PASSED)
    if any(fixture.source in book.silent for fixture, _ in on):
        return Rejected(FixedOddsReason.LINE_UNAVAILABLE)
    if any(market.stage is not FixtureStage.NOTHING for _, market in on):
        return Rejected(FixedOddsReason.EVENT_BUSY)
    if any(fixture.suspended or fixture.held or market.suspended or market.contradicted for fixture, market in on):
        return Rejected(FixedOddsReason.EVENT_SUSPENDED)
    return None


def _check_selections(legs: Iterable[WantedLeg], on: _On) -> Rejected | None:
    selections = [(market, market.selections[leg.selection]) for leg, (_, market) in zip(legs, on, strict=True)]
    if any(market.is_removed(selection.key) for market, selection in selections):
        return Rejected(FixedOddsReason.SELECTION_REMOVED)
    if any(selection.suspended for _, selection in selections):
        return Rejected(FixedOddsReason.EVENT_SUSPENDED)
    if any(selection.odds < ODDS_MIN for _, selection in selections):
        return Rejected(FixedOddsReason.ODDS_TOO_SHORT)
    return None


def _check_odds(command: PlaceBet, legs: tuple[BetLeg, ...]) -> Rejected | None:
    """Refuse odds that the customer does not take, and name those of every leg for the next attempt."""
    if all(_takes(command.accept, wanted.odds, leg.odds) for wanted, leg in zip(command.legs, legs, strict=True)):
        return None
    facts = tuple([(f"odds_{place}", leg.odds) for place, leg in enumerate(legs)])
    return Rejected(FixedOddsReason.ODDS_CHANGED, facts)


def _takes(accept: Acceptance, seen: int | None, now: int) -> bool:
    if seen is None or accept is Acceptance.ANY:
        return True
    return now >= seen if accept is Acceptance.BETTER else now == seen
