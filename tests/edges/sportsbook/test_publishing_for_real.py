"""Creating and changing events with the real line provider, which listens on a real port."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
import uvicorn

from line_provider.app import create_app
from tests.conftest import Dsns
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.sportsbook.counter import fund, over, place, single
from tests.edges.sportsbook.printing import ANN_BO, EVENTS, create, new_event, odds_of, problem_of, reading
from tests.line_provider.conftest import KEY, Line, in_s, provider_on

pytestmark = pytest.mark.anyio


@pytest.fixture
async def line(house: OpenHouse, dsns: Dsns) -> AsyncIterator[Line]:
    """Run a provider in the house's database, which the house reads and publishes at."""
    async with provider_on(dsns) as (provider, dsn):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            server = uvicorn.Server(uvicorn.Config(create_app(provider.services), log_level="error", lifespan="off"))
            served = asyncio.create_task(server.serve([listening]))
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            async with reading(house, key=KEY, main=f"evens+{url}"), httpx2.AsyncClient(base_url=url) as http:
                yield Line(provider, http, dsn)
            server.should_exit = True
            await served


async def test_an_event_is_created_bet_on_changed_settled_by_its_provider_and_then_closed(
    house: OpenHouse, operator: Caller, ada: Caller, line: Line
) -> None:
    await fund(house)
    goals = {"name": "Goals", "selections": [{"name": "Over 2.5", "odds": "1.9"}, {"name": "Under 2.5", "odds": "1.9"}]}
    markets = [{"name": "Match odds", "selections": ANN_BO, "related_group": "cup"}, goals]
    event = await create(operator, id="Cup 1", deadline=in_s(3600), markets=markets, key="one")
    path = f"{EVENTS}/Cup 1"
    body = {"markets": [{"key": "match-odds", "selections": [{"key": "bo", "odds": "1.95"}]}]}
    bet = await place(ada, single(event["id"], market="match-odds", selection="bo", odds="2.10"))
    changed = (await operator.patch(path, body)).json()
    assert (changed["version"], changed["markets"][0]["selections"][1]["odds"]) == (2, "1.95")
    stopped = {"markets": [{"key": "goals", "suspended": True}], "deadline": in_s(7200), "title": "The cup"}
    changed = (await operator.patch(path, stopped)).json()
    assert (changed["version"], changed["title"], changed["markets"][1]["status"]) == (3, "The cup", "suspended")
    assert (await line.http.get("/events/Cup 1")).json()["version"] == 3

    results = [{"market": "match-odds", "selection": "bo", "result": "won"}]
    assert (await line.change("Cup 1", results=results)).status_code == 200
    assert problem_of(await operator.patch(path, body)) == (409, "market_settled")
    # What the provider has said meanwhile comes with the next change, and results are booked in their order.
    assert (await operator.patch(path, {"title": "The cup is over"})).json()["version"] == 5
    assert (await over(ada, bet["id"]))["payout"] == "21.00"
    assert (await line.change("Cup 1", status="VOID")).status_code == 200
    assert problem_of(await operator.patch(path, stopped)) == (409, "event_finished")


async def test_what_only_the_provider_knows_it_refuses_in_our_words(operator: Caller, line: Line) -> None:
    answer = await operator.post(EVENTS, new_event(deadline=in_s(-1)))
    assert problem_of(answer) == (422, "validation_failed")
    assert answer.json()["errors"] == [{"field": "deadline", "message": "must lie in the future"}]
    await line.publish("m-1")
    assert problem_of(await operator.post(EVENTS, new_event(id="m-1"))) == (409, "event_exists")
    event = await create(operator, id="m-2")
    assert (await line.change("m-2", removed=[{"selection": "bo"}])).status_code == 200
    bo = {"markets": [{"key": "main", "selections": [{"key": "bo", "odds": "3.00"}]}]}
    assert problem_of(await operator.patch(f"{EVENTS}/m-2", bo)) == (409, "selection_removed")
    assert problem_of(await operator.patch(f"{EVENTS}/m-2", {"deadline": in_s(-1)})) == (422, "validation_failed")
    assert odds_of((await operator.get(f"{EVENTS}/m-2")).json()) == odds_of(event)


async def test_many_requests_under_one_key_at_once_are_one_event(
    house: OpenHouse, operator: Caller, line: Line
) -> None:
    for key, given in (("a", {}), ("b", {"id": "cup-1"})):
        answers = await asyncio.gather(*[operator.post(EVENTS, new_event(**given), key=key) for _ in range(8)])
        assert {answer.status_code for answer in answers} == {201}, [answer.text for answer in answers]
        assert len({answer.json()["id"] for answer in answers}) == 1
    assert (await line.http.get("/changes")).json()["last"] == 2
