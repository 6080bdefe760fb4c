"""Publishing at an Evens line provider: what it answers is in the house at once, and no version is booked twice."""

import pytest
from prometheus_client import CollectorRegistry

from evens.core.commands.fixed_odds import HearSource, PublishLine
from evens.core.values.fixed_odds import (
    FixtureStatus,
    Line,
    LineChange,
    LineMarket,
    LineSelection,
    MarketChange,
    SelectionChange,
)
from evens.core.values.moments import parse_time
from evens.feeds.line.desk import LineDesk
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.sources.evens import EvensSource
from evens.feeds.line.sources.oddsapi import OddsApiSource
from evens.feeds.line.sources.source import IfTaken, LinePublisher, PublishNotAllowed, PublishRefused
from evens.feeds.line.sources.uof import UofSource
from evens.feeds.upstream import SourceAway, SourceFailed, Upstream
from tests.feeds.line.house_twin import HouseTwin
from tests.feeds.line.provider_stub import DEADLINE, ProviderStub, event, message
from tests.feeds.line.reading import Reading, reading

pytestmark = pytest.mark.anyio

MARKET = LineMarket("main", "Match odds", (LineSelection("ann", "Ann", 180), LineSelection("bo", "Bo", 210)))
LINE = Line("Ann v Bo", parse_time(DEADLINE), sport="tennis", markets=(MARKET,))
SHORTER = LineChange(markets=(MarketChange("main", (SelectionChange("ann", odds=150),)),))


def published(read: Reading) -> list[tuple[str, int]]:
    """Return the events that the house was asked to publish, each with its version."""
    return [(ask.key, ask.version) for ask in read.house.asked if isinstance(ask, PublishLine)]


async def test_an_event_that_is_created_is_in_the_house_at_once_and_heard_of_again_as_nothing_new() -> None:
    async with reading() as read:
        await read.pass_s(0)
        await read.feed.create("main", "m-1", LINE, "refuse")
        assert read.house.only().line == LINE
        (said,) = [said for _, said in read.provider.changes]
        await read.deliver(message("event_changed", said))
        await read.pass_s(4)
        await read.feed.refresh()
        await read.pass_s(70)
        assert published(read) == [("m-1", 1)]


async def test_a_change_is_in_the_house_at_once_and_heard_of_again_as_nothing_new() -> None:
    async with reading() as read:
        await read.pass_s(0)
        await read.feed.create("main", "m-1", LINE, "refuse")
        stopped = MarketChange("main", (SelectionChange("bo", suspended=True),), suspended=False)
        await read.feed.change("main", "m-1", LineChange(title="Ann v Bo (F)", markets=(stopped,)))
        await read.feed.change("main", "m-1", SHORTER)
        line = read.house.only().line
        assert line.title == "Ann v Bo (F)"
        assert [(each.key, each.odds, each.suspended) for each in line.markets[0].selections] == [
            ("ann", 150, False),
            ("bo", 210, True),
        ]
        for kind, said in read.provider.changes:
            await read.deliver(message(kind, said))
        await read.pass_s(70)
        assert published(read) == [("m-1", 1), ("m-1", 2), ("m-1", 3)]


async def test_what_happened_between_two_versions_is_read_before_a_change_is_taken() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        read.provider.say("event_finished", event(version=2, status="FINISHED", winner="home"))
        await read.pass_s(0)
        # Both come in the dark: nobody tells the house that its result was taken back.
        read.provider.say("event_finished", event(version=3, status="FINISHED", winner="home", title="Leeds"))
        read.provider.say("result_rolled_back", event(version=4))
        change = LineChange(markets=(MarketChange("main", (SelectionChange("home", odds=150),)),))
        await read.feed.change("main", "m-1", change)
        fixture = read.house.only()
        assert (fixture.status, fixture.results, fixture.version) == (FixtureStatus.NEW, {}, 5)
        assert fixture.line.markets[0].selections[0].odds == 150


async def test_an_id_that_is_taken_is_refused_unless_it_may_be_ours() -> None:
    async with reading() as read:
        await read.pass_s(0)
        await read.feed.create("main", "m-1", LINE, "refuse")
        other = Line("Ann v Cleo", LINE.deadline, markets=(MARKET,))
        attempts: list[tuple[Line, IfTaken]] = [(LINE, "refuse"), (other, "refuse"), (other, "same")]
        for line, if_taken in attempts:
            with pytest.raises(PublishRefused, match="There is an event m-1 already") as refused:
                await read.feed.create("main", "m-1", line, if_taken)
            assert (refused.value.status, refused.value.code) == (409, "event_exists")
        await read.feed.create("main", "m-1", LINE, "same")
        await read.feed.change("main", "m-1", SHORTER)
        with pytest.raises(PublishRefused):
            await read.feed.create("main", "m-1", LINE, "same")
        await read.feed.create("main", "m-1", LINE, "any")
        assert published(read) == [("m-1", 1), ("m-1", 2)]


async def test_an_event_whose_answer_was_lost_is_found_by_who_asks_again() -> None:
    async with reading() as read:
        await read.pass_s(0)
        read.provider.loses_answers = True
        with pytest.raises(SourceAway, match="could not be asked"):
            await read.feed.create("main", "m-1", LINE, "refuse")
        read.provider.loses_answers = False
        await read.feed.create("main", "m-1", LINE, "same")
        assert (len(read.provider.changes), published(read)) == (1, [("m-1", 1)])


async def test_a_refusal_is_told_in_our_words() -> None:
    async with reading() as read:
        await read.pass_s(0)
        await read.feed.create("main", "m-1", LINE, "refuse")
        wrong = {"field": "markets[0].selections[1].coefficient", "message": "must be from 0.01"}
        detail = "The request cannot be taken: markets[0].selections[1].coefficient must be from 0.01."
        read.provider.refusal = (
            "422 Unprocessable Content",
            {"code": "validation_failed", "detail": detail, "errors": [wrong]},
        )
        with pytest.raises(PublishRefused) as refused:
            await read.feed.change("main", "m-1", SHORTER)
        assert refused.value.errors == (("markets[0].selections[1].odds", "must be from 0.01"),)
        assert str(refused.value) == detail.replace("coefficient", "odds")
        read.provider.refusal = ("409 Conflict", {"nothing": "that is a problem document"})
        with pytest.raises(PublishRefused, match="did not say why"):
            await read.feed.change("main", "m-1", SHORTER)


@pytest.mark.parametrize("status", ["500 Internal Server Error", "503 Service Unavailable", "429 Too Many Requests"])
async def test_a_provider_in_trouble_is_away(status: str) -> None:
    async with reading() as read:
        await read.pass_s(0)
        read.provider.refusal = (status, {})
        with pytest.raises(SourceAway, match=f"answered {status[:3]} to POST /events"):
            await read.feed.create("main", "m-1", LINE, "refuse")


async def test_an_address_that_is_no_line_provider_has_failed() -> None:
    async with reading() as read:
        await read.pass_s(0)
        read.provider.refusal = ("404 Not Found", {"code": "not_found"})
        with pytest.raises(SourceFailed, match="is it an Evens line provider"):
            await read.feed.create("main", "m-1", LINE, "refuse")


async def test_nothing_is_published_by_a_server_that_stands_by() -> None:
    async with reading() as read:
        await read.pass_s(0)
        read.house.is_open = False
        with pytest.raises(SourceAway, match="stands by"):
            await read.feed.create("main", "m-1", LINE, "refuse")
        assert read.provider.written == []
        assert read.house.asked == [HearSource("main", silent=False)]


async def test_a_provider_without_a_key_or_with_a_wrong_one_is_only_read() -> None:
    house = HouseTwin()
    desk = LineDesk(house, house, LineMetrics(CollectorRegistry()))

    def lost() -> str:
        raise ValueError("/run/line is empty")

    async with ProviderStub().serving() as provider:
        upstream = Upstream(provider.url)
        for read_key, why in ((lost, "has no key here: /run/line is empty"), (lambda: "old", "does not take the key")):
            source = EvensSource("main", upstream, desk, house, "http://127.0.0.1:9", read_key)
            publisher: LinePublisher | None = source.publisher
            assert publisher is not None
            with pytest.raises(PublishNotAllowed, match=why):
                await publisher.create("m-1", LINE, "refuse")
        assert EvensSource("main", upstream, desk, house, "http://127.0.0.1:9", None).publisher is None
        assert OddsApiSource("odds", upstream, desk, house, lambda: "key").publisher is None
        assert UofSource("uof", upstream, desk, house, lambda: "key").publisher is None
        await upstream.close()
