"""Copying a leader's bet for one follower: either a bet of the follower's own, or a reason why there is none.

How it works
------------
The copier gives a command for each match or bet of a leader and each follow of theirs. It is decided like any other
command, and leaves exactly one of two events: ``BetCopied`` behind the events of the follower's own bet, or
``CopySkipped``. The bet and the outcome are one record of the journal, so there is never one without the other.

The follower's bet is placed by the same functions as if the follower had placed it themselves. Only the limits of the
follow come before: every reason to skip is looked for in the order of :class:`SkipReason`, and a bet that its product
refuses is skipped for the reason that comes nearest, with the product's own reason beside it. Nothing is made smaller
to fit: what exceeds a cap is skipped.

On the exchange the *match* is copied, not the order, with the portion of the copy's stake that the match has in the
order (:meth:`FollowTerms.portion_minor`). The copy is an order that takes at once what the book has within
``max_slippage_ticks`` of the leader's odds, and never waits; if the book has nothing there, the match is skipped. Where
orders wait for a market's bet delay, the copy waits like every order, and counts as a whole until then.

What counts for allocation and caps is the risk of a copy: the stake, or what a lay can lose; of an order that was
decided at once, only of what was matched. All open copies together may risk what is left of the allocation: with what
the settled ones have won or lost (:mod:`evens.core.following.settling`). A day's cap counts what its copies risked when
they were placed.

Example. Ann is matched to back 20.00 at 3.00. Bob follows her with a ratio of 0.25, 2 ticks of slippage, a cap of 6.00
for a bet, 10.00 a day and 100.00 in all, of which 8.00 were used today. His copy asks for 5.00 at 2.96 or better, whose
risk of 5.00 is within the cap for a bet, but 13.00 are more than 10.00 a day: skipped, ``daily_cap``. With a ratio of
0.1 it asks for 2.00. The book has 1.20 at 2.98: ``OrderPlaced`` (2.00), ``Matched`` (1.20), ``OrderReduced`` (0.80),
``BetCopied`` with a risk of 1.20; of the day's cap 9.20 are used.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from evens.core.commands.exchange import PlaceOrder
from evens.core.commands.fixed_odds import PlaceBet, WantedLeg
from evens.core.commands.following import CopyBet, CopyMatch, CopyPoolBet
from evens.core.commands.pools import PlacePoolBet
from evens.core.events.every import Event
from evens.core.events.exchange import Matched
from evens.core.events.following import BetCopied, CopySkipped
from evens.core.events.ledger import Rejected
from evens.core.exchange.market import Market
from evens.core.exchange.matching import meets, place_order
from evens.core.exchange.reasons import ExchangeReason
from evens.core.fixed_odds.line import find_market
from evens.core.fixed_odds.placing import place_bet
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.following.state import Follow, Following
from evens.core.ledger.reasons import SharedReason
from evens.core.pools.placing import place_pool_bet
from evens.core.pools.reasons import PoolReason
from evens.core.values.betting import MarketStatus, Side, TimeInForce
from evens.core.values.fixed_odds import Acceptance
from evens.core.values.following import (
    COPY_VALID_NS,
    FollowStatus,
    SkipReason,
    lay_risk_minor,
    reaches_odds,
)
from evens.core.values.ids import OrderId
from evens.core.values.odds import ODDS_UNIT, reserve_minor
from evens.core.values.reasons import Reason
from evens.core.values.records import RecordProduct, day_number

_SKIPPED_FOR: Final[dict[Reason, SkipReason]] = {
    SharedReason.CUSTOMER_FROZEN: SkipReason.RESTRICTED,
    SharedReason.OWES_HOUSE: SkipReason.RESTRICTED,
    SharedReason.STAKE_TOO_SMALL: SkipReason.BELOW_MINIMUM,
    SharedReason.INSUFFICIENT_FUNDS: SkipReason.FUNDS,
    SharedReason.STAKE_TOO_LARGE: SkipReason.STAKE_LIMIT,
    SharedReason.BALANCE_LIMIT: SkipReason.STAKE_LIMIT,
    ExchangeReason.MARKET_UNKNOWN: SkipReason.MARKET_CLOSED,
    ExchangeReason.MARKET_CLOSED: SkipReason.MARKET_CLOSED,
    ExchangeReason.SELF_MATCH: SkipReason.OWN_ORDER,
    ExchangeReason.ORDERS_LIMIT: SkipReason.STAKE_LIMIT,
    FixedOddsReason.EVENT_UNKNOWN: SkipReason.MARKET_CLOSED,
    FixedOddsReason.EVENT_FINISHED: SkipReason.MARKET_CLOSED,
    FixedOddsReason.DEADLINE_PASSED: SkipReason.MARKET_CLOSED,
    FixedOddsReason.STAKE_LIMITED: SkipReason.STAKE_LIMIT,
    FixedOddsReason.ODDS_CHANGED: SkipReason.SLIPPAGE,
    PoolReason.ROUND_UNKNOWN: SkipReason.MARKET_CLOSED,
    PoolReason.ROUND_LOCKED: SkipReason.MARKET_CLOSED,
    PoolReason.POOL_BETS_LIMIT: SkipReason.STAKE_LIMIT,
}
"""Which reason to skip a product's own comes nearest to. A market that is forgotten is long closed."""


def copy_match(following: Following, command: CopyMatch, seq: int, at: int) -> Iterator[Event]:
    """Take for the follower what the book has within the slippage, or skip the match."""
    market = following.exchange.markets.get(command.market)
    currency_number = None if market is None else market.currency_number
    follow = _check(following, command, currency_number, (command.market,), at)
    if not isinstance(follow, Follow):
        yield follow
        return
    refusal = following.exchange.refuse_unknown(command.market, command.runner)
    refusal = refusal or following.exchange.refuse_bets_on(command.market, command.runner)
    if refusal is not None or market is None:
        yield _skip_refused(command, refusal or Rejected(ExchangeReason.MARKET_UNKNOWN))
        return
    ticks = follow.terms.max_slippage_ticks
    limit = market.terms.ladder.moved(command.odds, -ticks if command.side is Side.BACK else ticks)
    stake_minor = follow.terms.portion_minor(command.order_minor, command.before_minor, command.stake_minor)
    risk_minor = _order_risk_minor(command.side, stake_minor, limit)
    reason = SkipReason.BELOW_MINIMUM if stake_minor < market.terms.min_stake_minor else None
    reason = reason or _check_caps(following, follow, risk_minor, at)
    # To find out what there is to be had is the only one of these that can take long, so it comes last.
    reason = reason or _check_book(following, market, command, limit, stake_minor)
    if reason is not None:
        yield _skip(command, reason)
        return
    order = PlaceOrder(
        follow.customer,
        command.market,
        command.runner,
        command.side,
        limit,
        stake_minor,
        time_in_force=TimeInForce.FILL_OR_KILL,
        min_fill_minor=1,
    )
    cents = 0
    for event in place_order(following.exchange, order, seq, at):
        if isinstance(event, Rejected):
            yield _skip_refused(command, event)
            return
        if isinstance(event, Matched) and event.taker == seq:
            cents += event.stake_minor * (ODDS_UNIT if command.side is Side.BACK else event.odds - ODDS_UNIT)
        yield event
    waits = OrderId(seq) in following.exchange.orders
    risk_minor = risk_minor if waits else reserve_minor(cents)
    yield _copied(follow, command, seq, limit, stake_minor, risk_minor, at, waits=waits)


def _check_book(
    following: Following, market: Market, command: CopyMatch, limit: int, stake_minor: int
) -> SkipReason | None:
    """Return why there is nothing to be had: nothing is in the book within the slippage."""
    if market.status is MarketStatus.IN_PLAY and market.terms.bet_delay_ms > 0:
        return None
    found = meets(following.exchange, market, command.runner, command.side, limit, stake_minor)
    return None if found else SkipReason.SLIPPAGE


def _order_risk_minor(side: Side, stake_minor: int, odds: int) -> int:
    return stake_minor if side is Side.BACK else lay_risk_minor(stake_minor, odds)


def copy_bet(following: Following, command: CopyBet, seq: int, at: int) -> Iterator[Event]:
    """Place the same bet for the follower at the present odds, if they are not too low, or skip it."""
    book = following.fixed_odds
    follow = _check(following, command, command.currency_number, [leg.fixture for leg in command.legs], at)
    if not isinstance(follow, Follow):
        yield follow
        return
    odds = _odds_now(following, command)
    if isinstance(odds, Rejected):
        yield _skip_refused(command, odds)
        return
    stake_minor = follow.terms.portion_minor(command.stake_minor, 0, command.stake_minor)
    least = follow.terms.min_odds
    if stake_minor < 1:
        reason: SkipReason | None = SkipReason.BELOW_MINIMUM
    elif least is not None and not reaches_odds(odds, least):
        reason = SkipReason.SLIPPAGE
    else:
        reason = _check_caps(following, follow, stake_minor, at)
    if reason is not None:
        yield _skip(command, reason)
        return
    legs = tuple([WantedLeg(leg.fixture, leg.market, leg.selection) for leg in command.legs])
    code = book.ledger.currencies_by_number[follow.currency_number].code
    bet = PlaceBet(follow.customer, code, stake_minor, legs, Acceptance.ANY)
    copied = _copied(follow, command, seq, least or 0, stake_minor, stake_minor, at)
    yield from _place(command, place_bet(book, bet, seq, at), copied)


def _odds_now(following: Following, command: CopyBet) -> tuple[int, ...] | Rejected:
    """Return the present odds of every leg, or why one of them is not known any more."""
    odds: list[int] = []
    for leg in command.legs:
        found = find_market(following.fixed_odds, leg.fixture, leg.market, leg.selection)
        if isinstance(found, Rejected):
            return found
        odds.append(found[1].selections[leg.selection].odds)
    return tuple(odds)


def copy_pool_bet(following: Following, command: CopyPoolBet, seq: int, at: int) -> Iterator[Event]:
    """Stake on the same side of the same round for the follower, or skip the bet."""
    wanted = following.pools.rounds.get(command.round)
    places = () if wanted is None else (wanted.pool,)
    follow = _check(following, command, None if wanted is None else wanted.currency_number, places, at)
    if not isinstance(follow, Follow):
        yield follow
        return
    if wanted is None or not wanted.takes_bets(at):
        yield _skip_refused(command, Rejected(PoolReason.ROUND_UNKNOWN if wanted is None else PoolReason.ROUND_LOCKED))
        return
    stake_minor = follow.terms.portion_minor(command.stake_minor, 0, command.stake_minor)
    reason = SkipReason.BELOW_MINIMUM if stake_minor < wanted.terms.min_stake_minor else None
    reason = reason or _check_caps(following, follow, stake_minor, at)
    if reason is not None:
        yield _skip(command, reason)
        return
    bet = PlacePoolBet(follow.customer, wanted.pool, command.side, stake_minor, wanted.code)
    copied = _copied(follow, command, seq, 0, stake_minor, stake_minor, at)
    yield from _place(command, place_pool_bet(following.pools, bet, seq, at), copied)


def _place(command: CopyBet | CopyPoolBet, happened: Iterable[Event], copied: BetCopied) -> Iterator[Event]:
    """Yield what the follower's own bet leaves and that it is a copy, or that it is skipped."""
    for event in happened:
        if isinstance(event, Rejected):
            yield _skip_refused(command, event)
            return
        yield event
    yield copied


def _check(
    following: Following,
    command: CopyMatch | CopyBet | CopyPoolBet,
    currency_number: int | None,
    places: Iterable[int],
    at: int,
) -> Follow | CopySkipped | Rejected:
    """Return the follow, or why nothing is copied whatever the market and the amounts."""
    follow = following.by_id.get(command.follow)
    if follow is None or follow.status is FollowStatus.ENDED:
        return _skip(command, SkipReason.NOT_FOLLOWING)
    if _source_of(command) <= follow.skipped_up_to.get(_product_of(command), 0):
        return Rejected(SharedReason.NOTHING_CHANGES)
    reason = _reason_of_follow(follow, command, at)
    if reason is None and (not command.permitted or following.restricts(follow, _product_of(command))):
        reason = SkipReason.RESTRICTED
    if reason is None and not follow.terms.allows(_product_of(command), places):
        reason = SkipReason.NOT_ALLOWED
    if reason is None and currency_number is not None and currency_number != follow.currency_number:
        reason = SkipReason.CURRENCY
    return follow if reason is None else _skip(command, reason)


def _reason_of_follow(follow: Follow, command: CopyMatch | CopyBet | CopyPoolBet, at: int) -> SkipReason | None:
    """Return why the follow copies nothing at present, or not a bet that was struck then, or not what is a copy."""
    if follow.status is FollowStatus.PAUSED:
        return SkipReason.PAUSED if follow.stopped_minor is None else SkipReason.STOP_LOSS
    if follow.terms.stops_at(follow.left_minor()):
        return SkipReason.STOP_LOSS
    if command.struck_at <= follow.active_from:
        return SkipReason.PAUSED
    if at > command.struck_at + COPY_VALID_NS:
        return SkipReason.EXPIRED
    return SkipReason.LOOP if command.is_copy else None


def _check_caps(following: Following, follow: Follow, risk_minor: int, at: int) -> SkipReason | None:
    """Return which cap a copy would exceed, or that the follower has no money even for the leader's fee."""
    terms = follow.terms
    if risk_minor > terms.per_bet_cap_minor:
        return SkipReason.CAP
    if follow.used_on_minor(day_number(at)) + risk_minor > terms.daily_cap_minor:
        return SkipReason.DAILY_CAP
    if follow.used_minor + risk_minor > follow.left_minor():
        return SkipReason.ALLOCATION
    return SkipReason.FUNDS if following.owes_fee(follow) else None


def _product_of(command: CopyMatch | CopyBet | CopyPoolBet) -> RecordProduct:
    if isinstance(command, CopyMatch):
        return RecordProduct.EXCHANGE
    return RecordProduct.SPORTSBOOK if isinstance(command, CopyBet) else RecordProduct.POOLS


def _source_of(command: CopyMatch | CopyBet | CopyPoolBet) -> int:
    return command.match if isinstance(command, CopyMatch) else command.bet


def _skip(command: CopyMatch | CopyBet | CopyPoolBet, reason: SkipReason, refusal: Reason | None = None) -> CopySkipped:
    return CopySkipped(command.follow, _product_of(command), _source_of(command), reason, refusal)


def _skip_refused(command: CopyMatch | CopyBet | CopyPoolBet, refusal: Rejected) -> CopySkipped:
    return _skip(command, _SKIPPED_FOR.get(refusal.reason, SkipReason.REFUSED), refusal.reason)


def _copied(
    follow: Follow,
    command: CopyMatch | CopyBet | CopyPoolBet,
    seq: int,
    odds: int,
    stake_minor: int,
    risk_minor: int,
    at: int,
    *,
    waits: bool = False,
) -> BetCopied:
    day = day_number(at)
    return BetCopied(
        follow=follow.id,
        product=_product_of(command),
        source=_source_of(command),
        copy=seq,
        odds=odds,
        stake_minor=stake_minor,
        risk_minor=risk_minor,
        used_minor=follow.used_minor + risk_minor,
        day=day,
        day_used_minor=follow.used_on_minor(day) + risk_minor,
        waits=waits,
    )


def apply_bet_copied(following: Following, event: BetCopied) -> None:
    """Remember what is used."""
    follow = following.by_id[event.follow]
    follow.used_minor, follow.day, follow.day_used_minor = event.used_minor, event.day, event.day_used_minor
