"""A round over HTTP, from its opening until it is paid and corrected."""

import time
from datetime import UTC, datetime, timedelta

from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import check_books, wallet
from tests.edges.pools.window import CODE, PATH, POOL, TIMES, at_rest, bet, change, create, listed, open_round, refused


async def test_a_pool_is_created_changed_and_listed(operator: Caller, ada: Caller) -> None:
    made = await create(operator, min_stake="1.00", max_stake="50.00")
    assert (made["key"], made["currency"], made["fee_bps"]) == ("ndx-daily", "USD", 100)
    assert (made["calendar"], made["grace_s"], made["quorum"]) == ("XNAS", 1_800, 1)
    assert "rounded down" in made["rule"]
    assert await refused(operator, "/v1/pools", POOL) == (409, "pool_exists")
    changed = await operator.patch(PATH, {"fee_bps": 200, "closed": ["2099-01-09"], "grace_s": 60})
    assert changed.status_code == 200, changed.text
    expected = {**made, "fee_bps": 200, "closed": ["2099-01-09"], "grace_s": 60}
    assert changed.json() == expected
    assert await listed(ada, "/v1/pools") == [expected]
    again = await operator.patch(PATH, {"fee_bps": 200})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_changes")


async def test_a_round_has_the_terms_of_the_moment_at_which_it_was_opened(operator: Caller) -> None:
    await create(operator)
    await open_round(operator)
    await operator.patch(PATH, {"fee_bps": 500})
    await open_round(operator, "20990103", locks_at="2099-01-03T20:59:59Z", settles_at="2099-01-03T21:05:00Z")
    newest, oldest = await listed(operator, f"{PATH}/rounds")
    assert [(each["code"], each["fee_bps"]) for each in (newest, oldest)] == [("20990103", 500), (CODE, 100)]


async def test_bets_are_taken_shown_and_paid(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bob", USD=100_00)
    await create(operator)
    assert (await open_round(operator))["status"] == "open"
    placed = await bet(ada, "up", "10.00")
    assert (placed["round"], placed["status"], placed["payout"]) == (CODE, "open", None)
    assert await wallet(ada) == ("90.00", "10.00")
    alone = (await ada.get(f"{PATH}/rounds/{CODE}")).json()
    assert alone["sides"]["up"] == {"staked": "10.00", "bets": 1, "pays_per_unit": None}
    await bet(bob, "down", "10.00", round=CODE)
    quote = (await ada.get(f"{PATH}/rounds/{CODE}/quote", side="up", amount="10.00")).json()
    # 9.90 for 20.00 on up, of which 10.00 are asked about.
    assert (quote["returns"], quote["pays_per_unit"]) == ("14.95", "1.495000")
    current = (await ada.get(f"{PATH}/rounds/current")).json()
    assert (current["code"], current["sides"]["down"]["staked"]) == (CODE, "10.00")
    assert current["sides"]["up"]["pays_per_unit"] == "1.990000"
    locked = await operator.post(f"{PATH}/rounds/{CODE}/lock")
    assert (locked.json()["status"], len(locked.json()["commitment"])) == ("locked", 64)
    paid = await change(operator, "settle", {"result": "up", "price": "15003.25"})
    assert (paid["status"], paid["result"], paid["closing_price"]) == ("settled", "up", "15003.25")
    assert (paid["fee"], paid["rounding"], paid["corrected"]) == ("0.10", "0.00", False)
    assert paid["commitment"] == locked.json()["commitment"]
    over = (await ada.get(f"/v1/pools/bets/{placed['id']}")).json()
    assert (over["status"], over["payout"], over["settled_at"] is not None) == ("won", "19.90", True)
    (lost,) = await listed(bob)
    assert (lost["status"], lost["payout"]) == ("lost", "0.00")
    assert await wallet(ada) == ("109.90", "0.00")
    assert await wallet(bob) == ("90.00", "0.00")
    await check_books(house)


async def test_a_result_is_corrected_also_to_void(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bob", USD=100_00)
    await create(operator)
    await open_round(operator)
    await bet(ada, "up", "10.00")
    await bet(bob, "down", "10.00")
    assert await refused(operator, f"{PATH}/rounds/{CODE}/correct", {"result": "up"}) == (409, "round_not_settled")
    assert await refused(operator, f"{PATH}/rounds/{CODE}/settle", {"result": "up"}) == (409, "round_not_locked")
    await operator.post(f"{PATH}/rounds/{CODE}/lock")
    assert await refused(operator, f"{PATH}/rounds/{CODE}/lock") == (409, "nothing_changes")
    await change(operator, "settle", {"result": "up"})
    assert await refused(operator, f"{PATH}/rounds/{CODE}/settle", {"result": "down"}) == (409, "round_settled")
    assert await refused(operator, f"{PATH}/rounds/{CODE}/void", {"reason": "x"}) == (409, "round_settled")
    corrected = await change(operator, "correct", {"result": "down", "reason": "The source was wrong."})
    assert (corrected["result"], corrected["corrected"]) == ("down", True)
    assert (await wallet(ada), await wallet(bob)) == (("90.00", "0.00"), ("109.90", "0.00"))
    void = await change(operator, "correct", {"result": "void"})
    assert (void["status"], void["result"], void["fee"]) == ("void", "void", "0.00")
    assert {each["status"] for each in await listed(operator, pool="ndx-daily", round=CODE)} == {"refunded"}
    assert (await wallet(ada), await wallet(bob)) == (("100.00", "0.00"), ("100.00", "0.00"))
    await check_books(house)


async def test_a_void_round_gives_every_stake_back(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await create(operator)
    await open_round(operator)
    placed = await bet(ada, "up", "10.00")
    void = await change(operator, "void", {"reason": "The exchange did not open."})
    assert (void["status"], void["void_reason"]) == ("void", "The exchange did not open.")
    found = (await ada.get(f"/v1/pools/bets/{placed['id']}")).json()
    assert (found["status"], found["payout"]) == ("refunded", "10.00")
    assert await wallet(ada) == ("100.00", "0.00")
    await check_books(house)


async def test_nobody_bets_too_late_or_where_nothing_is_open(operator: Caller, ada: Caller) -> None:
    stake = {"side": "up", "amount": "1.00"}
    assert await refused(ada, f"{PATH}/bets", stake) == (404, "pool_unknown")
    await create(operator, min_stake="1.00", max_stake="5.00")
    assert await refused(ada, f"{PATH}/bets", stake) == (409, "no_open_round")
    assert (await ada.get(f"{PATH}/rounds/current")).json()["code"] == "no_open_round"
    await open_round(operator)
    assert await refused(ada, f"{PATH}/bets", {**stake, "round": "20990103"}) == (404, "round_unknown")
    assert await refused(ada, f"{PATH}/bets", {**stake, "amount": "0.99"}) == (422, "stake_too_small")
    assert await refused(ada, f"{PATH}/bets", {**stake, "amount": "5.01"}) == (422, "stake_too_large")
    await operator.post(f"{PATH}/rounds/{CODE}/lock")
    assert await refused(ada, f"{PATH}/bets", {**stake, "round": CODE}) == (409, "round_locked")
    assert await refused(ada, f"{PATH}/bets", stake) == (409, "no_open_round")
    quote = await ada.get(f"{PATH}/rounds/{CODE}/quote", side="up", amount="1.00")
    assert (quote.status_code, quote.json()["code"]) == (409, "round_locked")
    assert await refused(operator, f"{PATH}/rounds", {"code": CODE, **TIMES}) == (409, "round_exists")


async def test_a_round_locks_by_itself_when_its_time_has_come(operator: Caller, ada: Caller) -> None:
    await create(operator)
    soon = datetime.now(UTC) + timedelta(seconds=2)
    await open_round(operator, locks_at=soon.isoformat(), settles_at=soon.isoformat())
    await bet(ada, "up", "1.00")
    while (found := await at_rest(ada))["status"] == "open":
        assert time.time() < soon.timestamp() + 30
    assert found["status"] == "locked"
    assert time.time() >= soon.timestamp()
    assert await refused(ada, f"{PATH}/bets", {"side": "up", "amount": "1.00", "round": CODE}) == (409, "round_locked")


async def test_without_a_calendar_operators_name_times_and_results(operator: Caller) -> None:
    await create(operator)
    for body in ({}, {"code": CODE}):
        answer = await operator.post(f"{PATH}/rounds", body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "code")
    await open_round(operator)
    await operator.post(f"{PATH}/rounds/{CODE}/lock")
    assert await refused(operator, f"{PATH}/rounds/{CODE}/settle", {"result": "auto"}) == (409, "no_price")


async def test_rounds_are_listed_by_status_a_page_at_a_time(operator: Caller) -> None:
    await create(operator)
    codes = [f"2099010{number}" for number in range(1, 6)]
    for code in codes:
        await open_round(operator, code)
    await operator.post(f"{PATH}/rounds/{codes[0]}/lock")
    opened = await listed(operator, f"{PATH}/rounds", status="open")
    assert [each["code"] for each in opened] == codes[:0:-1]
    assert [each["code"] for each in await listed(operator, f"{PATH}/rounds", status="locked")] == codes[:1]
    first = (await operator.get(f"{PATH}/rounds", limit="2")).json()
    rest = (await operator.get(f"{PATH}/rounds", limit="10", after=first["next"])).json()
    assert [each["code"] for each in (*first["items"], *rest["items"])] == codes[::-1]


async def test_the_same_key_is_one_bet(operator: Caller, ada: Caller) -> None:
    await create(operator)
    await open_round(operator)
    answers = [await ada.post(f"{PATH}/bets", {"side": "up", "amount": "1.00"}, key="k") for _ in range(3)]
    assert len({answer.text for answer in answers}) == 1
    assert [answer.headers.get("idempotency-replayed", "") for answer in answers].count("true") == 2
    assert len(await listed(ada)) == 1
    other = await ada.post(f"{PATH}/bets", {"side": "down", "amount": "1.00"}, key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    # Also after the round is paid the answer is the one that was given.
    await operator.post(f"{PATH}/rounds/{CODE}/lock")
    await change(operator, "settle", {"result": "up"})
    late = await ada.post(f"{PATH}/bets", {"side": "up", "amount": "1.00"}, key="k")
    assert late.text == answers[0].text


async def test_everybody_sees_only_their_own_bets(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bob", USD=100_00)
    await create(operator)
    await create(operator, key="other")
    await open_round(operator)
    await open_round(operator, pool="other")
    mine = await bet(ada, "up", "1.00")
    elsewhere = await bet(ada, "up", "2.00", pool="other")
    his = await bet(bob, "down", "3.00")
    assert [each["id"] for each in await listed(ada)] == [elsewhere["id"], mine["id"]]
    assert [each["id"] for each in await listed(ada, pool="ndx-daily")] == [mine["id"]]
    assert [each["id"] for each in await listed(ada, pool="ndx-daily", round=CODE)] == [mine["id"]]
    assert (await ada.get(f"/v1/pools/bets/{his['id']}")).status_code == 404
    assert (await ada.get("/v1/pools/bets", user_id=bob.id)).status_code == 403
    assert [each["id"] for each in await listed(operator, pool="ndx-daily", round=CODE)] == [his["id"], mine["id"]]
    assert [each["id"] for each in await listed(operator, user_id=bob.id)] == [his["id"]]
    for_bob = await bet(operator, "up", "4.00", user_id=bob.id)
    assert for_bob["user_id"] == bob.id


async def test_rounds_of_all_pools_are_listed_and_found_by_words(operator: Caller, ada: Caller) -> None:
    await create(operator)
    await create(operator, key="btc", name="Bitcoin, hourly", symbol="BTC")
    await open_round(operator)
    await open_round(
        operator, "20990103", pool="btc", locks_at="2099-01-03T20:59:59Z", settles_at="2099-01-03T21:05:00Z"
    )

    async def found(**asked: str) -> list[str]:
        return [each["pool"] for each in await listed(ada, "/v1/pools/rounds", **asked)]

    assert await found() == ["btc", "ndx-daily"]
    assert await found(status="running") == ["btc", "ndx-daily"]
    assert await found(status="open", q="BITC hour") == ["btc"]
    assert await found(q="ixic") == ["ndx-daily"]
    await change(operator, "void", {"reason": "no price"})
    assert await found(status="running") == ["btc"]
    assert await found(status="void") == ["ndx-daily"]
    assert await found(status="locked") == []
    assert [pool["key"] for pool in await listed(ada, "/v1/pools", q="nasd comp")] == ["ndx-daily"]
    assert await listed(ada, "/v1/pools", q="omposite") == []
