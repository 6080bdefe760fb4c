"""Fair shares: one leader who floods holds up nobody else, and what cannot be copied is skipped together."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest

from evens.core.commands.every import Command
from evens.core.commands.following import CopyMatch, SkipBets
from evens.core.values.following import SkipReason
from evens.core.values.public_ids import parse_follow_id
from evens.edges.jobs import turns
from evens.edges.jobs.copier import Copier
from evens.program.copy_results import copying_jobs
from evens.sequencer.errors import CommandFailed
from evens.store.auditing.audit import audit
from evens.store.following import due
from evens.store.following.due import CopiesDue
from evens.store.following.queries import FollowingQueries
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import change, open_market, place
from tests.edges.social.following import copies, copy_all, copyable, follow, id_of, outcomes
from tests.edges.sportsbook import counter

ROUND = 12
"""How many copies a round has where that matters: with fewer than in earnest, less has to be bet."""


@pytest.fixture
async def bob(house: OpenHouse) -> Caller:
    """A customer with 100.00 USD, who follows."""
    return await house.customer("bob", USD=100_00)


@pytest.fixture
async def eve(house: OpenHouse) -> Caller:
    """A customer with 10,000.00 USD, against whom the others bet."""
    return await house.customer("eve", USD=10_000_00)


@pytest.fixture
def asked(house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> list[Command]:
    """What the copier asks for, in order, all of it in the background."""
    seen: list[Command] = []
    submit_all = house.services.gateway.submit_all

    def note(commands: Sequence[tuple[bytes, Command]], **how: Any) -> list[asyncio.Future[Any]]:
        assert how["background"] is True
        seen.extend([command for _id, command in commands])
        return submit_all(commands, **how)

    monkeypatch.setattr(house.services.gateway, "submit_all", note)
    return seen


async def flood(leader: Caller, other: Caller, market: str, times: int) -> None:
    """Let a leader be matched so often."""
    await place(other, market, "lay", "3.00", f"{times}.00")
    for _ in range(times):
        await place(leader, market, "back", "3.00", "1.00")


async def test_a_leader_who_floods_holds_up_no_other_leaders_copies(
    house: OpenHouse,
    operator: Caller,
    bob: Caller,
    eve: Caller,
    asked: list[Command],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "COPIES_PER_ROUND", ROUND)
    flooder, carl = await house.customer("flooder", USD=1_000_00), await house.customer("carl", USD=100_00)
    await copyable(flooder, carl)
    market = await open_market(operator)
    await follow(bob, flooder, per_bet_cap="0.01", max_slippage_ticks=0)
    honest = (await follow(bob, carl))["id"]
    await flood(flooder, eve, market, 2 * ROUND)
    await place(eve, market, "lay", "3.00", "20.00")
    await place(carl, market, "back", "3.00", "5.00")
    assert await Copier(house.services.gateway, CopiesDue(house.database)).copy_next()
    assert await outcomes(bob, honest) == [("copied", None)]
    (place_of_it,) = [
        number
        for number, command in enumerate(asked)
        if isinstance(command, CopyMatch) and str(command.follow) == honest.removeprefix("fol_")
    ]
    assert place_of_it < 2
    await copy_all(house)
    assert sum(isinstance(command, CopyMatch) for command in asked) == 2 * ROUND + 1


async def test_what_is_paused_expired_or_in_another_currency_is_skipped_together(
    house: OpenHouse,
    operator: Caller,
    ada: Caller,
    bob: Caller,
    eve: Caller,
    asked: list[Command],
) -> None:
    carl, dan = await house.customer("carl", USD=100_00), await house.customer("dan", USD=100_00)
    await copyable(ada)
    market = await open_market(operator)
    paused, open_ = (await follow(bob, ada))["id"], (await follow(carl, ada))["id"]
    other = (await follow(dan, ada, currency="EUR"))["id"]
    await bob.post(f"/v1/follows/{paused}/pause")
    await flood(ada, eve, market, 30)
    await bob.post(f"/v1/follows/{paused}/resume")
    copier = Copier(house.services.gateway, CopiesDue(house.database), lambda: time.time_ns() + 61 * 10**9)
    while await copier.copy_next():
        pass
    (skipping,) = asked
    assert isinstance(skipping, SkipBets)
    for caller, following, reason in ((bob, paused, "paused"), (carl, open_, "expired"), (dan, other, "expired")):
        (row,) = await copies(caller, following)
        assert (row["status"], row["reason"], row["bets"], row["bet_id"]) == ("skipped", reason, 30, None)
        assert row["leader_bet"].startswith("trd_")
    told = [each["kind"] for each in (await bob.get("/v1/notifications")).json()["items"]]
    assert told.count("bet_skipped") == 1
    assert (await audit(house.stage.dsns.app)).problems == []


async def test_what_has_expired_is_skipped_at_once_however_many_follow(
    house: OpenHouse,
    operator: Caller,
    ada: Caller,
    eve: Caller,
    asked: list[Command],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(due, "PAIRS", 2)
    await copyable(ada)
    market = await open_market(operator)
    for number in range(4):
        await follow(await house.customer(f"late{number}", USD=10_00), ada)
    await flood(ada, eve, market, 20)
    copier = Copier(house.services.gateway, CopiesDue(house.database), lambda: time.time_ns() + 61 * 10**9)
    assert await copier.copy_next()
    (skipping,) = asked
    assert isinstance(skipping, SkipBets)
    assert [(bets.reason, bets.count) for bets in skipping.bets] == [(SkipReason.EXPIRED, 20)] * 4


@pytest.mark.parametrize(("ahead_s", "expected"), [(0, ("copied", None)), (61, ("skipped", "expired"))])
async def test_the_clock_by_which_bets_are_recorded_says_which_are_too_old(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller, ahead_s: int, expected: tuple[str, str]
) -> None:
    await copyable(ada)
    market = await open_market(operator)
    following = (await follow(bob, ada))["id"]
    await place(eve, market, "lay", "3.00", "20.00")
    await place(ada, market, "back", "3.00", "10.00")
    copier = copying_jobs(house.database, house.services.gateway, lambda: time.time_ns() + ahead_s * 10**9)["copier"]
    running = asyncio.create_task(copier.run())
    while not await copies(bob, following):
        continue
    copier.stop()
    await running
    assert await outcomes(bob, following) == [expected]


async def test_a_stretch_that_is_read_again_is_decided_once(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The place is lost after everything was decided: what was skipped and what was copied is not decided again."""
    monkeypatch.setattr(due, "PAIRS", 7)
    await copyable(ada)
    market, elsewhere = await open_market(operator), await open_market(operator)
    following = (await follow(bob, ada, markets=[market]))["id"]
    reader = CopiesDue(house.database)
    copier = Copier(house.services.gateway, reader)
    decided = reader.decided

    async def forget(_page: due.Page) -> None:
        pass

    for number in range(3):
        monkeypatch.setattr(reader, "decided", forget)
        for one in (elsewhere, market, elsewhere):
            await place(eve, one, "lay", "3.00", "10.00")
            await place(ada, one, "back", "3.00", "1.00")
        await copier.copy_next()
        monkeypatch.setattr(reader, "decided", decided)
        await copier.copy_next()
        await copy_all(house)
        rows = await copies(bob, following)
        assert sum(row["bets"] for row in rows if row["reason"] == "not_allowed") == 2 * (number + 1)
        assert [row["bets"] for row in rows if row["status"] == "copied"] == [1] * (number + 1)
    assert id_of(ada) not in await reader.leaders(id_of(ada), 1)


async def test_skipped_bets_are_listed_page_by_page_without_a_gap(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada)
    market, elsewhere = await open_market(operator), await open_market(operator, currency="EUR")
    following = (await follow(bob, ada, markets=[market, elsewhere]))["id"]
    third = await open_market(operator)
    for each in (ada, eve):
        await operator.post("/v1/deposits", {"user_id": each.id, "amount": "50.00", "currency": "EUR"})
    for one in (third, elsewhere, third, market):
        await place(eve, one, "lay", "3.00", "10.00")
        await place(ada, one, "back", "3.00", "1.00")
    await copy_all(house)
    seen: list[tuple[str | None, int]] = []
    after: str | None = None
    while True:
        query = {"limit": "1"} | ({} if after is None else {"after": after})
        page = (await bob.get(f"/v1/follows/{following}/copies", **query)).json()
        seen += [(each["reason"], each["bets"]) for each in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(seen, key=str) == [("currency", 1), ("not_allowed", 2), (None, 1)]


async def test_an_order_that_came_in_the_place_of_a_copy_is_a_copy_too(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, eve: Caller
) -> None:
    await copyable(ada, bob)
    carl = await house.customer("carl", USD=100_00)
    market = await open_market(operator, bet_delay_seconds=1)
    following = (await follow(bob, ada))["id"]
    looping = (await follow(carl, bob))["id"]
    await place(ada, market, "back", "3.00", "10.00")
    await place(eve, market, "lay", "3.00", "10.00")
    await place(eve, market, "lay", "3.00", "20.00", persistence="persist")
    await change(operator, market, "in-play")
    await copy_all(house)
    (pending,) = await copies(bob, following)
    answer = await bob.put(f"/v1/exchange/orders/{pending['bet_id']}", {"odds": "2.90"})
    assert answer.status_code == 200, answer.text
    instead = answer.json()["id"]
    assert instead != pending["bet_id"]
    async with asyncio.timeout(30):
        while (await bob.get(f"/v1/exchange/orders/{instead}")).json()["matched"] == "0.00":
            pass
    await copy_all(house)
    assert await outcomes(carl, looping) == [("skipped", "loop")]


async def test_paused_and_frozen_followers_hold_up_no_copy_of_somebody_elses(
    house: OpenHouse,
    operator: Caller,
    ada: Caller,
    bob: Caller,
    eve: Caller,
    asked: list[Command],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(due, "PAIRS", 2)
    await copyable(ada)
    market = await open_market(operator)
    idle: list[tuple[Caller, str, str]] = []
    for number in range(6):
        caller = await house.customer(f"idle{number}", USD=10_00)
        following = (await follow(caller, ada))["id"]
        idle.append((caller, following, "restricted" if number % 2 else "paused"))
        if number % 2 == 0:
            await caller.post(f"/v1/follows/{following}/pause")
    honest = (await follow(bob, ada))["id"]
    for caller, _following, reason in idle:
        if reason == "restricted":
            assert (await operator.post(f"/v1/users/{caller.id}/freeze")).status_code == 200
    await place(eve, market, "lay", "3.00", "20.00")
    await place(ada, market, "back", "3.00", "5.00")
    assert await Copier(house.services.gateway, CopiesDue(house.database)).copy_next()
    assert await outcomes(bob, honest) == [("copied", None)]
    await copy_all(house)
    assert sum(isinstance(command, CopyMatch) for command in asked) == 1
    for _caller, following, reason in idle:
        number = parse_follow_id(following)
        assert number is not None
        (row,) = await FollowingQueries(house.database).copies(number, limit=9)
        assert (row.reason, row.bets) == (SkipReason[reason.upper()], 1)


async def test_followers_whose_stakes_are_limited_are_skipped_together(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller, asked: list[Command]
) -> None:
    await copyable(ada)
    await counter.fund(house)
    await counter.publish(house, "final", counter.MATCH)
    following = (await follow(bob, ada))["id"]
    assert (await operator.put(f"/v1/users/{bob.id}/stake-factor", {"percent": 50})).status_code == 200
    for _ in range(3):
        await counter.place(ada, counter.single("final", "10.00"))
    await copy_all(house)
    assert [type(command) for command in asked] == [SkipBets]
    (row,) = await copies(bob, following)
    assert (row["reason"], row["bets"]) == ("restricted", 3)


async def test_a_round_has_its_copies_for_both_pages_of_a_turn_together(
    house: OpenHouse,
    operator: Caller,
    ada: Caller,
    bob: Caller,
    eve: Caller,
    asked: list[Command],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "COPIES_PER_ROUND", ROUND)
    await copyable(ada)
    market = await open_market(operator)
    following = (await follow(bob, ada, stake="0.10", max_slippage_ticks=0))["id"]
    await flood(ada, eve, market, ROUND)
    await place(eve, market, "lay", "3.00", "20.00")
    # The copier passed these while nothing could be copied for bob.
    reader = CopiesDue(house.database)
    await operator.post(f"/v1/users/{bob.id}/freeze")
    while await reader.look():
        continue
    for turn in await reader.turns([id_of(ada)]):
        await reader.asked(await reader.ahead(turn, ROUND, time.time_ns()))
    await operator.post(f"/v1/users/{bob.id}/unfreeze")
    await flood(ada, eve, market, ROUND)
    copier, rounds = Copier(house.services.gateway, reader), list[int]()
    while await copier.copy_next():
        rounds.append(len(asked) - sum(rounds))
    assert max(rounds) <= ROUND, rounds
    assert sum(isinstance(command, CopyMatch) for command in asked) == 2 * ROUND
    assert len(await outcomes(bob, following)) == 2 * ROUND


@pytest.mark.parametrize("breaks", ["together", "by itself"])
async def test_what_is_skipped_is_recorded_although_the_rules_break_on_the_command_that_skips_it(
    house: OpenHouse,
    operator: Caller,
    ada: Caller,
    bob: Caller,
    eve: Caller,
    monkeypatch: pytest.MonkeyPatch,
    breaks: str,
) -> None:
    await copyable(ada)
    market = await open_market(operator)
    carl = await house.customer("carl", USD=100_00)
    followings = [(caller, (await follow(caller, ada))["id"]) for caller in (bob, carl)]
    for caller, following in followings:
        await caller.post(f"/v1/follows/{following}/pause")
    await flood(ada, eve, market, 3)
    submit_all = house.services.gateway.submit_all

    def breaking(commands: Sequence[tuple[bytes, Command]], **how: Any) -> list[asyncio.Future[Any]]:
        return [failed() if is_broken(each[1]) else submit_all([each], **how)[0] for each in commands]

    def is_broken(command: Command) -> bool:
        if not isinstance(command, SkipBets) or command.bets[0].reason is SkipReason.FAILED:
            return False
        return len(command.bets) > 1 or breaks == "by itself"

    def failed() -> asyncio.Future[Any]:
        broken: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        broken.set_exception(CommandFailed())
        return broken

    monkeypatch.setattr(house.services.gateway, "submit_all", breaking)
    await copy_all(house)
    for caller, following in followings:
        (row,) = await copies(caller, following)
        assert (row["bets"], row["reason"]) == (3, "paused" if breaks == "together" else "failed")
    assert not await Copier(house.services.gateway, CopiesDue(house.database)).copy_next(), "the place has moved on"
    assert (await audit(house.stage.dsns.app)).problems == []
