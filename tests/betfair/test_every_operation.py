"""Every operation in the list of docs/betfair.md is called, and those that are not here are refused as it says."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.betfair.conftest import Floor, Program, limit

PAGE = Path(__file__).resolve().parents[2] / "docs" / "betfair.md"
ROW = re.compile(r"^\| (?P<names>[^|]+) \| (?P<how>same|narrower|not here) \|", re.MULTILINE)


def listed(*hows: str) -> list[str]:
    """Return the operations that the page's list has with one of these words."""
    table = PAGE.read_text("utf-8").partition("## Every operation")[2].partition("\n## ")[0]
    return [name for row in ROW.finditer(table) if row["how"] in hows for name in row["names"].split(", ")]


def _login(path: str) -> Callable[[Program, str], None]:
    def call(program: Program, market: str) -> None:
        del market
        form = {"username": program.name, "password": program.key}
        answer = httpx2.post(f"{program.url}/api/{path}", data=form, headers={"X-Application": "tests"}).json()
        assert "SUCCESS" in (answer.get("status"), answer.get("loginStatus")), answer

    return call


def _listing(method: str, has: Callable[[Any], bool]) -> Callable[[Program, str], None]:
    def call(program: Program, market: str) -> None:
        found = getattr(program.api.betting, method)({"marketIds": [market]}, lightweight=False)
        assert [has(each) for each in found] == [True]

    return call


def _order(program: Program, market: str) -> str:
    """Place an order, and return its bet's id."""
    report = program.api.betting.place_orders(market, [limit(1, "LAY", 1.5, 10)], lightweight=False)
    assert report.status == "SUCCESS"
    return report.place_instruction_reports[0].bet_id


def _catalogue(program: Program, market: str) -> None:
    found = program.api.betting.list_market_catalogue({"marketIds": [market]}, max_results=1, lightweight=False)
    assert [each.market_id for each in found] == [market]


def _time_ranges(program: Program, market: str) -> None:
    asked = {"filter": {"marketIds": [market]}, "granularity": "DAYS"}
    (found,) = program.call("SportsAPING/v1.0/listTimeRanges", asked)["result"]
    assert found["timeRange"]["from"].startswith("2030-01-01")


def _books(program: Program, market: str) -> None:
    (book,) = program.api.betting.list_market_book([market], lightweight=False)
    assert [runner.selection_id for runner in book.runners] == [1, 2]


def _runner_book(program: Program, market: str) -> None:
    (book,) = program.api.betting.list_runner_book(market, 2, lightweight=False)
    assert [runner.selection_id for runner in book.runners] == [2]


def _cancel(program: Program, market: str) -> None:
    bet = _order(program, market)
    report = program.api.betting.cancel_orders(market, [{"betId": bet}], lightweight=False)
    assert (report.status, report.cancel_instruction_reports[0].size_cancelled) == ("SUCCESS", 10)


def _replace(program: Program, market: str) -> None:
    change = {"betId": _order(program, market), "newPrice": 1.6}
    assert program.api.betting.replace_orders(market, [change], lightweight=False).status == "SUCCESS"


def _update(program: Program, market: str) -> None:
    change = {"betId": _order(program, market), "newPersistenceType": "PERSIST"}
    assert program.api.betting.update_orders(market, [change], lightweight=False).status == "SUCCESS"


def _current(program: Program, market: str) -> None:
    bet = _order(program, market)
    found = program.api.betting.list_current_orders(bet_ids=[bet], lightweight=False).orders
    assert [order.bet_id for order in found] == [bet]


def _cleared(program: Program, market: str) -> None:
    bet = _order(program, market)
    program.api.betting.cancel_orders(market, [{"betId": bet}])
    asked = {"bet_status": "CANCELLED", "bet_ids": [bet]}
    (order,) = program.api.betting.list_cleared_orders(**asked, lightweight=False).orders
    assert (order.bet_id, order.size_cancelled) == (bet, 10)


def _profit_and_loss(program: Program, market: str) -> None:
    program.api.betting.place_orders(market, [limit(2, "BACK", 3.0, 10)])
    (found,) = program.api.betting.list_market_profit_and_loss(market_ids=[market], lightweight=False)
    assert {each.selection_id: each.if_win for each in found.profit_and_losses} == {1: -10, 2: 20}


def _funds(program: Program, market: str) -> None:
    before = program.funds()
    _order(program, market)
    assert program.funds() == (before[0] - 5, before[1] - 5)


def _details(program: Program, market: str) -> None:
    del market
    assert program.api.account.get_account_details(lightweight=False).first_name == program.name


def _statement(program: Program, market: str) -> None:
    _order(program, market)
    assert program.api.account.get_account_statement(lightweight=False).account_statement[0].amount == -5


def _rates(program: Program, market: str) -> None:
    del market
    assert [rate.rate for rate in program.api.account.list_currency_rates(lightweight=False)] == [1.0]


def _heartbeat(program: Program, market: str) -> None:
    del market
    for seconds in (30, 0):
        told = program.call("HeartbeatAPING/v1.0/heartbeat", {"preferredTimeoutSeconds": seconds})["result"]
        assert told["actualTimeoutSeconds"] == seconds


def _menu(program: Program, market: str) -> None:
    assert market in str(program.api.navigation.list_navigation())


CALLS: dict[str, Callable[[Program, str], None]] = {
    "login": _login("login"),
    "certlogin": _login("certlogin"),
    "keepAlive": lambda program, _: _is_success(program.api.keep_alive(lightweight=False)),
    "logout": lambda program, _: _is_success(program.api.logout(lightweight=False)),
    "listEventTypes": _listing("list_event_types", lambda each: each.event_type.name == "Tennis"),
    "listCompetitions": _listing("list_competitions", lambda each: each.competition.name == "Cup"),
    "listEvents": _listing("list_events", lambda each: each.event.country_code == "GB"),
    "listMarketTypes": _listing("list_market_types", lambda each: each.market_type == "MATCH_ODDS"),
    "listCountries": _listing("list_countries", lambda each: each.country_code == "GB"),
    "listVenues": _listing("list_venues", lambda each: each.venue == "Hall"),
    "listTimeRanges": _time_ranges,
    "listMarketCatalogue": _catalogue,
    "listMarketBook": _books,
    "listRunnerBook": _runner_book,
    "placeOrders": lambda program, market: _is_bet(_order(program, market)),
    "cancelOrders": _cancel,
    "replaceOrders": _replace,
    "updateOrders": _update,
    "listCurrentOrders": _current,
    "listClearedOrders": _cleared,
    "listMarketProfitAndLoss": _profit_and_loss,
    "getAccountFunds": _funds,
    "getAccountDetails": _details,
    "getAccountStatement": _statement,
    "listCurrencyRates": _rates,
    "heartbeat": _heartbeat,
    "navigation menu": _menu,
}
"""How each operation is called, with what has to come of it. betfair-parser decodes every answer as well."""


def _is_success(answer: Any) -> None:
    assert answer.status == "SUCCESS"


def _is_bet(bet: str) -> None:
    assert bet.isdecimal()


def _order_error(**instruction: Any) -> Callable[[Program, str], str]:
    def call(program: Program, market: str) -> str:
        order = limit(1, "LAY", 1.5, 10) | instruction
        report = program.call("SportsAPING/v1.0/placeOrders", {"marketId": market, "instructions": [order]})["result"]
        return report["instructionReports"][0]["errorCode"]

    return call


def _call_error(method: str, **params: Any) -> Callable[[Program, str], str]:
    def call(program: Program, market: str) -> str:
        del market
        error = program.call(method, params)["error"]
        known = error.get("data", {}).get("AccountAPINGException")
        return known["errorCode"] if known else error["message"]

    return call


def _status(path: str) -> Callable[[Program, str], str]:
    def call(program: Program, market: str) -> str:
        del market
        return str(program.post(path, {}).status_code)

    return call


_TARGET = {"price": 1.5, "betTargetType": "PAYOUT", "betTargetSize": 10, "persistenceType": "LAPSE"}

REFUSED: dict[str, tuple[Callable[[Program, str], str], str]] = {
    "LIMIT_ON_CLOSE": (
        _order_error(orderType="LIMIT_ON_CLOSE", limitOnCloseOrder={"price": 1.5, "liability": 10}),
        "MARKET_NOT_OPEN_FOR_BSP_BETTING",
    ),
    "MARKET_ON_CLOSE": (
        _order_error(orderType="MARKET_ON_CLOSE", marketOnCloseOrder={"liability": 10}),
        "MARKET_NOT_OPEN_FOR_BSP_BETTING",
    ),
    "betTargetType": (_order_error(limitOrder=_TARGET), "INVALID_ORDER_TYPE"),
    "transferFunds": (
        _call_error("AccountAPING/v1.0/transferFunds", **{"from": "UK", "to": "AUSTRALIAN", "amount": 5}),
        "WALLET_TRANSFER_ERROR",
    ),
    "application keys": (_call_error("AccountAPING/v1.0/createDeveloperAppKeys", appName="x"), "DSC-0021"),
    "vendors": (_call_error("AccountAPING/v1.0/getVendorClientId"), "DSC-0021"),
    "subscriptions": (_call_error("AccountAPING/v1.0/listApplicationSubscriptionTokens"), "DSC-0021"),
    "scores": (_status("/exchange/scores/json-rpc/v1"), "404"),
    "race cards": (_status("/rest/v2/raceCard"), "404"),
    "historic data": (_status("/historicdata/api/GetMyData"), "404"),
}
"""How what is not here is asked for, and what is answered."""


def test_the_list_is_what_is_called() -> None:
    assert sorted(listed("same", "narrower")) == sorted(CALLS)
    assert sorted(listed("not here")) == sorted(REFUSED)


@pytest.fixture(scope="module")
def market(floor: Floor, bob: Program) -> str:
    """A market with everything that can be said of one, and something to back."""
    about = {"event": "Ann v Bo", "event_type": "Tennis", "competition": "Cup", "country": "GB", "venue": "Hall"}
    market = floor.market("Ann", "Bo", **about, market_type="MATCH_ODDS")
    _is_success(bob.api.betting.place_orders(market, [limit(2, "LAY", 3.0, 100)]))
    return market


@pytest.mark.parametrize("operation", CALLS)
def test_an_operation_that_is_here_is_answered(floor: Floor, market: str, operation: str) -> None:
    CALLS[operation](floor.program(), market)


@pytest.mark.parametrize("operation", REFUSED)
def test_an_operation_that_is_not_here_is_refused(ann: Program, market: str, operation: str) -> None:
    call, code = REFUSED[operation]
    assert call(ann, market) == code
