"""Debts to the house: whoever owes can only be paid, and whatever arrives repays the debt first."""

from collections.abc import Callable, Iterable

import pytest

from evens.core.commands.every import Command
from evens.core.commands.exchange import CancelOrder, ReplaceOrder, SettleMarket
from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    RejectWithdrawal,
    RequestWithdrawal,
    Transfer,
    TransferBatch,
    Withdraw,
)
from evens.core.events.challenges import ChallengeAccepted
from evens.core.events.every import Event
from evens.core.events.wallets import TransferRefused
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import CustomerId, Rail, RunnerId
from evens.core.values.odds import parse_odds
from tests.core.challenges.ring import open_ring
from tests.core.exchange.floor import Floor, moved, open_floor

START = 1_000
OWED = 300

Ask = Callable[[Floor, CustomerId, CustomerId], Command]


def run_up_debt(floor: Floor) -> None:
    """Let ann owe 300 and have nothing: her win against bob is corrected when she has taken it out."""
    market = floor.create()
    floor.place("bob lay 100 @ 3.00", market=market)
    floor.place("ann back 100 @ 3.00", market=market)
    floor.finish(SettleMarket(market, (RunnerId(1),)))
    floor.do(Withdraw(floor.people["ann"], "USD", floor.cash("ann"), Rail.DESK))
    floor.finish(SettleMarket(market, (RunnerId(2),), correction=True))
    assert (floor.cash("ann"), floor.owed("ann")) == (0, OWED)


def indebted_floor() -> Floor:
    """Return a floor on which ann owes 300 and has nothing."""
    floor = open_floor("ann", "bob", cash_minor=START)
    run_up_debt(floor)
    return floor


def kinds(events: Iterable[Event]) -> list[str]:
    return [kind for kind, _ in moved(events)]


ASKED: dict[str, Ask] = {
    "withdrawn": lambda floor, ann, bob: Withdraw(ann, "EUR", 1, Rail.DESK),
    "requested": lambda floor, ann, bob: RequestWithdrawal(ann, "EUR", 1),
    "sent": lambda floor, ann, bob: Transfer(ann, bob, "EUR", 1),
    "sent with others": lambda floor, ann, bob: TransferBatch((Transfer(ann, bob, "EUR", 1),), atomic=True),
}


@pytest.mark.parametrize("asked", ASKED)
def test_who_owes_in_one_currency_cannot_move_money_in_any(asked: str) -> None:
    """Hold 10: whoever owes the house cannot withdraw or send, not even what they have in another currency."""
    floor = indebted_floor()
    floor.define("EUR")
    ann, bob = floor.people["ann"], floor.people["bob"]
    floor.move(Deposit(ann, "EUR", 500, Rail.DESK))
    refusal = floor.refuse(ASKED[asked](floor, ann, bob))
    assert refusal.reason is SharedReason.OWES_HOUSE
    assert dict(refusal.facts)["owed_minor"] == OWED
    assert dict(refusal.facts)["currency"] == "USD"
    floor.move(Deposit(ann, "USD", OWED, Rail.DESK))
    floor.move(ASKED[asked](floor, ann, bob))


def test_who_owes_cannot_bet_even_where_a_bet_needs_no_money() -> None:
    """Hold 10: whoever owes the house cannot bet or change a bet, but can take back what waits."""
    floor = open_floor("ann", "bob", cash_minor=START)
    ann = floor.people["ann"]
    floor.place_all("bob lay 100 @ 3.00", "ann back 100 @ 3.00")
    waiting = floor.place("ann back 50 @ 3.00", runner=RunnerId(2))
    run_up_debt(floor)
    assert floor.turn_down("ann lay 10 @ 3.00").reason is SharedReason.OWES_HOUSE
    assert floor.refuse(ReplaceOrder(ann, waiting, parse_odds("3.10"))).reason is SharedReason.OWES_HOUSE
    assert moved(floor.do(CancelOrder(ann, waiting))) == [("RELEASE", 50), ("REPAYMENT", 50)]
    assert floor.owed("ann") == OWED - 50
    floor.house.check()


def test_what_arrives_repays_the_debt_first() -> None:
    """Hold 10: deposits, transfers in and rejected withdrawals go to the debt before they are anybody's cash."""
    floor = indebted_floor()
    ann, bob = floor.people["ann"], floor.people["bob"]
    assert kinds(floor.do(Deposit(ann, "USD", 100, Rail.DESK))) == ["DEPOSIT", "REPAYMENT"]
    assert (floor.cash("ann"), floor.owed("ann")) == (0, 200)
    assert kinds(floor.do(Transfer(bob, ann, "USD", 50))) == ["TRANSFER", "REPAYMENT"]
    assert (floor.cash("ann"), floor.owed("ann")) == (0, 150)
    batch = TransferBatch((Transfer(bob, ann, "USD", 70), Transfer(bob, ann, "USD", 90)), atomic=True)
    assert kinds(floor.do(batch)) == ["TRANSFER", "REPAYMENT", "TRANSFER", "REPAYMENT"]
    assert (floor.cash("ann"), floor.owed("ann")) == (10, 0)
    assert kinds(floor.do(Transfer(bob, ann, "USD", 5))) == ["TRANSFER"]
    floor.house.check()
    assert floor.replayed().digest() == floor.house.digest()


def test_a_rejected_withdrawal_repays_and_one_that_was_paid_out_can_be_completed() -> None:
    """Hold 10: what was set aside before is decided as always; if it comes back, it repays the debt."""
    floor = open_floor("ann", "bob", cash_minor=START)
    floor.place_all("bob lay 100 @ 3.00", "ann back 100 @ 3.00")
    floor.finish(SettleMarket(floor.market, (RunnerId(1),)))
    ann = floor.people["ann"]
    asked = [floor.move(RequestWithdrawal(ann, "USD", minor)).transfer for minor in (200, 1_000)]
    floor.finish(SettleMarket(floor.market, (RunnerId(2),), correction=True))
    assert floor.owed("ann") == OWED
    assert kinds(floor.do(CompleteWithdrawal(asked[0]))) == ["PAID_OUT"]
    assert kinds(floor.do(RejectWithdrawal(asked[1]))) == ["RELEASE", "REPAYMENT"]
    assert (floor.cash("ann"), floor.owed("ann")) == (700, 0)
    floor.house.check()


def test_a_debtor_who_is_paid_within_a_batch_can_pay_behind_it() -> None:
    """Hold 10: each item of a batch sees what the ones before it repaid."""
    floor = indebted_floor()
    ann, bob = floor.people["ann"], floor.people["bob"]
    pays = (Transfer(ann, bob, "USD", 1), Transfer(bob, ann, "USD", OWED + 10), Transfer(ann, bob, "USD", 10))
    refused, *rest = floor.do(TransferBatch(pays, atomic=False))
    assert isinstance(refused, TransferRefused)
    assert refused.reason is SharedReason.OWES_HOUSE
    assert kinds(rest) == ["TRANSFER", "REPAYMENT", "TRANSFER"]


def test_a_batch_of_a_thousand_has_moments_for_every_transfer() -> None:
    """Hold 10: repayments never use up the moments of the transfers behind them."""
    floor = indebted_floor()
    ann, bob = floor.people["ann"], floor.people["bob"]
    floor.move(Deposit(bob, "USD", 1_000, Rail.DESK))
    happened = floor.do(TransferBatch((Transfer(bob, ann, "USD", 1),) * 1_000, atomic=True))
    assert len(happened) == 1_024
    assert (floor.cash("ann"), floor.owed("ann")) == (1_000 - 24, OWED - 24)
    floor.move(Deposit(ann, "USD", 1, Rail.DESK))
    assert floor.owed("ann") == 0
    floor.house.check()


def test_who_owes_cannot_offer_or_accept_a_challenge() -> None:
    """Hold 10: whoever owes the house cannot be a challenger, nor accept a challenge, in whatever currency."""
    ring = open_ring("ann", "bob", cash_minor=START)
    ring.define("EUR")
    run_up_debt(ring)
    for name in ring.people:
        ring.move(Deposit(ring.people[name], "EUR", START, Rail.DESK))
    assert ring.refuse(ring.challenge("ann back 10 @ 2.00", currency="EUR")).reason is SharedReason.OWES_HOUSE
    offered = ring.offer("bob back 10 @ 2.00", currency="EUR")
    assert ring.refuse(ring.accepts("ann", offered)).reason is SharedReason.OWES_HOUSE
    ring.move(Deposit(ring.people["ann"], "USD", OWED, Rail.DESK))
    assert isinstance(ring.do(ring.accepts("ann", offered))[0], ChallengeAccepted)
