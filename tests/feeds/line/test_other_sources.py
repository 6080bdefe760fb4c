"""The Odds API, which is only read, and a feed of messages, which is asked to send again what was missed."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from prometheus_client import CollectorRegistry

from evens.core.values.fixed_odds import FixtureStatus, LegResult
from evens.feeds.line.desk import LineDesk
from evens.feeds.line.feed import LineFeed
from evens.feeds.line.intake import LineIntake
from evens.feeds.line.metrics import LineMetrics
from evens.feeds.line.sources.oddsapi import OddsApiSource
from evens.feeds.line.sources.uof import UofSource
from evens.feeds.upstream import Upstream
from tests.feeds.line.house_twin import HouseTwin
from tests.feeds.line.reading import Clock, signed
from tests.listening import listening

pytestmark = pytest.mark.anyio

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FIXTURE = (
    '<fixtures_fixture><fixture id="m" start_time="2099-01-01T00:00:00Z"><competitors><competitor name="Leeds"/>'
    '<competitor name="York"/></competitors></fixture></fixtures_fixture>'
)
OPEN = '<market id="1" status="1"><outcome id="1" odds="2.0"/><outcome id="3" odds="3.0"/></market>'


@asynccontextmanager
async def answering(answers: Callable[[str], str], requests: list[str]) -> AsyncGenerator[str]:
    """Answer each path with what the function says."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _, target, _ = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n", 1)[0].split(" ")
        requests.append(target)
        body = answers(urlsplit(target).path).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body))
        await writer.drain()

    async with listening(answer) as port:
        yield f"http://127.0.0.1:{port}"


def listed(deadline: str = "2099-01-01T00:00:00Z") -> list[dict[str, object]]:
    teams = {"home_team": "Leeds", "away_team": "York"}
    outcomes = [{"name": "York", "price": 3.4}, {"name": "Leeds", "price": 2.1}, {"name": "Draw", "price": 3.2}]
    bookmakers = [{"key": "alpha", "markets": [{"key": "h2h", "outcomes": outcomes}]}]
    return [{"id": "e1", "commence_time": deadline, "bookmakers": bookmakers, **teams}]


async def test_what_is_listed_no_longer_is_suspended_and_only_a_score_is_a_result() -> None:
    house, clock, metrics = HouseTwin(), Clock(), LineMetrics(CollectorRegistry())
    odds, scores, requests = listed(), list[dict[str, object]](), list[str]()
    async with answering(lambda path: json.dumps(odds if path.endswith("odds") else scores), requests) as url:
        desk = LineDesk(house, house, metrics)
        source = OddsApiSource("odds", Upstream(url), desk, house, lambda: "k", sports=("epl",), wall_clock=clock)
        feed = LineFeed([source], desk, house, metrics, clock=clock, wall_clock=clock)
        await feed.tick("odds")
        fixture = house.only()
        assert [each.odds for each in fixture.line.markets[0].selections] == [210, 320, 340]
        assert urlsplit(requests[0]).path == "/v4/sports/epl/odds"
        published = len(house.asked)
        clock.ns += 3 * 10**9
        await feed.refresh()
        assert len(house.asked) == published, "what has not changed is not published"
        odds.clear()
        clock.ns += 3 * 10**9
        await feed.refresh()
        assert (fixture.line.suspended, fixture.status) == (True, FixtureStatus.NEW)
        odds += listed("2023-01-01T00:00:00Z")
        clock.ns += 61 * 10**9
        await feed.tick("odds")
        assert fixture.results == {}
        teams = {"home_team": "Leeds", "away_team": "York"}
        score = [{"name": "York", "score": "2"}, {"name": "Leeds", "score": "0"}]
        scores.append({"id": "e1", "completed": True, "scores": score, **teams})
        await feed.refresh()
        clock.ns += 61 * 10**9
        for _ in range(2):
            await feed.tick("odds")
        assert [each.selection for each in fixture.results["h2h"] if each.result is LegResult.WON] == ["away"]
        assert fixture.status is FixtureStatus.FINISHED
        await feed.close()


class Messages:
    """A house that follows a feed of messages."""

    def __init__(self, url: str) -> None:
        self.house, self.clock = HouseTwin(), Clock()
        metrics = LineMetrics(CollectorRegistry())
        desk = LineDesk(self.house, self.house, metrics)
        source = UofSource("uof", Upstream(url), desk, self.house, lambda: KEY, products=("1",), wall_clock=self.clock)
        self.feed = LineFeed([source], desk, self.house, metrics, clock=self.clock, wall_clock=self.clock)
        self.intake = LineIntake(self.feed, metrics)

    async def hear(self, body: str) -> None:
        await self.intake.take(signed(body.encode(), KEY), body.encode())

    async def pass_s(self, seconds: int) -> None:
        self.clock.ns += seconds * 10**9
        await self.feed.tick("uof")


async def test_a_feed_of_messages_is_fresh_once_its_snapshot_is_complete() -> None:
    requests = list[str]()
    async with answering(lambda path: FIXTURE if path.endswith("fixture.xml") else "", requests) as url:
        told = Messages(url)
        await told.pass_s(0)
        assert requests == ["/v1/liveodds/recovery/initiate_request?request_id=1"]
        await told.hear(f'<odds_change product="1" event_id="m" timestamp="10"><odds>{OPEN}</odds></odds_change>')
        assert told.feed.as_of("uof") is None
        await told.hear('<snapshot_complete product="1" timestamp="11" request_id="1"/>')
        await told.pass_s(2)
        assert told.feed.as_of("uof") == told.clock.ns
        assert told.house.only().line.title == "Leeds v York"
        await told.hear('<alive product="1" timestamp="20" subscribed="1"/>')
        await told.hear('<alive product="1" timestamp="30" subscribed="0"/>')
        await told.pass_s(2)
        assert told.house.silent == {"uof"}
        assert requests[-1] == "/v1/liveodds/recovery/initiate_request?request_id=2&after=20"
        await told.hear('<snapshot_complete product="1" timestamp="40" request_id="1"/>')
        await told.pass_s(2)
        assert told.house.silent == {"uof"}, "that was the answer to an earlier request"
        await told.hear('<snapshot_complete product="1" timestamp="41" request_id="2"/>')
        await told.pass_s(2)
        assert told.house.silent == set()
        await told.feed.close()


async def test_the_same_settlement_twice_is_nothing_new_and_another_one_is_flagged() -> None:
    def settlement(at: int, winner: str) -> str:
        outcomes = "".join(f'<outcome id="{each}" result="{int(each == winner)}"/>' for each in ("1", "3"))
        market = f'<market id="1">{outcomes}</market>'
        return f'<bet_settlement event_id="m" timestamp="{at}"><outcomes>{market}</outcomes></bet_settlement>'

    async with answering(lambda path: FIXTURE if path.endswith("fixture.xml") else "", []) as url:
        told = Messages(url)
        await told.pass_s(0)
        await told.hear(f'<odds_change product="1" event_id="m" timestamp="10"><odds>{OPEN}</odds></odds_change>')
        await told.hear(settlement(20, "1"))
        asked = len(told.house.asked)
        await told.hear(settlement(21, "1"))
        assert len(told.house.asked) == asked
        await told.hear(settlement(22, "3"))
        assert told.house.only().contradicted == {"1"}
        await told.hear(
            '<rollback_bet_settlement event_id="m" timestamp="23"><market id="1"/></rollback_bet_settlement>'
        )
        await told.hear(settlement(24, "3"))
        assert told.house.only().contradicted == set()
        assert [each.selection for each in told.house.only().results["1"] if each.result is LegResult.WON] == ["3"]
        await told.feed.close()
