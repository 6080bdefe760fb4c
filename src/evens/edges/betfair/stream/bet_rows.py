"""Translates pictures of a customer's bets into Betfair's rows: whole images, or what changed from one to another.

All of it is pure. Orders that are over are told as such; that one is no longer in a picture is not told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from evens.core.values.betting import Persistence, Side
from evens.core.values.ids import MarketId
from evens.core.values.money import Currency
from evens.edges.betfair.stream.bet_pictures import BetPicture, CustomerBets, MarketBets, Matched, RunnerBets
from evens.edges.betfair.wire.ids import format_bet, format_market
from evens.edges.betfair.wire.moments import milliseconds
from evens.edges.betfair.wire.numbers import average_price, price_of, size_of

Row = list[float]

_SIDES: Final = {Side.BACK: "B", Side.LAY: "L"}
_PERSISTENCES: Final = {Persistence.LAPSE: "L", Persistence.PERSIST: "P"}
_MATCHED: Final = {Side.BACK: "mb", Side.LAY: "ml"}
_NOTHING: Final = RunnerBets()


@dataclass(frozen=True, slots=True)
class BetProjection:
    """Which orders a subscription asks for, and whether what was matched is told: of all, and of each strategy.

    ``strategies`` are the only ones whose orders are told, ``None`` if all are.
    """

    with_position: bool = True
    by_strategy: bool = False
    strategies: frozenset[str] | None = None


def bet_changes(before: CustomerBets | None, after: CustomerBets, projection: BetProjection) -> list[dict[str, Any]]:
    """Return what changed, or everything if there is no picture before, as entries of ``oc``."""
    found: list[dict[str, Any]] = []
    for market, bets in after.markets.items():
        known = None if before is None else before.markets.get(market)
        if bets is not known and (entry := _market(market, known, bets, projection)) is not None:
            found.append(entry)
    return found


def _market(
    market: MarketId, before: MarketBets | None, after: MarketBets, projection: BetProjection
) -> dict[str, Any] | None:
    runners: list[dict[str, Any]] = []
    for number, bets in after.runners.items():
        known = None if before is None else before.runners.get(number)
        if bets is not known:
            row = _runner(known, bets, after.currency, projection)
            if row:
                runners.append({"id": number, **({"fullImage": True} if known is None else {}), **row})
    closes = after.is_closed and (before is None or not before.is_closed)
    if not runners and not closes:
        return None
    entry: dict[str, Any] = {"id": format_market(market)}
    if before is None:
        entry["fullImage"] = True
    if closes:
        entry["closed"] = True
    if runners:
        entry["orc"] = runners
    return entry


def _runner(
    before: RunnerBets | None, after: RunnerBets, currency: Currency, projection: BetProjection
) -> dict[str, Any]:
    known, row = before or _NOTHING, dict[str, Any]()
    bets = [
        _bet(bet, currency, is_void=after.is_void)
        for number, bet in after.bets.items()
        if (known.bets.get(number) is not bet or known.is_void != after.is_void)
        and (projection.strategies is None or (bet.order.strategy_ref or "") in projection.strategies)
    ]
    if bets:
        row["uo"] = bets
    was, now = _counting(known), _counting(after)
    if projection.with_position:
        row.update(_matches(_summed(was), _summed(now), currency))
    if projection.by_strategy:
        partitions: dict[str, Any] = {}
        for strategy in sorted({key[0] for key in (*was, *now)}):
            if projection.strategies is None or strategy in projection.strategies:
                changed = _matches(_summed(was, strategy), _summed(now, strategy), currency)
                if changed:
                    partitions[strategy] = changed
        if partitions:
            row["smc"] = partitions
    return row


def _counting(bets: RunnerBets) -> Matched:
    """Return the matched bets that count: of a runner that was removed, none."""
    return {} if bets.is_void else bets.matched


def _summed(matched: Matched, only: str | None = None) -> dict[tuple[Side, int], int]:
    """Return what was matched by side and odds, of one strategy if one is named."""
    sums: dict[tuple[Side, int], int] = {}
    for (strategy, side, odds), minor in matched.items():
        if only is None or strategy == only:
            sums[side, odds] = sums.get((side, odds), 0) + minor
    return sums


def _matches(
    before: Mapping[tuple[Side, int], int], after: Mapping[tuple[Side, int], int], currency: Currency
) -> dict[str, list[Row]]:
    """Return ``[price, size]`` of each price at which another amount is matched, by the name of the side."""
    rows: dict[str, list[Row]] = {}
    for key in sorted(before.keys() | after.keys()):
        minor = after.get(key, 0)
        if before.get(key, 0) != minor:
            rows.setdefault(_MATCHED[key[0]], []).append([price_of(key[1]), size_of(minor, currency)])
    return rows


def _bet(bet: BetPicture, currency: Currency, *, is_void: bool) -> dict[str, Any]:
    """Return an order as an entry of ``uo``."""
    order = bet.order
    voided_minor = order.matched_minor if is_void else 0
    row: dict[str, Any] = {
        "id": format_bet(order.id),
        "p": price_of(order.odds),
        "s": size_of(order.stake_minor, currency),
        "side": _SIDES[order.side],
        "status": "E" if order.remaining_minor else "EC",
        "pt": _PERSISTENCES[order.persistence],
        "ot": "L",
        "pd": milliseconds(order.placed_at),
        "sm": size_of(order.matched_minor - voided_minor, currency),
        "sr": size_of(order.remaining_minor, currency),
        "sl": size_of(order.lapsed_minor, currency),
        "sc": size_of(order.cancelled_minor, currency),
        "sv": size_of(voided_minor, currency),
        "rfo": order.client_ref or "",
        "rfs": order.strategy_ref or "",
    }
    if order.matched_minor:
        row["avp"] = average_price(order.matched_value_cents, order.matched_minor)
    for name, at in (("md", bet.matched_at), ("cd", bet.cancelled_at), ("ld", bet.lapsed_at)):
        if at is not None:
            row[name] = milliseconds(at)
    return row
