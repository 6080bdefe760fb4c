"""A thousand bets at once: no limit is broken, neither of a bet nor of an event nor of the bank."""

import asyncio
import random
from decimal import ROUND_CEILING, Decimal
from http import HTTPStatus
from itertools import product
from typing import Any

from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import check_books
from tests.edges.sportsbook.counter import MATCH, fund, publish, single

BETS = 1_000
BANK = Decimal("900.00")
MAX_STAKE = Decimal("20.00")
LIABILITY = Decimal("600.00")
PERCENT = 25
NONE = Decimal(0)
PICKS = tuple(each.key for each in MATCH.selections)
EVENTS = ("m1", "m2", "m3")


def think_of(chance: random.Random) -> dict[str, Any]:
    """Return a bet: one in five is a double."""
    amount = f"{chance.randrange(1, 25)}.{chance.randrange(100):02}"
    if chance.random() < 0.8:
        return single(chance.choice(EVENTS), amount, chance.choice(PICKS))
    legs = [{"event_id": event, "selection": chance.choice(PICKS)} for event in chance.sample(EVENTS, 2)]
    return {"legs": legs, "amount": amount}


def profit(bet: dict[str, Any]) -> Decimal:
    """Return what the house loses if a bet wins; of a single with nothing rounded, as it is reserved with others."""
    amount = Decimal(bet["amount"])
    returned = amount * Decimal(bet["odds"]) if bet["kind"] == "single" else Decimal(bet["potential_payout"])
    return returned - amount


def worst_loss(singles: list[dict[str, Any]], event: str) -> Decimal:
    """Return the most that the house can lose on the singles of an event, by trying how it can end."""
    on_it = [each for each in singles if each["legs"][0]["event_id"] == event]
    losses = [
        sum(
            [profit(each) if each["legs"][0]["selection"] == pick else -Decimal(each["amount"]) for each in on_it], NONE
        )
        for pick in PICKS
    ]
    return max(NONE, *losses).quantize(Decimal("0.01"), ROUND_CEILING)


def loss(bets: list[dict[str, Any]], ends: dict[str, str]) -> Decimal:
    """Return what the house loses on all bets if the events end like this."""
    won = [all(ends[leg["event_id"]] == leg["selection"] for leg in each["legs"]) for each in bets]
    return sum([profit(each) if wins else -Decimal(each["amount"]) for each, wins in zip(bets, won, strict=True)], NONE)


async def ask(caller: Caller, body: dict[str, Any]) -> Any:
    """Ask for a bet, and again where the tables were too busy to be read: nothing was booked then."""
    while (answer := await caller.post("/v1/sportsbook/bets", body)).status_code == HTTPStatus.SERVICE_UNAVAILABLE:
        assert answer.json()["code"] == "database_unavailable"
        await asyncio.sleep(float(answer.headers["Retry-After"]))
    return answer


async def test_a_thousand_bets_at_once_never_break_a_limit(
    house: OpenHouse, operator: Caller, ada: Caller, bob: Caller
) -> None:
    await fund(house, int(BANK * 100))
    for event in EVENTS:
        await publish(house, event, MATCH)
    for caller in (ada, bob):
        deposit = {"user_id": caller.id, "amount": "9000.00", "currency": "USD"}
        assert (await operator.post("/v1/deposits", deposit)).status_code == 201
    limits = {"currency": "USD", "max_stake": str(MAX_STAKE), "max_event_liability": str(LIABILITY)}
    assert (await operator.put("/v1/sportsbook/limits", limits)).status_code == 200
    assert (await operator.put(f"/v1/users/{bob.id}/stake-factor", {"percent": PERCENT})).status_code == 200
    chance = random.Random(4)
    wanted = [(chance.choice((ada, bob)), think_of(chance)) for _ in range(BETS)]
    answers = await asyncio.gather(*[ask(caller, body) for caller, body in wanted])
    taken = [answer.json() for answer in answers if answer.status_code == 201]
    refused = [answer.json() for answer in answers if answer.status_code != 201]
    assert {each["code"] for each in refused} == {"stake_limited"}
    assert len(taken) > 50

    most = {ada.id: MAX_STAKE, bob.id: MAX_STAKE * PERCENT / 100}
    assert all(Decimal(each["amount"]) <= most[each["user_id"]] for each in taken)
    singles = [each for each in taken if each["kind"] == "single"]
    doubles = [each for each in taken if each["kind"] == "accumulator"]
    for event in EVENTS:
        together = [each for each in doubles if event in {leg["event_id"] for leg in each["legs"]}]
        assert worst_loss(singles, event) + sum(map(profit, together), NONE) <= LIABILITY
    reserved = sum([worst_loss(singles, event) for event in EVENTS], NONE) + sum(map(profit, doubles), NONE)
    (usd,) = [each for each in (await operator.get("/v1/house/balances")).json()["items"] if each["currency"] == "USD"]
    assert (Decimal(usd["reserved"]), Decimal(usd["bank"])) == (reserved, BANK - reserved)
    assert Decimal(usd["bank"]) >= 0
    for ends in product(PICKS, repeat=len(EVENTS)):
        assert loss(taken, dict(zip(EVENTS, ends, strict=True))) <= BANK

    # What a refusal names as the largest stake is taken, and a cent more is not.
    body = single("m1", "20.00")
    answer = await ada.post("/v1/sportsbook/bets", body)
    while answer.status_code == 201:
        answer = await ada.post("/v1/sportsbook/bets", body)
    largest = Decimal(answer.json()["maximum"])
    above = await ada.post("/v1/sportsbook/bets", {**body, "amount": str(largest + Decimal("0.01"))})
    assert (above.status_code, above.json()["code"]) == (409, "stake_limited")
    if largest:
        assert (await ada.post("/v1/sportsbook/bets", {**body, "amount": str(largest)})).status_code == 201
    await check_books(house)
