"""The figures of a line feed, by their values: how old the line is, what was read, heard and brought about."""

import pytest

from evens.feeds.line.intake import NotSigned
from evens.feeds.line.sayings import SayingInvalid
from tests.feeds.line.provider_stub import event, message
from tests.feeds.line.reading import Reading, other_secret, reading, signed

pytestmark = pytest.mark.anyio


async def test_the_age_of_the_line_and_its_silence_are_shown() -> None:
    """Issue 8: what operators are woken by."""
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        assert (read.figure("evens_line_age_seconds", source="main"), _silent(read)) == (0, 0)
        read.provider.is_down = True
        await read.pass_s(4)
        await read.feed.refresh()
        await read.pass_s(3)
        assert (read.figure("evens_line_age_seconds", source="main"), _silent(read)) == (7, 0)
        await read.pass_s(23)
        assert (read.figure("evens_line_age_seconds", source="main"), _silent(read)) == (float("inf"), 1)
        read.provider.is_down = False
        await read.pass_s(3)
        assert (read.figure("evens_line_age_seconds", source="main"), _silent(read)) == (0, 0)


def _silent(read: Reading) -> float | None:
    return read.figure("evens_line_silent", source="main")


async def test_pulls_are_counted_by_what_came_of_them() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        for _ in range(2):
            await read.pass_s(4)
            await read.feed.refresh()
        read.provider.is_down = True
        await read.pass_s(4)
        await read.feed.refresh()
        pulls = [read.figure("evens_line_pulls_total", source="main", outcome=each) for each in ("read", "failed")]
        assert pulls == [2, 1]


async def test_messages_and_what_they_brought_about_are_counted() -> None:
    async with reading() as read:
        read.provider.say("event_changed", event())
        await read.pass_s(0)
        published = "evens_line_commands_total"
        before = read.figure(published, command="PublishLine", outcome="booked") or 0
        await read.deliver(read.provider.say("event_changed", event(version=2, title="Leeds v York (F)")))
        assert read.figure(published, command="PublishLine", outcome="booked") == before + 1
        read.house.busy = 2
        await read.deliver(read.provider.say("event_finished", event(version=3, status="FINISHED", winner="home")))
        assert read.figure("evens_line_waits_total") == 2
        assert read.figure(published, command="DeclareResults", outcome="booked") == 1
        body = message("event_changed", event(version=4))
        with pytest.raises(NotSigned):
            await read.intake.take(signed(body, other_secret()), body)
        with pytest.raises(SayingInvalid):
            await read.deliver(b"nonsense")
        heard = [read.figure("evens_line_messages_total", outcome=each) for each in ("booked", "unsigned", "refused")]
        assert heard == [2, 1, 1]
