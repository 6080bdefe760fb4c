"""Where several reasons speak against a command, the first in its product's order of precedence is given, always.

Orders are tried in :mod:`tests.core.exchange.test_refusals`, and accepting challenges where all else about them is.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import chain, combinations

import pytest

from evens.core.challenges import reasons as challenges
from evens.core.challenges.reasons import ChallengeReason
from evens.core.commands.challenges import OfferChallenge
from evens.core.commands.exchange import (
    AdvanceMarket,
    CreateMarket,
    PlaceOrder,
    RemoveRunner,
    ResumeMarket,
    SettleMarket,
    SuspendMarket,
    VoidMarket,
)
from evens.core.commands.wallets import Deposit, FreezeCustomer, RequestWithdrawal, Transfer, UnfreezeCustomer, Withdraw
from evens.core.events.challenges import ChallengeOffered
from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import MarketTerms, Side
from evens.core.values.ids import CustomerId, MarketId, Rail, RunnerId
from evens.core.values.money import AMOUNT_MINOR_MAX
from evens.core.values.reasons import Reason
from evens.core.wallets import reasons as wallets
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.withdrawals import PENDING_WITHDRAWALS_MAX
from tests.core.challenges.ring import Ring, open_ring
from tests.core.desk import Desk

NOBODY = CustomerId(4711)
KINDS = {
    Deposit: {
        SharedReason.CURRENCY_UNKNOWN,
        SharedReason.CUSTOMER_UNKNOWN,
        SharedReason.EFFECTIVE_IN_FUTURE,
        SharedReason.BALANCE_LIMIT,
    },
    Withdraw: {
        SharedReason.CURRENCY_UNKNOWN,
        SharedReason.CUSTOMER_UNKNOWN,
        SharedReason.CUSTOMER_FROZEN,
        SharedReason.EFFECTIVE_IN_FUTURE,
        SharedReason.INSUFFICIENT_FUNDS,
    },
    RequestWithdrawal: {
        SharedReason.CURRENCY_UNKNOWN,
        SharedReason.CUSTOMER_UNKNOWN,
        SharedReason.CUSTOMER_FROZEN,
        WalletReason.PENDING_WITHDRAWALS_LIMIT,
        SharedReason.INSUFFICIENT_FUNDS,
    },
    Transfer: {
        SharedReason.CURRENCY_UNKNOWN,
        SharedReason.CUSTOMER_UNKNOWN,
        WalletReason.RECIPIENT_UNKNOWN,
        SharedReason.CUSTOMER_FROZEN,
        SharedReason.EFFECTIVE_IN_FUTURE,
        SharedReason.INSUFFICIENT_FUNDS,
        SharedReason.BALANCE_LIMIT,
    },
}
"""What can speak against each command that moves money, apart from paying oneself."""

TO_OFFER = {
    SharedReason.CURRENCY_UNKNOWN,
    ExchangeReason.MARKET_UNKNOWN,
    ExchangeReason.RUNNER_UNKNOWN,
    SharedReason.CUSTOMER_FROZEN,
    ChallengeReason.CHALLENGE_EXPIRED,
    ExchangeReason.MARKET_SUSPENDED,
    ExchangeReason.RUNNER_REMOVED,
    SharedReason.STAKE_TOO_SMALL,
    SharedReason.INSUFFICIENT_FUNDS,
}
"""What can speak against offering a challenge on a runner, apart from who offers."""

Kind = type[Deposit] | type[Withdraw] | type[RequestWithdrawal] | type[Transfer]


def subsets(reasons: Collection[Reason]) -> Iterator[tuple[Reason, ...]]:
    ordered = sorted(reasons)
    return chain.from_iterable(combinations(ordered, size) for size in range(len(ordered) + 1))


def prepare(desk: Desk, kind: Kind, reasons: tuple[Reason, ...]) -> tuple[CustomerId, CustomerId]:
    """Make a payer and a payee against whom these reasons speak, as far as they are about the two."""
    payer, payee = desk.register("ann", USD=1000, EUR=1000), desk.register("bob")
    if WalletReason.PENDING_WITHDRAWALS_LIMIT in reasons:
        for _ in range(PENDING_WITHDRAWALS_MAX):
            desk.move(RequestWithdrawal(payer, "EUR", 1))
    if SharedReason.BALANCE_LIMIT in reasons:
        receiver = payee if issubclass(kind, Transfer) else payer
        for _ in range(9):
            desk.move(Deposit(receiver, "USD", AMOUNT_MINOR_MAX, Rail.IMPORT))
        if receiver == payee and SharedReason.INSUFFICIENT_FUNDS not in reasons:
            desk.move(Deposit(payer, "USD", AMOUNT_MINOR_MAX, Rail.DESK))
    if SharedReason.CUSTOMER_FROZEN in reasons:
        desk.do(FreezeCustomer(payer))
    return payer, payee


def make(desk: Desk, kind: Kind, reasons: tuple[Reason, ...]) -> Deposit | Withdraw | RequestWithdrawal | Transfer:
    """Return a command of this kind against which all these reasons speak, and no others."""
    payer, payee = prepare(desk, kind, reasons)
    if SharedReason.CUSTOMER_UNKNOWN in reasons:
        payer = NOBODY
    if WalletReason.RECIPIENT_UNKNOWN in reasons:
        payee = CustomerId(NOBODY + 1)
    code = "XXX" if SharedReason.CURRENCY_UNKNOWN in reasons else "USD"
    amount_minor = (
        AMOUNT_MINOR_MAX if {SharedReason.INSUFFICIENT_FUNDS, SharedReason.BALANCE_LIMIT} & set(reasons) else 1
    )
    effective_at = desk.next_at + 1 if SharedReason.EFFECTIVE_IN_FUTURE in reasons else None
    if issubclass(kind, Transfer):
        return Transfer(payer, payee, code, amount_minor, effective_at)
    if issubclass(kind, RequestWithdrawal):
        return RequestWithdrawal(payer, code, amount_minor)
    return kind(payer, code, amount_minor, Rail.DESK, effective_at)


@pytest.mark.parametrize("kind", KINDS)
def test_of_several_reasons_the_first_in_the_list_is_given(kind: Kind) -> None:
    tried = 0
    for reasons in subsets(KINDS[kind]):
        desk = Desk()
        desk.define("USD")
        desk.define("EUR")
        command = make(desk, kind, reasons)
        if reasons:
            assert desk.refuse(command).reason is min(reasons, key=wallets.PRECEDENCE.index), reasons
        else:
            desk.move(command)
        tried += 1
    assert tried == 2 ** len(KINDS[kind])


def test_paying_oneself_is_told_before_being_frozen_the_date_and_money() -> None:
    desk = Desk()
    desk.define("USD")
    ann = desk.register("ann")
    desk.do(FreezeCustomer(ann))
    future = Transfer(ann, ann, "USD", 1, effective_at=desk.next_at + 1)
    assert desk.refuse(future).reason is WalletReason.SAME_CUSTOMER
    assert desk.refuse(Transfer(NOBODY, NOBODY, "USD", 1)).reason is SharedReason.CUSTOMER_UNKNOWN
    assert desk.refuse(Transfer(ann, ann, "XXX", 1)).reason is SharedReason.CURRENCY_UNKNOWN


def test_who_is_unknown_is_never_called_frozen_or_not() -> None:
    desk = Desk()
    assert desk.refuse(FreezeCustomer(NOBODY)).reason is SharedReason.CUSTOMER_UNKNOWN
    assert desk.refuse(UnfreezeCustomer(NOBODY)).reason is SharedReason.CUSTOMER_UNKNOWN


def test_a_market_that_is_over_or_busy_is_told_before_what_is_wrong_with_the_runner_or_the_order() -> None:
    desk = Desk()
    desk.define("USD")
    ann = desk.register("ann")
    market = MarketId(desk.house.seq + 1)
    desk.do(CreateMarket("USD", MarketTerms("race", ("a", "b", "c"), 1, starts_at=0, min_stake_minor=2)))
    order = PlaceOrder(ann, market, RunnerId(1), Side.BACK, odds=211, stake_minor=1)
    desk.do(RemoveRunner(market, RunnerId(1), 0))
    assert desk.refuse(RemoveRunner(market, RunnerId(1), 0)).reason is ExchangeReason.MARKET_BUSY
    assert desk.refuse(SettleMarket(market, (RunnerId(1), RunnerId(2)))).reason is ExchangeReason.MARKET_BUSY
    assert desk.refuse(ResumeMarket(market)).reason is ExchangeReason.MARKET_BUSY
    assert desk.refuse(order).reason is ExchangeReason.MARKET_BUSY
    desk.do(AdvanceMarket(market))
    assert desk.refuse(order).reason is ExchangeReason.MARKET_SUSPENDED
    assert desk.refuse(SettleMarket(market, (RunnerId(1), RunnerId(2)))).reason is ExchangeReason.RUNNER_REMOVED
    desk.do(ResumeMarket(market))
    assert desk.refuse(order).reason is ExchangeReason.RUNNER_REMOVED
    desk.do(VoidMarket(market))
    assert desk.refuse(order).reason is ExchangeReason.MARKET_CLOSED
    assert desk.refuse(RemoveRunner(market, RunnerId(1), 0)).reason is ExchangeReason.ALREADY_SETTLED


def make_offer(ring: Ring, reasons: tuple[Reason, ...]) -> OfferChallenge:
    """Return ann's offer against which all these reasons speak, and no others."""
    stake_minor = 2 if SharedReason.INSUFFICIENT_FUNDS in reasons else 1
    odds = "1.01" if SharedReason.STAKE_TOO_SMALL in reasons else "2.00"
    offer = ring.challenge(f"ann back {stake_minor} @ {odds}")
    if SharedReason.CURRENCY_UNKNOWN in reasons:
        offer = replace(offer, currency="XXX")
    if ExchangeReason.MARKET_UNKNOWN in reasons:
        offer = replace(offer, market=NOBODY)
    if ExchangeReason.RUNNER_UNKNOWN in reasons:
        offer = replace(offer, runner=9)
    if ChallengeReason.CHALLENGE_EXPIRED in reasons:
        offer = replace(offer, expires_at=0)
    return offer


def test_of_several_reasons_against_offering_a_challenge_the_first_in_the_list_is_given() -> None:
    tried = 0
    for reasons in subsets(TO_OFFER):
        ring = open_ring("ann", cash_minor=1)
        if SharedReason.CUSTOMER_FROZEN in reasons:
            ring.do(FreezeCustomer(ring.people["ann"]))
        if ExchangeReason.RUNNER_REMOVED in reasons:
            ring.finish(RemoveRunner(ring.market, RunnerId(1), 0))
            ring.do(ResumeMarket(ring.market))
        if ExchangeReason.MARKET_SUSPENDED in reasons:
            ring.do(SuspendMarket(ring.market))
        offer = make_offer(ring, reasons)
        if reasons:
            assert ring.refuse(offer).reason is min(reasons, key=challenges.PRECEDENCE.index), reasons
        else:
            assert isinstance(ring.do(offer)[0], ChallengeOffered)
        tried += 1
    assert tried == 2 ** len(TO_OFFER)


def test_whether_there_is_such_a_resolver_is_told_before_whether_the_challenger_may_bet() -> None:
    ring = open_ring("ann")
    ring.do(FreezeCustomer(ring.people["ann"]))
    offer = ring.challenge("ann back 1 @ 2.00", "ann", expires_at=0)
    assert ring.refuse(replace(offer, customer=NOBODY, resolver=NOBODY)).reason is SharedReason.CUSTOMER_UNKNOWN
    assert ring.refuse(replace(offer, resolver=NOBODY)).reason is ChallengeReason.RESOLVER_UNKNOWN
    assert ring.refuse(offer).reason is ChallengeReason.RESOLVER_CONFLICT
