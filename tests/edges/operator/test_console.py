"""What operators look at: the ledger, the journal, timelines, customers, what waits, and how the house stands."""

import base64
import hashlib
from typing import Any

import pytest

from evens.core.commands.exchange import SuspendMarket
from evens.core.commands.wallets import TagCustomer
from evens.core.values.ids import MarketId
from evens.edges.http.across import RESULTS_ACTOR
from evens.store.console.journal import JournalQueries
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange import floor
from tests.edges.exchange.floor import ANN, items
from tests.edges.pools import window
from tests.edges.sportsbook import counter

pytestmark = pytest.mark.anyio


async def got(caller: Caller, path: str, **query: Any) -> Any:
    answer = await caller.get(path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def index(house: OpenHouse) -> None:
    """Bring the index that leads into the journal up to date."""
    while await house.services.operator.journal.index_next():
        pass


@pytest.fixture
async def market(house: OpenHouse, operator: Caller, ada: Caller) -> str:
    """Return a settled market, in which ada has won 20.00 of bob, less 5 %."""
    bob = await house.customer("bobby", USD=100_00)
    public = await floor.open_market(operator)
    await floor.place(ada, public, "back", "3.00", "10.00", ANN)
    await floor.place(bob, public, "lay", "3.00", "10.00", ANN)
    await floor.settle(operator, public, ANN)
    return public


async def test_the_tree_of_accounts_adds_up(operator: Caller, ada: Caller, market: str) -> None:
    trees = await items(operator, "/v1/ledger/accounts")
    usd = next(tree for tree in trees if tree["currency"] == "USD")
    assert {each["account"]: each["balance"] for each in usd["house"]}["house.USD.fees"] == "1.00"
    assert {each["account"]: each["balance"] for each in usd["rails"]} == {"desk.USD.external": "-200.00"}
    assert {each["kind"]: each["total"] for each in usd["others"]}["cash"] == "199.00"
    assert usd["total"] == "0.00"


async def test_an_account_is_read_in_both_directions_and_at_a_moment(
    operator: Caller, ada: Caller, market: str
) -> None:
    path = f"/v1/ledger/accounts/{ada.id}.USD.cash"
    account = await got(operator, path)
    assert (account["balance"], account["holder"]["label"], account["holder"]["kind"]) == ("119.00", "ada", "customer")
    newest = await items(operator, f"{path}/entries")
    assert [(each["kind"], each["amount"], each["balance"]) for each in newest] == [
        ("commission", "-1.00", "119.00"),
        ("payout", "20.00", "120.00"),
        ("release", "10.00", "100.00"),
        ("stake", "-10.00", "90.00"),
        ("deposit", "100.00", "100.00"),
    ]
    assert await items(operator, f"{path}/entries", order="oldest") == newest[::-1]
    first = await got(operator, f"{path}/entries", order="oldest", limit=2)
    rest = await got(operator, f"{path}/entries", order="oldest", after=first["next"])
    assert first["items"] + rest["items"] == newest[::-1]
    staked_at = newest[3]["recorded_at"]
    assert (await got(operator, path, at=staked_at))["balance"] == "90.00"
    assert (await items(operator, f"{path}/entries", at=staked_at))[0] == newest[3]
    assert newest[1]["counter_account"] == f"obj_{market.removeprefix('mkt_')}.USD.settlement"
    for nothing in (
        "usr_0.USD.cash",
        "nobody.USD.cash",
        f"{ada.id}.XXX.cash",
        f"{ada.id}.USD.gold",
        "house_1.USD.fees",
    ):
        assert (await operator.get(f"/v1/ledger/accounts/{nothing}")).status_code == 404


async def test_a_transfer_tells_its_whole_story(operator: Caller, ada: Caller, market: str) -> None:
    booked = (
        await operator.post("/v1/deposits", {"user_id": ada.id, "amount": "5.00", "reference": "bank 1842"})
    ).json()
    back = await operator.post(f"/v1/transactions/{booked['id']}/reverse", {"reason": "charged back"})
    shown = await got(operator, f"/v1/ledger/transfers/{booked['id']}")
    assert (shown["kind"], shown["amount"], shown["reference"]) == ("deposit", "5.00", "bank 1842")
    assert (shown["debit"], shown["credit"]) == ("desk.USD.external", f"{ada.id}.USD.cash")
    assert (shown["reversed_by"], shown["reverses"]) == (back.json()["id"], None)
    assert (shown["record"]["actor"], shown["record"]["command"]["type"]) == ("operator:desk", "Deposit")
    reversal = await got(operator, f"/v1/ledger/transfers/{back.json()['id']}")
    assert reversal["reverses"] == booked["id"]
    payout = next(
        each
        for each in await items(operator, f"/v1/ledger/accounts/{ada.id}.USD.cash/entries")
        if each["kind"] == "payout"
    )
    story = await got(operator, f"/v1/ledger/transfers/{payout['transfer']}")
    assert (story["debit_holder"]["kind"], story["debit_holder"]["label"]) == ("market", "Match odds")
    assert (await operator.get("/v1/ledger/transfers/txn_1")).status_code == 404


async def test_anything_is_found_by_its_id_or_reference(
    house: OpenHouse, operator: Caller, ada: Caller, market: str
) -> None:
    booked = (
        await operator.post("/v1/deposits", {"user_id": ada.id, "amount": "5.00", "reference": "bank_1842"})
    ).json()

    async def found(q: str) -> list[tuple[str, str]]:
        return [(each["kind"], each["id"]) for each in await items(operator, "/v1/search", q=q)]

    assert await found(ada.id) == [("user", ada.id)]
    assert await found("AD") == [("user", ada.id)]
    assert await found(market) == [("market", market)]
    assert await found("bank_") == [("transfer", booked["id"])]
    assert await found("bank%") == []
    assert await found(booked["id"]) == [("transfer", booked["id"])]
    assert await found("1") == [("record", "1")]
    assert await found("usr_999999") == await found("no such thing") == []


async def test_the_chain_of_the_journal_can_be_checked_from_what_is_shown(operator: Caller, market: str) -> None:
    records = await items(operator, "/v1/journal", order="oldest", limit=200)
    before = hashlib.sha256(b"").digest()
    for record in records:
        assert record["hash_before"] == before.hex()
        place = record["seq"].to_bytes(8, "big", signed=True) + int(record["at_ns"]).to_bytes(8, "big", signed=True)
        hashed = before + place + bytes.fromhex(record["command_id"]) + base64.b64decode(record["payload"])
        before = hashlib.sha256(hashed).digest()
        assert record["hash"] == before.hex()
    page = await got(operator, "/v1/journal", limit=3)
    assert page["items"] == records[:-4:-1]
    assert await got(operator, f"/v1/journal/{records[-1]['seq']}") == records[-1]
    for nothing in ("0", "999999", "x"):
        assert (await operator.get(f"/v1/journal/{nothing}")).status_code == 404


async def test_the_journal_is_read_by_command_and_by_actor(
    house: OpenHouse, operator: Caller, ada: Caller, market: str
) -> None:
    await index(house)
    settled = await items(operator, "/v1/journal", kind="SettleMarket")
    assert [(each["actor"], each["command"]["winners"]) for each in settled] == [("operator:desk", [1])]
    assert [
        each["command"]["type"] for each in await items(operator, "/v1/journal", actor=f"customer:{ada.customer}")
    ] == ["PlaceOrder"]
    first = await got(operator, "/v1/journal", actor="operator:desk", order="oldest", limit=1)
    assert first["items"][0]["command"]["type"] == "CreateMarket"
    rest = await got(operator, "/v1/journal", actor="operator:desk", order="oldest", after=first["next"])
    assert [each["command"]["type"] for each in rest["items"]] == ["SettleMarket"]
    both = await operator.get("/v1/journal", actor="house", kind="SettleMarket")
    assert both.status_code == 422


async def test_a_market_and_its_customers_have_timelines(
    house: OpenHouse, operator: Caller, ada: Caller, market: str
) -> None:
    await index(house)

    async def told(path: str) -> list[str]:
        return [each["command"]["type"] for each in await items(operator, f"/v1/timelines/{path}", order="oldest")]

    assert await told(f"market/{market}") == [
        "CreateMarket",
        "PlaceOrder",
        "PlaceOrder",
        "SettleMarket",
        "AdvanceMarket",
    ]
    # Registered, paid in, bet, and was paid.
    assert await told(f"user/{ada.id}") == ["RegisterCustomer", "Deposit", "PlaceOrder", "AdvanceMarket"]
    newest = await got(operator, f"/v1/timelines/user/{ada.id}", limit=2)
    rest = await got(operator, f"/v1/timelines/user/{ada.id}", after=newest["next"])
    assert [each["command"]["type"] for each in newest["items"] + rest["items"]] == [
        "AdvanceMarket",
        "PlaceOrder",
        "Deposit",
        "RegisterCustomer",
    ]
    order = (await items(ada, "/v1/exchange/orders"))[0]["id"]
    # An order begins with its own record, and goes on with the one that met it.
    assert await told(f"order/{order}") == ["PlaceOrder", "PlaceOrder"]
    assert (await operator.get("/v1/timelines/market/nonsense")).status_code == 404
    assert (await operator.get("/v1/timelines/round/no/such")).status_code == 404


async def test_a_round_an_event_and_a_challenge_have_timelines(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    await window.create(operator)
    await window.open_round(operator)
    await window.bet(ada, "up", "1.00")
    await window.change(operator, "void", {"reason": "no price"})
    await counter.fund(house)
    await counter.publish(house, "evt", counter.ONE)
    await operator.post("/v1/sportsbook/events/evt/suspend")
    await index(house)

    async def told(path: str) -> list[str]:
        return [each["command"]["type"] for each in await items(operator, f"/v1/timelines/{path}", order="oldest")]

    assert await told(f"round/ndx-daily/{window.CODE}") == ["OpenRound", "PlacePoolBet", "VoidRound", "AdvanceRound"]
    assert await told("pool/ndx-daily") == ["CreatePool", "OpenRound"]
    assert await told("event/evt") == ["PublishLine", "HoldFixture"]


async def test_the_index_takes_every_record_once(house: OpenHouse, market: str) -> None:
    await index(house)
    journal = JournalQueries(house.database)
    assert not await journal.index_next()
    async with house.database.connection() as connection:
        indexed = await connection.fetchval("SELECT count(*) FROM evens.journal_index")
        recorded = await connection.fetchval("SELECT count(*) FROM evens.journal")
    assert indexed == recorded


async def test_customers_are_found_and_noted(house: OpenHouse, operator: Caller, ada: Caller) -> None:
    bob = await house.user("bob_2", "bob's password")
    assert ada.customer is not None
    await house.stage.submit(TagCustomer(ada.customer, ("card-1", "vip")))
    await operator.post(f"/v1/users/{bob.id}/freeze")

    async def found(**query: Any) -> list[str]:
        return [each["username"] for each in await items(operator, "/v1/customers", **query)]

    assert await found() == ["bob_2", "ada"]
    assert await found(q="BOB_") == await found(q="bob_2@exa") == await found(q=bob.id) == await found(frozen="true")
    assert await found(q="bob_") == ["bob_2"]
    assert await found(q="bobx") == await found(q="%") == []
    assert await found(tag="vip") == ["ada"]
    noted = await operator.post(f"/v1/users/{ada.id}/notes", {"text": "Called about the card."})
    assert noted.status_code == 201
    shown = (await items(operator, "/v1/customers", q="ada"))[0]
    assert (shown["tags"], shown["notes"], shown["status"]) == (["card-1", "vip"], 1, "active")
    assert shown["money"] == [
        {"currency": "USD", "cash": "100.00", "in_play": "0.00", "withdrawing": "0.00", "owed": "0.00"}
    ]
    struck = await operator.delete(f"/v1/users/{ada.id}/notes/{noted.json()['id']}")
    assert struck.status_code == 204
    (note,) = await items(operator, f"/v1/users/{ada.id}/notes")
    assert (note["text"], note["by"], note["struck_by"]) == ("Called about the card.", "desk", "operator:desk")
    assert (await operator.post("/v1/users/usr_999999/notes", {"text": "x"})).status_code == 404


async def test_what_waits_is_listed(operator: Caller, ada: Caller) -> None:
    asked = await ada.post("/v1/withdrawals", {"amount": "30.00", "destination": "DE02 1203"})
    (queued,) = await items(operator, "/v1/withdrawals/queue")
    assert (queued["id"], queued["username"], queued["amount"], queued["destination"], queued["approval"]) == (
        asked.json()["id"],
        "ada",
        "30.00",
        "DE02 1203",
        None,
    )
    request = {"what": "complete_withdrawal", "id": queued["id"]}
    proposed = (await operator.post("/v1/approvals", {"request": request, "reason": "paid"})).json()
    assert (await items(operator, "/v1/withdrawals/queue"))[0]["approval"] == proposed["id"]
    waiting = await got(operator, "/v1/waiting")
    assert (waiting["withdrawals"], waiting["approvals"], waiting["conflicts"]) == (1, 1, 0)


async def test_the_house_shows_what_it_earns_and_what_is_at_stake(
    house: OpenHouse, operator: Caller, ada: Caller, market: str
) -> None:
    await counter.fund(house)
    await counter.publish(house, "evt", counter.ONE)
    await counter.place(ada, counter.single("evt", "10.00", "win"))
    await window.create(operator)
    await window.open_round(operator)
    await window.bet(ada, "up", "7.00")
    shown = await got(operator, "/v1/house/overview", days=3)
    assert (shown["fees"], shown["bank"], shown["reserved"]) == ("1.00", "9990.00", "10.00")
    assert [each["fees"] for each in shown["fees_by_day"]] == ["0.00", "0.00", "1.00"]
    assert {(each["product"], each["id"], each["amount"]) for each in shown["at_stake"]} == {
        ("sportsbook", "evt", "10.00"),
        ("pools", f"ndx-daily/{window.CODE}", "7.00"),
    }
    assert await items(operator, "/v1/feeds") == []


async def test_conflicts_of_all_products_are_in_one_list(house: OpenHouse, operator: Caller) -> None:
    public = await floor.open_market(operator)
    await house.stage.submit(SuspendMarket(MarketId(int(public.removeprefix("mkt_")))), actor=RESULTS_ACTOR)
    other = await floor.open_market(operator)
    await floor.change(operator, other, "suspend")
    await index(house)
    (conflict,) = await items(operator, "/v1/conflicts")
    assert (conflict["product"], conflict["id"], conflict["label"]) == ("exchange", public, "Match odds")
