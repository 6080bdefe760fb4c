"""A customer's money, and what a heartbeat answers, through betfairlightweight and by hand where it has no call."""

import pytest

from tests.betfair.conftest import Floor, Program, limit
from tests.betfair.oracle import decode, type_of


def test_funds_tell_cash_and_what_is_held_for_bets(floor: Floor) -> None:
    fay = floor.program("50.00")
    floor.desk.put(f"/v1/users/{fay.user_id}/commission-discount", json={"discount_bps": 1500})
    fay.api.betting.place_orders(floor.market(), [limit(1, "LAY", 3.0, 10)])
    funds = fay.api.account.get_account_funds(lightweight=False)
    assert (funds.available_to_bet_balance, funds.exposure, funds.discount_rate) == (30.0, -20.0, 15.0)
    details = fay.api.account.get_account_details(lightweight=False)
    assert (details.currency_code, details.first_name) == ("USD", fay.name)


def test_the_statement_lists_what_moved_cash_newest_first(floor: Floor) -> None:
    fay = floor.program("50.00")
    fay.api.betting.place_orders(floor.market(), [limit(1, "LAY", 3.0, 10)])
    report = fay.api.account.get_account_statement(lightweight=False)
    assert [(item.amount, item.balance) for item in report.account_statement] == [(-20.0, 30.0), (50.0, 50.0)]
    paid = fay.api.account.get_account_statement(include_item="DEPOSITS_WITHDRAWALS", lightweight=False)
    assert [item.amount for item in paid.account_statement] == [50.0]
    first = fay.api.account.get_account_statement(record_count=1, lightweight=False)
    assert (len(first.account_statement), first.more_available) == (1, True)
    early = {"from": None, "to": "2026-01-01T00:00:00Z"}
    assert fay.api.account.get_account_statement(item_date_range=early, lightweight=True)["accountStatement"] == []


def test_there_is_one_currency_and_one_wallet(ann: Program) -> None:
    (rate,) = ann.api.account.list_currency_rates(from_currency="USD", lightweight=False)
    assert (rate.currency_code, rate.rate) == ("USD", 1.0)
    told = ann.call("AccountAPING/v1.0/transferFunds", {"from": "UK", "to": "AUSTRALIAN", "amount": 5})
    assert told["error"]["data"]["AccountAPINGException"]["errorCode"] == "WALLET_TRANSFER_ERROR"


@pytest.mark.parametrize(("preferred", "actual"), [(1, 10), (10, 10), (60, 60), (1000, 300), (0, 0)])
def test_a_heartbeat_tells_how_long_silence_may_last(ann: Program, preferred: int, actual: int) -> None:
    method = "HeartbeatAPING/v1.0/heartbeat"
    body = {"jsonrpc": "2.0", "method": method, "params": {"preferredTimeoutSeconds": preferred}, "id": 1}
    answer = ann.post("/exchange/heartbeat/json-rpc/v1", body)
    report = decode(answer.content, type=type_of(f'{{"method": "{method}"}}')).result
    assert report.actual_timeout_seconds == actual
