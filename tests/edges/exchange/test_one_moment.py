"""A market is shown with the prices that it had at the same moment, alone and in lists."""

from typing import Any

import pytest

from evens.store.exchange import prices, queries
from evens.store.exchange.queries import Book
from tests.edges.conftest import Caller
from tests.edges.exchange.floor import at_rest, open_market, place


@pytest.mark.anyio
@pytest.mark.parametrize("is_listed", [False, True])
async def test_a_market_that_closes_while_it_is_read_is_open_with_its_book(
    operator: Caller, ada: Caller, monkeypatch: pytest.MonkeyPatch, is_listed: bool
) -> None:
    market = await open_market(operator, event="One moment")
    await place(ada, market, "back", "2.00", "5.00")
    read, closed = queries.read_books, list[str]()

    async def read_late(wire: Any, markets: Any) -> dict[int, Book]:
        if not closed:
            closed.append(market)
            await operator.post(f"/v1/exchange/markets/{market}/close")
            await at_rest(operator, market)
        return await read(wire, markets)

    for module in (prices, queries):
        monkeypatch.setattr(module, "read_books", read_late)
    path = "/v1/exchange/markets"
    if is_listed:
        (shown,) = (await ada.get(path, event="One moment")).json()["items"]
    else:
        shown = (await ada.get(f"{path}/{market}")).json()
    assert closed == [market]
    assert (shown["status"], [level["odds"] for level in shown["runners"][0]["to_lay"]]) == ("open", ["2.00"])
