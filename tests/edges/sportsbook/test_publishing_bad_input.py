"""What cannot be published is refused with every field that is wrong, as it was written, and no provider is asked."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.edges.conftest import Caller, OpenHouse
from tests.edges.sportsbook.printing import ANN_BO, EVENTS, create, new_event, problem_of, reading
from tests.feeds.line.provider_stub import ProviderStub

pytestmark = pytest.mark.anyio

ODDS = ["1.00", "0.99", "1000.01", "2.123", "-2", "1e3", "２.00", "NaN", "", "two", 2.5, True, None]


@pytest.fixture
async def provider(house: OpenHouse) -> AsyncIterator[ProviderStub]:
    """A provider that a house reads and publishes at."""
    async with ProviderStub().serving() as provider, reading(house, main=f"evens+{provider.url}"):
        yield provider


def markets(*selections: Any, **more: Any) -> dict[str, Any]:
    """Return an event whose only market has these selections."""
    return new_event(markets=[{"name": "Match odds", "selections": list(selections), **more}])


def without(name: str) -> dict[str, Any]:
    """Return an event that lacks something."""
    return {key: value for key, value in new_event().items() if key != name}


ANN, BO = ANN_BO
FIRST = "markets[0].selections[0]"
SECOND = "markets[0].selections[1]"
NEW: list[tuple[dict[str, Any], str]] = [
    (without("title"), "title"),
    (without("deadline"), "deadline"),
    (without("markets"), "markets"),
    ({**new_event(), "coefficient": "1.50"}, "coefficient"),
    *[(new_event(title=text), "title") for text in ("", " ", "a\nb", "a\u00a0b", "a\u202eb", "x" * 301, 7, None)],
    *[(new_event(sport=text), "sport") for text in ("", "x" * 65, "a\tb")],
    (new_event(competition="x" * 301), "competition"),
    *[
        (new_event(deadline=time), "deadline")
        for time in ("2099-01-01", "2099-01-01T00:00:00", "2200-01-01T00:00:00Z", "1969-01-01T00:00:00Z", 4070908800)
    ],
    (new_event(starts_at="2117-01-01T00:00:00Z"), "starts_at"),
    *[(new_event(id=text), "id") for text in ("", "a/b", ".", "..", " a", "x" * 129, "a\u00a0b", 7)],
    (new_event(source=7), "source"),
    (new_event(source="nobody"), "source"),
    (new_event(markets=[]), "markets"),
    (new_event(markets=[{"name": f"M{each}", "selections": ANN_BO} for each in range(201)]), "markets"),
    (new_event(markets=[{"selections": ANN_BO}]), "markets[0].name"),
    (new_event(markets=[{"name": "A", "selections": ANN_BO}, {"name": "a", "selections": ANN_BO}]), "markets[1].name"),
    (
        new_event(markets=[{"name": name, "key": "k", "selections": ANN_BO} for name in ("A", "B")]),
        "markets[1].key",
    ),
    *[(markets(*ANN_BO, key=key), "markets[0].key") for key in ("", "a b", "é", "_a", "x" * 65, 7)],
    *[(markets(*ANN_BO, winners=number), "markets[0].winners") for number in (3, -1, 201, 1.5, "1", True)],
    (markets(*ANN_BO, related_group="x" * 65), "markets[0].related_group"),
    (markets(), "markets[0].selections"),
    (markets(*[{"name": f"S{each}", "odds": "2"} for each in range(201)]), "markets[0].selections"),
    (markets({"odds": "2.00"}), f"{FIRST}.name"),
    (markets({"name": "Ann"}), f"{FIRST}.odds"),
    *[(markets({"name": "Ann", "odds": odds}), f"{FIRST}.odds") for odds in ODDS],
    (markets({**ANN, "coefficient": "1.50"}), f"{FIRST}.coefficient"),
    (markets(ANN, {**BO, "name": "ANN"}), f"{SECOND}.name"),
    (markets({**ANN, "key": "a"}, {**BO, "key": "a"}), f"{SECOND}.key"),
    (markets(ANN, {**BO, "key": "b c"}), f"{SECOND}.key"),
]


async def test_a_new_event_that_cannot_be_is_refused_by_name(operator: Caller, provider: ProviderStub) -> None:
    for body, field in NEW:
        answer = await operator.post(EVENTS, body)
        assert problem_of(answer) == (422, "validation_failed"), (body, answer.text)
        assert [each["field"] for each in answer.json()["errors"]] == [field], body
    assert provider.written == []


def selection(**change: Any) -> dict[str, Any]:
    """Return a change of one selection."""
    return {"markets": [{"key": "main", "selections": [change]}]}


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({}, "body"),
    ({"title": None}, "body"),
    ({"title": " "}, "title"),
    ({"deadline": "tomorrow"}, "deadline"),
    ({"sport": "tennis"}, "sport"),
    ({"markets": []}, "markets"),
    ({"markets": [{"key": "main"}]}, "markets[0]"),
    ({"markets": [{"key": "main", "selections": []}]}, "markets[0].selections"),
    ({"markets": [{"suspended": True}]}, "markets[0].key"),
    ({"markets": [{"key": "corners", "suspended": True}]}, "markets[0].key"),
    ({"markets": [{"key": "main", "suspended": True}] * 2}, "markets[1].key"),
    ({"markets": [{"key": "main", "suspended": "yes"}]}, "markets[0].suspended"),
    (selection(key="ann"), FIRST),
    (selection(odds="2.00"), f"{FIRST}.key"),
    (selection(key="cleo", odds="2.00"), f"{FIRST}.key"),
    (selection(key="ann", name="Anna", odds="2.00"), f"{FIRST}.name"),
    (selection(key="ann", suspended=1), f"{FIRST}.suspended"),
    *[(selection(key="ann", odds=odds), f"{FIRST}.odds") for odds in ODDS if odds is not None],
    ({"markets": [{"key": "main", "selections": [{"key": "ann", "odds": "2"}] * 2}]}, f"{SECOND}.key"),
]


async def test_a_change_that_cannot_be_is_refused_by_name(operator: Caller, provider: ProviderStub) -> None:
    event = await create(operator)
    for body, field in CHANGES:
        answer = await operator.patch(f"{EVENTS}/{event['id']}", body)
        assert problem_of(answer) == (422, "validation_failed"), (body, answer.text)
        assert [each["field"] for each in answer.json()["errors"]] == [field], body
    assert len(provider.written) == 1
    answer = await operator.patch(f"{EVENTS}/nothing", {"title": "Ann"})
    assert problem_of(answer) == (404, "event_unknown")


async def test_every_field_that_is_wrong_is_named_and_what_the_event_has_is_told(
    operator: Caller, provider: ProviderStub
) -> None:
    event = await create(operator)
    body = {"markets": [{"key": "corners", "suspended": True}, {"key": "main", "selections": [{"key": "cleo"}]}]}
    answer = await operator.patch(f"{EVENTS}/{event['id']}", body)
    assert {each["field"]: each["message"] for each in answer.json()["errors"]} == {
        "markets[0].key": "is not a market of this event; it has main",
        "markets[1].selections[0].key": "is not a selection of the market main; it has ann, bo",
        "markets[1].selections[0]": "must say what is to be different: odds or suspended",
    }
