"""Rows of follows as values of the core, and back."""

from typing import TYPE_CHECKING, Any

from evens.core.values.following import FollowMode, FollowTerms
from evens.core.values.records import RecordProduct

if TYPE_CHECKING:
    import asyncpg


def read_terms(row: "asyncpg.Record") -> FollowTerms:
    """Return a follow's terms."""
    products, markets = read_limited_to(row)
    return FollowTerms(
        FollowMode(row["mode"]),
        row["stake"],
        row["ratio_ppm"],
        row["allocation"],
        row["per_bet_cap"],
        row["daily_cap"],
        row["max_slippage_ticks"],
        row["min_odds"],
        products,
        row["stop_loss_percent"],
        markets,
    )


def read_limited_to(row: "asyncpg.Record") -> tuple[tuple[RecordProduct, ...], tuple[int, ...]]:
    """Return the products and markets to which a follow is limited."""
    products = tuple([RecordProduct(int(number)) for number in row["products"].split()])
    return products, tuple([int(number) for number in row["markets"].split()])


def terms_columns(terms: FollowTerms) -> dict[str, Any]:
    """Return a follow's terms by column."""
    return {
        "mode": terms.mode,
        "stake": terms.stake_minor,
        "ratio_ppm": terms.ratio_ppm,
        "allocation": terms.allocation_minor,
        "per_bet_cap": terms.per_bet_cap_minor,
        "daily_cap": terms.daily_cap_minor,
        "max_slippage_ticks": terms.max_slippage_ticks,
        "min_odds": terms.min_odds,
        "products": " ".join([str(int(product)) for product in terms.products]),
        "stop_loss_percent": terms.stop_loss_percent,
        "markets": " ".join([str(place) for place in terms.markets]),
    }
