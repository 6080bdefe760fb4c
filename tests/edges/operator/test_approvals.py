"""Two operators: what one proposes is done once another one approves."""

import asyncio
from typing import Any

import pytest

from evens.core.commands.exchange import SettleMarket
from evens.core.values.ids import MarketId, RunnerId
from evens.edges.http.operator.approving import Finisher
from evens.edges.http.protocol.idempotency import command_id
from evens.identity.principal import Role
from evens.settings import Settings
from evens.store.approvals import Who
from evens.store.encoding.codec import decode
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange import floor
from tests.edges.exchange.floor import ANN
from tests.edges.pools import window

pytestmark = pytest.mark.anyio

ALL = "settle,correct,void,reverse,deposit:100,withdrawal:100"
WHY = {"reason": "official result"}


@pytest.fixture
def settings() -> Settings:
    return Settings(two_operators=ALL)


@pytest.fixture
async def second(house: OpenHouse) -> Caller:
    """Another one who runs the house."""
    return await house.someone(Role.OPERATOR, "night desk")


@pytest.fixture
async def market(house: OpenHouse, operator: Caller, ada: Caller) -> str:
    """Return a market in which ada has backed Ann, and bob laid her."""
    bob = await house.customer("bobby", USD=100_00)
    public = await floor.open_market(operator)
    await floor.place(ada, public, "back", "3.00", "10.00", ANN)
    await floor.place(bob, public, "lay", "3.00", "10.00", ANN)
    return public


def settling(market: str, *winners: str, **more: Any) -> dict[str, Any]:
    return {"what": "settle_market", "id": market, "body": {"winners": winners, **more}}


async def propose(caller: Caller, request: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await caller.post("/v1/approvals", {"request": request, **WHY}, **more)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def decide(caller: Caller, approval: dict[str, Any], decision: str = "approve") -> Any:
    return await caller.post(f"/v1/approvals/{approval['id']}/{decision}", {"reason": "checked"})


async def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_preview_says_what_a_settlement_does(operator: Caller, market: str) -> None:
    shown = (await operator.post("/v1/previews", settling(market, ANN))).json()
    assert (shown["what"], shown["needs_approval"], shown["refused"]) == ("settle_market", True, None)
    usd = shown["currencies"][0]
    assert (usd["currency"], usd["customers"], usd["winners"], usd["losers"]) == ("USD", 2, 1, 1)
    assert (usd["paid"], usd["taken"], usd["fees"], usd["bank"]) == ("19.00", "20.00", "1.00", "0.00")
    assert [(each["username"], each["cash"]) for each in usd["largest"]] == [("ada", "29.00")]
    assert usd["owing"] == []


async def test_a_preview_says_why_something_would_be_refused(operator: Caller, market: str) -> None:
    shown = (await operator.post("/v1/previews", settling(market, ANN, correction=True))).json()
    assert (shown["refused"]["status"], shown["refused"]["code"]) == (409, "not_settled")
    assert shown["currencies"] == []


async def test_a_request_is_read_as_its_own_route_reads_it(operator: Caller, market: str) -> None:
    async def wrong(request: dict[str, Any]) -> tuple[int, list[str]]:
        answer = await operator.post("/v1/previews", request)
        return answer.status_code, [each["field"] for each in answer.json().get("errors", ())]

    assert await wrong({"what": "dance", "id": market}) == (422, ["what"])
    assert await wrong({"what": "settle_market", "id": market}) == (422, ["body.winners"])
    assert await wrong({"what": "settle_market", "body": {"winners": []}}) == (422, ["id"])
    assert await wrong({"what": "deposit", "id": "x", "body": {}}) == (422, ["id"])
    assert await wrong({"what": "void_bet", "id": "bet_1", "body": {"x": 1}}) == (422, ["body"])
    assert await wrong(settling("mkt_999", "1")) == (404, [])


async def test_it_is_done_when_another_one_approves(
    house: OpenHouse, operator: Caller, second: Caller, ada: Caller, market: str
) -> None:
    direct = await operator.post(f"/v1/exchange/markets/{market}/settle", {"winners": [ANN]})
    assert await refusal(direct) == (409, "approval_needed")
    proposed = await propose(operator, settling(market, ANN))
    assert (proposed["status"], proposed["decision"], proposed["outcome"]) == ("pending", None, None)
    assert proposed["preview"]["currencies"][0]["paid"] == "19.00"
    assert await refusal(await decide(operator, proposed)) == (403, "same_operator")
    assert (await floor.wallet(ada))[0] == "90.00"

    approved = (await decide(second, proposed)).json()
    assert approved["status"] == "booked"
    assert approved["decision"]["by"] == {"scope": "operator:night desk", "name": "night desk"}
    await floor.at_rest(operator, market)
    assert (await floor.wallet(ada))[0] == "119.00"

    async with house.database.connection() as connection:
        payload = await connection.fetchval(
            "SELECT payload FROM evens.journal WHERE seq = $1", approved["outcome"]["seq"]
        )
    assert decode(payload)[0] == "operator:desk approved by operator:night desk"
    again = (await decide(second, proposed)).json()
    assert again == approved
    assert await refusal(await decide(second, proposed, "reject")) == (409, "approval_decided")


async def test_a_key_made_by_the_proposer_does_not_approve(house: OpenHouse, operator: Caller, market: str) -> None:
    """Whoever can make keys is still one person."""
    proposed = await propose(operator, settling(market, ANN))
    made = await operator.post("/v1/api-keys", {"role": "operator", "name": "puppet"})
    puppet = Caller(house.http, made.json()["key"])
    further = await puppet.post("/v1/api-keys", {"role": "operator", "name": "puppet's puppet"})
    for key in (puppet, Caller(house.http, further.json()["key"])):
        assert await refusal(await decide(key, proposed)) == (403, "same_operator")
    other = await propose(puppet, settling(market, ANN))
    assert await refusal(await decide(operator, other)) == (403, "same_operator")


async def test_a_proposal_is_rejected_or_withdrawn(operator: Caller, second: Caller, market: str) -> None:
    first = await propose(operator, settling(market, ANN))
    assert (await decide(second, first, "reject")).json()["status"] == "rejected"
    assert await refusal(await decide(second, first)) == (409, "approval_decided")
    other = await propose(operator, settling(market, ANN))
    assert (await decide(operator, other, "reject")).json()["status"] == "withdrawn"


async def test_what_the_house_refuses_is_told(house: OpenHouse, operator: Caller, second: Caller, market: str) -> None:
    proposed = await propose(operator, settling(market, ANN))
    feed = SettleMarket(MarketId(int(market.removeprefix("mkt_"))), (RunnerId(2),))
    await house.stage.submit(feed, actor="results")
    ended = (await decide(second, proposed)).json()
    assert (ended["status"], ended["outcome"]["code"]) == ("refused", "already_settled")
    assert ended["outcome"]["seq"] is not None


async def test_a_correction_of_another_result_than_the_one_seen_is_not_booked(
    house: OpenHouse, operator: Caller, second: Caller, market: str
) -> None:
    number = MarketId(int(market.removeprefix("mkt_")))
    await house.stage.submit(SettleMarket(number, (RunnerId(2),)), actor="results")
    await floor.at_rest(operator, market)
    proposed = await propose(operator, settling(market, ANN, correction=True))
    await house.stage.submit(SettleMarket(number, (RunnerId(3),), correction=True), actor="results")
    await floor.at_rest(operator, market)
    ended = (await decide(second, proposed)).json()
    assert (ended["status"], ended["outcome"]["code"], ended["outcome"]["seq"]) == (
        "refused",
        "changed_meanwhile",
        None,
    )


async def test_what_would_be_refused_now_is_not_proposed(operator: Caller, market: str) -> None:
    answer = await operator.post("/v1/approvals", {"request": settling(market, ANN, correction=True), **WHY})
    assert await refusal(answer) == (409, "not_settled")


async def test_it_is_booked_after_a_crash_and_only_once(
    house: OpenHouse, operator: Caller, second: Caller, ada: Caller
) -> None:
    deposit = {"what": "deposit", "body": {"user_id": ada.id, "amount": "150.00"}}
    proposed = await propose(operator, deposit)
    approver = house.services.operator.approver
    number = int(proposed["id"].removeprefix("apr_"))
    # The server ends between the decision and the booking.
    assert await approver.tables.decide(number, "approved", Who("operator:night desk", "night desk", None), "checked")
    finisher = Finisher(approver, every_s=0.01)
    await asyncio.gather(finisher.look(), finisher.look())
    assert (await operator.get(f"/v1/approvals/{proposed['id']}")).json()["status"] == "booked"
    assert (await floor.wallet(ada))[0] == "250.00"
    # It ends between the booking and its note.
    other = await propose(operator, deposit)
    number = int(other["id"].removeprefix("apr_"))
    known = await approver.tables.approval(number)
    assert known is not None
    await house.services.gateway.submit(
        known.proposal.command,
        command_id=command_id("approvals", str(number)),
        actor="operator:desk approved by operator:night desk",
    )
    assert (await decide(second, other)).json()["status"] == "booked"
    assert (await floor.wallet(ada))[0] == "400.00"


async def test_nobody_decides_in_time(house: OpenHouse, operator: Caller, second: Caller, ada: Caller) -> None:
    approver = house.services.operator.approver
    request = {"what": "deposit", "body": {"user_id": ada.id, "amount": "150.00"}}
    fresh = await propose(operator, request)
    known = await approver.tables.approval(int(fresh["id"].removeprefix("apr_")))
    assert known is not None
    old, _ = await approver.tables.propose(known.proposal, known.by, None, -1)
    late = {"id": f"apr_{old.id}"}
    assert (await operator.get(f"/v1/approvals/{late['id']}")).json()["status"] == "expired"
    assert await refusal(await decide(second, late)) == (409, "approval_expired")
    await Finisher(approver).look()
    listed = await floor.items(operator, "/v1/approvals", status="expired")
    assert [each["id"] for each in listed] == [late["id"]]


async def test_only_large_payments_take_two(house: OpenHouse, operator: Caller, second: Caller, ada: Caller) -> None:
    pay = {"user_id": ada.id, "amount": "100.00"}
    assert (await operator.post("/v1/deposits", pay)).status_code == 201
    assert await refusal(await operator.post("/v1/deposits", {**pay, "amount": "100.01"})) == (409, "approval_needed")
    assert await refusal(await operator.post("/v1/withdrawals", {**pay, "amount": "100.01"})) == (
        409,
        "approval_needed",
    )
    service = await house.someone(Role.SERVICE, "bank")
    assert (await service.post("/v1/deposits", {**pay, "amount": "500.00"})).status_code == 201
    rows = [
        {"account": "ada", "kind": "deposit", "amount": amount, "reference": amount, "effective_date": "2020-01-01"}
        for amount in ("50.00", "150.00")
    ]
    imported = (await operator.post("/v1/imports", {"rows": rows})).json()
    assert [each["reason"] for each in imported["results"]] == [None, "approval_needed"]

    asked = await ada.post("/v1/withdrawals", {"amount": "300.00", "destination": "bank"})
    path = f"/v1/withdrawals/{asked.json()['id']}"
    assert await refusal(await operator.post(f"{path}/complete")) == (409, "approval_needed")
    proposed = await propose(operator, {"what": "complete_withdrawal", "id": asked.json()["id"]})
    assert proposed["preview"]["currencies"][0]["outside"] == "300.00"
    assert (await decide(second, proposed)).json()["status"] == "booked"


async def test_a_reversal_and_a_round_take_two(operator: Caller, second: Caller, ada: Caller) -> None:
    booked = await operator.post("/v1/deposits", {"user_id": ada.id, "amount": "1.00"})
    back = f"/v1/transactions/{booked.json()['id']}/reverse"
    assert await refusal(await operator.post(back, {"reason": "x"})) == (409, "approval_needed")
    request = {"what": "reverse_transaction", "id": booked.json()["id"], "body": {"reason": "charged back"}}
    assert (await decide(second, await propose(operator, request))).json()["status"] == "booked"

    await window.create(operator)
    await window.open_round(operator)
    await window.bet(ada, "up", "1.00")
    assert await window.refused(operator, f"{window.PATH}/rounds/{window.CODE}/void", {"reason": "x"}) == (
        409,
        "approval_needed",
    )
    request = {"what": "void_round", "id": f"ndx-daily/{window.CODE}", "body": {"reason": "no price"}}
    assert (await decide(second, await propose(operator, request))).json()["status"] == "booked"


async def test_a_proposal_is_made_once_under_a_key(operator: Caller, market: str) -> None:
    first = await propose(operator, settling(market, ANN), key="k")
    answer = await operator.post("/v1/approvals", {"request": settling(market, ANN), **WHY}, key="k")
    assert (answer.json(), answer.headers["Idempotency-Replayed"]) == (first, "true")
    other = await operator.post("/v1/approvals", {"request": settling(market, "2"), **WHY}, key="k")
    assert await refusal(other) == (422, "idempotency_key_reused")


async def test_proposals_are_listed(operator: Caller, second: Caller, market: str) -> None:
    first = await propose(operator, settling(market, ANN))
    last = await propose(second, settling(market, "2"))
    await decide(operator, last, "reject")

    async def ids(**query: str) -> list[str]:
        return [each["id"] for each in await floor.items(operator, "/v1/approvals", **query)]

    assert await ids() == [last["id"], first["id"]]
    assert await ids(status="pending") == [first["id"]]
    assert await ids(target=market) == [last["id"], first["id"]]
    assert await ids(target=market, what="void_market") == []
    assert await ids(by="operator:desk") == [first["id"]]
    rules = (await operator.get("/v1/approvals/rules")).json()
    assert {"kind": "deposit", "above": "100"} in rules["needed"]
    assert "settle_event" in rules["proposable"]
