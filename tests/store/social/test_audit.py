"""The audit of records: what is kept is sound, and whatever is tampered with is named."""

import asyncpg
import pytest

from evens.core.commands.exchange import SettleMarket
from evens.core.commands.fixed_odds import DeclareResults, WantedLeg
from evens.core.commands.pools import LockRound, SettleRound
from evens.core.commands.wallets import TagCustomer
from evens.core.values.fixed_odds import LegResult, SelectionResult
from evens.core.values.ids import RunnerId
from evens.core.values.pools import RoundResult
from evens.store.auditing.audit import audit
from evens.store.social.audit import CHECKS, OUTCOMES, Unread
from evens.store.sql_files import statements
from tests.store.fixed_odds.book import everything, market
from tests.store.pools.series import Series, everything_in_pools
from tests.store.social.stands import Stands

pytestmark = pytest.mark.anyio

_OUTCOMES, _DAYS, _FIGURES = [f"UPDATE evens.{name} SET" for name in ("outcomes", "record_days", "record_figures")]

TAMPERINGS: dict[str, tuple[str, ...]] = {
    "outcomes_otherwise_in_markets": (f"{_OUTCOMES} profit = profit + 1 WHERE product = 1",),
    "outcomes_otherwise_in_events": (f"{_OUTCOMES} profit = profit + 1 WHERE product = 2 AND part <> ''",),
    "outcomes_otherwise_of_bets": (
        f"{_OUTCOMES} profit = profit + 1 WHERE product = 2 AND part = ''",
        f"{_OUTCOMES} customer = customer + 1000 WHERE product = 2 AND part = ''",
    ),
    "outcomes_otherwise_in_rounds": (f"{_OUTCOMES} profit = profit - 1 WHERE product = 3",),
    "outcomes_on_another_day": (f"{_OUTCOMES} settled_at = settled_at - 86400000000000",),
    "days_otherwise_than_outcomes": (
        *[
            f"{_DAYS} {column} = {column} + 1"
            for column in ("profit", "turnover", "bets", "settled", "won", "closing_value", "closing_stake")
        ],
        "DELETE FROM evens.record_days WHERE product = 3",
    ),
    "figures_otherwise_than_days": (
        *[f"{_FIGURES} {column} = {column} + 1" for column in ("profit", "turnover", "bets", "settled", "won")],
        *[f"DELETE FROM evens.record_figures WHERE period = {period}" for period in range(1, 5)],
        f"{_FIGURES} day = day + 1 WHERE period = 3",
    ),
}


async def test_records_are_sound_and_what_is_not_is_named(stands: Stands) -> None:
    # Every check is tried on the same house, which is put right again after each.
    ann, bob = [await stands.stage.customer(name, USD=1_000_00) for name in ("ann", "bob")]
    market = await stands.market(500)
    await stands.match(market, ann, bob, 300, 10_00)
    await stands.match(market, bob, ann, 250, 7_00)
    await stands.settle(market, 1)
    await everything(stands)
    await everything_in_pools(Series(stands.stage))
    assert (await audit(stands.stage.dsns.app)).problems == [], "what is due is left out"
    await stands.keep()
    assert (await audit(stands.stage.dsns.app)).problems == []
    assert TAMPERINGS.keys() == CHECKS.keys()
    owner = await asyncpg.connect(stands.stage.dsns.owner)
    try:
        for check, tamperings in TAMPERINGS.items():
            for tampering in tamperings:
                change = owner.transaction()
                await change.start()
                assert await owner.execute(tampering) not in ("UPDATE 0", "DELETE 0"), tampering
                assert await owner.fetchval(statements("social", "audit")[check], *Unread().arguments(check)), tampering
                await change.rollback()
        await owner.execute(TAMPERINGS["outcomes_otherwise_in_rounds"][0])
    finally:
        await owner.close()
    assert any("round" in problem for problem in (await audit(stands.stage.dsns.app)).problems)


async def test_a_correction_that_the_records_have_not_read_yet_is_no_fault(stands: Stands) -> None:
    ann, bob, cy = [await stands.stage.customer(name, USD=1_000_00) for name in ("ann", "bob", "cy")]
    await stands.fund()
    winner = await stands.market()
    await stands.match(winner, ann, bob, 300, 10_00)
    tagged = await stands.market()
    await stands.match(tagged, ann, cy, 400, 5_00)
    for who in (ann, cy):
        await stands.stage.submit(TagCustomer(who, ("card:4711",)))
    match = await stands.publish("match", market("main", {"home": 210, "away": 180}))
    other = await stands.publish("other", market("main", {"home": 210, "away": 180}))
    home, also = WantedLeg(match, "main", "home"), WantedLeg(other, "main", "home")
    await stands.bet(bob, 10_00, home)
    await stands.bet(bob, 5_00, home, also)
    series = Series(stands.stage)
    pool = await series.create("ndx-usd", "USD")
    round_ = await series.open(pool, "20250106")
    await series.stakes([ann, bob, cy], pool, "20250106")
    home_won, away_won = [(SelectionResult("main", name, LegResult.WON),) for name in ("home", "away")]
    for command in (
        SettleMarket(winner, (RunnerId(1),)),
        SettleMarket(tagged, (RunnerId(1),)),
        DeclareResults(match, home_won),
        DeclareResults(other, home_won),
        LockRound(round_),
        SettleRound(round_, RoundResult.UP),
    ):
        await series.done(command)
        await stands.keep()
    for command in (
        SettleMarket(winner, (RunnerId(2),), correction=True),
        TagCustomer(ann, ()),
        TagCustomer(cy, ()),
        DeclareResults(match, away_won, correction=True),
        SettleRound(round_, RoundResult.DOWN, correction=True),
    ):
        await series.done(command)
        await stands.calm()
    owner = await asyncpg.connect(stands.stage.dsns.owner)
    try:
        for check in OUTCOMES:
            assert await owner.fetchval(statements("social", "audit")[check], *Unread().arguments(check)), check
    finally:
        await owner.close()
    assert (await audit(stands.stage.dsns.app)).problems == []
    await stands.keep()
    assert (await audit(stands.stage.dsns.app)).problems == []
