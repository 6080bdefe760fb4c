"""A journal from the future: who asks a server, its log or the doctor hears why nobody writes."""

import asyncio
import time
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from evens.core.commands.ledger import DefineCurrency
from evens.edges.cli.operations import Location
from evens.edges.http.app import create_app
from evens.identity.keys import InstallationKeys
from evens.program.clock_watch import ClockWatch
from evens.program.doctor import examine
from evens.program.postgres import Postgres
from evens.program.server import open_house
from evens.sequencer.inbox import Inbox
from evens.sequencer.sequencer import Sequencer
from evens.settings import Settings
from evens.store.journal import PostgresJournal
from tests.conftest import Dsns
from tests.edges.conftest import talking_to
from tests.waiting import until

pytestmark = pytest.mark.anyio

HOUR_NS = 3600 * 10**9


async def book_an_hour_ahead(dsns: Dsns) -> None:
    """Leave a record of a server whose clock was an hour ahead."""
    inbox = Inbox(10)
    ahead = Sequencer(PostgresJournal(dsns.app), inbox, lambda: time.time_ns() + HOUR_NS)
    running = asyncio.create_task(ahead.run())
    await until(lambda: inbox.closed_because is None)
    await inbox.submit(DefineCurrency("USD", 2), command_id=bytes(16), actor="operator:test")
    ahead.stop()
    await running


async def test_a_journal_from_the_future_is_told_and_can_be_allowed(dsns: Dsns, tmp_path: Path) -> None:
    """Hold 9: refuse to lead, and say so in /readyz, the log and the doctor; how far is a setting."""
    await book_an_hour_ahead(dsns)
    postgres = Postgres(dsns.owner, dsns.app, tmp_path)
    with capture_logs() as logs:
        async with open_house(postgres, Settings(), InstallationKeys(bytes(32)), "http://x") as house:
            await house.opened()
            async with talking_to(create_app(house.services)) as http:
                ready = await http.get("/readyz")
    assert ready.status_code == 503
    (sequencer,) = [check for check in ready.json()["checks"] if not check["ok"]]
    assert sequencer["name"] == "sequencer"
    assert "which this server's clock has not reached" in sequencer["detail"]
    (told,) = [line for line in logs if line["event"] == "not_leading" and "clock" in line["because"]]
    assert told["log_level"] == "warning"
    findings = {finding.name: finding for finding in await asyncio.to_thread(examine, Location(tmp_path, dsns.owner))}
    assert not findings["clock"].ok
    assert "EVENS_CLOCK_TOLERANCE_S" in str(findings["clock"].remedy)
    async with open_house(postgres, Settings(clock_tolerance_s=7200), InstallationKeys(bytes(32)), "http://x") as house:
        await house.opened()
        async with talking_to(create_app(house.services)) as http:
            assert (await http.get("/readyz")).status_code == 200


async def test_the_doctor_is_content_with_a_journal_from_the_past(dsns: Dsns, tmp_path: Path) -> None:
    findings = await asyncio.to_thread(examine, Location(tmp_path, dsns.owner))
    assert [finding.ok for finding in findings if finding.name == "clock"] == [True]


async def test_a_jump_is_logged_when_it_begins_and_when_it_ends() -> None:
    """Hold 9: the log says once that the clock has jumped, and once that it agrees again."""
    heard = asyncio.Event()
    troubles = [None, "It is ahead.", "It is ahead.", None, None]

    def trouble() -> str | None:
        if len(troubles) == 1:
            heard.set()
            return troubles[0]
        return troubles.pop(0)

    watch = ClockWatch(trouble, every_s=0)
    with capture_logs() as logs:
        running = asyncio.create_task(watch.run())
        await asyncio.wait_for(heard.wait(), 10)
        watch.stop()
        await running
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("error", "clock_jumped"),
        ("info", "clock_agrees_again"),
    ]
