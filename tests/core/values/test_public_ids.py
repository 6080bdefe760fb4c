"""Public ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.ids import ChallengeId, CustomerId, MarketId, MatchId, OrderId, TransferId
from evens.core.values.public_ids import (
    format_challenge_id,
    format_market_id,
    format_order_id,
    format_trade_id,
    format_transaction_id,
    format_user_id,
    parse_market_id,
    parse_order_id,
    parse_runner_id,
    parse_transaction_id,
    parse_user_id,
)


@given(st.integers(1, 2**49 - 1))
def test_a_users_id_is_read_back(customer: CustomerId) -> None:
    assert parse_user_id(format_user_id(customer)) == customer


@given(st.integers(1, 2**63 - 1).map(TransferId))
def test_a_transactions_id_is_read_back(transfer: TransferId) -> None:
    assert parse_transaction_id(format_transaction_id(transfer)) == transfer


@pytest.mark.parametrize(
    "text",
    [
        "42",
        "usr_",
        "usr_0",
        "usr_042",
        "usr_-1",
        "usr_4 2",
        "usr_٤٢",
        "usr_42\n",
        "USR_42",
        "txn_42",
        f"usr_{2**49}",
        "usr_" + "9" * 400,
        "",
    ],
)
def test_what_can_be_nobodys_id_names_nobody(text: str) -> None:
    assert parse_user_id(text) is None


@pytest.mark.parametrize("text", ["42", "txn_", "txn_0", "txn_01", "usr_42", f"txn_{2**63}", "txn_" + "9" * 400])
def test_what_can_be_no_transactions_id_names_none(text: str) -> None:
    assert parse_transaction_id(text) is None


@given(st.integers(1, 2**49 - 1))
def test_a_markets_id_is_read_back(market: MarketId) -> None:
    assert parse_market_id(format_market_id(market)) == market


@given(st.integers(1, 2**63 - 1))
def test_an_orders_id_is_read_back(order: OrderId) -> None:
    assert parse_order_id(format_order_id(order)) == order


@pytest.mark.parametrize("text", ["7", "mkt_", "mkt_0", "mkt_07", "ord_7", f"mkt_{2**49}", "mkt_7\n", ""])
def test_what_can_be_no_markets_id_names_none(text: str) -> None:
    assert parse_market_id(text) is None


@pytest.mark.parametrize("text", ["7", "ord_", "ord_0", "ord_07", "mkt_7", f"ord_{2**63}", "ord_" + "9" * 400])
def test_what_can_be_no_orders_id_names_none(text: str) -> None:
    assert parse_order_id(text) is None


def test_a_runner_is_called_by_its_number() -> None:
    assert [parse_runner_id(text) for text in ("1", "200", "999")] == [1, 200, 999]


@pytest.mark.parametrize("text", ["", "0", "01", "+1", "1000", "٣", " 1", "Ann"])
def test_what_is_no_number_of_a_runner_names_none(text: str) -> None:
    assert parse_runner_id(text) is None


def test_matches_and_challenges_have_ids_that_nothing_else_has() -> None:
    assert (format_trade_id(MatchId(7)), format_challenge_id(ChallengeId(7))) == ("trd_7", "chl_7")


@given(st.text())
def test_no_text_has_two_meanings(text: str) -> None:
    customer, transfer = parse_user_id(text), parse_transaction_id(text)
    assert customer is None or format_user_id(customer) == text
    assert transfer is None or format_transaction_id(transfer) == text
