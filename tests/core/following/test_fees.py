"""The performance fee, against a naive twin: a share of the most that was ever safely won, whatever happens in between.

The twin keeps the result and the risk of each copy, adds them up each time, and remembers the largest difference.
"""

from dataclasses import dataclass
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.commands.following import ChargeFee, EndFollow, FollowLeader, SettleCopy
from evens.core.commands.wallets import Deposit, FreezeCustomer, UnfreezeCustomer, Withdraw
from evens.core.events.every import Event
from evens.core.events.following import BetCopied, CopySkipped, FeePaid, FollowStarted
from evens.core.events.ledger import Rejected, TransferKind, Transferred
from evens.core.following.reasons import FollowReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import Side
from evens.core.values.following import (
    PERFORMANCE_FEE_BPS_MAX,
    FollowMode,
    FollowTerms,
    SkipReason,
    format_fee,
    parse_fee,
    performance_fee_minor,
)
from evens.core.values.ids import AccountClass, CustomerId, Rail, account_id
from evens.core.values.records import RecordProduct
from tests.core.following.test_any_following import Play

TERMS = FollowTerms(FollowMode.FIXED, 5_00, None, 10**6, 10**6, 10**6, 2, None, (RecordProduct.EXCHANGE,))


@dataclass
class Copy:
    """A copy as the twin remembers it: what it risks, and what it won or lost once it was settled."""

    id: int
    risk_minor: int
    result_minor: int | None = None
    settlements: int = 0


class Story:
    """Bob follows Ann for a fee, and has copies of 5.00 each."""

    def __init__(self, fee_bps: int, copies: int) -> None:
        self.play = Play()
        self.floor = self.play.floor
        self.ann, self.bob = self.floor.people["ann"], self.floor.people["bob"]
        (started,) = self.floor.do(FollowLeader(self.bob, self.ann, "USD", TERMS, fee_bps))
        assert isinstance(started, FollowStarted)
        self.follow, self.fee_bps = started.follow, fee_bps
        self.copies = [self._copied() for _ in range(copies)]
        self.most_minor = 0
        self.paid_minor = 0
        self.over = False

    def _copied(self) -> Copy:
        match = self.play.matched(Side.BACK, "2.00", [5_00])[-1]
        self.floor.do(self.floor.order("sue lay 500 @ 2.00", match.event.runner))
        copied = self.floor.do(match.command(self.follow, is_copy=False))[-1]
        assert isinstance(copied, BetCopied), copied
        return Copy(copied.copy, copied.risk_minor)

    def cash_minor(self, customer: CustomerId) -> int:
        return self.floor.house.ledger.balance_minor(account_id(customer, 1, AccountClass.CASH))

    def do(self, command: SettleCopy | ChargeFee) -> tuple[Event, ...]:
        """Do what may charge a fee, and hold what moved against the twin."""
        before = self.cash_minor(self.bob), self.cash_minor(self.ann)
        events = self.floor.do(command)
        due_minor = int(Fraction(self.most_minor * self.fee_bps, 10_000)) - self.paid_minor
        paid_minor = 0 if self.over else min(due_minor, before[0])
        after = self.cash_minor(self.bob), self.cash_minor(self.ann)
        assert after == (before[0] - paid_minor, before[1] + paid_minor)
        moved = [event for event in events if isinstance(event, Transferred)]
        assert [event.amount_minor for event in moved] == ([paid_minor] if paid_minor else [])
        assert all(event.kind is TransferKind.PERFORMANCE_FEE for event in moved)
        self.paid_minor += paid_minor
        if paid_minor:
            assert events[-1] == FeePaid(self.follow, self.paid_minor)
        return events

    def settle(self, copy: Copy, result_minor: int | None, risk_minor: int = 0) -> tuple[Event, ...]:
        command = SettleCopy(
            self.follow,
            copy.id,
            copy.settlements + 1,
            copy.risk_minor,
            risk_minor,
            copy.result_minor,
            result_minor,
        )
        self.over = self.follow not in self.floor.house.following.by_id
        is_correction = copy.result_minor is not None
        if not self.over:
            copy.risk_minor, copy.result_minor, copy.settlements = risk_minor, result_minor, command.number
            won_minor = sum(each.result_minor or 0 for each in self.copies)
            if not is_correction:
                self.most_minor = max(self.most_minor, won_minor - sum(each.risk_minor for each in self.copies))
        return self.do(command)

    def charge(self) -> None:
        self.over = self.follow not in self.floor.house.following.by_id
        events = self.do(ChargeFee(self.follow))
        if self.over:
            assert events == (Rejected(FollowReason.FOLLOW_UNKNOWN),)

    def empty(self) -> None:
        if cash_minor := self.cash_minor(self.bob):
            self.floor.do(Withdraw(self.bob, "USD", cash_minor, Rail.DESK))

    def check(self) -> None:
        self.floor.house.check()
        # The whole fee is never more than the share of the most that was ever won.
        assert self.paid_minor <= Fraction(self.most_minor * self.fee_bps, 10_000)
        live = self.floor.house.following.by_id.get(self.follow)
        if live is not None:
            due_minor = performance_fee_minor(self.most_minor, self.fee_bps) - self.paid_minor
            assert (live.fees_paid_minor, live.fee_due_minor()) == (self.paid_minor, due_minor)


@given(
    fee_bps=st.sampled_from((0, 1, 333, 1_000, 2_500, PERFORMANCE_FEE_BPS_MAX)),
    chance=st.randoms(use_true_random=True),
)
def test_the_fees_of_any_history_are_the_share_of_the_most_that_was_ever_safely_won(
    fee_bps: int, chance: Random
) -> None:
    story = Story(fee_bps, copies=4)
    for _ in range(25):
        what = chance.choices(("settle", "open", "charge", "empty", "fill", "end"), (10, 1, 2, 1, 2, 0.3))[0]
        copy = chance.choice(story.copies)
        if what == "settle":
            story.settle(copy, chance.choice((-5_00, 0, 7, 5_00, 33_33, 1_00_00)))
        elif what == "open":
            story.settle(copy, None, 5_00)
        elif what == "charge":
            story.charge()
        elif what == "empty":
            story.empty()
        elif what == "fill":
            story.floor.do(Deposit(story.bob, "USD", chance.randint(1, 9_00), Rail.DESK))
        elif story.follow in story.floor.house.following.by_id:
            story.floor.do(EndFollow(story.bob, story.follow))
        story.check()
    story.floor.do(Deposit(story.bob, "USD", 1_000_00, Rail.DESK))
    story.charge()
    assert story.paid_minor == performance_fee_minor(story.most_minor, fee_bps)
    assert story.floor.replayed().digest() == story.floor.house.digest()


def test_whoever_bets_both_ways_is_due_nothing_in_whatever_order_it_is_settled() -> None:
    for sign in (1, -1):
        story = Story(PERFORMANCE_FEE_BPS_MAX, copies=2)
        result_minor = sign * min(copy.risk_minor for copy in story.copies)
        story.settle(story.copies[0], result_minor)
        story.settle(story.copies[1], -result_minor)
        assert (story.most_minor, story.paid_minor) == (0, 0)


def test_nothing_is_due_of_what_was_won_in_the_middle_of_a_correction() -> None:
    for sign in (1, -1):
        story = Story(PERFORMANCE_FEE_BPS_MAX, copies=3)
        result_minor = sign * min(copy.risk_minor for copy in story.copies)
        for first in (result_minor, -result_minor, result_minor):
            story.settle(story.copies[0], first)
            story.settle(story.copies[1], -first)
        assert (story.most_minor, story.paid_minor) == (0, 0)
        # What a correction leaves is charged when the next copy is settled.
        story.settle(story.copies[0], 50_00)
        story.settle(story.copies[1], 50_00)
        assert story.paid_minor == 0
        story.settle(story.copies[2], 0)
        assert story.paid_minor == 50_00


def test_a_follower_who_is_frozen_pays_later() -> None:
    story = Story(1_000, copies=1)
    story.floor.do(FreezeCustomer(story.bob))
    story.over, copy = False, story.copies[0]
    before_minor = story.cash_minor(story.bob)
    story.floor.do(SettleCopy(story.follow, copy.id, 1, copy.risk_minor, 0, None, 50_00))
    assert story.floor.do(ChargeFee(story.follow)) == (Rejected(SharedReason.NOTHING_CHANGES),)
    assert story.cash_minor(story.bob) == before_minor
    story.floor.do(UnfreezeCustomer(story.bob))
    story.floor.do(ChargeFee(story.follow))
    assert story.cash_minor(story.bob) == before_minor - 5_00


def test_while_a_fee_is_due_a_new_follow_of_the_same_leader_copies_nothing() -> None:
    story = Story(1_000, copies=1)
    story.floor.do(EndFollow(story.bob, story.follow))
    story.floor.do(FollowLeader(story.bob, story.ann, "USD", TERMS, 0))
    again = story.floor.house.following.by_pair[story.bob, story.ann, 1]
    match = story.play.matched(Side.BACK, "2.00", [5_00])[-1]
    story.floor.do(story.floor.order("sue lay 500 @ 2.00", match.event.runner))
    cash_minor = story.cash_minor(story.bob)
    story.empty()
    copy = story.copies[0]
    story.floor.do(SettleCopy(story.follow, copy.id, 1, copy.risk_minor, 0, None, 50_00))
    story.floor.do(Deposit(story.bob, "USD", 4_99, Rail.DESK))
    skipped = story.floor.do(match.command(again, is_copy=False))[-1]
    assert isinstance(skipped, CopySkipped)
    assert skipped.reason is SkipReason.FUNDS
    story.floor.do(Deposit(story.bob, "USD", cash_minor, Rail.DESK))
    story.floor.do(ChargeFee(story.follow))
    later = story.play.matched(Side.BACK, "2.00", [5_00])[-1]
    story.floor.do(story.floor.order("sue lay 500 @ 2.00", later.event.runner))
    assert isinstance(story.floor.do(later.command(again, is_copy=False))[-1], BetCopied)


def test_what_is_due_is_taken_once_however_often_it_is_asked_for() -> None:
    story = Story(1_000, copies=1)
    story.empty()
    story.settle(story.copies[0], 50_00)
    assert story.floor.do(ChargeFee(story.follow)) == (Rejected(SharedReason.NOTHING_CHANGES),)
    story.floor.do(Deposit(story.bob, "USD", 50_00, Rail.DESK))
    story.charge()
    story.charge()
    assert (story.paid_minor, story.cash_minor(story.bob)) == (5_00, 45_00)


def test_a_leader_who_owes_the_house_repays_it_with_the_fee() -> None:
    story = Story(1_000, copies=1)
    ledger = story.floor.house.ledger
    receivable = account_id(story.ann, 1, AccountClass.RECEIVABLE)
    cash = account_id(story.ann, 1, AccountClass.CASH)
    owed_minor = ledger.balances[cash]
    ledger.balances[cash], ledger.balances[receivable] = 0, -3_00
    ledger.balances[account_id(story.bob, 1, AccountClass.ESCROW)] += owed_minor + 3_00
    command = SettleCopy(story.follow, story.copies[0].id, 1, story.copies[0].risk_minor, 0, None, 50_00)
    kinds = [event.kind for event in story.floor.do(command) if isinstance(event, Transferred)]
    assert kinds == [TransferKind.PERFORMANCE_FEE, TransferKind.REPAYMENT]
    assert (ledger.balances[cash], ledger.balances[receivable]) == (2_00, 0)


@pytest.mark.parametrize("fee_bps", [-1, PERFORMANCE_FEE_BPS_MAX + 1])
def test_a_fee_that_no_leader_may_take_is_none(fee_bps: int) -> None:
    with pytest.raises(ValueError, match="from 0 to 5000 basis points"):
        FollowLeader(CustomerId(1), CustomerId(2), "USD", TERMS, fee_bps)


@pytest.mark.parametrize(("text", "fee_bps"), [("0", 0), ("0.00", 0), ("0.1", 1_000), ("0.0001", 1), ("0.5", 5_000)])
def test_fees_are_read_as_decimal_shares(text: str, fee_bps: int) -> None:
    assert parse_fee(text) == fee_bps
    assert parse_fee(format_fee(fee_bps)) == fee_bps


@pytest.mark.parametrize(
    "text", ["", "1", "10", "0.5001", "0.00001", "-0.1", ".1", "0.", "1e-1", "0,1", " 0.1", "\u0660"]
)
def test_other_texts_are_no_fees(text: str) -> None:
    with pytest.raises(ValueError, match="must be a share"):
        parse_fee(text)
