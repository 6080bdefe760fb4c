"""Freezing ends what a customer has on offer, in parts if it is much; self-exclusion is the same, until its end."""

import pytest

from evens.core.commands.exchange import LapseOrders
from evens.core.commands.wallets import ExcludeCustomer, FreezeCustomer, UnfreezeCustomer
from evens.core.events.exchange import OrderReduced
from evens.core.events.ledger import Rejected
from evens.core.events.wallets import CustomerExcluded, CustomerFrozen
from evens.core.exchange.order_changes import ORDERS_PER_PART
from evens.core.values.betting import Cause, ChallengeStatus
from evens.core.wallets.reasons import WalletReason
from tests.core.challenges.ring import HOUR_NS, Ring, open_ring


@pytest.fixture
def ring() -> Ring:
    return open_ring("ann", "bob", cash_minor=10_000)


def test_orders_lapse_in_parts_in_every_market_and_bets_stay(ring: Ring) -> None:
    """Hold 13: as long work of the house, of which a house that is replayed knows too."""
    other = ring.create()
    ann = ring.people["ann"]
    for _ in range(ORDERS_PER_PART + 1):
        ring.place("ann back 1 @ 2.00")
    ring.place("ann lay 5 @ 3.00", market=other)
    ring.place("bob lay 1 @ 2.00")
    ring.do(FreezeCustomer(ann))
    lapse = LapseOrders(ann)
    assert lapse in ring.replayed().agenda.long_work
    parts = 0
    while lapse in ring.house.chores(ring.next_at, 10):
        reduced = [event for event in ring.do(lapse) if isinstance(event, OrderReduced)]
        assert {event.cause for event in reduced} == {Cause.LAPSED}
        assert len(reduced) <= ORDERS_PER_PART
        ring.house.check()
        parts += 1
    assert parts == 2
    assert (ring.book(), ring.book(market=other)) == ("", "")
    assert ring.holdings("ann") == [(9_999, 1)]
    assert ring.house.exchange.open_orders == {}
    assert ring.refuse(lapse).reason.value == "nothing_changes"


def test_whoever_is_unfrozen_in_the_middle_keeps_the_rest(ring: Ring) -> None:
    """Hold 13: what has not lapsed by then waits on."""
    ann = ring.people["ann"]
    ring.place("ann back 1 @ 2.00")
    offered = ring.offer("ann back 10 @ 2.00")
    ring.do(FreezeCustomer(ann))
    ring.do(UnfreezeCustomer(ann))
    ring.work()
    assert ring.book() == "back 2.00: ann 1"
    assert ring.house.challenges.by_id[offered].status is ChallengeStatus.OFFERED
    ring.wait(HOUR_NS)
    ring.work()
    assert offered not in ring.house.challenges.by_id


def test_self_exclusion_freezes_by_the_same_event_and_cannot_be_lifted_or_shortened(ring: Ring) -> None:
    """Hold 13: until its end, whoever asks; afterwards an operator lets the customer back."""
    ann, until = ring.people["ann"], ring.next_at + 2 * HOUR_NS
    ring.place("ann back 1 @ 2.00")
    assert ring.do(ExcludeCustomer(ann, until)) == (CustomerFrozen(ann), CustomerExcluded(ann, until))
    ring.work()
    assert ring.book() == ""
    held = Rejected(WalletReason.SELF_EXCLUDED, (("until", until),))
    assert ring.refuse(UnfreezeCustomer(ann)) == held
    assert ring.refuse(ExcludeCustomer(ann, until - 1)) == held
    assert ring.do(ExcludeCustomer(ann, until + 1)) == (CustomerExcluded(ann, until + 1),)
    assert ring.replayed().digest() == ring.house.digest()
    ring.wait(2 * HOUR_NS)
    ring.do(UnfreezeCustomer(ann))
    assert ring.house.wallets.excluded == {}
    assert ring.refuse(ExcludeCustomer(ann, ring.house.at)) == Rejected(WalletReason.EXCLUSION_OVER)
