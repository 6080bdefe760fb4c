"""What subscribers hear of rounds, decided on real receipts of the kernel."""

import json
from typing import Any

from evens.core.commands.every import Command
from evens.core.commands.pools import LockRound, SettleRound, VoidRound
from evens.core.events.every import Event
from evens.core.events.pools import RoundOpened
from evens.core.receipts import Receipt
from evens.core.values.moments import format_time
from evens.core.values.pools import RoundResult
from evens.store.pools.notices import round_notices
from evens.store.wallets.notices import Topic
from tests.core.desk import NOON
from tests.core.pools.tote import Tote, open_tote

ALL = frozenset(Topic)


def _hear(events: tuple[Event, ...], command: Command, wanted: frozenset[Topic] = ALL) -> list[tuple[str, Any]]:
    receipt = Receipt(7, NOON, bytes(16), "rounds", command, events)
    return [(topic, json.loads(data)) for topic, data in round_notices(receipt, wanted)]


def _opened(tote: Tote, code: str) -> RoundOpened:
    opened = tote.open(code)
    ((topic, data),) = _hear((opened,), VoidRound(opened.round, ""))
    assert topic == "round.opened"
    assert data == {
        "pool": "nasdaq",
        "code": code,
        "locks_at": format_time(opened.locks_at),
        "settles_at": format_time(opened.settles_at),
        "at": format_time(NOON),
    }
    return opened


def test_a_round_is_heard_of_when_it_is_opened_locked_settled_and_corrected() -> None:
    tote = open_tote()
    opened = _opened(tote, "20250108")
    locked, locking = tote.house.pools.rounds[opened.round].link.hex(), LockRound(opened.round)
    ((topic, data),) = _hear(tuple(tote.do(locking)), locking)
    assert (topic, data["pool"], data["code"], data["commitment"]) == ("round.locked", "nasdaq", "20250108", locked)
    settling = SettleRound(opened.round, RoundResult.UP, '{"price":"2","reference":"1"}')
    ((topic, data),) = _hear(tuple(tote.do(settling)), settling)
    tote.work()
    assert topic == "round.settled"
    expected = {"pool": "nasdaq", "code": "20250108", "result": "up", "void_reason": None, "at": format_time(NOON)}
    assert data == {**expected, "reference_price": "1", "closing_price": "2"}
    tote.finish(SettleRound(opened.round, RoundResult.DOWN, correction=True))
    correcting = SettleRound(opened.round, RoundResult.VOID, correction=True)
    ((topic, data),) = _hear(tuple(tote.do(correcting)), correcting)
    assert (topic, data["result"]) == ("round.corrected", "void")


def test_an_open_round_that_is_void_is_locked_by_that_and_only_what_is_wanted_is_told() -> None:
    tote = open_tote()
    voiding = VoidRound(_opened(tote, "20250108").round, "closed")
    events = tuple(tote.do(voiding))
    assert [topic for topic, _ in _hear(events, voiding)] == ["round.locked", "round.void"]
    ((topic, data),) = _hear(events, voiding, frozenset({Topic.ROUND_VOID}))
    assert (topic, data["result"], data["void_reason"]) == ("round.void", "void", "closed")
    assert _hear(events, voiding, frozenset({Topic.ACCOUNT_FUNDED})) == []
