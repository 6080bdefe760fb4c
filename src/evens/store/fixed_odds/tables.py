"""The sportsbook's tables, and the SQL functions that write them."""

from typing import Final

from evens.core.values.fixed_odds import FixtureStage, FixtureStatus
from evens.store.encoding.tables import Table, Write, change, insertion, patch

FIXTURES: Final = Table(
    "fixtures",
    columns={
        "id": "bigint",
        "source": "text",
        "key": "text",
        "version": "bigint",
        "title": "text",
        "sport": "text",
        "competition": "text",
        "starts_at": "bigint",
        "deadline": "bigint",
        "suspended": "boolean",
        "published_at": "bigint",
        "held": "boolean",
        "status": "smallint",
        "decided_at": "bigint",
        "archived": "boolean",
    },
    key=("id",),
    initial={"held": False, "status": FixtureStatus.NEW, "decided_at": None, "archived": False},
)
FIXTURE_MARKETS: Final = Table(
    "fixture_markets",
    columns={
        "fixture": "bigint",
        "key": "text",
        "name": "text",
        "winners": "integer",
        "related_group": "text",
        "suspended": "boolean",
        "since": "bigint",
        "stage": "smallint",
        "settlement": "integer",
        "results": "jsonb",
        "removals": "jsonb",
        "cancelled": "jsonb",
        "contradicted": "boolean",
        "ruled": "bigint",
    },
    key=("fixture", "key"),
    initial={
        "stage": FixtureStage.NOTHING,
        "settlement": 0,
        "results": "[]",
        "removals": "[]",
        "cancelled": "[]",
        "contradicted": False,
        "ruled": None,
    },
)
SELECTIONS: Final = Table(
    "selections",
    columns={
        "fixture": "bigint",
        "market": "text",
        "key": "text",
        "name": "text",
        "odds": "integer",
        "suspended": "boolean",
        "since": "bigint",
    },
    key=("fixture", "market", "key"),
)
MARKET_RESULTS: Final = Table(
    "market_results",
    columns={
        "fixture": "bigint",
        "market": "text",
        "settlement": "integer",
        "results": "jsonb",
        "decided_at": "bigint",
    },
    key=("fixture", "market", "settlement"),
)
CONFLICTS: Final = Table(
    "conflicts",
    columns={"id": "bigint", "fixture": "bigint", "market": "text", "results": "jsonb"},
    key=("id",),
)
BETS: Final = Table(
    "bets",
    columns={
        "id": "bigint",
        "customer": "bigint",
        "currency_number": "smallint",
        "stake": "bigint",
        "fixture": "bigint",
        "market": "text",
        "selection": "text",
        "odds": "integer",
        "reserved": "bigint",
        "placed_at": "bigint",
        "ended": "smallint",
        "returned": "bigint",
        "ended_at": "bigint",
        "settlement": "integer",
    },
    key=("id",),
    initial={"ended": None, "returned": None, "ended_at": None, "settlement": 0},
)
"""A single has its leg in its own row. What a result returns for singles is in no column: it is worked out."""
BET_LEGS: Final = Table(
    "bet_legs",
    columns={
        "bet": "bigint",
        "place": "smallint",
        "fixture": "bigint",
        "market": "text",
        "selection": "text",
        "odds": "integer",
    },
    key=("bet", "place"),
)
SINGLES_SETTLED: Final = Table(
    "singles_settled",
    columns={
        "fixture": "bigint",
        "market": "text",
        "settlement": "integer",
        "customer": "bigint",
        "currency_number": "smallint",
        "staked": "bigint",
        "returned": "bigint",
        "settled_at": "bigint",
    },
    key=("fixture", "market", "settlement", "customer", "currency_number"),
)
BOOK_LIMITS: Final = Table(
    "book_limits",
    columns={
        "currency_number": "smallint",
        "min_stake": "bigint",
        "max_stake": "bigint",
        "max_payout": "bigint",
        "max_event_liability": "bigint",
        "cash_out_margin_bps": "integer",
    },
    key=("currency_number",),
)
STAKE_FACTORS: Final = Table("stake_factors", columns={"customer": "bigint", "percent": "integer"}, key=("customer",))
LINE_SOURCES: Final = Table("line_sources", columns={"source": "text", "silent": "boolean"}, key=("source",))

PUBLISH_FIXTURES: Final = insertion("publish_fixtures", FIXTURES)
CHANGE_FIXTURES: Final = patch("change_fixtures", FIXTURES)
PUBLISH_MARKETS: Final = Write(
    "publish_markets",
    FIXTURE_MARKETS,
    {
        **{name: FIXTURE_MARKETS.columns[name] for name in FIXTURE_MARKETS.inserted},
        "selections": "text",
    },
    also=(SELECTIONS,),
)
"""Makes markets, or changes those that are there; ``selections`` is a JSON array of key, name, odds, suspended."""
CHANGE_MARKETS: Final = patch("change_fixture_markets", FIXTURE_MARKETS)
"""Beside columns, a change may have ``removed``, ``voided`` or ``restored``: see the function."""
DECIDE_MARKETS: Final = insertion("decide_markets", MARKET_RESULTS)
POST_CONFLICTS: Final = insertion("post_conflicts", CONFLICTS)
PLACE_BETS: Final = insertion("place_bets", BETS)
PLACE_LEGS: Final = insertion("place_legs", BET_LEGS)
CHANGE_BETS: Final = change("change_bets", BETS, "reserved", "ended", "returned", "ended_at", "settlement")
SETTLE_SINGLES: Final = insertion("settle_singles", SINGLES_SETTLED)
SET_BOOK_LIMITS: Final = insertion("set_book_limits", BOOK_LIMITS)
SET_STAKE_FACTORS: Final = insertion("set_stake_factors", STAKE_FACTORS)
HEAR_SOURCES: Final = insertion("hear_sources", LINE_SOURCES)

WRITES: Final = (
    PUBLISH_FIXTURES,
    CHANGE_FIXTURES,
    PUBLISH_MARKETS,
    CHANGE_MARKETS,
    DECIDE_MARKETS,
    POST_CONFLICTS,
    PLACE_BETS,
    PLACE_LEGS,
    CHANGE_BETS,
    SETTLE_SINGLES,
    SET_BOOK_LIMITS,
    SET_STAKE_FACTORS,
    HEAR_SOURCES,
)
"""In the order in which a batch runs them."""
