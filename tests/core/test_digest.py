"""The digest covers the whole state: a state that decisions depend on and that no line shows is found here."""

from collections.abc import Iterator

from evens.core.commands.exchange import AdvanceMarket, SettleMarket, TurnInPlay
from evens.core.commands.fixed_odds import (
    DeclareResults,
    FundHouse,
    HearSource,
    PlaceBet,
    PublishLine,
    SetBookLimits,
    SetStakeFactor,
    WantedLeg,
)
from evens.core.commands.following import FollowLeader, StopFollow
from evens.core.commands.pools import AdvanceRound, CreatePool, LockRound, OpenRound, PlacePoolBet, SettleRound
from evens.core.commands.wallets import ExcludeCustomer, RequestWithdrawal, SetDepositLimits, TagCustomer
from evens.core.events.fixed_odds import LinePublished
from evens.core.events.following import FollowStarted
from evens.core.events.pools import PoolCreated, RoundOpened
from evens.core.state import PRODUCTS, House
from evens.core.values.betting import ReductionRule
from evens.core.values.fixed_odds import LegResult, Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.following import FollowMode, FollowTerms
from evens.core.values.ids import FixtureId, RunnerId
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult
from evens.core.values.records import RecordProduct
from tests.core.challenges.ring import Ring, open_ring
from tests.core.tracing import unread_slots, values_within

FOLLOWS = {
    "Agenda._due": "from orders, markets and challenges",
    "Agenda.long_work": "from the stages of markets, orders matched in parts, and open orders of the frozen",
    "Challenges.agenda": "shared",
    "Challenges.by_market": "from by_id",
    "Challenges.customers": "the wallets show them",
    "Challenges.frozen": "the wallets show them",
    "Challenges.ledger": "shows itself",
    "Challenges.live": "from by_id",
    "Challenges.markets": "the exchange shows them",
    "Challenges.recalled_up_to": "how far recalling has come, which starts over after a reload",
    "Challenges.tags": "the wallets show them",
    "Currency.number": "the key it is shown with",
    "Exchange.admitted": "what would be found out again for the orders right behind",
    "Exchange.agenda": "shared",
    "Exchange.customers": "the wallets show them",
    "Exchange.followers": "which products there are",
    "Exchange.frozen": "the wallets show them",
    "Exchange.ledger": "shows itself",
    "Exchange.open_orders": "from the positions",
    "Exchange.orders": "from the positions",
    "Exchange.searched": "which markets remember what was looked up in their books",
    "FixedOdds.agenda": "shared",
    "FixedOdds.by_key": "the same as by id",
    "FixedOdds.customers": "the wallets show them",
    "FixedOdds.frozen": "the wallets show them",
    "FixedOdds.ledger": "shows itself",
    "FixedOdds.on_market": "from the legs of accumulators",
    "Fixture.accumulated_minor": "from the accumulators",
    "FixtureMarket.considered_up_to": "how far long work has come, which starts over after a reload",
    "FixtureMarket.queue": "how far long work has come, which starts over after a reload",
    "FixtureMarket.recalled_singles": "how far recalling has come, which starts over after a reload",
    "FixtureMarket.recalled_up_to": "how far recalling has come, which starts over after a reload",
    "Following.by_pair": "from by_id",
    "Following.ended": "from by_id",
    "Following.exchange": "shows itself",
    "Following.fixed_odds": "shows itself",
    "Following.linked": "from by_id and the tags that the wallets show",
    "Following.pools": "shows itself",
    "Following.running": "from by_id",
    "Following.wallets": "shows itself",
    "House.agenda": "from the products' states",
    "Ledger.currencies": "the same by code as by number",
    "Ledger.deposit_follower": "which products there are",
    "Market.covers_between": "from the terms",
    "Market.searches": "what is looked up in the books again where it is not remembered",
    "Market.queue": "how far long work has come, which starts over after a reload",
    "Market.recalled_up_to": "how far recalling has come, which starts over after a reload",
    "Order.customer": "the position it is shown with",
    "Order.market": "the market it is shown with",
    "Pools.agenda": "shared",
    "Pools.by_key": "the same as by id",
    "Pools.customers": "the wallets show them",
    "Pools.frozen": "the wallets show them",
    "Pools.ledger": "shows itself",
    "Pools.open": "from the rounds",
    "Position.exposure_minor": "worked out of the stands",
    "Position.struck": "worked out of the bets",
    "Result.commission_minor": "nothing, but in the exchange, where a correction is booked at once here",
    "Result.discount_bps": "nothing, but in the exchange, where a correction is booked at once here",
    "Round.queue": "how far long work has come, which starts over after a reload",
    "Round.recalled_up_to": "how far recalling has come, which starts over after a reload",
    "Singles._known": "from the sums",
    "Singles.sums": "from the singles",
    "Stand.covered": "worked out of what the stand shows",
    "Stand.least_between_cents": "worked out of the bets",
    "Stand.unmatched_back_minor": "from the orders",
    "Stand.unmatched_liability_cents": "from the orders",
    "Wallets.followers": "which products there are",
    "Wallets.ids_by_username": "from customers",
    "Wallets.ledger": "shows itself",
    "Wallets.pending_counts": "from pending",
    "Wallets.tag_follower": "which products there are",
}
"""What no line shows, and what it follows from."""


def busy_ring() -> Ring:
    """A house with everything in it: waiting and delayed orders, a correction half booked, challenges, a withdrawal."""
    ring = open_ring("ann", "bob", "cid")
    ring.do(RequestWithdrawal(ring.people["cid"], "USD", 100))
    ring.do(SetDepositLimits(ring.people["cid"], "USD", 10_000))
    ring.place("ann back 100 @ 2.50")
    ring.place("bob lay 100 @ 2.50")
    ring.offer("cid back 10 @ 2.00", "ann")
    ring.finish(SettleMarket(ring.market, (RunnerId(1),)))
    ring.do(SettleMarket(ring.market, (RunnerId(2),), correction=True))
    other = ring.create(bet_delay_ms=5_000)
    ring.place("ann back 100 @ 2.50", market=other)
    ring.finish(TurnInPlay(other))
    ring.place("bob back 100 @ 2.50", market=other)
    ring.do(AdvanceMarket(ring.market))
    ring.place("cid lay 100 @ 2.50", market=ring.create(reductions=ReductionRule.BET))
    ring.do(TagCustomer(ring.people["ann"], ("team",)))
    ring.do(ExcludeCustomer(ring.people["bob"], ring.next_at + 10**18))
    _bet_with_the_house(ring)
    _bet_in_a_pool(ring)
    _follow(ring)
    return ring


def _bet_with_the_house(ring: Ring) -> None:
    """A single, an accumulator, a result that is being booked, limits, and a provider that is silent."""
    ring.do(FundHouse("USD", 100_000))
    ring.do(SetBookLimits("USD", max_stake_minor=50_000))
    ring.do(SetStakeFactor(ring.people["cid"], 50))
    fixtures: list[FixtureId] = []
    for key in ("final", "race"):
        market = LineMarket("main", "Main", (LineSelection("home", "Home", 200), LineSelection("away", "Away", 200)))
        (published,) = ring.do(PublishLine("main", key, 1, Line(key, ring.next_at + 10**18, markets=(market,))))
        assert isinstance(published, LinePublished)
        fixtures.append(published.fixture)
    legs = [WantedLeg(fixture, "main", "home") for fixture in fixtures]
    ring.do(PlaceBet(ring.people["cid"], "USD", 10, (legs[0],)))
    ring.do(PlaceBet(ring.people["cid"], "USD", 10, tuple(legs)))
    ring.do(DeclareResults(fixtures[1], (SelectionResult("main", "home", LegResult.WON),)))
    ring.do(HearSource("main", silent=True))


def _bet_in_a_pool(ring: Ring) -> None:
    """A round that is open, and one whose correction is half booked."""
    terms = PoolTerms("Daily", "X", 100)
    (created,) = ring.do(CreatePool("daily", "USD", terms))
    assert isinstance(created, PoolCreated)
    for code in ("1", "2"):
        (opened, *_) = ring.do(OpenRound(created.pool, code, ring.next_at + 10**18, ring.next_at + 10**18))
        assert isinstance(opened, RoundOpened)
        for name, side in (("ann", PoolSide.UP), ("cid", PoolSide.DOWN)):
            ring.do(PlacePoolBet(ring.people[name], created.pool, side, 10, code))
        if code == "1":
            ring.do(LockRound(opened.round))
            ring.finish(SettleRound(opened.round, RoundResult.UP))
            ring.do(SettleRound(opened.round, RoundResult.DOWN, correction=True))
            ring.do(AdvanceRound(opened.round))
            ring.do(AdvanceRound(opened.round))


def _follow(ring: Ring) -> None:
    """A follow that its stop-loss paused."""
    products = (RecordProduct.EXCHANGE,)
    terms = FollowTerms(FollowMode.FIXED, 100, None, 10_000, 500, 5_000, 2, None, products, 40)
    (started,) = ring.do(FollowLeader(ring.people["cid"], ring.people["ann"], "USD", terms))
    assert isinstance(started, FollowStarted)
    ring.do(StopFollow(started.follow, -6_000))


def test_every_state_is_shown_by_the_digest_or_follows_from_what_is() -> None:
    house = busy_ring().house
    # What is on the agenda follows from the products' states, and so do the commands on it.
    values = [value for value in values_within(house) if not type(value).__module__.startswith("evens.core.commands.")]
    kinds = {type(value).__name__ for value in values}
    assert kinds > {"Challenge", "Market", "Order", "PendingWithdrawal", "Position", "RunnerBook", "Stand"}
    assert unread_slots(values, house.digest) == FOLLOWS.keys()


def test_every_part_of_the_house_is_a_products() -> None:
    assert {*House.__slots__} - {"agenda", "at", "seq"} == {rules.part for rules in PRODUCTS}


class Forgetful:
    """A state that shows one thing and forgets another."""

    __slots__ = ("forgotten", "shown")

    def __init__(self) -> None:
        self.shown = 1
        self.forgotten = 2

    def lines(self) -> Iterator[str]:
        yield f"shown {self.shown}"


def test_a_state_without_a_line_is_found() -> None:
    state = Forgetful()
    assert unread_slots(values_within(state), lambda: list(state.lines())) == {"Forgetful.forgotten"}
    assert type(state) is Forgetful
