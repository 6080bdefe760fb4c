"""The row of a new market, made of the event alone, is the one in the tables."""

import pytest

from evens.core.commands.exchange import CreateMarket
from evens.core.events.exchange import MarketCreated
from evens.core.values.betting import MarketTerms
from evens.store.exchange.created import row_of_created
from tests.betfair.stream.conftest import BetfairServer


@pytest.mark.anyio
async def test_a_new_markets_row_follows_from_its_event(betfair: BetfairServer) -> None:
    terms = MarketTerms("Winner", ("A", "B"), 1, 0, 100, event="Derby", bet_delay_ms=5)
    receipt = await betfair.house.book(CreateMarket("USD", terms))
    (created,) = [event for event in receipt.events if isinstance(event, MarketCreated)]
    row = await betfair.house.house.services.exchange.queries.market(created.market)
    assert row is not None
    made = row_of_created(created, receipt.at)
    assert {name: getattr(made, name) for name in made.__slots__ if name != "removal_log"} == {
        name: getattr(row, name) for name in row.__slots__ if name != "removal_log"
    }
    assert (list(made.removal_log), list(row.removal_log)) == ([], [])
