"""An Evens line provider, read over loopback: pulled, heard, silent and recovered, asked about what is over."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import structlog

from evens.core.commands.fixed_odds import HearSource, PublishLine, RollBackResults
from evens.core.values.fixed_odds import FixtureStatus, LegResult
from evens.feeds.line.intake import NotSigned
from evens.feeds.line.sayings import SayingInvalid, Window
from evens.feeds.upstream import SourceFailed
from evens.sequencer.errors import NotLeading
from tests.feeds.line.house_twin import HouseTwin
from tests.feeds.line.provider_stub import event, message
from tests.feeds.line.reading import Reading, other_secret, reading, signed
from tests.waiting import until

pytestmark = pytest.mark.anyio


def winners(read: Reading) -> list[str]:
    return [each.selection for each in read.house.only().results.get("main", ()) if each.result is LegResult.WON]


async def test_a_start_reads_everything_and_only_then_is_the_line_fresh() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.feed.refresh()
        assert not read.is_fresh
        await read.pass_s(0)
        assert read.is_fresh
        assert read.house.only().line.title == "Leeds v York"
        assert read.house.asked[-1] == HearSource("main", silent=False)
        assert "PUT /webhooks" in read.provider.requests


async def test_only_what_has_changed_is_asked_of_the_house() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        await read.deliver(read.provider.say("event_changed", event(version=2, title="Leeds v York (F)")))
        ask = read.house.asked[-1]
        assert isinstance(ask, PublishLine)
        assert (ask.version, ask.line.title, ask.line.markets) == (2, "Leeds v York (F)", ())


async def test_however_many_ask_the_provider_is_asked_once_in_three_seconds() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        await read.pass_s(4)
        read.provider.requests.clear()
        await asyncio.gather(*[read.feed.refresh() for _ in range(200)])
        assert read.provider.requests == ["GET /events"]
        await read.pass_s(2.9)
        await read.feed.refresh()
        assert read.provider.requests == ["GET /events"]
        await read.pass_s(0.2)
        await read.feed.refresh()
        assert read.provider.requests == ["GET /events"] * 2


async def test_no_events_are_an_answer_too_and_asked_for_once() -> None:
    async with reading() as read:
        await read.pass_s(0)
        await read.pass_s(4)
        read.provider.requests.clear()
        await asyncio.gather(*[read.feed.refresh() for _ in range(20)])
        await read.feed.refresh()
        assert read.provider.requests == ["GET /events"]
        assert read.is_fresh


async def test_a_caller_who_gives_up_leaves_the_others_their_answer() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        await read.pass_s(4)
        read.provider.say("event_changed", event(version=2, odds="2.50"))
        read.provider.held.clear()
        impatient, patient = [asyncio.ensure_future(read.feed.refresh()) for _ in range(2)]
        await asyncio.sleep(0)
        impatient.cancel()
        read.provider.held.set()
        await patient
        assert impatient.cancelled()
        assert read.house.only().line.markets[0].selections[0].odds == 250
        assert read.is_fresh


async def test_a_provider_that_is_down_makes_the_line_old_and_comes_back_by_itself() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        read.provider.is_down = True
        await read.pass_s(4)
        await read.feed.refresh()
        assert not read.is_fresh
        assert read.feed.trouble() == {}
        read.provider.is_down = False
        await read.pass_s(3)
        await read.feed.refresh()
        assert read.is_fresh


async def test_silence_of_30_s_suspends_and_nothing_reopens_before_recovery_is_complete() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        read.provider.is_down = True
        await read.pass_s(29)
        assert read.house.silent == set()
        await read.pass_s(1)
        assert read.house.silent == {"main"}
        assert set(read.feed.trouble()) == {"main"}
        read.provider.say("event_finished", event(version=2, status="FINISHED", winner="home"))
        await read.pass_s(2)
        await read.feed.refresh()
        assert not read.is_fresh
        read.provider.is_down = False
        await read.pass_s(2)
        assert winners(read) == ["home"]
        assert read.house.silent == set()
        assert isinstance(read.house.asked[-1], HearSource)
        assert read.is_fresh


async def test_messages_alone_keep_a_source_from_being_silent() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        read.provider.is_down = True
        for _ in range(5):
            await read.pass_s(9)
            await read.deliver(b'{"type": "alive", "data": {"change": 1}}')
        assert read.house.silent == set()


async def test_a_result_is_booked_when_the_message_is_answered_and_once() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        finished = read.provider.say("event_finished", event(version=2, status="FINISHED", winner="away"))
        read.house.busy = 3
        await read.deliver(finished)
        assert winners(read) == ["away"]
        assert read.house.only().status is FixtureStatus.FINISHED
        before = len(read.house.asked)
        await read.deliver(finished)
        await read.pass_s(61)
        assert [each for each in read.house.asked[before:] if not isinstance(each, HearSource)] == []


async def test_a_busy_event_does_not_keep_who_refreshes_waiting() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        read.provider.say("event_finished", event(version=2, status="FINISHED", winner="away"))
        read.house.busy = 2
        await read.pass_s(4)
        await read.feed.refresh()
        assert (winners(read), read.is_fresh) == ([], True)
        await read.pass_s(1)
        await read.pass_s(1)
        assert winners(read) == ["away"]


async def test_lost_messages_between_two_results_are_read_before_the_second_counts() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        await read.deliver(read.provider.say("event_finished", event(version=2, status="FINISHED", winner="home")))
        read.provider.say("result_rolled_back", event(version=3))
        await read.deliver(read.provider.say("event_finished", event(version=4, status="FINISHED", winner="away")))
        assert winners(read) == ["away"]
        assert read.house.only().contradicted == set()
        assert any(isinstance(each, RollBackResults) for each in read.house.asked)


async def test_another_result_that_was_never_taken_back_is_flagged() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        await read.deliver(read.provider.say("event_finished", event(version=2, status="FINISHED", winner="home")))
        await read.deliver(read.provider.say("event_finished", event(version=3, status="FINISHED", winner="away")))
        assert (winners(read), read.house.only().contradicted) == (["home"], {"main"})


async def test_a_start_after_a_crash_books_what_was_booked_in_part() -> None:
    async with reading() as before:
        before.provider.say("event_changed", event())
        await before.pass_s(0)
        finished = event(version=2, status="FINISHED", winner="home")
        before.provider.say("event_finished", finished)
        # The line of version 2 was booked, and the result not any more.
        fixture = before.house.only()
        fixture.version = 2
        async with reading(before.house) as after:
            after.provider.changes = before.provider.changes
            await after.pass_s(0)
            assert winners(after) == ["home"]


async def test_an_operators_result_stands_whatever_odds_follow() -> None:
    async with reading() as before:
        before.provider.say("event_changed", event())
        await before.pass_s(0)
        fixture = before.house.only()
        fixture.results = {"main": ()}
        async with reading(before.house) as after:
            after.provider.changes = before.provider.changes
            after.provider.say("event_changed", event(version=2, odds="3.00"))
            await after.pass_s(0)
            assert fixture.results == {"main": ()}


async def test_what_should_be_over_is_asked_about_every_minute() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event(deadline="2023-11-14T22:13:30Z"))
        await read.pass_s(0)
        await read.pass_s(10)
        read.provider.requests.clear()
        await read.pass_s(60)
        assert "GET /events/m-1" in read.provider.requests


async def test_an_event_that_is_active_no_longer_is_looked_up_at_once() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        read.provider.say("bet_stop", event(version=2, suspended=True))
        await read.pass_s(3)
        await read.feed.refresh()
        assert read.house.only().line.suspended


async def test_void_and_cancelled_bets_and_removals_reach_the_house() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        cancelled = [{"from": "2023-11-14T22:00:00Z", "to": "2023-11-14T22:05:00Z"}]
        changed = event(version=2, cancelled=cancelled)
        changed["markets"][0]["selections"][1] |= {"status": "removed", "reduction_bps": 1500}
        await read.deliver(read.provider.say("event_cancelled", changed))
        fixture = read.house.only()
        assert fixture.removed == {("main", "draw")}
        assert fixture.cancelled == {Window("main", 1_699_999_200 * 10**9, 1_699_999_500 * 10**9)}
        await read.deliver(read.provider.say("event_finished", event(version=3, status="VOID", cancelled=cancelled)))
        assert fixture.status is FixtureStatus.VOID


async def test_a_message_about_an_unknown_event_is_taken_and_changes_nothing() -> None:
    async with reading() as read:
        await read.pass_s(0)
        asked = len(read.house.asked)
        with structlog.testing.capture_logs() as logs:
            await read.deliver(message("event_finished", event("nobody", version=2, status="FINISHED", winner="home")))
        assert len(read.house.asked) == asked
    said = {"event": "line_event_unknown", "log_level": "info", "source": "main", "fixture": "nobody", "version": 2}
    assert said in logs


async def test_a_new_event_is_asked_for_before_an_older_message_of_it_counts() -> None:
    async with reading() as read:
        await read.pass_s(0)
        first = read.provider.say("event_changed", event())
        read.provider.say("event_finished", event(version=2, status="FINISHED", winner="home"))
        await read.deliver(first)
        assert read.house.fixtures == {}


async def test_what_is_not_booked_is_not_answered_as_taken() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        finished = read.provider.say("event_finished", event(version=2, status="FINISHED", winner="home"))
        read.house.is_open = False
        with pytest.raises(NotLeading):
            await read.deliver(finished)
        read.house.is_open = True
        await read.deliver(finished)
        assert winners(read) == ["home"]
        read.provider.is_down = True
        with pytest.raises(SourceFailed):
            await read.deliver(message("event_finished", event("nobody", version=2, status="FINISHED", winner="home")))


async def test_only_what_a_provider_signed_just_now_is_heard() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        body = b'{"type": "alive", "data": {"change": 1}}'
        old = datetime.now(UTC) - timedelta(minutes=6)
        right = signed(body)
        for headers in (
            {},
            signed(body, other_secret()),
            signed(body, at=old),
            signed(b"{}"),
            right | {"webhook-signature": "v1,é"},
            right | {"webhook-signature": "nonsense"},
            right | {"webhook-timestamp": "soon"},
            {name: value for name, value in right.items() if name != "webhook-id"},
        ):
            with pytest.raises(NotSigned):
                await read.intake.take(headers, body)
        await read.intake.take(right, body)
        with pytest.raises(SayingInvalid):
            await read.deliver(b'{"type": "weather"}')


async def test_a_server_that_stands_by_asks_nothing_and_begins_anew_when_it_leads() -> None:
    house = HouseTwin()
    house.is_open = False
    async with reading(house) as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        assert (read.provider.requests, house.asked) == ([], [])
        house.is_open = True
        await read.pass_s(1)
        assert read.is_fresh
        house.is_open = False
        await read.pass_s(1)
        # What it heard while it led confirms nothing now, and asking for the list asks no provider.
        asked = len(read.provider.requests)
        await read.feed.refresh()
        assert (read.feed.as_of("main"), len(read.provider.requests)) == (None, asked)


async def test_a_server_that_has_begun_to_lead_does_not_say_that_another_writes_while_it_recovers() -> None:
    house = HouseTwin()
    house.is_open = False
    async with reading(house) as read:
        await read.pass_s(0)
        assert read.feed.trouble() == {"main": "another server writes"}
        house.is_open = True
        read.provider.held.clear()
        recovering = asyncio.create_task(read.pass_s(1))
        await until(lambda: bool(read.provider.requests))
        assert read.feed.trouble() == {"main": "what was missed is being recovered"}
        read.provider.held.set()
        await recovering
        assert read.feed.trouble() == {}
