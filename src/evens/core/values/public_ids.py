"""Public ids: opaque strings outside, integers inside."""

import re
from typing import Final

from evens.core.values.ids import (
    BetId,
    ChallengeId,
    CustomerId,
    FollowId,
    MarketId,
    MatchId,
    OrderId,
    PoolBetId,
    RunnerId,
    TransferId,
)

_HOLDER_BITS: Final = 49
_USER: Final = re.compile(r"usr_([1-9][0-9]{0,14})", re.ASCII)
_TRANSACTION: Final = re.compile(r"txn_([1-9][0-9]{0,18})", re.ASCII)
_MARKET: Final = re.compile(r"mkt_([1-9][0-9]{0,14})", re.ASCII)
_ORDER: Final = re.compile(r"ord_([1-9][0-9]{0,18})", re.ASCII)
_BET: Final = re.compile(r"bet_([1-9][0-9]{0,18})", re.ASCII)
_POOL_BET: Final = re.compile(r"plb_([1-9][0-9]{0,18})", re.ASCII)
_FOLLOW: Final = re.compile(r"fol_([1-9][0-9]{0,18})", re.ASCII)
_RUNNER: Final = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


def format_user_id(customer: int) -> str:
    """Return the public id of a customer, who may be known as the holder of an account."""
    return f"usr_{customer}"


def parse_user_id(text: str) -> CustomerId | None:
    """Return the customer whose public id this could be, ``None`` if it can be nobody's."""
    match = _USER.fullmatch(text)
    customer = CustomerId(int(match[1]) if match else 0)
    return customer if 0 < customer < 1 << _HOLDER_BITS else None


def format_transaction_id(transfer: TransferId) -> str:
    """Return the public id of a transfer."""
    return f"txn_{transfer}"


def parse_transaction_id(text: str) -> TransferId | None:
    """Return the transfer whose public id this could be, ``None`` if it can be none's."""
    match = _TRANSACTION.fullmatch(text)
    transfer = TransferId(int(match[1]) if match else 0)
    return transfer if 0 < transfer < 1 << 63 else None


def format_market_id(market: MarketId) -> str:
    """Return the public id of a market."""
    return f"mkt_{market}"


def parse_market_id(text: str) -> MarketId | None:
    """Return the market whose public id this could be, ``None`` if it can be none's."""
    match = _MARKET.fullmatch(text)
    market = MarketId(int(match[1]) if match else 0)
    return market if 0 < market < 1 << _HOLDER_BITS else None


def format_order_id(order: OrderId) -> str:
    """Return the public id of an order."""
    return f"ord_{order}"


def parse_order_id(text: str) -> OrderId | None:
    """Return the order whose public id this could be, ``None`` if it can be none's."""
    match = _ORDER.fullmatch(text)
    order = OrderId(int(match[1]) if match else 0)
    return order if 0 < order < 1 << 63 else None


def format_bet_id(bet: BetId) -> str:
    """Return the public id of a bet with the house."""
    return f"bet_{bet}"


def parse_bet_id(text: str) -> BetId | None:
    """Return the bet whose public id this could be, ``None`` if it can be none's."""
    match = _BET.fullmatch(text)
    bet = BetId(int(match[1]) if match else 0)
    return bet if 0 < bet < 1 << 63 else None


def format_pool_bet_id(bet: PoolBetId) -> str:
    """Return the public id of a bet in a pool. It tells nothing of whose it is, so proofs name bets by it."""
    return f"plb_{bet}"


def parse_pool_bet_id(text: str) -> PoolBetId | None:
    """Return the pool bet whose public id this could be, ``None`` if it can be none's."""
    match = _POOL_BET.fullmatch(text)
    bet = PoolBetId(int(match[1]) if match else 0)
    return bet if 0 < bet < 1 << 63 else None


def format_event_id(source: str, key: str) -> str:
    """Return the public id of a fixture: its provider's own, behind the provider's name unless that is ``main``."""
    return key if source == "main" else f"{source}:{key}"


def format_trade_id(match: MatchId) -> str:
    """Return the public id of a match."""
    return f"trd_{match}"


def format_challenge_id(challenge: ChallengeId) -> str:
    """Return the public id of a challenge. It opens nothing; that takes the challenge's token."""
    return f"chl_{challenge}"


def format_follow_id(follow: FollowId) -> str:
    """Return the public id of a follow."""
    return f"fol_{follow}"


def parse_follow_id(text: str) -> FollowId | None:
    """Return the follow whose public id this could be, ``None`` if it can be none's."""
    match = _FOLLOW.fullmatch(text)
    follow = FollowId(int(match[1]) if match else 0)
    return follow if 0 < follow < 1 << 63 else None


def parse_runner_id(text: str) -> RunnerId | None:
    """Return the number of the runner that is called this within its market, ``None`` if it can be none's."""
    return RunnerId(int(text)) if _RUNNER.fullmatch(text) else None
