"""The feed over HTTP: big wins and settled challenges of people who consent, and of nobody else."""

from itertools import cycle
from typing import Any

import pytest

from evens.core.commands.wallets import FreezeCustomer, TagCustomer
from tests.edges.challenges.dares import act, ended, offer, pay_at_once
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange.floor import change, open_market, place
from tests.edges.social.board import keep

FEED = "/v1/feed"
ME = "/v1/me/profile"
OPEN = {"visibility": "public"}
LIMITS = cycle(range(50, 200))


@pytest.fixture
async def eve(house: OpenHouse) -> Caller:
    """A customer with 1,000.00 USD, against whom the others bet."""
    return await house.customer("eve", USD=1_000_00)


async def told(house: OpenHouse, **query: Any) -> list[Any]:
    """Return what the feed has now: whoever asks for as many as another did gets the page of a moment ago."""
    answer = await house.nobody.get(FEED, limit=next(LIMITS), **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def win(operator: Caller, backer: Caller, layer: Caller, odds: str, stake: str) -> str:
    """Let one win a bet at these odds against another, in a market of its own, and return the market."""
    market = await open_market(operator, commission_bps=0)
    await place(layer, market, "lay", odds, stake)
    await place(backer, market, "back", odds, stake)
    await change(operator, market, "settle", {"winners": ["1"]})
    return market


async def test_a_big_win_of_somebody_who_shows_everything_is_told(
    house: OpenHouse, operator: Caller, ada: Caller, eve: Caller
) -> None:
    await ada.patch(ME, OPEN | {"display_name": "Ada L."})
    market = await win(operator, ada, eve, "6.00", "3.00")
    await win(operator, ada, eve, "5.90", "3.00")
    await win(operator, ada, eve, "6.00", "1.00")
    await keep(house)
    (item,) = await told(house)
    assert item | {"at": ""} == {
        "kind": "big_win",
        "username": "ada",
        "display_name": "Ada L.",
        "against": None,
        "product": "exchange",
        "id": market,
        "title": "Match odds",
        "profit": "15.00",
        "turnover": "3.00",
        "currency": "USD",
        "at": "",
    }
    assert await told(house, currency="EUR") == []


@pytest.mark.parametrize("choice", [{"visibility": "figures"}, {"visibility": "private"}, {"listed": False}])
async def test_who_does_not_show_everything_or_is_not_listed_is_not_told_of(
    house: OpenHouse, operator: Caller, ada: Caller, eve: Caller, choice: dict[str, Any]
) -> None:
    await win(operator, ada, eve, "6.00", "3.00")
    await keep(house)
    assert await told(house) == [], "nobody was asked yet"
    await ada.patch(ME, OPEN)
    assert len(await told(house)) == 1
    await ada.patch(ME, choice)
    assert await told(house) == []


async def test_who_is_frozen_is_not_told_of_and_what_is_corrected_is_not_either(
    house: OpenHouse, operator: Caller, ada: Caller, eve: Caller
) -> None:
    assert ada.customer is not None
    await ada.patch(ME, OPEN)
    market = await win(operator, ada, eve, "6.00", "3.00")
    await win(operator, ada, eve, "6.00", "4.00")
    await keep(house)
    assert [item["turnover"] for item in await told(house)] == ["4.00", "3.00"]
    await change(operator, market, "settle", {"winners": ["2"], "correction": True})
    await keep(house)
    assert [item["turnover"] for item in await told(house)] == ["4.00"]
    await house.stage.submit(FreezeCustomer(ada.customer))
    assert await told(house) == []


async def dare(house: OpenHouse, challenger: Caller, acceptor: Caller, outcome: str, **more: Any) -> str:
    """Let two bet each other, and return the challenge's token once it is settled."""
    judge = await house.customer(f"judge-{more.get('title', '')}-{outcome}".replace(" ", "").lower())
    offered = await offer(challenger, resolver=judge.id, **more)
    await act(acceptor, offered, "accept")
    await act(judge, offered, "resolve", {"outcome": outcome})
    await ended(house, offered, "settled")
    return offered["token"]


async def test_a_public_challenge_is_told_of_if_both_consent(house: OpenHouse, ada: Caller, eve: Caller) -> None:
    pay_at_once(house)
    await ada.patch(ME, OPEN)
    token = await dare(house, ada, eve, "lost", public=True)
    await dare(house, ada, eve, "won", title="Nobody else knows")
    assert await told(house) == [], "eve has not consented"
    await eve.patch(ME, OPEN | {"display_name": "Eve"})
    (item,) = await told(house)
    assert item | {"at": ""} == {
        "kind": "challenge",
        "username": "eve",
        "display_name": "Eve",
        "against": "ada",
        "product": None,
        "id": token,
        "title": "Ann beats Bo",
        "profit": "9.80",
        "turnover": "15.00",
        "currency": "USD",
        "at": "",
    }
    await dare(house, ada, eve, "void", title="Given back", public=True)
    await dare(house, eve, ada, "lost", title="Laid", side="lay", odds="2.00", stake="5.00", public=True)
    assert [(each["username"], each["against"], each["turnover"]) for each in await told(house)] == [
        ("eve", "ada", "5.00"),
        ("eve", "ada", "15.00"),
    ]


@pytest.mark.parametrize("how", ["tag", "place"])
async def test_a_challenge_between_two_who_belong_together_is_not_told_of(
    house: OpenHouse, ada: Caller, eve: Caller, how: str
) -> None:
    pay_at_once(house)
    for person in (ada, eve):
        await person.patch(ME, OPEN)
    await dare(house, ada, eve, "won", public=True)
    assert len(await told(house)) == 1
    for person in (ada, eve):
        assert person.customer is not None
        if how == "tag":
            await house.stage.submit(TagCustomer(person.customer, ("card:4711",)))
        else:
            async with house.database.connection() as connection:
                await connection.execute(
                    "INSERT INTO evens.payment_places (customer, place) VALUES ($1, 'iban:de1')", person.customer
                )
    assert await told(house) == []


async def test_the_feed_is_read_page_by_page_newest_first_with_nothing_twice(
    house: OpenHouse, operator: Caller, ada: Caller, eve: Caller
) -> None:
    pay_at_once(house)
    cy = await house.customer("cy", USD=100_00)
    for person in (ada, eve, cy):
        await person.patch(ME, OPEN)
    # Both win in one market, and so at the same moment.
    market = await open_market(operator, commission_bps=0)
    await place(eve, market, "lay", "6.00", "10.00")
    for person in (ada, cy):
        await place(person, market, "back", "6.00", "5.00")
    await change(operator, market, "settle", {"winners": ["1"]})
    token = await dare(house, ada, eve, "won", public=True)
    await win(operator, ada, eve, "7.00", "2.00")
    await keep(house)
    whole = await told(house)
    assert [item["kind"] for item in whole] == ["big_win", "challenge", "big_win", "big_win"]
    assert whole[1]["id"] == token
    assert {item["username"] for item in whole[2:]} == {"ada", "cy"}
    found: list[Any] = []
    after: dict[str, str] = {}
    for _ in whole:
        page = (await house.nobody.get(FEED, limit=1, **after)).json()
        found += page["items"]
        after = {"after": page["next"]}
    assert (found, after) == (whole, {"after": None})
    wrong = await house.nobody.get(FEED, after="MTIz")
    assert [error["field"] for error in wrong.json()["errors"]] == ["after"]
