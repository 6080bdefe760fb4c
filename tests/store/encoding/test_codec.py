"""Journal payloads: everything that can be asked or can happen survives the way to the disk and back."""

import dataclasses
import typing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evens.core.commands.challenges import DISPUTE_WINDOW_MS_MAX, RESOLVE_WITHIN_MS_MAX, OfferChallenge
from evens.core.commands.every import Command
from evens.core.commands.exchange import AdmitOrders, PlaceOrder
from evens.core.commands.fixed_odds import SetBookLimits, WantedLeg
from evens.core.commands.following import FollowLeader
from evens.core.commands.pools import OpenRound
from evens.core.commands.wallets import Transfer
from evens.core.events.challenges import BookedChallenge, ChallengeOffered, ChallengeSettled
from evens.core.events.every import Event
from evens.core.events.fixed_odds import BetPlaced, BookedAccumulator
from evens.core.events.ledger import Note, TransferKind, Transferred
from evens.core.values.betting import (
    BookedPosition,
    Cause,
    ChallengeStatus,
    MarketStatus,
    MarketTerms,
    Outcome,
    Persistence,
    ReductionRule,
    Side,
    Stage,
    TimeInForce,
)
from evens.core.values.deposit_limits import DepositLimit, GrossDeposits
from evens.core.values.fixed_odds import (
    Acceptance,
    BetEnd,
    BetLeg,
    BookedSingles,
    FixtureStage,
    FixtureStatus,
    LegResult,
    Line,
    LineMarket,
    LineSelection,
    OpenSingle,
    SelectionResult,
)
from evens.core.values.following import (
    PERFORMANCE_FEE_BPS_MAX,
    SLIPPAGE_TICKS_MAX,
    FollowMode,
    FollowStatus,
    FollowTerms,
    SkippedBets,
    SkipReason,
)
from evens.core.values.ids import (
    BetId,
    ChallengeId,
    CustomerId,
    FixtureId,
    FollowId,
    MarketId,
    MatchId,
    OrderId,
    PoolBetId,
    PoolId,
    RoundId,
    RunnerId,
    TransferId,
)
from evens.core.values.odds import BPS_UNIT, CLASSIC, FINEST, ODDS_MAX, ODDS_MIN
from evens.core.values.pools import (
    ArchivedRound,
    BookedStakes,
    PoolSide,
    PoolTerms,
    RoundResult,
    RoundStage,
    RoundStatus,
)
from evens.core.values.reasons import Reason
from evens.core.values.records import RecordProduct
from evens.store.encoding.codec import PayloadUnreadable, decode, decode_command, encode
from evens.store.encoding.command_tags import COMMAND_TAGS
from evens.store.encoding.event_tags import EVENT_TAGS, REASONS

_COMMANDS: tuple[type[Any], ...] = typing.get_args(Command)
_EVENTS: tuple[type[Any], ...] = typing.get_args(Event)

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_INTEGERS = st.integers(-(2**63), 2**63 - 1)
_FACTS = st.lists(st.tuples(_TEXT, _INTEGERS | _TEXT), max_size=3).map(tuple)

_NAMES = st.lists(_TEXT, min_size=3, max_size=5, unique=True).map(tuple)
_TERMS = st.builds(
    MarketTerms,
    name=_TEXT,
    runners=_NAMES,
    winners=st.integers(1, 2),
    starts_at=_INTEGERS,
    min_stake_minor=st.integers(1, 2**40),
    commission_bps=st.integers(0, BPS_UNIT),
    bet_delay_ms=st.integers(0, 10_000),
    event=st.none() | _TEXT,
    ladder=st.sampled_from([CLASSIC, FINEST]),
    winners_min=st.none() | st.integers(0, 1),
    reductions=st.just(ReductionRule.BET),
    cover_removals=st.booleans(),
).flatmap(
    lambda terms: st.sampled_from(
        [
            terms,
            dataclasses.replace(terms, cover_removals=True, every_reduction=True),
            dataclasses.replace(terms, cover_removals=False, winners=1, winners_min=None, cross_matching=True),
        ]
    )
)

_IDS = (
    CustomerId,
    MarketId,
    RunnerId,
    OrderId,
    ChallengeId,
    FixtureId,
    BetId,
    TransferId,
    MatchId,
    PoolId,
    RoundId,
    PoolBetId,
    FollowId,
)

_PARTS_OF_BETS = (
    SelectionResult,
    LineMarket,
    LineSelection,
    BetLeg,
    OpenSingle,
    BookedSingles,
    BookedAccumulator,
    WantedLeg,
    BookedStakes,
    SkippedBets,
)


def _several(kind: type) -> st.SearchStrategy[Any]:
    return st.deferred(lambda: st.lists(_instances(kind), min_size=1, max_size=3).map(tuple))


_FIELDS: dict[Any, st.SearchStrategy[Any]] = {
    int: _INTEGERS,
    **dict.fromkeys(_IDS, _INTEGERS),
    **{kind | None: st.none() | _INTEGERS for kind in _IDS},
    str: _TEXT,
    bool: st.booleans(),
    int | None: st.none() | _INTEGERS,
    str | None: st.none() | _TEXT,
    Reason: st.sampled_from(list(REASONS.values())),
    Reason | None: st.none() | st.sampled_from(list(REASONS.values())),
    **{
        kind: st.sampled_from(kind)
        for kind in (
            TransferKind,
            Side,
            TimeInForce,
            Persistence,
            Cause,
            MarketStatus,
            Stage,
            ChallengeStatus,
            Outcome,
            FixtureStatus,
            FixtureStage,
            BetEnd,
            LegResult,
            Acceptance,
            PoolSide,
            RoundResult,
            RoundStage,
            RoundStatus,
            FollowStatus,
            RecordProduct,
            SkipReason,
        )
    },
    Line: st.deferred(lambda: _instances(Line)),
    PoolTerms: st.builds(
        PoolTerms,
        name=_TEXT,
        symbol=_TEXT,
        fee_bps=st.integers(0, BPS_UNIT),
        min_stake_minor=st.integers(1, 5),
        max_stake_minor=st.none() | st.integers(5, 2**62),
        running=_TEXT,
    ),
    tuple[tuple[PoolBetId, int, PoolSide], ...]: st.lists(
        st.tuples(_INTEGERS, _INTEGERS, st.sampled_from(PoolSide)), max_size=3
    ).map(tuple),
    ArchivedRound: st.deferred(lambda: _instances(ArchivedRound)),
    tuple[int, int, int]: st.tuples(*[_INTEGERS] * 3),
    tuple[tuple[int, int], tuple[int, int]]: st.tuples(*[st.tuples(_INTEGERS, _INTEGERS)] * 2),
    BetLeg | None: st.deferred(lambda: st.none() | _instances(BetLeg)),
    tuple[BetId, ...]: st.lists(_INTEGERS, max_size=3).map(tuple),
    tuple[RecordProduct, ...]: st.lists(st.sampled_from(RecordProduct), max_size=3).map(tuple),
    tuple[tuple[int, tuple[int, int]], ...]: st.lists(
        st.tuples(_INTEGERS, st.tuples(_INTEGERS, _INTEGERS)), max_size=3
    ).map(tuple),
    BetPlaced: st.deferred(lambda: _instances(BetPlaced)),
    **{tuple[kind, ...]: _several(kind) for kind in _PARTS_OF_BETS},
    MarketTerms: _TERMS,
    tuple[int, ...]: st.lists(_INTEGERS, max_size=3).map(tuple),
    tuple[str, ...]: st.lists(_TEXT, max_size=3).map(tuple),
    tuple[str, ...] | None: st.none() | st.lists(_TEXT, max_size=3).map(tuple),
    tuple[RunnerId, ...]: st.lists(_INTEGERS, max_size=3).map(tuple),
    tuple[tuple[RunnerId, int], ...]: st.lists(st.tuples(_INTEGERS, _INTEGERS), max_size=3).map(tuple),
    tuple[tuple[Stage, RunnerId, int], ...]: st.lists(
        st.tuples(st.sampled_from(list(Stage)), _INTEGERS, _INTEGERS), max_size=3
    ).map(tuple),
    tuple[tuple[RunnerId, int, int], ...]: st.lists(st.tuples(*[_INTEGERS] * 3), max_size=3).map(tuple),
    tuple[tuple[str, int | str], ...]: _FACTS,
    tuple[BookedPosition, ...]: st.deferred(lambda: st.lists(_instances(BookedPosition), max_size=3).map(tuple)),
    tuple[BookedChallenge, ...]: st.deferred(lambda: st.lists(_instances(BookedChallenge), max_size=3).map(tuple)),
    ChallengeOffered: st.deferred(lambda: _instances(ChallengeOffered)),
    ChallengeSettled: st.deferred(lambda: _instances(ChallengeSettled)),
    tuple[DepositLimit, ...]: st.lists(
        st.builds(DepositLimit, *[st.none() | _INTEGERS] * 3), min_size=3, max_size=3
    ).map(tuple),
    GrossDeposits | None: st.none() | st.builds(GrossDeposits, *[_INTEGERS] * 4),
    FollowTerms: st.builds(
        FollowTerms,
        mode=st.just(FollowMode.FIXED),
        stake_minor=st.integers(1, 2**62),
        ratio_ppm=st.none(),
        allocation_minor=st.integers(1, 2**62),
        per_bet_cap_minor=st.integers(1, 2**62),
        daily_cap_minor=st.integers(1, 2**62),
        max_slippage_ticks=st.integers(0, SLIPPAGE_TICKS_MAX),
        min_odds=st.none() | st.integers(ODDS_MIN, ODDS_MAX),
        products=st.just((RecordProduct.EXCHANGE, RecordProduct.POOLS)),
        stop_loss_percent=st.none() | st.integers(1, 99),
        markets=st.sets(st.integers(1, 2**49), max_size=3).map(lambda places: tuple(sorted(places))),
    ),
    Note | None: st.none() | st.builds(Note, *[st.none() | _TEXT] * 3),
    tuple[Transfer, ...]: st.deferred(lambda: st.lists(_instances(Transfer), min_size=1, max_size=3).map(tuple)),
}


_BY_RUNNER = st.tuples(_INTEGERS.map(MarketId), _INTEGERS.map(RunnerId), st.none())
_BY_RESOLVER = st.tuples(st.none(), st.none(), _INTEGERS.map(CustomerId))


@st.composite
def _offers(draw: st.DrawFn) -> OfferChallenge:
    return OfferChallenge(
        CustomerId(draw(_INTEGERS)),
        draw(_TEXT),
        draw(st.sampled_from(Side)),
        draw(st.integers(ODDS_MIN, ODDS_MAX)),
        draw(_INTEGERS),
        draw(_TEXT),
        draw(_INTEGERS),
        draw(st.booleans()),
        *draw(_BY_RUNNER | _BY_RESOLVER),
        fee_bps=draw(st.integers(0, BPS_UNIT)),
        dispute_window_ms=draw(st.integers(0, DISPUTE_WINDOW_MS_MAX)),
        resolve_within_ms=draw(st.just(0) | st.integers(0, RESOLVE_WITHIN_MS_MAX)),
        challenges_max=draw(_INTEGERS),
        related=draw(st.booleans()),
    )


_BOOK_LIMITS = st.builds(
    SetBookLimits,
    _TEXT,
    st.integers(1, 2**63 - 1),
    *[st.none() | _INTEGERS] * 3,
    st.integers(0, BPS_UNIT),
)


_OPENED = st.tuples(_INTEGERS, _INTEGERS).flatmap(
    lambda times: st.builds(OpenRound, st.integers(0, 2**63 - 1), _TEXT, st.just(min(times)), st.just(max(times)))
)
"""A round settles when it is locked or later."""


_ADMITTED = st.deferred(
    lambda: st.lists(_instances(PlaceOrder), min_size=1, max_size=3).map(
        lambda orders: AdmitOrders(
            tuple(
                [dataclasses.replace(order, customer=orders[0].customer, market=orders[0].market) for order in orders]
            )
        )
    )
)


_FOLLOWED = st.builds(
    FollowLeader, _INTEGERS, _INTEGERS, _TEXT, _FIELDS[FollowTerms], st.integers(0, PERFORMANCE_FEE_BPS_MAX)
)


def _instances(kind: type[Any]) -> st.SearchStrategy[Any]:
    if kind is OfferChallenge:
        return _offers()
    if kind is SetBookLimits:
        return _BOOK_LIMITS
    if kind is OpenRound:
        return _OPENED
    if kind is AdmitOrders:
        return _ADMITTED
    if kind is FollowLeader:
        return _FOLLOWED
    hints = typing.get_type_hints(kind)
    return st.builds(kind, *[_FIELDS[hints[field.name]] for field in dataclasses.fields(kind)])


@settings(max_examples=25)
@given(data=st.data(), actor=_TEXT)
@pytest.mark.parametrize("kind", [*_COMMANDS, *_EVENTS])
def test_everything_comes_back_as_it_was(kind: type[Any], data: st.DataObject, actor: str) -> None:
    value = data.draw(_instances(kind))
    is_command = kind in _COMMANDS
    command = value if is_command else Transfer(CustomerId(1), CustomerId(2), "USD", 1)
    events = () if is_command else (value, value)

    decoded = decode(encode(actor, command, events))

    assert decoded == (actor, command, events)
    # Some fields are no part of what two commands are compared by, and must come back all the same.
    assert dataclasses.astuple(decoded[1]) == dataclasses.astuple(command)
    assert [type(event) for event in decoded[2]] == [type(event) for event in events]
    assert dataclasses.astuple(decode_command(encode(actor, command, events))) == dataclasses.astuple(command)


def test_every_command_and_event_has_its_own_number() -> None:
    assert set(COMMAND_TAGS) == set(_COMMANDS)
    assert set(EVENT_TAGS) == set(_EVENTS)
    assert len(set(COMMAND_TAGS.values())) == len(COMMAND_TAGS)
    assert len(set(EVENT_TAGS.values())) == len(EVENT_TAGS)


_FIRST_VERSION = bytes.fromhex(
    "93b06f70657261746f723a64656661756c74970a0506a3555344cd04e2c0a56c756e6368919a07cf187990db25"
    "e1000003ce00014010ce00018010cd04e2cd222ecd04e2cf187990db25e1000093c0a56c756e6368c0"
)
"""A payload of the first version, written down when the format was; such payloads are in journals for ever."""


def test_a_payload_of_the_first_version_can_still_be_read() -> None:
    moment = 1_763_600_000_000_000_000
    amounts = 81_936, 98_320, 1_250, 8_750, 1_250

    actor, command, events = decode(_FIRST_VERSION)

    assert actor == "operator:default"
    assert command == Transfer(CustomerId(5), CustomerId(6), "USD", 1_250, None, "lunch")
    assert events == (Transferred(TransferId(moment), TransferKind.TRANSFER, *amounts, moment, Note(memo="lunch")),)
    assert encode(actor, command, events) == _FIRST_VERSION


_UNKNOWN_NUMBER = b"\x93\xa1x\x91\x63\x90"
_TOO_FEW_FIELDS = b"\x93\xa1x\x91\x0a\x90"


@pytest.mark.parametrize("payload", [b"", b"\x93", b"\x90", b"\xff" * 9, _UNKNOWN_NUMBER, _TOO_FEW_FIELDS])
def test_damage_is_told_from_data(payload: bytes) -> None:
    for read in (decode, decode_command):
        with pytest.raises(PayloadUnreadable):
            read(payload)
