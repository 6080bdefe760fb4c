"""A running server audits itself when it is asked to, one audit at a time, and says how its feeds are."""

import asyncio
from pathlib import Path

import httpx2
import pytest

from evens.edges.http.app import create_app
from evens.edges.http.operator.auditing import AuditRunning
from evens.identity.keys import InstallationKeys
from evens.identity.principal import CONSOLE, Role
from evens.program.auditing import AuditProcess
from evens.program.postgres import Postgres
from evens.program.server import open_house
from evens.settings import Settings
from evens.store.console.journal import JournalQueries
from evens.store.database import Database
from evens.store.embedded import Running
from tests.conftest import Dsns
from tests.waiting import until

pytestmark = pytest.mark.anyio


async def test_a_server_audits_itself_when_asked(dsns: Dsns, postgres: Running, tmp_path: Path) -> None:
    settings = Settings(line_sources="main=evens+http://127.0.0.1:9", chain_rail="simulated")
    at = Postgres(dsns.owner, dsns.app, tmp_path, postgres)
    async with open_house(at, settings, InstallationKeys(bytes(32)), "http://house") as house:
        await house.opened()
        made = await house.services.identity.create_api_key(CONSOLE, role=Role.OPERATOR, name="desk")
        transport = httpx2.ASGITransport(app=create_app(house.services))
        headers = {"Authorization": f"Bearer {made.key}"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://house", headers=headers) as http:
            begun = await http.post("/v1/audits")
            assert (begun.status_code, begun.json()["running"]) == (202, {"records": 0, "of": 0})
            assert (await http.post("/v1/audits")).json()["code"] == "audit_running"
            auditor = house.services.operator.condition.auditor
            await until(lambda: auditor.progress is None)
            (audit,) = (await http.get("/v1/audits")).json()["items"]
            assert (audit["problems"], audit["trouble"], audit["started_by"]) == ([], None, "operator:desk")
            record = (await http.get(f"/v1/journal/{audit['seq']}")).json()
            assert record["hash"] == audit["hash"]
            feeds = {(each["kind"], each["name"]): each for each in (await http.get("/v1/feeds")).json()["items"]}
            assert feeds["line", "main"]["ok"] is False
            assert feeds["line", "main"]["next_step"] is not None
            assert ("chain", "simulated") in feeds


async def test_an_audit_ends_with_its_server(dsns: Dsns, database: Database) -> None:
    auditor = AuditProcess(dsns.app, JournalQueries(database))
    await auditor.begin("operator:desk")
    with pytest.raises(AuditRunning):
        await auditor.begin("operator:desk")
    running = asyncio.create_task(auditor.run())
    auditor.stop()
    async with asyncio.timeout(30):
        await running
