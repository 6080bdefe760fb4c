"""Quotes that follow a recording, against naive orders: afterwards the book is the wanted one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.betting import Side
from evens.edges.cli.exchange.recording import Place, Recording, RecordingInvalid, requote

PLACES = st.tuples(st.integers(1, 2), st.sampled_from(list(Side)), st.sampled_from([150, 200, 250]))
BOOKS = st.dictionaries(PLACES, st.integers(1, 50))


@given(BOOKS, BOOKS, st.integers(1, 10))
def test_orders_become_what_is_wanted(orders: dict[Place, int], wanted: dict[Place, int], least_minor: int) -> None:
    waiting = {str(place): minor for place, minor in orders.items()}
    quotes = requote({place: (str(place), minor) for place, minor in orders.items()}, wanted, least_minor=least_minor)
    for order, by_minor in quotes.reductions.items():
        assert 0 < by_minor <= waiting[order]
        waiting[order] -= by_minor
    for place, minor in quotes.missing.items():
        assert not waiting.get(str(place))
        waiting[str(place)] = minor
    left = {order: minor for order, minor in waiting.items() if minor}
    assert left == {str(place): minor for place, minor in wanted.items() if minor >= least_minor}
    assert requote({place: (str(place), minor) for place, minor in wanted.items()}, wanted).reductions == {}


def line(**entry: Any) -> bytes:
    """Return a message with one entry."""
    return json.dumps({"op": "mcm", "pt": 1_000, "clk": "1", "mc": [{"id": "1.5", **entry}]}).encode()


def test_a_recording_has_runners_in_their_order_and_prices_in_hundredths() -> None:
    recording = Recording()
    runners = [{"id": 70 - 30 * place, "sortPriority": 2 - place, "status": "ACTIVE"} for place in (0, 1)]
    definition = {"marketTime": "2030-01-01T12:00:00.000Z", "status": "OPEN", "inPlay": False, "numberOfWinners": 1}
    recording.take(
        line(
            marketDefinition=definition | {"runners": runners}, rc=[{"id": 70, "atb": [[1.29, 0.18]], "atl": [[2, 3]]}]
        )
    )
    assert (recording.market, recording.at_ms, recording.runners) == ("1.5", 1_000, [40, 70])
    assert recording.waiting == {(2, Side.LAY, 129): 18, (2, Side.BACK, 200): 300}
    recording.take(line(rc=[{"id": 70, "atb": [[1.29, 0]], "batb": [[0, 1.5, 2]]}]))
    assert recording.waiting == {(2, Side.BACK, 200): 300}
    recording.take(line(img=True, rc=[{"id": 40, "atb": [[3, 1]]}]))
    assert recording.waiting == {(1, Side.LAY, 300): 100}


@pytest.mark.parametrize("text", [b"{", b"[]", b"7", b'{"mc":[]}', line(rc=[{"id": 3}]), line(rc=7)])
def test_what_is_no_recording_is_refused(text: bytes) -> None:
    with pytest.raises(RecordingInvalid):
        Recording().take(text)
