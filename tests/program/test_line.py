"""How the line feeds are connected: commands through the gateway, the edge's answers, the sources of the settings."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from evens.core.commands.fixed_odds import HearSource, PublishLine
from evens.core.events.fixed_odds import LinePublished, SourceHeard
from evens.core.events.ledger import Rejected
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.receipts import Receipt
from evens.core.values.fixed_odds import Line
from evens.core.values.ids import FixtureId
from evens.edges.gateway import Gateway
from evens.edges.http.sportsbook.webhooks import Intake
from evens.feeds.line.protocols import Booked
from evens.program.line import GatewayLineCommands, open_line
from evens.settings import Settings
from tests.feeds.line.house_twin import HouseTwin
from tests.feeds.line.provider_stub import SECRET
from tests.feeds.line.reading import signed

pytestmark = pytest.mark.anyio

LINE = Line("Leeds v York", 10**18)


class Answers:
    """A gateway that answers each command with the next of these events."""

    closed_because: str | None = None

    def __init__(self, events: Sequence[Any]) -> None:
        self.events = list(events)
        self.actors: list[str] = []
        self.followers: list[Any] = []

    def follow(self, follower: Any) -> None:
        """Keep whoever follows."""
        self.followers.append(follower)

    def submit(self, command: Any, *, command_id: bytes, actor: str, unseen: bool) -> asyncio.Future[Any]:
        """Answer at once."""
        assert len(command_id) == 16
        assert unseen
        self.actors.append(actor)
        answer = asyncio.get_running_loop().create_future()
        receipt = cast("Any", Receipt)(7, 1, actor, command_id, command, (self.events.pop(0),))
        answer.set_result((receipt, False))
        return answer


async def test_commands_are_booked_as_the_feeds_own() -> None:
    published = LinePublished(FixtureId(7), "main", "m-1", 1, LINE)
    refused = Rejected(FixedOddsReason.EVENT_BUSY)
    gateway = Answers([published, refused, SourceHeard("main", False)])
    commands = GatewayLineCommands(cast("Gateway", gateway))
    assert await commands.submit(PublishLine("main", "m-1", 1, LINE)) == Booked(fixture=FixtureId(7))
    assert await commands.submit(PublishLine("main", "m-1", 2, LINE)) == Booked(FixedOddsReason.EVENT_BUSY)
    assert await commands.submit(HearSource("main", silent=False)) == Booked()
    assert set(gateway.actors) == {"feed:line"}
    assert commands.is_open
    gateway.closed_because = "it is starting"
    assert not commands.is_open


async def test_without_sources_nothing_is_read() -> None:
    gateway = cast("Gateway", Answers([]))
    assert open_line(Settings(), gateway, HouseTwin(), CollectorRegistry(), "http://house") is None


async def test_each_source_of_the_settings_is_read_in_its_dialect() -> None:
    settings = Settings(
        line_sources="main=evens+http://127.0.0.1:1,odds=oddsapi+http://127.0.0.1:1?sport=epl,uof=uof+http://127.0.0.1:1",
        line_keys=f"main=a,odds=b,uof={SECRET}",
        redis_url="redis://127.0.0.1:1",
    )
    gateway = cast("Gateway", Answers([]))
    parts = open_line(settings, gateway, HouseTwin(), CollectorRegistry(), "http://house")
    assert parts is not None
    assert [type(each).__name__ for each in parts.feed.sources.values()] == [
        "EvensSource",
        "OddsApiSource",
        "UofSource",
    ]
    assert parts.feed.as_of("main") is None
    assert parts.feed.as_of("by hand") is not None
    assert "main cannot be bet on" in parts.feed.age_in_words()
    body = b"<weather/>"
    result = await parts.intake.take(signed(body, SECRET), body)
    assert (result.intake, result.field) == (Intake.INVALID, "body")
    alive = b'<alive product="1" timestamp="1" subscribed="1"/>'
    assert (await parts.intake.take(signed(alive, SECRET), alive)).intake is Intake.TAKEN
    assert (await parts.intake.take({}, alive)).intake is Intake.UNSIGNED
    await parts.close()
