"""Challenges that nobody wins by knowing more: they lapse at the off, and their resolver belongs to neither side."""

import pytest

from evens.core.challenges.reasons import ChallengeReason
from evens.core.commands.challenges import ExpireChallenge, OfferChallenge, ReturnChallenge
from evens.core.commands.exchange import SettleMarket, TurnInPlay
from evens.core.commands.wallets import TagCustomer
from evens.core.events.challenges import ChallengeClosed
from evens.core.events.ledger import Rejected
from evens.core.values.betting import ChallengeStatus, Outcome
from evens.core.values.ids import RunnerId
from tests.core.challenges.ring import HOUR_NS, Ring, open_ring

HOUR_MS = 3_600_000
CONFLICT = Rejected(ChallengeReason.RESOLVER_CONFLICT)


@pytest.fixture
def ring() -> Ring:
    return open_ring("ann", "bob", "judge")


def test_an_offer_from_before_the_off_cannot_be_accepted_from_the_off_on(ring: Ring) -> None:
    """Hold 12: not even in the moment between the off and the chore that gives the stake back."""
    offered = ring.offer("ann back 100 @ 2.50")
    ring.do(TurnInPlay(ring.market))
    assert ring.refuse(ring.accepts("bob", offered)) == Rejected(ChallengeReason.CHALLENGE_EXPIRED)
    assert ExpireChallenge(offered) in ring.house.chores(ring.next_at, 10)
    (closed, _released) = ring.do(ExpireChallenge(offered))
    assert closed == ChallengeClosed(offered, ChallengeStatus.EXPIRED)
    assert ring.holdings("ann") == [(1_000, 0)]
    ring.work()
    later = ring.offer("ann back 100 @ 2.50")
    ring.do(ring.accepts("bob", later))
    ring.finish(SettleMarket(ring.market, (RunnerId(1),)))
    ring.house.check()


def test_the_history_alone_leads_to_an_offer_that_lapses(ring: Ring) -> None:
    """Hold 12: a house that is replayed between the off and the chore lapses the offer too."""
    offered = ring.offer("ann back 100 @ 2.50")
    ring.do(TurnInPlay(ring.market))
    replayed = ring.replayed()
    assert replayed.digest() == ring.house.digest()
    assert ExpireChallenge(offered) in replayed.chores(ring.next_at, 10)


@pytest.mark.parametrize("one", ["ann", "bob"])
def test_a_resolver_who_shares_a_tag_with_one_of_the_two_is_refused(ring: Ring, one: str) -> None:
    """Hold 12: whether it is known at the offer, at the acceptance, or only when the word is said."""
    ring.do(TagCustomer(ring.people["judge"], ("card:1", "team")))
    offered = ring.offer("ann back 100 @ 2.50", "judge") if one == "bob" else None
    ring.do(TagCustomer(ring.people[one], ("other", "team")))
    if offered is None:
        assert ring.refuse(ring.challenge("ann back 100 @ 2.50", "judge")) == CONFLICT
        ring.do(TagCustomer(ring.people[one], ()))
        offered = ring.offer("ann back 100 @ 2.50", "judge")
        ring.do(TagCustomer(ring.people[one], ("team",)))
    assert ring.refuse(ring.accepts("bob", offered)) == CONFLICT
    ring.do(TagCustomer(ring.people[one], ("other",)))
    ring.do(ring.accepts("bob", offered))
    ring.do(TagCustomer(ring.people[one], ("card:1",)))
    assert ring.refuse(ring.resolves("judge", offered, Outcome.WON)) == CONFLICT
    assert ring.rule(offered, Outcome.WON).outcome is Outcome.WON


def test_who_was_found_to_be_related_is_refused(ring: Ring) -> None:
    """Hold 12: a shared destination of withdrawals is looked up outside and travels with the command."""
    assert ring.refuse(ring.challenge("ann back 100 @ 2.50", "judge", related=True)) == CONFLICT


def test_what_nobody_resolves_in_time_gives_both_their_stakes_back(ring: Ring) -> None:
    """Hold 12: and takes no fee; what was said or disputed in time is not touched."""
    silent, said, disputed = [
        ring.bet(
            "ann back 100 @ 2.50", "bob", "judge", fee_bps=500, dispute_window_ms=HOUR_MS, resolve_within_ms=HOUR_MS
        )
        for _ in range(3)
    ]
    for challenge in (said, disputed):
        ring.do(ring.resolves("judge", challenge, Outcome.WON))
    ring.do(ring.disputes("bob", disputed))
    ring.wait(2 * HOUR_NS)
    assert ring.refuse(ReturnChallenge(disputed)).reason.value == "nothing_changes"
    ring.work()
    assert {each.challenge: each.outcome for each in ring.settlements()} == {silent: Outcome.VOID, said: Outcome.WON}
    assert ring.house.challenges.by_id[disputed].status is ChallengeStatus.DISPUTED
    ring.house.check()


def test_one_live_challenge_too_many_is_refused_and_the_cap_is_no_part_of_what_is_asked(ring: Ring) -> None:
    """Hold 7: offering and accepting count alike, and a retry under another cap is the same request."""
    other = ring.offer("bob back 1 @ 2.00", "judge")
    first = ring.offer("ann back 1 @ 2.00", "judge", challenges_max=1)
    full = Rejected(ChallengeReason.CHALLENGES_LIMIT, (("challenges_max", 1),))
    offer: OfferChallenge = ring.challenge("ann back 1 @ 2.00", "judge", challenges_max=1)
    assert ring.refuse(offer) == full
    accept = ring.accepts("ann", other)
    assert ring.refuse(type(accept)(other, accept.customer, 1)) == full
    assert offer == ring.challenge("ann back 1 @ 2.00", "judge", expires_at=offer.expires_at)
    ring.do(ring.cancels("ann", first))
    ring.do(type(accept)(other, accept.customer, 1))
    assert ring.refuse(offer) == full
    ring.rule(other, Outcome.VOID)
    ring.do(offer)
