"""Operators create events and change their odds: at the line provider, and in the house at once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from evens.core.commands.fixed_odds import ArchiveFixture, VoidFixture
from evens.core.commands.ledger import DefineCurrency
from evens.core.events.fixed_odds import FixtureArchived
from evens.core.fixed_odds import house_rules
from evens.feeds.line.sources.source import LineSource
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.sportsbook.counter import MATCH, fund, place, publish, single
from tests.edges.sportsbook.printing import EVENTS, create, new_event, odds_of, problem_of, reading
from tests.feeds.line.provider_stub import DEADLINE, ProviderStub, message
from tests.feeds.line.reading import signed

pytestmark = pytest.mark.anyio


@pytest.fixture
async def provider() -> AsyncIterator[ProviderStub]:
    """A provider with no event."""
    async with ProviderStub().serving() as provider:
        yield provider


async def test_an_event_is_created_bet_on_changed_and_bet_on_again(
    house: OpenHouse, operator: Caller, ada: Caller, provider: ProviderStub
) -> None:
    await fund(house)
    async with reading(house, main=f"evens+{provider.url}"):
        event = await create(operator, competition="Spring Cup", starts_at=DEADLINE)
        assert event == (await ada.get(f"{EVENTS}/{event['id']}")).json()
        assert (event["title"], event["sport"], event["competition"]) == ("Ann v Bo", "tennis", "Spring Cup")
        assert (event["version"], event["stale"], odds_of(event)) == (1, False, {"ann": "1.80", "bo": "2.10"})
        assert [each["id"] for each in (await ada.get(EVENTS)).json()["items"]] == [event["id"]]
        # Its only market is what a bet means that names none.
        bet = await place(ada, single(event["id"], selection="bo", odds="2.10"))
        assert bet["odds"] == "2.10"

        selections = [{"key": "ann", "suspended": True}, {"key": "bo", "odds": "1.95"}]
        body = {"title": "Ann v Bo (F)", "markets": [{"key": "main", "selections": selections}]}
        answer = await operator.patch(f"{EVENTS}/{event['id']}", body)
        assert answer.status_code == 200, answer.text
        changed = answer.json()
        assert (changed["title"], changed["version"], odds_of(changed)["bo"]) == ("Ann v Bo (F)", 2, "1.95")
        assert changed["markets"][0]["selections"][0]["status"] == "suspended"
        assert (await place(ada, single(event["id"], selection="bo", odds="1.90")))["odds"] == "1.95"
        answer = await ada.post("/v1/sportsbook/bets", single(event["id"], selection="ann"))
        assert problem_of(answer) == (409, "event_suspended")


async def test_the_provider_tells_of_it_again_and_nothing_is_new(
    house: OpenHouse, operator: Caller, provider: ProviderStub
) -> None:
    async with reading(house, main=f"evens+{provider.url}") as parts:
        event = await create(operator)
        seq = house.stage.sequencer.house.seq
        (said,) = [said for _, said in provider.changes]
        body = message("event_changed", said)
        answer = await house.http.post("/v1/sportsbook/webhooks/line", content=body, headers=signed(body))
        assert answer.status_code == 204
        source: LineSource = parts.feed.sources["main"]
        await source.pull()
        await source.recover()
        assert house.stage.sequencer.house.seq == seq
        assert (await operator.get(f"{EVENTS}/{event['id']}")).json()["version"] == 1


async def test_keys_are_made_of_names_each_once_unless_they_are_given(
    house: OpenHouse, operator: Caller, provider: ProviderStub
) -> None:
    names = ["Home win!", "home  WIN", "Été", "Спартак", "Over 2.5"]
    selections: list[dict[str, str]] = [{"name": name, "odds": "3"} for name in names]
    selections.append({"key": "home-win-2", "name": "Other", "odds": "3.5"})
    goals = {"name": "Goals", "key": "goals_2.5", "winners": 2, "related_group": "g", "selections": selections[:2]}
    markets = [{"name": "Match odds", "selections": selections}, goals]
    async with reading(house, main=f"evens+{provider.url}"):
        event = await create(operator, id="Ann/Bo 2026".replace("/", "-"), markets=markets)
        assert event["id"] == "Ann-Bo 2026"
        assert [market["key"] for market in event["markets"]] == ["match-odds", "goals_2.5"]
        keys = [each["key"] for each in event["markets"][0]["selections"]]
        assert keys == ["home-win", "home-win-3", "ete", "selection-4", "over-2-5", "home-win-2"]
        assert event["markets"][0]["selections"][0]["odds"] == "3.00"
        (sent,) = provider.written
        assert (sent["markets"][1]["winners"], sent["markets"][1]["related_group"]) == (2, "g")


async def test_the_same_key_is_the_same_event_and_the_same_change(
    house: OpenHouse, operator: Caller, provider: ProviderStub
) -> None:
    async with reading(house, main=f"evens+{provider.url}"):
        event = await create(operator, key="one")
        path = f"{EVENTS}/{event['id']}"
        shorter = {"markets": [{"key": "main", "selections": [{"key": "ann", "odds": "1.50"}]}]}
        assert (await operator.patch(path, shorter, key="two")).json()["version"] == 2
        longer = {"markets": [{"key": "main", "selections": [{"key": "ann", "odds": "1.90"}]}]}
        assert (await operator.patch(path, longer, key="three")).json()["version"] == 3
        # What is asked again is not done again: the odds since then stay.
        for answer in (
            await operator.post(EVENTS, new_event(), key="one"),
            await operator.patch(path, shorter, key="two"),
        ):
            assert answer.is_success, answer.text
            assert answer.headers["idempotency-replayed"] == "true"
            assert (answer.json()["version"], odds_of(answer.json())["ann"]) == (3, "1.90")
        for answer in (
            await operator.post(EVENTS, new_event(title="Ann v Cleo"), key="one"),
            await operator.patch(path, longer, key="two"),
            await operator.patch(path, shorter, key="one"),
        ):
            assert problem_of(answer) == (422, "idempotency_key_reused")
        assert len(provider.changes) == 3


async def test_without_a_key_the_same_request_is_another_event(
    house: OpenHouse, operator: Caller, provider: ProviderStub
) -> None:
    async with reading(house, main=f"evens+{provider.url}"):
        first, second = await create(operator), await create(operator)
        assert first["id"] != second["id"]
        assert first["id"].startswith("ann-v-bo-")


@pytest.mark.parametrize("given", [{}, {"id": "cup-1"}])
async def test_whoever_asks_again_after_a_lost_answer_finds_the_event(
    house: OpenHouse, operator: Caller, provider: ProviderStub, given: dict[str, str]
) -> None:
    async with reading(house, main=f"evens+{provider.url}"):
        provider.loses_answers = True
        lost = await operator.post(EVENTS, new_event(**given), key="one")
        assert (problem_of(lost), lost.headers["retry-after"]) == ((503, "line_unavailable"), "1")
        # Nobody knows what became of it, so nothing else can be asked under its key.
        other = await operator.post(EVENTS, new_event(title="Ann v Cleo", **given), key="one")
        assert problem_of(other) == (422, "idempotency_key_reused")
        provider.loses_answers = False
        event = await create(operator, key="one", **given)
        assert (event["id"], len(provider.changes)) == (given.get("id", event["id"]), 1)
        change = {"deadline": "2098-01-01T00:00:00Z"}
        provider.loses_answers = True
        assert problem_of(await operator.patch(f"{EVENTS}/{event['id']}", change, key="two"))[0] == 503
        provider.loses_answers = False
        answer = await operator.patch(f"{EVENTS}/{event['id']}", change, key="two")
        assert (answer.status_code, answer.json()["deadline"]) == (200, change["deadline"])


async def test_an_id_that_is_taken_is_refused_with_and_without_a_key(
    house: OpenHouse, operator: Caller, provider: ProviderStub
) -> None:
    async with reading(house, main=f"evens+{provider.url}"):
        await create(operator, id="cup-1")
        unheard = {**provider.changes[0][1], "id": "cup-2", "title": "Somebody else's"}
        provider.say("event_changed", unheard)
        assert problem_of(await operator.post(EVENTS, new_event(id="cup-1"))) == (409, "event_exists")
        for id, key in (("cup-1", "a"), ("cup-2", None), ("cup-2", "b"), ("cup-2", "b")):
            answer = await operator.post(EVENTS, new_event(id=id, title="Ours"), key=key)
            assert problem_of(answer) == (409, "event_exists"), (id, key)
            assert f"There is an event {id} already" in answer.json()["detail"]


async def test_the_id_of_an_event_that_is_history_is_taken_though_its_provider_has_forgotten_it(
    house: OpenHouse, operator: Caller, provider: ProviderStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house_rules, "CORRECTION_WINDOW_NS", 0)
    await publish(house, "m1", MATCH)
    event = await house.services.sportsbook.events.require("m1")
    await house.stage.submit(VoidFixture(event.id))
    while house.stage.sequencer.house.agenda.long_work:
        await house.stage.submit(DefineCurrency("USD", 2))
    archived = await house.stage.submit(ArchiveFixture(event.id))
    assert archived.events == (FixtureArchived(event.id),)
    async with reading(house, main=f"evens+{provider.url}"):
        for key in (None, "one"):
            answer = await operator.post(EVENTS, new_event(id="m1"), key=key)
            assert problem_of(answer) == (409, "event_exists")
    assert provider.written == []


async def test_a_provider_that_is_down_is_503_and_takes_it_later(
    house: OpenHouse, operator: Caller, provider: ProviderStub
) -> None:
    async with reading(house, main=f"evens+{provider.url}"):
        provider.is_down = True
        answer = await operator.post(EVENTS, new_event(), key="one")
        assert (problem_of(answer), answer.headers["retry-after"]) == ((503, "line_unavailable"), "1")
        assert "under the same Idempotency-Key" in answer.json()["detail"]
        provider.is_down = False
        await create(operator, key="one")


async def test_a_refusal_of_the_provider_is_told_with_its_code_and_our_fields(
    house: OpenHouse, operator: Caller, provider: ProviderStub
) -> None:
    async with reading(house, main=f"evens+{provider.url}"):
        event = await create(operator)
        path, change = f"{EVENTS}/{event['id']}", {"title": "Ann v Bo (F)"}
        finished = {"code": "event_finished", "detail": "The event is FINISHED, and its odds are closed."}
        provider.refusal = ("409 Conflict", finished)
        answer = await operator.patch(path, change)
        assert (problem_of(answer), answer.json()["detail"]) == ((409, "event_finished"), finished["detail"])
        wrong = {"field": "markets[0].selections[0].coefficient", "message": "is no coefficient"}
        provider.refusal = (
            "422 Unprocessable Content",
            {"code": "validation_failed", "detail": "No.", "errors": [wrong]},
        )
        answer = await operator.post(EVENTS, new_event())
        assert problem_of(answer) == (422, "validation_failed")
        assert answer.json()["errors"] == [{"field": "markets[0].selections[0].odds", "message": "is no odds"}]
        provider.refusal = ("451 Unavailable For Legal Reasons", {"code": "no", "detail": "Not here."})
        assert problem_of(await operator.post(EVENTS, new_event())) == (409, "no")


async def test_what_is_only_read_says_so_and_what_to_do(
    house: OpenHouse, operator: Caller, provider: ProviderStub
) -> None:
    await publish(house, "m1", MATCH)

    async def refused(method: Any, path: str, body: Any) -> str:
        answer = await method(path, body)
        assert problem_of(answer) == (409, "line_read_only"), answer.text
        assert "EVENS_LINE_SOURCES" in answer.json()["detail"]
        return answer.json()["detail"]

    change = {"title": "Ann v Bo"}
    assert "has no line provider" in await refused(operator.post, EVENTS, new_event())
    await refused(operator.patch, f"{EVENTS}/m1", change)
    async with reading(house, odds=f"oddsapi+{provider.url}", uof=f"uof+{provider.url}"):
        assert "has no line provider" in await refused(operator.post, EVENTS, new_event())
        assert "odds is only read" in await refused(operator.post, EVENTS, new_event(source="odds"))
        assert "uof is only read" in await refused(operator.post, EVENTS, new_event(source="uof"))
        assert "main is only read" in await refused(operator.patch, f"{EVENTS}/m1", change)


async def test_of_several_providers_the_one_that_is_named_publishes(
    house: OpenHouse, operator: Caller, provider: ProviderStub
) -> None:
    async with ProviderStub().serving() as second:
        places = {"main": f"evens+{provider.url}", "cup": f"evens+{second.url}", "odds": f"oddsapi+{second.url}"}
        async with reading(house, **places):
            for source, said in ((None, "main, cup"), ("copa", "main, cup, odds")):
                answer = await operator.post(EVENTS, new_event(**({} if source is None else {"source": source})))
                assert problem_of(answer) == (422, "validation_failed")
                (error,) = answer.json()["errors"]
                assert (error["field"], error["message"].rpartition(": ")[2]) == ("source", said)
            event = await create(operator, source="cup", id="final")
            assert (event["id"], provider.written, len(second.written)) == ("cup:final", [], 1)
            answer = await operator.patch(f"{EVENTS}/cup:final", {"title": "The final"})
            assert (answer.status_code, answer.json()["title"]) == (200, "The final")
