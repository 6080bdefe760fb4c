"""Clients' requests, parsed strictly: an error names the field that is unknown, missing or wrong.

A field of ``null`` is one that was not given. Fields that Betfair has and that select nothing here are taken and
checked.
"""

from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from evens.edges.betfair.stream.bet_rows import BetProjection
from evens.edges.betfair.stream.price_rows import LADDER_LEVELS, LADDER_LEVELS_MAX, Field, Projection
from evens.edges.betfair.stream.statuses import Code, RequestFailed

CONFLATE_MS_MAX: Final = 120_000
HEARTBEAT_MS: Final = 5_000
HEARTBEAT_MS_MIN: Final = 500
HEARTBEAT_MS_MAX: Final = 5_000
NAMES_MAX: Final = 1_000

_Name = Annotated[str, Meta(max_length=100)]
_Names = Annotated[list[_Name], Meta(max_length=NAMES_MAX)] | None
_Id = int | Annotated[str, Meta(max_length=100)] | None
_Text = Annotated[str, Meta(max_length=1_000)] | None


class MarketFilter(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """Which markets: those that fit every list and every word that was given."""

    market_ids: _Names = None
    event_ids: _Names = None
    event_type_ids: _Names = None
    market_types: _Names = None
    country_codes: _Names = None
    venues: _Names = None
    betting_types: _Names = None
    race_types: _Names = None
    bet_delay_models: _Names = None
    turn_in_play_enabled: bool | None = None
    bsp_market: bool | None = None


class _DataFilter(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    fields: Annotated[list[Field], Meta(max_length=100)] | None = None
    ladder_levels: Annotated[int, Meta(ge=1, le=LADDER_LEVELS_MAX)] | None = None


class OrderFilter(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    """Which orders, and whether what was matched is told besides."""

    include_overall_position: bool | None = None
    partition_matched_by_strategy_ref: bool | None = None
    customer_strategy_refs: _Names = None
    account_ids: None = None


class Authentication(
    Struct, rename="camel", forbid_unknown_fields=True, frozen=True, tag_field="op", tag="authentication"
):
    """Say who the client is: by the token of a session, or by an API key."""

    id: _Id = None
    app_key: _Text = None
    session: _Text = None


class Heartbeat(Struct, forbid_unknown_fields=True, frozen=True, tag_field="op", tag="heartbeat"):
    """Ask for a sign of life."""

    id: _Id = None


class _Subscription(Struct, rename="camel", forbid_unknown_fields=True, frozen=True):
    id: _Id = None
    initial_clk: _Text = None
    clk: _Text = None
    conflate_ms: Annotated[int, Meta(ge=0, le=CONFLATE_MS_MAX)] | None = None
    heartbeat_ms: Annotated[int, Meta(ge=HEARTBEAT_MS_MIN, le=HEARTBEAT_MS_MAX)] | None = None
    segmentation_enabled: bool | None = None


class MarketSubscription(
    _Subscription, rename="camel", forbid_unknown_fields=True, frozen=True, tag_field="op", tag="marketSubscription"
):
    """Follow the prices of markets."""

    market_filter: MarketFilter | None = None
    market_data_filter: _DataFilter | None = None

    @property
    def projection(self) -> Projection:
        """What to tell of each market."""
        chosen = self.market_data_filter or _DataFilter()
        # No fields, or an empty list of them, is Betfair's way of asking for all.
        return Projection(frozenset(chosen.fields or Field), chosen.ladder_levels or LADDER_LEVELS)


class OrderSubscription(
    _Subscription, rename="camel", forbid_unknown_fields=True, frozen=True, tag_field="op", tag="orderSubscription"
):
    """Follow one's own orders."""

    order_filter: OrderFilter | None = None

    @property
    def projection(self) -> BetProjection:
        """What to tell of one's own bets."""
        chosen = self.order_filter or OrderFilter()
        refs = chosen.customer_strategy_refs
        return BetProjection(
            with_position=chosen.include_overall_position is not False,
            by_strategy=bool(chosen.partition_matched_by_strategy_ref),
            strategies=frozenset(refs) if refs else None,
        )


Subscription = MarketSubscription | OrderSubscription
Request = Authentication | Heartbeat | MarketSubscription | OrderSubscription

_decoder: Final = msgspec.json.Decoder(Request)


def read_request(text: bytes) -> Request:
    """Return what a line asks for. Raises :class:`RequestFailed`."""
    try:
        return _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise RequestFailed(Code.INVALID_INPUT, f"{error}; see docs/betfair-stream.md.", _id_in(text)) from error
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise RequestFailed(
            Code.INVALID_REQUEST, 'Send JSON objects such as {"op":"authentication",…}, each on a line that CRLF ends.'
        ) from error


class _Numbered(Struct):
    id: _Id = None


def _id_in(text: bytes) -> int | str | None:
    """Return the id of a request that is wrong otherwise, as far as it has one."""
    try:
        return msgspec.json.decode(text, type=_Numbered).id
    except msgspec.DecodeError:
        return None
