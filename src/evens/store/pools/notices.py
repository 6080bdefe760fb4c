"""Notices of rounds: which follow from a receipt."""

import json
from collections.abc import Iterator
from typing import Final

from evens.core.events.pools import RoundDecided, RoundLocked, RoundOpened
from evens.core.receipts import Receipt
from evens.core.values.moments import format_time
from evens.core.values.pools import RoundResult
from evens.store.wallets.notices import Notice, Topic

TOPICS: Final = frozenset(
    {Topic.ROUND_OPENED, Topic.ROUND_LOCKED, Topic.ROUND_SETTLED, Topic.ROUND_VOID, Topic.ROUND_CORRECTED}
)

_Data = dict[str, str | None]


def round_notices(receipt: Receipt, wanted: frozenset[Topic]) -> Iterator[Notice]:
    """Yield the notices of rounds on ``wanted`` topics that follow from the receipt's events, in their order."""
    if wanted.isdisjoint(TOPICS):
        return
    for event in receipt.events:
        if isinstance(event, RoundOpened):
            topic, data = Topic.ROUND_OPENED, _opened(event)
        elif isinstance(event, RoundLocked):
            topic, data = Topic.ROUND_LOCKED, _locked(event)
        elif isinstance(event, RoundDecided):
            topic, data = _decided(event)
        else:
            continue
        if topic in wanted:
            yield topic, json.dumps({**data, "at": format_time(receipt.at)}, separators=(",", ":"))


def _opened(event: RoundOpened) -> _Data:
    return {
        "pool": event.pool_key,
        "code": event.code,
        "locks_at": format_time(event.locks_at),
        "settles_at": format_time(event.settles_at),
    }


def _locked(event: RoundLocked) -> _Data:
    return {"pool": event.pool_key, "code": event.code, "commitment": event.commitment}


def _decided(event: RoundDecided) -> tuple[Topic, _Data]:
    """Return the result; one that replaces another is a correction, also if it is void."""
    said = json.loads(event.evidence)
    data: _Data = {
        "pool": event.pool_key,
        "code": event.code,
        "result": event.result.name.lower(),
        "void_reason": event.reason,
        "reference_price": said.get("reference"),
        "closing_price": said.get("price"),
    }
    if event.settlement > 1:
        return Topic.ROUND_CORRECTED, data
    return (Topic.ROUND_VOID if event.result is RoundResult.VOID else Topic.ROUND_SETTLED), data
