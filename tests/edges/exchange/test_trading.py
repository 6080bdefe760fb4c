"""Markets from their first order to the last cent, over HTTP."""

from typing import Any

from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import (
    ANN,
    BO,
    CY,
    at_rest,
    change,
    check_books,
    items,
    open_market,
    over,
    place,
    settle,
    wallet,
)


async def test_a_market_is_traded_and_settled_to_the_cent(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator, commission_bps=500)
    await place(bob, market, "lay", "3.00", "10.00")
    assert await wallet(bob) == ("80.00", "20.00")
    backed = await place(ada, market, "back", "2.80", "10.00")
    assert (backed["status"], backed["matched"], backed["average_odds"]) == ("complete", "10.00", "3.00")
    assert await wallet(ada) == ("90.00", "10.00")

    settled = await settle(operator, market, ANN)
    assert settled["status"] == "settled"
    assert [runner["status"] for runner in settled["runners"]] == ["winner", "loser", "loser"]
    assert (await wallet(ada), await wallet(bob)) == (("119.00", "0.00"), ("80.00", "0.00"))
    kinds = [(entry["kind"], entry["direction"], entry["amount"]) for entry in await transactions(ada)]
    assert kinds[:4] == [
        ("commission", "out", "1.00"),
        ("payout", "in", "20.00"),
        ("release", "in", "10.00"),
        ("stake", "out", "10.00"),
    ]
    (position,) = await items(ada, "/v1/exchange/positions", market_id=market)
    assert (position["exposure"], position["profit"], position["commission"]) == ("0.00", "20.00", "1.00")
    await check_books(house)


async def transactions(caller: Caller) -> list[Any]:
    return await items(caller, "/v1/users/me/transactions")


async def test_a_hedge_frees_money_at_once(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator)
    await place(bob, market, "lay", "3.00", "10.00")
    await place(ada, market, "back", "3.00", "10.00")
    await place(bob, market, "back", "2.00", "15.00")
    assert await wallet(ada) == ("90.00", "10.00")

    await place(ada, market, "lay", "2.00", "15.00")
    assert await wallet(ada) == ("100.00", "0.00")
    (position,) = await items(ada, "/v1/exchange/positions", market_id=market)
    assert position["exposure"] == "0.00"
    assert position["runners"] == [
        {
            "runner_id": ANN,
            "name": "Ann",
            "if_win": "5.00",
            "if_lose": "5.00",
            "market_if_win": "5.00",
            "market_if_win_net": "4.75",
        },
        {
            "runner_id": BO,
            "name": "Bo",
            "if_win": "0.00",
            "if_lose": "0.00",
            "market_if_win": "5.00",
            "market_if_win_net": "4.75",
        },
        {
            "runner_id": CY,
            "name": "Cy",
            "if_win": "0.00",
            "if_lose": "0.00",
            "market_if_win": "5.00",
            "market_if_win_net": "4.75",
        },
    ]


async def test_a_market_that_covers_removals_is_opened_to_cover_every_reduction(
    house: OpenHouse, operator: Caller
) -> None:
    """Hold 10: also those at which more is lost than without a reduction and with the greatest."""
    ann, bob = await house.customer("ann", USD=1_100_00), await house.customer("bob", USD=1_100_00)
    market = await open_market(operator, cover_removals=True)
    bets = ((bob, ann, "1000.00", "1.00"), (ann, bob, "2.00", "1000.00"), (bob, ann, "1.01", "999.00"))
    for backer, layer, odds, stake in bets:
        await place(layer, market, "lay", odds, stake)
        await place(backer, market, "back", odds, stake)
    assert (await wallet(ann), await wallet(bob)) == (("596.01", "503.99"), ("1100.00", "0.00"))
    (position,) = await items(ann, "/v1/exchange/positions", market_id=market)
    assert position["exposure"] == "503.99"
    removed = await operator.post(f"/v1/exchange/markets/{market}/runners/{BO}/remove", {"reduction_bps": 4_950})
    assert removed.json()["lent"] == "0.00"
    await check_books(house)


async def test_a_position_tells_what_each_runner_brings_and_what_can_be_lost(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator)
    await place(bob, market, "lay", "3.00", "10.00")
    await place(ada, market, "back", "3.00", "10.00")
    await place(ada, market, "back", "4.00", "5.00", BO)
    (position,) = await items(ada, "/v1/exchange/positions")
    assert position == {
        "market_id": market,
        "currency": "USD",
        "exposure": "15.00",
        "runners": [
            {
                "runner_id": ANN,
                "name": "Ann",
                "if_win": "20.00",
                "if_lose": "-10.00",
                "market_if_win": "20.00",
                "market_if_win_net": "19.00",
            },
            {
                "runner_id": BO,
                "name": "Bo",
                "if_win": "0.00",
                "if_lose": "0.00",
                "market_if_win": "-10.00",
                "market_if_win_net": "-10.00",
            },
            {
                "runner_id": CY,
                "name": "Cy",
                "if_win": "0.00",
                "if_lose": "0.00",
                "market_if_win": "-10.00",
                "market_if_win_net": "-10.00",
            },
        ],
        "profit": None,
        "commission": None,
    }


async def test_nobody_pays_commission_on_a_loss_and_a_discount_lowers_it(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    bob = await house.customer("bob", USD=100_00)
    answer = await operator.put(f"/v1/users/{ada.id}/commission-discount", {"discount_bps": 2500})
    assert (answer.status_code, answer.json()) == (200, {"user_id": ada.id, "discount_bps": 2500})
    market = await open_market(operator, commission_bps=1000)
    await place(bob, market, "lay", "2.00", "40.00")
    await place(ada, market, "back", "2.00", "40.00")
    await settle(operator, market, ANN)
    assert (await wallet(ada), await wallet(bob)) == (("137.00", "0.00"), ("60.00", "0.00"))


async def test_a_dead_heat_pays_shares_of_the_stake_at_full_odds(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator, commission_bps=0)
    await place(bob, market, "lay", "4.00", "10.00")
    await place(ada, market, "back", "4.00", "10.00")
    settled = await settle(operator, market, ANN, BO, dead_heat=True)
    assert [runner["status"] for runner in settled["runners"]] == ["winner", "winner", "loser"]
    # 5.00 wins at 4.00, 5.00 is lost.
    assert (await wallet(ada), await wallet(bob)) == (("110.00", "0.00"), ("90.00", "0.00"))


async def test_only_those_that_tie_share_a_place_and_nobody_may_have_won(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    """Hold 14: `tied` beside `winners`, and an empty list of winners means that all lays win."""
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator, commission_bps=0, winners=2)
    for runner, odds in ((ANN, "2.00"), (BO, "3.00")):
        await place(bob, market, "lay", odds, "10.00", runner)
        await place(ada, market, "back", odds, "10.00", runner)
    await settle(operator, market, ANN, tied=[BO, CY])
    assert (await wallet(ada), await wallet(bob)) == (("115.00", "0.00"), ("85.00", "0.00"))
    settled = await settle(operator, market, correction=True)
    assert [runner["status"] for runner in settled["runners"]] == ["loser", "loser", "loser"]
    assert (await wallet(ada), await wallet(bob)) == (("80.00", "0.00"), ("120.00", "0.00"))


async def test_the_answer_to_a_removal_names_what_is_lent_and_it_can_be_taken_back(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    """Hold 10 and 15: `lent` is in the answers; asked again with another reduction, a removal is corrected."""
    bob = await house.customer("bob", USD=200_00)
    market = await open_market(operator)
    for runner in (ANN, BO):
        await place(bob, market, "back", "2.00", "100.00", runner)
        await place(ada, market, "lay", "2.00", "100.00", runner)
    sent = await operator.post("/v1/withdrawals", {"user_id": ada.id, "amount": "100.00"})
    assert sent.status_code == 201, sent.text
    path = f"/v1/exchange/markets/{market}/runners/{BO}"
    removed = await operator.post(f"{path}/remove", {"reduction_bps": 1000}, key="gone")
    assert (removed.status_code, removed.json()["lent"], removed.json()["status"]) == (200, "80.00", "suspended")
    await at_rest(operator, market)
    assert (await operator.post(f"{path}/remove", {"reduction_bps": 1000}, key="gone")).json() == removed.json()
    corrected = await change(operator, market, f"runners/{BO}/remove", {"reduction_bps": 0})
    assert [runner["reduction_bps"] for runner in corrected["runners"]] == [None, 0, None]
    back = await operator.post(f"{path}/reinstate")
    assert (back.status_code, back.json()["lent"]) == (200, "0.00")
    assert (await at_rest(operator, market))["runners"][1]["status"] == "active"
    assert (await operator.post(f"{path}/reinstate")).json()["code"] == "runner_not_removed"


async def test_several_places_pay_each_winner_in_full(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator, commission_bps=0, winners=2)
    for runner in (ANN, BO):
        await place(bob, market, "lay", "2.00", "10.00", runner)
        await place(ada, market, "back", "2.00", "10.00", runner)
    await settle(operator, market, BO, ANN)
    assert (await wallet(ada), await wallet(bob)) == (("120.00", "0.00"), ("80.00", "0.00"))


async def test_a_void_market_gives_everything_back(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator)
    await place(bob, market, "lay", "3.00", "10.00")
    await place(ada, market, "back", "3.00", "20.00")
    voided = await change(operator, market, "void")
    assert voided["status"] == "void"
    assert (await wallet(ada), await wallet(bob)) == (("100.00", "0.00"), ("100.00", "0.00"))
    lapsed = (await items(ada, "/v1/exchange/orders"))[0]
    assert (lapsed["status"], lapsed["matched"], lapsed["lapsed"]) == ("lapsed", "10.00", "10.00")


async def test_a_removed_runners_bets_are_void_and_odds_on_the_others_shrink(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator, commission_bps=0)
    for runner in (ANN, CY):
        await place(bob, market, "lay", "3.00", "10.00", runner)
        await place(ada, market, "back", "3.00", "10.00", runner)
    waiting = await place(ada, market, "back", "9.00", "5.00", CY)

    removed = await change(operator, market, f"runners/{CY}/remove", {"reduction_bps": 2000})
    assert removed["status"] == "suspended"
    assert [(runner["status"], runner["reduction_bps"]) for runner in removed["runners"]] == [
        ("active", None),
        ("active", None),
        ("removed", 2000),
    ]
    assert (await ada.get(f"/v1/exchange/orders/{waiting['id']}")).json()["status"] == "lapsed"
    assert await wallet(ada) == ("90.00", "10.00")
    await settle(operator, market, ANN)
    # 10.00 at 3.00 returns 30.00, shrunk by a fifth: 24.00.
    assert (await wallet(ada), await wallet(bob)) == (("114.00", "0.00"), ("86.00", "0.00"))
    await check_books(house)


async def test_a_wrong_result_is_corrected_and_what_is_missing_is_owed(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator, commission_bps=500)
    await place(bob, market, "lay", "3.00", "10.00")
    await place(ada, market, "back", "3.00", "10.00")
    await settle(operator, market, ANN)
    await ada.post("/v1/withdrawals", {"amount": "115.00"})
    assert await wallet(ada) == ("4.00", "0.00")

    await settle(operator, market, BO, correction=True)
    assert (await wallet(ada), await wallet(bob)) == (("0.00", "0.00"), ("109.50", "0.00"))
    owed = {"user_id": ada.id, "currency": "USD", "owed": "25.00"}
    assert await items(operator, "/v1/receivables") == [owed]
    lent = [entry for entry in await transactions(ada) if entry["kind"] == "advance"]
    assert [entry["amount"] for entry in lent] == ["25.00"]
    (position,) = await items(ada, "/v1/exchange/positions")
    assert (position["profit"], position["commission"]) == ("-10.00", "0.00")

    await settle(operator, market, ANN, correction=True)
    assert (await wallet(ada), await wallet(bob)) == (("4.00", "0.00"), ("80.00", "0.00"))
    assert await items(operator, "/v1/receivables") == []
    await check_books(house)


async def test_a_settled_market_can_be_voided_as_a_correction(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator)
    await place(bob, market, "lay", "3.00", "10.00")
    await place(ada, market, "back", "3.00", "10.00")
    await settle(operator, market, ANN)
    assert (await change(operator, market, "void", {"correction": True}))["status"] == "void"
    assert (await wallet(ada), await wallet(bob)) == (("100.00", "0.00"), ("100.00", "0.00"))


async def test_in_play_orders_wait_for_the_bet_delay_and_only_persistent_ones_stay(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator, bet_delay_seconds=1)
    lapsing = await place(bob, market, "lay", "2.00", "5.00")
    staying = await place(bob, market, "lay", "3.00", "5.00", persistence="persist")
    playing = await change(operator, market, "in-play")
    assert (playing["status"], playing["version"]) == ("in_play", 2)
    assert playing["in_play_since"] is not None
    assert (await bob.get(f"/v1/exchange/orders/{lapsing['id']}")).json()["status"] == "lapsed"

    delayed = await place(ada, market, "back", "3.00", "5.00")
    assert (delayed["status"], delayed["matched"]) == ("executable", "0.00")
    assert delayed["delayed_until"] > delayed["placed_at"]
    assert [level["size"] for level in (await at_rest(ada, market))["runners"][0]["to_back"]] == ["5.00"]
    found = await over(ada, delayed["id"])
    assert (found["status"], found["matched"], found["delayed_until"]) == ("complete", "5.00", None)
    assert (await bob.get(f"/v1/exchange/orders/{staying['id']}")).json()["status"] == "complete"
    await change(operator, market, "suspend")
    resumed = await change(operator, market, "resume")
    assert (resumed["status"], resumed["in_play_since"]) == ("in_play", playing["in_play_since"])


async def test_a_market_goes_through_its_states(operator: Caller) -> None:
    market = await open_market(operator)
    seen = [
        ((found := await change(operator, market, deed))["status"], found["version"])
        for deed in ("suspend", "resume", "in-play", "suspend", "resume", "close")
    ]
    statuses = ["suspended", "open", "in_play", "suspended", "in_play", "closed"]
    assert seen == [(status, version) for version, status in enumerate(statuses, 2)]
    assert (await settle(operator, market, ANN))["settled_at"] is not None


async def test_what_betting_moves_is_in_the_history_and_the_statement(
    house: OpenHouse, operator: Caller, ada: Caller
) -> None:
    bob = await house.customer("bob", USD=100_00)
    market = await open_market(operator)
    await place(bob, market, "lay", "3.00", "10.00")
    await place(ada, market, "back", "3.00", "10.00")
    await settle(operator, market, ANN)
    (payout,) = await items(ada, "/v1/users/me/transactions", kind="payout")
    # A line of a list names whom the money came from, by name as well; nobody in particular paid this.
    alone = (await ada.get(f"/v1/transactions/{payout['id']}")).json()
    about = {"kind": "market", "id": market, "name": "Match odds"}
    assert {**alone, "counterparty_username": None, "about": about} == payout
    assert payout["counterparty_id"] is None
    # Bob's loss left his escrow; his cash went there when he bet.
    assert [entry["kind"] for entry in await transactions(bob)] == ["stake", "deposit"]
    lines = (await ada.get("/v1/users/me/statement.csv")).text.splitlines()
    assert [line.split(",")[3] for line in lines] == ["kind", "deposit", "stake", "release", "payout", "commission"]
