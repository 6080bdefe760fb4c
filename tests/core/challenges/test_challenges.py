"""Challenges: offering, accepting, taking back, expiring, and what a resolver or the operator says."""

from dataclasses import replace
from typing import Any

import pytest

from evens.core.challenges.reasons import PRECEDENCE, ChallengeReason
from evens.core.commands.challenges import (
    DISPUTE_WINDOW_MS_MAX,
    ExpireChallenge,
    PayChallenge,
    RuleChallenge,
    SettleChallenge,
)
from evens.core.commands.exchange import CloseMarket, RemoveRunner, SuspendMarket
from evens.core.commands.wallets import FreezeCustomer
from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
)
from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.accounts import InvariantBroken
from evens.core.ledger.reasons import SharedReason
from evens.core.limits import RETURN_CENTS_MAX
from evens.core.values.betting import ChallengeStatus, Outcome, Side
from evens.core.values.ids import AccountClass, ChallengeId, CustomerId, RunnerId
from evens.core.values.reasons import Reason
from tests.core.challenges.ring import HOUR_NS, Ring, open_ring
from tests.core.exchange.floor import SECOND_NS, moved

NOBODY, NOTHING = CustomerId(4711), ChallengeId(4711)
MINUTE_MS = 60_000
MINUTE_NS = 60 * SECOND_NS


@pytest.fixture
def ring() -> Ring:
    return open_ring("ann", "bob", "cid", "judge")


def test_an_offer_says_everything_that_was_promised(ring: Ring) -> None:
    offered = ring.do(ring.challenge("ann back 33 @ 1.33", "judge", public=True, fee_bps=5, dispute_window_ms=7))[0]
    assert isinstance(offered, ChallengeOffered)
    assert offered == ChallengeOffered(
        ChallengeId(ring.house.seq), ring.people["ann"], "mine is faster", Side.BACK, 133, 33, 10, 1,
        offered.expires_at, True, None, None, ring.people["judge"], 5, 7,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "staked_minor", "accepted_minor"),
    [
        ("ann back 100 @ 2.50", 100, 150),
        ("ann lay 100 @ 2.50", 150, 100),
        ("ann back 33 @ 1.33", 33, 10),
        ("ann lay 33 @ 1.33", 10, 33),
        ("ann back 1 @ 1000", 1, 999),
        ("ann lay 100 @ 1.01", 1, 100),
    ],
)
def test_each_side_holds_in_escrow_what_it_can_lose(
    ring: Ring, words: str, staked_minor: int, accepted_minor: int
) -> None:
    challenge = ring.offer(words)
    assert moved(ring.history[-1].events) == [("STAKE", staked_minor)]
    assert ring.holdings("ann", "bob") == [(1_000 - staked_minor, staked_minor), (1_000, 0)]
    accepted, *transfers = ring.do(ring.accepts("bob", challenge))
    assert accepted == ChallengeAccepted(challenge, ring.people["bob"])
    assert moved(transfers) == [("STAKE", accepted_minor)]
    assert ring.holdings("ann", "bob") == [
        (1_000 - staked_minor, staked_minor),
        (1_000 - accepted_minor, accepted_minor),
    ]
    ring.house.check()


@pytest.mark.parametrize(
    "wrong",
    [
        {"market": 1},
        {"runner": 1},
        {"resolver": None},
        {"market": 1, "runner": 1},
        {"odds": 100},
        {"odds": 100_001},
        {"fee_bps": -1},
        {"fee_bps": 10_001},
        {"dispute_window_ms": -1},
        {"dispute_window_ms": DISPUTE_WINDOW_MS_MAX + 1},
    ],
)
def test_what_nobody_or_two_could_decide_and_numbers_out_of_bounds_are_no_challenge(
    ring: Ring, wrong: dict[str, Any]
) -> None:
    sound = ring.challenge("ann back 10 @ 2.00", "judge")
    with pytest.raises(ValueError, match=r"challenge|bounds|window"):
        replace(sound, **wrong)


@pytest.mark.parametrize(
    ("words", "changed", "reason"),
    [
        ("ann back 10 @ 2.00", {"currency": "XXX"}, SharedReason.CURRENCY_UNKNOWN),
        ("ann back 10 @ 2.00", {"customer": NOBODY}, SharedReason.CUSTOMER_UNKNOWN),
        ("ann back 10 @ 2.00", {"market": NOBODY}, ExchangeReason.MARKET_UNKNOWN),
        ("ann back 10 @ 2.00", {"runner": 4}, ExchangeReason.RUNNER_UNKNOWN),
        ("ann back 10 @ 2.00", {"market": None, "runner": None, "resolver": NOBODY}, ChallengeReason.RESOLVER_UNKNOWN),
        ("ann back 10 @ 2.00", {"expires_at": 0}, ChallengeReason.CHALLENGE_EXPIRED),
        ("ann back 99 @ 1.01", {}, SharedReason.STAKE_TOO_SMALL),
        ("ann lay 0 @ 3.00", {}, SharedReason.STAKE_TOO_SMALL),
        (f"ann back {RETURN_CENTS_MAX // 200 + 1} @ 2.00", {}, SharedReason.STAKE_TOO_LARGE),
        ("ann back 1001 @ 2.00", {}, SharedReason.INSUFFICIENT_FUNDS),
        ("ann lay 501 @ 3.00", {}, SharedReason.INSUFFICIENT_FUNDS),
    ],
)
def test_an_offer_is_refused(ring: Ring, words: str, changed: dict[str, Any], reason: Reason) -> None:
    assert ring.refuse(replace(ring.challenge(words), **changed)).reason is reason
    assert ring.holdings("ann") == [(1_000, 0)]


def test_who_offers_too_little_is_told_the_least_stake_that_wins_something(ring: Ring) -> None:
    refusal = ring.refuse(ring.challenge("ann back 33 @ 1.03"))
    assert refusal.facts == (("currency", "USD"), ("limit_minor", 34))
    assert ring.offer("ann back 34 @ 1.03") == ring.house.seq


def test_nobody_judges_their_own_challenge(ring: Ring) -> None:
    assert ring.refuse(ring.challenge("ann back 10 @ 2.00", "ann")).reason is ChallengeReason.RESOLVER_CONFLICT
    challenge = ring.offer("ann back 10 @ 2.00", "judge")
    assert ring.refuse(ring.accepts("judge", challenge)).reason is ChallengeReason.RESOLVER_CONFLICT
    assert ring.refuse(ring.accepts("ann", challenge)).reason is ChallengeReason.OWN_CHALLENGE


def test_who_is_frozen_neither_offers_nor_accepts_but_may_take_back(ring: Ring) -> None:
    mine, theirs = ring.offer("ann back 10 @ 2.00", "judge"), ring.offer("bob back 10 @ 2.00", "judge")
    ring.do(FreezeCustomer(ring.people["ann"]))
    assert ring.refuse(ring.challenge("ann back 10 @ 2.00")).reason is SharedReason.CUSTOMER_FROZEN
    assert ring.refuse(ring.accepts("ann", theirs)).reason is SharedReason.CUSTOMER_FROZEN
    ring.do(ring.cancels("ann", mine))
    assert ring.holdings("ann") == [(1_000, 0)]


def test_of_a_thousand_who_accept_one_does(ring: Ring) -> None:
    crowd = [ring.join(f"fan{number}", USD=10) for number in range(1_000)]
    challenge = ring.offer("ann back 10 @ 2.00", "judge")
    first, *late = [ring.do(replace(ring.accepts("bob", challenge), customer=fan))[0] for fan in crowd]
    assert first == ChallengeAccepted(challenge, crowd[0])
    assert {getattr(refusal, "reason", None) for refusal in late} == {ChallengeReason.CHALLENGE_TAKEN}
    assert len(late) == 999
    assert ring.balance_minor(crowd[0], "USD", AccountClass.ESCROW) == 10
    ring.house.check()


@pytest.mark.parametrize("several", range(2**6))
def test_of_several_reasons_not_to_accept_the_first_in_the_list_is_given(several: int) -> None:
    ring = open_ring("ann", "bob", "cid")
    reasons = [
        reason
        for place, reason in enumerate(
            [
                SharedReason.CUSTOMER_FROZEN,
                ChallengeReason.CHALLENGE_TAKEN,
                ChallengeReason.CHALLENGE_EXPIRED,
                ExchangeReason.MARKET_SUSPENDED,
                ExchangeReason.RUNNER_REMOVED,
                SharedReason.INSUFFICIENT_FUNDS,
            ]
        )
        if several >> place & 1
    ]
    poor = SharedReason.INSUFFICIENT_FUNDS in reasons
    challenge = ring.offer("ann lay 501 @ 1.50" if poor else "ann lay 1 @ 2.00")
    if poor:
        ring.offer("bob back 600 @ 2.00")
    if ChallengeReason.CHALLENGE_TAKEN in reasons:
        ring.do(ring.accepts("cid", challenge))
    if SharedReason.CUSTOMER_FROZEN in reasons:
        ring.do(FreezeCustomer(ring.people["bob"]))
    if ExchangeReason.RUNNER_REMOVED in reasons:
        # By a command this could not be tried alone: a removal suspends the market.
        ring.house.exchange.markets[ring.market].removals[RunnerId(1)] = 0
    if ExchangeReason.MARKET_SUSPENDED in reasons:
        ring.do(SuspendMarket(ring.market))
    if ChallengeReason.CHALLENGE_EXPIRED in reasons:
        ring.wait(2 * HOUR_NS)
    if reasons:
        expected = min(reasons, key=PRECEDENCE.index)
        assert ring.refuse(ring.accepts("bob", challenge)).reason is expected
    else:
        assert ring.do(ring.accepts("bob", challenge))[0] == ChallengeAccepted(challenge, ring.people["bob"])


def test_what_is_not_there_can_neither_be_accepted_nor_anything_else(ring: Ring) -> None:
    assert (
        ring.refuse(replace(ring.accepts("bob", ChallengeId(1)), customer=NOBODY)).reason
        is SharedReason.CUSTOMER_UNKNOWN
    )
    for command in (
        ring.accepts("bob", NOTHING),
        ring.cancels("bob", NOTHING),
        ring.resolves("bob", NOTHING, Outcome.WON),
        ring.disputes("bob", NOTHING),
        RuleChallenge(NOTHING, Outcome.WON),
    ):
        assert ring.refuse(command).reason is ChallengeReason.CHALLENGE_OVER


def test_nobody_bets_on_a_market_that_takes_no_orders(ring: Ring) -> None:
    challenge = ring.offer("ann back 10 @ 2.00")
    ring.do(RemoveRunner(ring.market, RunnerId(2), 0))
    assert ring.refuse(ring.accepts("bob", challenge)).reason is ExchangeReason.MARKET_BUSY
    ring.work()
    assert ring.refuse(ring.challenge("ann back 10 @ 2.00")).reason is ExchangeReason.MARKET_SUSPENDED
    ring.finish(CloseMarket(ring.market))
    assert ring.refuse(ring.accepts("bob", challenge)).reason is ExchangeReason.MARKET_CLOSED


def test_only_the_challenger_takes_a_challenge_back_and_only_while_nobody_has_accepted(ring: Ring) -> None:
    challenge, taken = ring.offer("ann lay 10 @ 3.00"), ring.bet("ann back 10 @ 2.00", "bob")
    assert ring.refuse(ring.cancels("bob", challenge)).reason is ChallengeReason.NOT_CHALLENGER
    assert ring.refuse(ring.cancels("ann", taken)).reason is ChallengeReason.CHALLENGE_TAKEN
    closed, *transfers = ring.do(ring.cancels("ann", challenge))
    assert closed == ChallengeClosed(challenge, ChallengeStatus.CANCELLED)
    assert moved(transfers) == [("RELEASE", 20)]
    assert ring.refuse(ring.cancels("ann", challenge)).reason is ChallengeReason.CHALLENGE_OVER
    ring.house.check()


def test_what_nobody_accepted_in_time_expires(ring: Ring) -> None:
    challenge, taken = ring.offer("ann lay 10 @ 3.00", "judge"), ring.bet("ann back 10 @ 2.00", "bob", "judge")
    assert ring.refuse(ExpireChallenge(challenge)).reason is SharedReason.NOTHING_CHANGES
    assert ring.work() == 0
    ring.at(ring.house.challenges.by_id[challenge].terms.expires_at)
    assert ring.refuse(ring.accepts("bob", challenge)).reason is ChallengeReason.CHALLENGE_EXPIRED
    ring.wait(SECOND_NS)
    assert ring.work() == 1
    closed, *transfers = ring.history[-1].events
    assert closed == ChallengeClosed(challenge, ChallengeStatus.EXPIRED)
    assert moved(transfers) == [("RELEASE", 20)]
    assert ring.refuse(ExpireChallenge(taken)).reason is SharedReason.NOTHING_CHANGES
    assert ring.holdings("ann", "bob") == [(990, 10), (990, 10)]


@pytest.mark.parametrize(
    ("words", "outcome", "cash"),
    [
        ("ann back 100 @ 2.50", Outcome.WON, (1_142, 850, 8)),
        ("ann back 100 @ 2.50", Outcome.LOST, (900, 1_095, 5)),
        ("ann lay 100 @ 2.50", Outcome.WON, (850, 1_142, 8)),
        ("ann lay 100 @ 2.50", Outcome.LOST, (1_095, 900, 5)),
        ("ann lay 100 @ 2.50", Outcome.VOID, (1_000, 1_000, 0)),
    ],
)
def test_what_the_resolver_says_is_paid_less_the_fee_once_nobody_can_dispute_it(
    ring: Ring, words: str, outcome: Outcome, cash: tuple[int, int, int]
) -> None:
    challenge = ring.bet(words, "bob", "judge", fee_bps=500, dispute_window_ms=MINUTE_MS)
    (resolved,) = ring.do(ring.resolves("judge", challenge, outcome))
    payable_at = ring.house.at + MINUTE_NS
    assert resolved == ChallengeResolved(challenge, outcome, payable_at)
    assert ring.work() == 0
    assert ring.refuse(PayChallenge(challenge)).reason is SharedReason.NOTHING_CHANGES
    ring.at(payable_at)
    assert ring.work() == 1
    assert (ring.cash("ann"), ring.cash("bob"), ring.house_has(AccountClass.FEES)) == cash
    assert ring.holdings("ann", "bob") == [(cash[0], 0), (cash[1], 0)]
    assert ring.refuse(ring.disputes("ann", challenge)).reason is ChallengeReason.CHALLENGE_OVER
    ring.house.check()


def test_the_history_of_a_payment_reads_like_that_of_a_market(ring: Ring) -> None:
    challenge = ring.bet("ann back 100 @ 2.50", "bob", "judge", fee_bps=199)
    ring.finish(ring.resolves("judge", challenge, Outcome.WON))
    assert moved(ring.history[-1].events) == [("LOSS", 150), ("RELEASE", 100), ("PAYOUT", 150), ("COMMISSION", 3)]
    assert ring.balance_minor(challenge, "USD", AccountClass.SETTLEMENT) == 0


def test_only_the_resolver_resolves_and_only_once_after_somebody_accepted(ring: Ring) -> None:
    challenge = ring.offer("ann back 10 @ 2.00", "judge", dispute_window_ms=MINUTE_MS)
    assert ring.refuse(ring.resolves("judge", challenge, Outcome.WON)).reason is ChallengeReason.CHALLENGE_NOT_ACCEPTED
    ring.do(ring.accepts("bob", challenge))
    for name in ("ann", "bob", "cid"):
        assert ring.refuse(ring.resolves(name, challenge, Outcome.WON)).reason is ChallengeReason.NOT_RESOLVER
    ring.do(ring.resolves("judge", challenge, Outcome.WON))
    assert ring.refuse(ring.resolves("judge", challenge, Outcome.LOST)).reason is ChallengeReason.CHALLENGE_RESOLVED
    tied = ring.bet("ann back 10 @ 2.00", "bob")
    assert ring.refuse(ring.resolves("judge", tied, Outcome.WON)).reason is ChallengeReason.NOT_RESOLVER


def test_what_is_disputed_in_time_waits_for_the_operator(ring: Ring) -> None:
    challenge = ring.bet("ann back 10 @ 2.00", "bob", "judge", dispute_window_ms=MINUTE_MS)
    assert ring.refuse(ring.disputes("ann", challenge)).reason is ChallengeReason.CHALLENGE_NOT_RESOLVED
    ring.do(ring.resolves("judge", challenge, Outcome.WON))
    for name in ("judge", "cid"):
        assert ring.refuse(ring.disputes(name, challenge)).reason is ChallengeReason.NOT_PARTY
    ring.wait(MINUTE_NS - SECOND_NS)
    assert ring.do(ring.disputes("bob", challenge)) == (ChallengeDisputed(challenge, ring.people["bob"]),)
    assert ring.refuse(ring.disputes("ann", challenge)).reason is ChallengeReason.CHALLENGE_DISPUTED
    assert ring.refuse(ring.resolves("judge", challenge, Outcome.LOST)).reason is ChallengeReason.CHALLENGE_RESOLVED
    ring.wait(HOUR_NS)
    assert ring.work() == 0
    assert ring.refuse(PayChallenge(challenge)).reason is SharedReason.NOTHING_CHANGES
    assert ring.rule(challenge, Outcome.LOST).backer_profit_minor == -10
    assert ring.holdings("ann", "bob") == [(990, 0), (1_010, 0)]


def test_when_the_window_is_over_nobody_disputes_any_more(ring: Ring) -> None:
    challenge = ring.bet("ann back 10 @ 2.00", "bob", "judge", dispute_window_ms=MINUTE_MS)
    ring.do(ring.resolves("judge", challenge, Outcome.WON))
    ring.at(ring.house.at + MINUTE_NS)
    assert ring.refuse(ring.disputes("ann", challenge)).reason is ChallengeReason.DISPUTE_WINDOW_OVER


def test_the_operator_has_the_last_word_whatever_the_resolver_said(ring: Ring) -> None:
    offered = ring.offer("ann back 10 @ 2.00", "judge")
    assert ring.refuse(RuleChallenge(offered, Outcome.WON)).reason is ChallengeReason.CHALLENGE_NOT_ACCEPTED
    silent = ring.bet("ann back 10 @ 2.00", "bob", "judge")
    assert ring.rule(silent, Outcome.WON).layer_profit_minor == -10
    spoken = ring.bet("ann back 10 @ 2.00", "bob", "judge", dispute_window_ms=MINUTE_MS)
    ring.do(ring.resolves("judge", spoken, Outcome.WON))
    assert ring.rule(spoken, Outcome.VOID).backer_profit_minor == 0
    assert ring.refuse(RuleChallenge(spoken, Outcome.WON)).reason is ChallengeReason.CHALLENGE_OVER
    ring.wait(MINUTE_NS)
    assert ring.work() == 0
    assert ring.holdings("ann", "bob") == [(1_000, 10), (990, 0)]


def test_two_things_can_be_due_for_a_challenge_at_the_same_moment(ring: Ring) -> None:
    expires_at = ring.next_at + HOUR_NS
    challenge = ring.bet("ann back 10 @ 2.00", "bob", "judge", expires_at=expires_at, dispute_window_ms=MINUTE_MS)
    ring.at(expires_at - MINUTE_NS)
    ring.do(ring.resolves("judge", challenge, Outcome.WON))
    ring.at(expires_at)
    assert ring.house.chores(expires_at, 10) == [PayChallenge(challenge)]


def test_what_the_house_could_only_do_by_mistake_is_refused(ring: Ring) -> None:
    for command in (
        ExpireChallenge(NOTHING),
        PayChallenge(NOTHING),
        SettleChallenge(NOTHING),
    ):
        assert ring.refuse(command).reason is SharedReason.NOTHING_CHANGES


def test_the_check_finds_escrow_that_no_challenge_explains(ring: Ring) -> None:
    challenge = ring.bet("ann back 10 @ 2.00", "bob", "judge")
    ring.house.check()
    ring.house.challenges.drop(challenge)
    with pytest.raises(InvariantBroken, match="escrow"):
        ring.house.check()
