"""Cash-out: a bet's present value, paid at once; and the operator's giving back of a single bet.

What a bet is worth now is its stake times the factors of its settled legs, times odds taken ÷ odds now for the others,
less the house's margin (:func:`evens.core.values.fixed_odds.cash_out_minor`). A customer is quoted that, and asks for
exactly this sum some seconds later. It is worked out anew then, on the line as it is, and paid only if it is the same:
nobody can forge a quote, and the house is never held to odds that have moved.

Example: 10.00 at 3.00, now 2.00, with a margin of 5 % is worth 14.25: ann has her stake back and 4.25 from the bank,
and what was reserved for her bet is free.
"""

from collections.abc import Iterator

from evens.core.commands.fixed_odds import CashOutBet, VoidBet
from evens.core.events.every import Event
from evens.core.events.fixed_odds import BetEnded
from evens.core.events.ledger import Rejected, TransferKind
from evens.core.fixed_odds.accumulator import Accumulator
from evens.core.fixed_odds.bank import BANK, cover, repay_owner, reserve
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.mover import Mover
from evens.core.limits import check_debt, check_frozen
from evens.core.values.fixed_odds import (
    BetEnd,
    BetLeg,
    Factor,
    FixtureStage,
    FixtureStatus,
    OpenSingle,
    cash_out_minor,
    open_leg_factor,
    reduced_odds,
)
from evens.core.values.ids import HOUSE, AccountClass, BetId, CustomerId, account_id
from evens.core.values.odds import ODDS_MIN


class _Bet:
    """An open bet, found: its money, its legs, and for a single its market and how it is kept there."""

    __slots__ = ("accumulator", "at", "currency_number", "legs", "market", "single", "stake_minor")

    def __init__(
        self,
        currency_number: int,
        stake_minor: int,
        at: int,
        legs: tuple[BetLeg, ...],
        accumulator: Accumulator | None = None,
        market: FixtureMarket | None = None,
        single: OpenSingle | None = None,
    ) -> None:
        self.currency_number = currency_number
        self.stake_minor = stake_minor
        self.at = at
        self.legs = legs
        self.accumulator = accumulator
        self.market = market
        self.single = single

    @property
    def reserved_minor(self) -> int:
        """What the house holds for the bet and, for a single, those beside it."""
        if self.accumulator is not None:
            return self.accumulator.reserved_minor
        assert self.market is not None
        return self.market.book(self.currency_number).reserved_minor

    def reserved_without_minor(self) -> int:
        """Return what it will hold once the bet is gone; leaving a bet out can need more, if it covered others."""
        if self.market is None or self.single is None:
            return 0
        since = self.market.removals_before(self.at)
        less = (self.single.selection, since, self.single.odds, -self.stake_minor)
        return self.market.needed_minor(self.currency_number, less)


def cash_out_bet(book: FixedOdds, command: CashOutBet, seq: int, at: int) -> Iterator[Event]:
    """Pay a bet's present value, if it is what was asked for."""
    bet = _find(book, command.bet, command.customer, command.single)
    if bet is None:
        yield Rejected(FixedOddsReason.BET_UNKNOWN)
        return
    amount_minor = command.amount_minor
    refusal = (
        check_frozen(book.frozen, command.customer)
        or check_debt(book.ledger, command.customer)
        or _check_quote(book, bet, command, at)
        or _check_bank(book, bet, amount_minor)
    )
    if refusal is not None:
        yield refusal
        return
    before_minor, after_minor = bet.reserved_minor, bet.reserved_without_minor()
    yield BetEnded(command.bet, command.customer, BetEnd.CASHED_OUT, amount_minor, single=command.single)
    mover = Mover(book.ledger, bet.currency_number, at)
    yield from mover.move(
        TransferKind.LOSS, (command.customer, AccountClass.ESCROW), BANK, bet.stake_minor - amount_minor
    )
    yield from mover.release(command.customer, min(amount_minor, bet.stake_minor))
    # The customer is paid out of what becomes free before the owner has anything of it.
    yield from cover(mover, before_minor, after_minor)
    yield from mover.move(
        TransferKind.PAYOUT, BANK, (command.customer, AccountClass.CASH), amount_minor - bet.stake_minor
    )
    yield from repay_owner(mover)


def void_bet(book: FixedOdds, command: VoidBet, seq: int, at: int) -> Iterator[Event]:
    """Give the stake of an open bet back."""
    bet = _find(book, command.bet, command.customer, command.single)
    if bet is None:
        yield Rejected(FixedOddsReason.BET_UNKNOWN)
    elif bet.market is not None and bet.market.stage is not FixtureStage.NOTHING:
        yield Rejected(FixedOddsReason.EVENT_BUSY)
    else:
        before_minor, after_minor = bet.reserved_minor, bet.reserved_without_minor()
        yield BetEnded(command.bet, command.customer, BetEnd.VOIDED, bet.stake_minor, single=command.single)
        mover = Mover(book.ledger, bet.currency_number, at)
        yield from mover.release(command.customer, bet.stake_minor)
        yield from reserve(mover, before_minor, after_minor)


def _find(book: FixedOdds, number: BetId, customer: CustomerId, leg: BetLeg | None) -> _Bet | None:
    if leg is None:
        bet = book.accumulators.get(number)
        if bet is None or bet.customer != customer:
            return None
        return _Bet(bet.currency_number, bet.stake_minor, bet.at, bet.legs, accumulator=bet)
    fixture = book.fixtures.get(leg.fixture)
    market = None if fixture is None else fixture.markets.get(leg.market)
    found = None if market is None else market.find(customer, number)
    if found is None:
        return None
    currency_number, single = found
    return _Bet(currency_number, single.stake_minor, single.at, (leg,), market=market, single=single)


def _check_quote(book: FixedOdds, bet: _Bet, command: CashOutBet, at: int) -> Rejected | None:
    """Refuse a bet that is not worth what was quoted, or of which nobody can say what it is worth."""
    if at >= command.expires_at:
        return Rejected(FixedOddsReason.QUOTE_EXPIRED)
    factors: list[Factor] = []
    for place, leg in enumerate(bet.legs):
        known = None if bet.accumulator is None else bet.accumulator.decided.get(place)
        if known is None:
            known = _factor_now(book, book.fixtures[leg.fixture], leg, bet.at, at)
        if known is None or known[0] == 0:
            return Rejected(FixedOddsReason.CASH_OUT_UNAVAILABLE)
        factors.append(known)
    margin_bps = book.limits_in(bet.currency_number).cash_out_margin_bps
    if cash_out_minor(bet.stake_minor, factors, margin_bps) != command.amount_minor:
        return Rejected(FixedOddsReason.QUOTE_EXPIRED)
    return None


def _factor_now(book: FixedOdds, fixture: Fixture, leg: BetLeg, struck_at: int, at: int) -> Factor | None:
    """Return what a leg has made of the stake by now; ``None`` if its market has no price."""
    market = fixture.markets[leg.market]
    decided = market.factor(leg.selection, leg.odds, struck_at)
    if decided is not None:
        return decided if market.stage is FixtureStage.NOTHING else None
    selection = market.selections[leg.selection]
    closed = at >= fixture.deadline or fixture.status is not FixtureStatus.NEW or fixture.source in book.silent
    if closed or fixture.suspended or fixture.held or not market.is_taking_bets or selection.suspended:
        return None
    if selection.odds < ODDS_MIN:
        return None
    taken = reduced_odds(leg.odds, [bps for _, bps, moment in market.removals if moment > struck_at])
    return open_leg_factor(taken, selection.odds)


def _check_bank(book: FixedOdds, bet: _Bet, amount_minor: int) -> Rejected | None:
    """Refuse what the bank cannot pay beside what other bets need."""
    bank_minor = book.ledger.balance_minor(account_id(HOUSE, bet.currency_number, AccountClass.BANK))
    more_minor = bet.reserved_without_minor() - bet.reserved_minor
    if more_minor + amount_minor - bet.stake_minor > bank_minor or amount_minor <= 0:
        return Rejected(FixedOddsReason.CASH_OUT_UNAVAILABLE)
    return None
