"""Copying a leader's bet for one follower: either a bet of the follower's own, or a reason why there is none.

How it works
------------
The copier gives a command for each match or bet of a leader and each follow of theirs. It is decided like any other
command, and leaves exactly one of two events: ``BetCopied`` behind the events of the follower's own bet, or
``CopySkipped``. The bet and the outcome are one record of the journal, so there is never one without the other.

The follower's bet is placed by the same functions as if the follower had placed it themselves. Only the limits of the
follow come before: every reason to skip is looked for in the order of :class:`SkipReason`, and a bet that its product
refuses is skipped for the reason that comes nearest. Nothing is made smaller to fit: what exceeds a cap is skipped.

On the exchange the *match* is copied, not the order. The copy is an order that takes at once what the book has within
``max_slippage_ticks`` of the leader's odds, and never waits; if the book has nothing there, the match is skipped. Where
orders wait for a market's bet delay, the copy waits like every order, and counts as a whole until then.

What counts for allocation and caps is the risk of a copy: the stake, or what a lay can lose; of an order that was
decided at once, only of what was matched. It stays used after the bet is settled.

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
from evens.core.exchange.matching import place_order
from evens.core.exchange.reasons import ExchangeReason
from evens.core.fixed_odds.line import find_market
from evens.core.fixed_odds.placing import place_bet
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.following.state import Follow, Following
from evens.core.ledger.reasons import SharedReason
from evens.core.pools.placing import place_pool_bet
from evens.core.values.betting import MarketStatus, Side, TimeInForce
from evens.core.values.fixed_odds import Acceptance
from evens.core.values.following import COPY_VALID_NS, FollowStatus, SkipReason, lay_risk_minor, reaches_odds
from evens.core.values.ids import OrderId
from evens.core.values.odds import ODDS_UNIT, reserve_minor
from evens.core.values.reasons import Reason
from evens.core.values.records import RecordProduct, day_number

STAKE_PERCENT: Final = 100
"""The stake factor of somebody who is not limited."""

_SKIPPED_FOR: Final[dict[Reason, SkipReason]] = {
    SharedReason.CUSTOMER_FROZEN: SkipReason.RESTRICTED,
    SharedReason.OWES_HOUSE: SkipReason.RESTRICTED,
    SharedReason.STAKE_TOO_SMALL: SkipReason.BELOW_MINIMUM,
    SharedReason.INSUFFICIENT_FUNDS: SkipReason.FUNDS,
    SharedReason.STAKE_TOO_LARGE: SkipReason.STAKE_LIMIT,
    SharedReason.BALANCE_LIMIT: SkipReason.STAKE_LIMIT,
    ExchangeReason.SELF_MATCH: SkipReason.OWN_ORDER,
    ExchangeReason.ORDERS_LIMIT: SkipReason.STAKE_LIMIT,
    FixedOddsReason.STAKE_LIMITED: SkipReason.STAKE_LIMIT,
    FixedOddsReason.ODDS_CHANGED: SkipReason.SLIPPAGE,
}
"""Which reason to skip a refusal of the follower's own bet comes nearest to; any other one is a closed market."""


def copy_match(following: Following, command: CopyMatch, seq: int, at: int) -> Iterator[Event]:
    """Take for the follower what the book has within the slippage, or skip the match."""
    product, source = RecordProduct.EXCHANGE, command.match
    market = following.exchange.markets.get(command.market)
    follow = _check(following, command, product, None if market is None else market.currency_number, at)
    if isinstance(follow, SkipReason):
        yield CopySkipped(command.follow, product, source, follow)
        return
    refusal = None if market is None else market.refuse_bets()
    if market is None or refusal is not None or command.runner not in market.books or command.runner in market.removals:
        yield CopySkipped(follow.id, product, source, SkipReason.MARKET_CLOSED)
        return
    ticks = follow.terms.max_slippage_ticks
    limit = market.terms.ladder.moved(command.odds, -ticks if command.side is Side.BACK else ticks)
    stake_minor = follow.terms.stake_of(command.stake_minor)
    risk_minor = _order_risk_minor(command.side, stake_minor, limit)
    reason = _check_match(follow, market, command, limit, stake_minor)
    reason = reason or _check_caps(follow, risk_minor, at)
    if reason is not None:
        yield CopySkipped(follow.id, product, source, reason)
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
            yield CopySkipped(follow.id, product, source, _skip_for(event))
            return
        if isinstance(event, Matched):
            cents += event.stake_minor * (ODDS_UNIT if command.side is Side.BACK else event.odds - ODDS_UNIT)
        yield event
    if OrderId(seq) not in following.exchange.orders:
        risk_minor = reserve_minor(cents)
    yield _copied(follow, product, source, seq, limit, stake_minor, risk_minor, at)


def _check_match(follow: Follow, market: Market, command: CopyMatch, limit: int, stake_minor: int) -> SkipReason | None:
    """Return why there is nothing to be had: too small a stake, or nothing in the book within the slippage."""
    if stake_minor < market.terms.min_stake_minor:
        return SkipReason.BELOW_MINIMUM
    if market.status is MarketStatus.IN_PLAY and market.terms.bet_delay_ms > 0:
        return None
    fills, _ = market.books[command.runner].fills(command.side, limit, stake_minor, 1)
    return None if fills else SkipReason.SLIPPAGE


def _order_risk_minor(side: Side, stake_minor: int, odds: int) -> int:
    return stake_minor if side is Side.BACK else lay_risk_minor(stake_minor, odds)


def copy_bet(following: Following, command: CopyBet, seq: int, at: int) -> Iterator[Event]:
    """Place the same bet for the follower at the present odds, if they are not too low, or skip it."""
    product, source, book = RecordProduct.SPORTSBOOK, command.bet, following.fixed_odds
    follow = _check(following, command, product, command.currency_number, at)
    if isinstance(follow, SkipReason):
        yield CopySkipped(command.follow, product, source, follow)
        return
    factors = book.stake_factors
    if any(factors.get(each, STAKE_PERCENT) < STAKE_PERCENT for each in (follow.customer, follow.leader)):
        yield CopySkipped(follow.id, product, source, SkipReason.RESTRICTED)
        return
    stake_minor = follow.terms.stake_of(command.stake_minor)
    odds = _odds_now(following, command)
    reason = SkipReason.MARKET_CLOSED if odds is None else None
    if reason is None and stake_minor < 1:
        reason = SkipReason.BELOW_MINIMUM
    least = follow.terms.min_odds
    if reason is None and odds is not None and least is not None and not reaches_odds(odds, least):
        reason = SkipReason.SLIPPAGE
    reason = reason or _check_caps(follow, stake_minor, at)
    if reason is not None:
        yield CopySkipped(follow.id, product, source, reason)
        return
    legs = tuple([WantedLeg(leg.fixture, leg.market, leg.selection) for leg in command.legs])
    code = book.ledger.currencies_by_number[follow.currency_number].code
    bet = PlaceBet(follow.customer, code, stake_minor, legs, Acceptance.ANY)
    copied = _copied(follow, product, source, seq, follow.terms.min_odds or 0, stake_minor, stake_minor, at)
    yield from _place(place_bet(book, bet, seq, at), copied)


def _odds_now(following: Following, command: CopyBet) -> tuple[int, ...] | None:
    """Return the present odds of every leg; ``None`` if one of them is not known any more."""
    odds: list[int] = []
    for leg in command.legs:
        found = find_market(following.fixed_odds, leg.fixture, leg.market, leg.selection)
        if isinstance(found, Rejected):
            return None
        odds.append(found[1].selections[leg.selection].odds)
    return tuple(odds)


def copy_pool_bet(following: Following, command: CopyPoolBet, seq: int, at: int) -> Iterator[Event]:
    """Stake on the same side of the same round for the follower, or skip the bet."""
    product, source, pools = RecordProduct.POOLS, command.bet, following.pools
    round_ = pools.rounds.get(command.round)
    follow = _check(following, command, product, None if round_ is None else round_.currency_number, at)
    if isinstance(follow, SkipReason):
        yield CopySkipped(command.follow, product, source, follow)
        return
    stake_minor = follow.terms.stake_of(command.stake_minor)
    if round_ is None or not round_.takes_bets(at):
        reason: SkipReason | None = SkipReason.MARKET_CLOSED
    elif stake_minor < round_.terms.min_stake_minor:
        reason = SkipReason.BELOW_MINIMUM
    else:
        reason = _check_caps(follow, stake_minor, at)
    if round_ is None or reason is not None:
        yield CopySkipped(follow.id, product, source, reason or SkipReason.MARKET_CLOSED)
        return
    bet = PlacePoolBet(follow.customer, round_.pool, command.side, stake_minor, round_.code)
    copied = _copied(follow, product, source, seq, 0, stake_minor, stake_minor, at)
    yield from _place(place_pool_bet(pools, bet, seq, at), copied)


def _place(happened: Iterable[Event], copied: BetCopied) -> Iterator[Event]:
    """Yield what the follower's own bet leaves and that it is a copy, or that it is skipped."""
    for event in happened:
        if isinstance(event, Rejected):
            yield CopySkipped(copied.follow, copied.product, copied.source, _skip_for(event))
            return
        yield event
    yield copied


def _check(
    following: Following,
    command: CopyMatch | CopyBet | CopyPoolBet,
    product: RecordProduct,
    currency_number: int | None,
    at: int,
) -> Follow | SkipReason:
    """Return the follow, or why nothing is copied whatever the market and the amounts."""
    follow = following.by_id.get(command.follow)
    if follow is None or follow.status is not FollowStatus.ACTIVE:
        return SkipReason.NOT_FOLLOWING
    if at > command.struck_at + COPY_VALID_NS:
        return SkipReason.EXPIRED
    if command.is_copy:
        return SkipReason.LOOP
    frozen = following.wallets.frozen
    if not command.permitted or follow.customer in frozen or follow.leader in frozen:
        return SkipReason.RESTRICTED
    if product not in follow.terms.products:
        return SkipReason.NOT_ALLOWED
    if currency_number is not None and currency_number != follow.currency_number:
        return SkipReason.CURRENCY
    return follow


def _check_caps(follow: Follow, risk_minor: int, at: int) -> SkipReason | None:
    """Return which cap a copy would exceed."""
    terms = follow.terms
    if risk_minor > terms.per_bet_cap_minor:
        return SkipReason.CAP
    if follow.used_on_minor(day_number(at)) + risk_minor > terms.daily_cap_minor:
        return SkipReason.DAILY_CAP
    if follow.used_minor + risk_minor > terms.allocation_minor:
        return SkipReason.ALLOCATION
    return None


def _skip_for(refusal: Rejected) -> SkipReason:
    return _SKIPPED_FOR.get(refusal.reason, SkipReason.MARKET_CLOSED)


def _copied(
    follow: Follow,
    product: RecordProduct,
    source: int,
    seq: int,
    odds: int,
    stake_minor: int,
    risk_minor: int,
    at: int,
) -> BetCopied:
    day = day_number(at)
    return BetCopied(
        follow=follow.id,
        product=product,
        source=source,
        copy=seq,
        odds=odds,
        stake_minor=stake_minor,
        risk_minor=risk_minor,
        used_minor=follow.used_minor + risk_minor,
        day=day,
        day_used_minor=follow.used_on_minor(day) + risk_minor,
    )


def apply_bet_copied(following: Following, event: BetCopied) -> None:
    """Remember what is used."""
    follow = following.by_id[event.follow]
    follow.used_minor, follow.day, follow.day_used_minor = event.used_minor, event.day, event.day_used_minor
