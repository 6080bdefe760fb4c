"""Records as they are shown: shares and ratios as decimals, days as dates."""

from collections.abc import Sequence
from typing import Final

from evens.core.values.following import format_fee
from evens.core.values.ids import BetId, MarketId
from evens.core.values.moments import DAY_NS, format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.public_ids import format_bet_id, format_market_id
from evens.core.values.records import Figures, RecordPeriod, RecordProduct
from evens.edges.http.social.shapes import (
    EquityPoint,
    FeedItem,
    Leader,
    PeriodName,
    ProductName,
    ProfileChoice,
    Record,
    Settled,
)
from evens.store.social.feed import BigWinRow, WonChallengeRow
from evens.store.social.queries import LeaderRow, ProfileRow, RecentRow, RecordRow, Visibility

_PPM_SCALE: Final = 6
_RATIO_SCALE: Final = 4
_DATE_LENGTH: Final = 10

PRODUCTS: Final[dict[ProductName, RecordProduct]] = {
    "all": RecordProduct.ALL,
    "exchange": RecordProduct.EXCHANGE,
    "sportsbook": RecordProduct.SPORTSBOOK,
    "pools": RecordProduct.POOLS,
}
PERIODS: Final[dict[PeriodName, RecordPeriod]] = {
    "day": RecordPeriod.DAY,
    "week": RecordPeriod.WEEK,
    "month": RecordPeriod.MONTH,
    "all": RecordPeriod.ALL_TIME,
}
_PRODUCT_NAMES: Final[dict[RecordProduct, ProductName]] = {product: name for name, product in PRODUCTS.items()}
_PERIOD_NAMES: Final[dict[RecordPeriod, PeriodName]] = {period: name for name, period in PERIODS.items()}


def present_record(row: RecordRow, currency: Currency) -> Record:
    """Return a record as it is shown."""
    figures = row.figures
    return Record(
        product=_PRODUCT_NAMES[row.product],
        period=_PERIOD_NAMES[row.period],
        since=present_since(row.period, row.day),
        profit=format_minor(figures.profit_minor, currency.scale),
        turnover=format_minor(figures.turnover_minor, currency.scale),
        roi=_share(figures.roi_ppm),
        win_rate=_share(figures.win_rate_ppm),
        sharpe=_ratio(figures),
        max_drawdown=format_minor(figures.max_drawdown_minor, currency.scale),
        longest_streak=figures.longest_streak,
        closing_value=_share(figures.closing_ppm),
        bets=figures.bets,
        settled=figures.settled,
        won=figures.won,
    )


def present_leader(rank: int, row: LeaderRow, currency: Currency) -> Leader:
    """Return a place of the leaderboard as it is shown."""
    figures = row.record.figures
    return Leader(
        rank=rank,
        username=row.username,
        display_name=row.display_name,
        copyable=row.copyable,
        performance_fee=format_fee(row.performance_fee_bps),
        profit=format_minor(figures.profit_minor, currency.scale),
        turnover=format_minor(figures.turnover_minor, currency.scale),
        roi=_share(figures.roi_ppm),
        win_rate=_share(figures.win_rate_ppm),
        sharpe=_ratio(figures),
        max_drawdown=format_minor(figures.max_drawdown_minor, currency.scale),
        longest_streak=figures.longest_streak,
        bets=figures.bets,
        settled=figures.settled,
    )


def present_equity(days: Sequence[tuple[int, int]], total_minor: int, currency: Currency) -> list[EquityPoint]:
    """Return the equity curve of the latest days (day and profit), which ends at ``total_minor``."""
    equity = total_minor - sum([profit_minor for _, profit_minor in days])
    points: list[EquityPoint] = []
    for day, profit_minor in days:
        equity += profit_minor
        shown = format_minor(profit_minor, currency.scale), format_minor(equity, currency.scale)
        points.append(EquityPoint(present_day(day), *shown))
    return points


def present_recent(row: RecentRow, currency: Currency) -> Settled:
    """Return something that was settled as it is shown."""
    return Settled(
        product=_PRODUCT_NAMES[row.product],
        id=_public_id(row),
        title=row.title,
        profit=format_minor(row.profit_minor, currency.scale),
        turnover=format_minor(row.turnover_minor, currency.scale),
        at=format_time(row.settled_at),
    )


def present_big_win(row: BigWinRow, currency: Currency) -> FeedItem:
    """Return a big win as the feed shows it."""
    won = row.won
    return FeedItem(
        kind="big_win",
        username=row.username,
        display_name=row.display_name,
        against=None,
        product=_PRODUCT_NAMES[won.product],
        id=_public_id(won),
        title=won.title,
        profit=format_minor(won.profit_minor, currency.scale),
        turnover=format_minor(won.turnover_minor, currency.scale),
        currency=currency.code,
        at=format_time(won.settled_at),
    )


def present_won_challenge(row: WonChallengeRow, token: str, currency: Currency) -> FeedItem:
    """Return a challenge that was settled as the feed shows it."""
    return FeedItem(
        kind="challenge",
        username=row.winner,
        display_name=row.display_name,
        against=row.loser,
        product=None,
        id=token,
        title=row.title,
        profit=format_minor(row.profit_minor, currency.scale),
        turnover=format_minor(row.risked_minor, currency.scale),
        currency=currency.code,
        at=format_time(row.settled_at),
    )


def present_choice(row: ProfileRow) -> ProfileChoice:
    """Return what a customer chose to show."""
    return ProfileChoice(*chosen(row))


def chosen(row: ProfileRow) -> tuple[str, str | None, str | None, Visibility, bool, bool, str, str]:
    """Return what a customer chose to show, in the order of :class:`ProfileChoice`."""
    fee, joined_at = format_fee(row.performance_fee_bps), format_time(row.registered_at)
    return row.username, row.display_name, row.bio, row.visibility, row.listed, row.copyable, fee, joined_at


def present_since(period: RecordPeriod, day: int) -> str | None:
    """Return the first day of a period, ``None`` for all time."""
    return None if period is RecordPeriod.ALL_TIME else present_day(day)


def present_day(day: int) -> str:
    """Return a UTC day, counted from 1970, as a date."""
    return format_time(day * DAY_NS)[:_DATE_LENGTH]


def _public_id(row: RecentRow) -> str:
    if row.product is RecordProduct.EXCHANGE:
        return format_market_id(MarketId(row.thing))
    if row.product is RecordProduct.POOLS:
        return f"{row.pool}/{row.code}"
    return format_bet_id(BetId(row.thing)) if row.event is None else row.event


def _share(ppm: int | None) -> str | None:
    return None if ppm is None else format_minor(ppm, _PPM_SCALE)


def _ratio(figures: Figures) -> str | None:
    return None if figures.sharpe is None else format_minor(figures.sharpe, _RATIO_SCALE)
