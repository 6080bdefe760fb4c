"""The claims of the Exchange Stream's table about markets: what they can be chosen by, and what is told of them."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from evens.core.commands.exchange import CreateMarket
from evens.core.values.betting import MarketTerms
from evens.core.values.ids import CustomerId, MarketId
from tests.betfair.stream.claims import Claim, markets_in, naming, place, refused
from tests.betfair.stream.conftest import BetfairServer, LineClient, Message

_EVERYTHING: Final = MarketTerms(
    "Result", ("A", "B"), 1, 0, 100,
    event="Leeds v York", event_type="Soccer", market_type="MATCH_ODDS", country="GB", venue="Hall",
)  # fmt: skip

FITTING: Final[Mapping[str, tuple[str, Any]]] = {
    "marketIds": ("", "1.999999"),
    "eventIds": ("eventId", "7"),
    "eventTypeIds": ("eventTypeId", "2"),
    "marketTypes": ("marketType", "WIN"),
    "countryCodes": ("countryCode", "IE"),
    "venues": ("venue", "Yard"),
    "bettingTypes": ("bettingType", "LINE"),
    "turnInPlayEnabled": ("turnInPlayEnabled", False),
    "bspMarket": ("bspMarket", True),
}
"""By field of a filter: the field of a market's definition whose value fits, and a value that does not."""


async def _subscription(betfair: BetfairServer) -> None:
    house = betfair.house
    one, (ann,) = await house.market(), await house.customers(1)
    async with (
        betfair.connected(await betfair.session()) as named,
        betfair.connected(await betfair.session("bob")) as all_of_them,
    ):
        others = [MarketId(900_000 + number) for number in range(200)]
        assert (await refused(named, "marketSubscription", marketFilter=naming(one, *others)))[0] == (
            "SUBSCRIPTION_LIMIT_EXCEEDED"
        )
        assert markets_in(await named.follow(marketFilter=naming(one, *others[:199]))) == [f"1.{one}"]
        assert markets_in(await all_of_them.follow(marketFilter={})) == [f"1.{one}"]
        two = await house.market()
        assert markets_in(await all_of_them.next_change()) == [f"1.{two}"]
        await place(betfair, ann, one, "1 lay 10 @ 2.50")
        # The first that is told of is the market that was named.
        assert markets_in(await named.next_change()) == [f"1.{one}"]


async def _filter(betfair: BetfairServer) -> None:
    market = (await betfair.house.book(CreateMarket("USD", _EVERYTHING))).seq
    async with betfair.connected(await betfair.session()) as client:
        first = await client.follow(marketFilter={}, marketDataFilter={"fields": ["EX_MARKET_DEF"]})
        definition = first["mc"][0]["marketDefinition"] | {"": f"1.{market}"}
        for name, (known_by, other) in FITTING.items():
            fits = definition[known_by]
            for value, found in ((fits, [f"1.{market}"]), (other, [])):
                chosen = value if isinstance(value, bool) else [value]
                assert markets_in(await client.follow(marketFilter={name: chosen})) == found, (name, value)
        for name in ("raceTypes", "betDelayModels"):
            assert markets_in(await client.follow(marketFilter={name: ["Flat"]})) == [], name


async def _bets(betfair: BetfairServer, market: MarketId) -> tuple[CustomerId, CustomerId]:
    """Let four prices wait to be backed and one to be laid, and 4.00 be matched at 2.50; return who did."""
    ann, bob = await betfair.house.customers(2)
    for bet in ("1 lay 10 @ 2.50", "1 lay 5 @ 2.40", "1 lay 3 @ 2.30", "1 lay 1 @ 2.20", "1 back 7 @ 3.00"):
        await place(betfair, ann, market, bet)
    await place(betfair, bob, market, "1 back 4 @ 2.50")
    return ann, bob


def _prices(field: str, image: Message, change: Message) -> Claim:
    """Return the claim that of one field exactly this is told of a runner: in the image, and when 1.00 is matched."""

    async def claim(betfair: BetfairServer) -> None:
        market = await betfair.house.market()
        _, bob = await _bets(betfair, market)
        async with betfair.connected(await betfair.session()) as client:
            first = await client.follow(marketFilter=naming(market), marketDataFilter={"fields": [field]})
            assert first["mc"][0]["rc"] == [{"id": 1, **image}]
            await place(betfair, bob, market, "1 back 1 @ 2.50")
            (entry,) = (await client.next_change())["mc"]
            assert entry["rc"] == [{"id": 1, **change}]
            assert [told["mc"][0].get("tv") for told in (first, {"mc": [entry]})] == [image.get("tv"), change.get("tv")]

    return claim


async def _last_price(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    _, bob = await _bets(betfair, market)
    async with betfair.connected(await betfair.session()) as client:
        first = await client.follow(marketFilter=naming(market), marketDataFilter={"fields": ["EX_LTP"]})
        assert first["mc"] == [{"id": f"1.{market}", "img": True, "rc": [{"id": 1, "ltp": 2.5}]}]
        await place(betfair, bob, market, "1 back 8 @ 2.40")
        (entry,) = (await client.next_change())["mc"]
        assert entry["rc"] == [{"id": 1, "ltp": 2.4}]


async def _definition(betfair: BetfairServer) -> None:
    market = await betfair.house.market()
    await _bets(betfair, market)
    async with betfair.connected(await betfair.session()) as client:
        first = await client.follow(marketFilter=naming(market), marketDataFilter={"fields": ["EX_MARKET_DEF"]})
        (entry,) = first["mc"]
        assert (entry["rc"], entry["marketDefinition"]["status"]) == ([], "OPEN")


async def _displayed(betfair: BetfairServer) -> None:
    house = betfair.house
    market, (ann, bob) = await house.market(("A", "B"), cross_matching=True), await house.customers(2)
    # Whoever backs A for 2.00 offers, as a virtual bet, to be matched with who backs B.
    await place(betfair, ann, market, "1 back 10 @ 2.00")
    fields = {"fields": ["EX_BEST_OFFERS", "EX_BEST_OFFERS_DISP", "EX_MARKET_DEF"]}
    async with betfair.connected(await betfair.session()) as client:
        (entry,) = (await client.follow(marketFilter=naming(market), marketDataFilter=fields))["mc"]
        assert entry["marketDefinition"]["crossMatching"] is True
        assert entry["rc"] == [{"id": 1, "batl": [[0, 2.0, 10.0]], "bdatl": [[0, 2.0, 10.0]]}]
        await place(betfair, bob, market, "1 lay 4 @ 1.90")
        (row,) = (await client.next_change())["mc"][0]["rc"]
        assert row == {"id": 1, "batb": [[0, 1.9, 4.0]], "bdatb": [[0, 1.9, 4.0]]}


def _starting(field: str) -> Claim:
    async def claim(betfair: BetfairServer) -> None:
        market = await betfair.house.market()
        async with betfair.connected(await betfair.session()) as client:
            first = await client.follow(
                marketFilter=naming(market), marketDataFilter={"fields": [field]}, heartbeatMs=500
            )
            assert first["mc"] == [{"id": f"1.{market}", "img": True, "rc": []}]
            await _bets(betfair, market)
            assert (await client.receive())["ct"] == "HEARTBEAT"

    return claim


@asynccontextmanager
async def _following(betfair: BetfairServer, **fields: Any) -> AsyncGenerator[tuple[LineClient, Message, MarketId]]:
    market = await betfair.house.market()
    async with betfair.connected(await betfair.session()) as client:
        yield client, await client.follow(marketFilter=naming(market), **fields), market


async def _bounds(client: LineClient, name: str, least: int, most: int) -> None:
    for value in (least, most):
        assert (await client.follow(marketFilter={}, **{name: value}))[name] == value
    for value in (least - 1, most + 1):
        code, message = await refused(client, "marketSubscription", **{name: value})
        assert (code, name in message) == ("INVALID_INPUT", True)


async def _conflate(betfair: BetfairServer) -> None:
    ann, _ = await betfair.house.customers(2)
    async with _following(betfair, conflateMs=400) as (client, first, market):
        assert first["conflateMs"] == 400
        for odds in ("2.50", "2.40", "2.30"):
            await place(betfair, ann, market, f"1 lay 5 @ {odds}")
            await asyncio.sleep(0.03)
        (entry,) = (await client.next_change())["mc"]
        assert (entry["con"], sorted(entry["rc"][0]["atb"])) == (True, [[2.3, 5.0], [2.4, 5.0], [2.5, 5.0]])
        await _bounds(client, "conflateMs", 0, 120_000)


async def _beats(betfair: BetfairServer) -> None:
    async with _following(betfair, heartbeatMs=500) as (client, first, _):
        assert first["heartbeatMs"] == 500
        assert (await client.receive())["ct"] == "HEARTBEAT"
        await _bounds(client, "heartbeatMs", 500, 5_000)


async def _segments(betfair: BetfairServer) -> None:
    terms = MarketTerms("Winner", ("A", "B"), 1, 0, 100)
    markets = [f"1.{(await betfair.house.book(CreateMarket('USD', terms))).seq}" for _ in range(51)]
    async with betfair.connected(await betfair.session()) as client:
        segments = [await client.follow(marketFilter={}, segmentationEnabled=True), await client.next_change()]
        assert [each["segmentType"] for each in segments] == ["SEG_START", "SEG_END"]
        assert [len(markets_in(each)) for each in segments] == [50, 1]
        assert sorted(client.markets) == sorted(markets)
        assert len(markets_in(await client.follow(marketFilter={}, segmentationEnabled=False))) == 51


async def _initial_clock(betfair: BetfairServer) -> None:
    ann, _ = await betfair.house.customers(2)
    async with _following(betfair) as (client, first, market):
        clocks = {name: first[name] for name in ("initialClk", "clk")}
        await place(betfair, ann, market, "1 lay 5 @ 2.50")
        await client.next_change()
        again = await client.follow(marketFilter=naming(market), **clocks)
        assert (again["ct"], again["initialClk"]) == ("RESUB_DELTA", first["initialClk"])
        assert again["mc"][0]["rc"][0]["atb"] == [[2.5, 5.0]]
        other = naming(market, await betfair.house.market())
        assert (await refused(client, "marketSubscription", marketFilter=other, **clocks))[0] == "INVALID_CLOCK"


async def _clock(betfair: BetfairServer) -> None:
    ann, _ = await betfair.house.customers(2)
    async with _following(betfair) as (client, first, market):
        await place(betfair, ann, market, "1 lay 5 @ 2.50")
        latest = await client.next_change()
        assert latest["clk"] != first["clk"]
        again = await client.follow(marketFilter=naming(market), initialClk=first["initialClk"], clk=latest["clk"])
        assert (again["ct"], again["mc"]) == ("RESUB_DELTA", [])
        alone = {"marketFilter": naming(market), "clk": latest["clk"]}
        assert (await refused(client, "marketSubscription", **alone))[0] == "INVALID_CLOCK"


OF_MARKETS: Final[Mapping[str, Claim]] = {
    "marketSubscription": _subscription,
    "marketFilter": _filter,
    "EX_ALL_OFFERS": _prices(
        "EX_ALL_OFFERS",
        {"atb": [[2.5, 6.0], [2.4, 5.0], [2.3, 3.0], [2.2, 1.0]], "atl": [[3.0, 7.0]]},
        {"atb": [[2.5, 5.0]]},
    ),
    "EX_BEST_OFFERS": _prices(
        "EX_BEST_OFFERS",
        {"batb": [[0, 2.5, 6.0], [1, 2.4, 5.0], [2, 2.3, 3.0]], "batl": [[0, 3.0, 7.0]]},
        {"batb": [[0, 2.5, 5.0]]},
    ),
    "EX_TRADED": _prices("EX_TRADED", {"trd": [[2.5, 8.0]]}, {"trd": [[2.5, 10.0]]}),
    "EX_TRADED_VOL": _prices("EX_TRADED_VOL", {"tv": 8.0}, {"tv": 10.0}),
    "EX_LTP": _last_price,
    "EX_MARKET_DEF": _definition,
    "EX_BEST_OFFERS_DISP": _displayed,
    "SP_TRADED": _starting("SP_TRADED"),
    "SP_PROJECTED": _starting("SP_PROJECTED"),
    "conflateMs": _conflate,
    "heartbeatMs": _beats,
    "segmentationEnabled": _segments,
    "initialClk": _initial_clock,
    "clk": _clock,
}
