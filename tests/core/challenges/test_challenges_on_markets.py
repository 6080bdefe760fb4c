"""Challenges on a runner: its market's result pays them, also when it is a dead heat, void, or corrected."""

import pytest

from evens.core.challenges.challenge import Challenge
from evens.core.challenges.reasons import ChallengeReason
from evens.core.challenges.rules import RULES
from evens.core.challenges.state import Challenges
from evens.core.commands.challenges import RuleChallenge, SettleChallenge
from evens.core.commands.every import Command
from evens.core.commands.exchange import ArchiveMarket, RemoveRunner, SettleMarket, VoidMarket
from evens.core.commands.wallets import Transfer
from evens.core.events.challenges import ChallengeClosed, ChallengeSettled
from evens.core.events.exchange import MarketArchived
from evens.core.exchange.reasons import ExchangeReason
from evens.core.exchange.state import CORRECTION_WINDOW_NS
from evens.core.ledger.agenda import Agenda
from evens.core.ledger.reasons import SharedReason
from evens.core.state import House
from evens.core.values.betting import ChallengeStatus, Outcome
from evens.core.values.ids import AccountClass, RunnerId
from tests.core.challenges.ring import HOUR_NS, Ring, open_ring
from tests.core.exchange.floor import moved

MINUTE_MS = 60_000


@pytest.fixture
def ring() -> Ring:
    return open_ring("ann", "bob", "cid", "judge")


def agenda(house: House) -> list[Command]:
    """Return what the house will do when its time comes, in order, and leave it to be done."""
    scheduled = house.agenda.scheduled()
    chores = house.chores(scheduled[-1][0], 1_000)
    for subject, (due_at, chore) in enumerate(scheduled):
        house.agenda.schedule(due_at, subject, chore)
    return list(dict.fromkeys(chores))


def advance(ring: Ring) -> None:
    """Let markets do all they have to, but nothing else that is due."""
    while ring.house.agenda.long_work:
        (chore,) = ring.house.chores(ring.next_at, 1)
        ring.do(chore)


@pytest.mark.parametrize(
    ("winner", "outcome", "cash"),
    [(1, Outcome.WON, (1_142, 850, 8)), (2, Outcome.LOST, (900, 1_095, 5))],
)
def test_the_result_of_the_market_pays_at_once(
    ring: Ring, winner: RunnerId, outcome: Outcome, cash: tuple[int, int, int]
) -> None:
    challenge = ring.bet("ann back 100 @ 2.50", "bob", fee_bps=500)
    ring.finish(SettleMarket(ring.market, (winner,)))
    (settled,) = ring.settlements()
    assert (settled.challenge, settled.settlement, settled.outcome) == (challenge, 1, outcome)
    assert (ring.cash("ann"), ring.cash("bob"), ring.house_has(AccountClass.FEES)) == cash
    assert ring.house.challenges.by_id == {}, "what is settled is forgotten; the tables have it"
    ring.house.check()


@pytest.mark.parametrize(("words", "layer"), [("ann back 100 @ 2.50", "bob"), ("ann lay 100 @ 2.50", "ann")])
def test_what_is_void_gives_both_their_stakes_back(ring: Ring, words: str, layer: str) -> None:
    ring.bet(words, "bob", fee_bps=500)
    assert ring.escrow(layer) == 150
    ring.finish(VoidMarket(ring.market))
    assert ring.settlements()[0].outcome is Outcome.VOID
    assert ring.holdings("ann", "bob") == [(1_000, 0), (1_000, 0)]


def test_a_dead_heat_pays_a_part_and_what_nobody_can_have_is_the_houses(ring: Ring) -> None:
    challenge = ring.bet("ann back 100 @ 2.51", "bob", fee_bps=1_000)
    ring.finish(SettleMarket(ring.market, (RunnerId(1), RunnerId(3)), dead_heat=True))
    (settled,) = ring.settlements()
    assert settled == ChallengeSettled(challenge, 1, Outcome.WON, 25, -26, 3)
    assert ring.holdings("ann", "bob") == [(1_022, 0), (974, 0)]
    assert (ring.house_has(AccountClass.FEES), ring.house_has(AccountClass.ROUNDING)) == (3, 1)
    ring.house.check()


def test_a_dead_heat_at_short_odds_can_be_a_loss_for_the_backer(ring: Ring) -> None:
    ring.bet("ann back 100 @ 1.20", "bob", fee_bps=1_000)
    ring.finish(SettleMarket(ring.market, (RunnerId(1), RunnerId(2), RunnerId(3)), dead_heat=True))
    assert (ring.settlements()[0].backer_profit_minor, ring.settlements()[0].layer_profit_minor) == (-60, 60)
    assert ring.holdings("ann", "bob") == [(940, 0), (1_054, 0)]


def test_what_nobody_accepted_expires_with_the_result(ring: Ring) -> None:
    challenge = ring.offer("ann back 100 @ 2.50", expires_at=ring.next_at + 10**18)
    ring.finish(SettleMarket(ring.market, (RunnerId(1),)))
    assert ring.history[-1].events[0] == ChallengeClosed(challenge, ChallengeStatus.EXPIRED)
    assert ring.holdings("ann") == [(1_000, 0)]


def test_the_removal_of_the_runner_undoes_a_challenge_and_no_other(ring: Ring) -> None:
    offered, taken = ring.offer("cid back 10 @ 2.00"), ring.bet("ann back 100 @ 2.50", "bob")
    kept = ring.bet("ann back 100 @ 2.50", "bob", runner=2)
    ring.finish(RemoveRunner(ring.market, RunnerId(1), 5_000))
    assert offered not in ring.house.challenges.by_id
    assert [settled.challenge for settled in ring.settlements()] == [taken]
    assert ring.holdings("ann", "bob", "cid") == [(900, 100), (850, 150), (1_000, 0)]
    assert ring.house.challenges.by_id[kept].status is ChallengeStatus.ACCEPTED
    ring.house.check()
    ring.finish(SettleMarket(ring.market, (RunnerId(2),)))
    ring.finish(SettleMarket(ring.market, (RunnerId(3),), correction=True))
    assert [(settled.challenge, settled.settlement) for settled in ring.settlements()] == [
        (taken, 0),
        (kept, 1),
        (kept, 2),
    ]
    assert ring.holdings("ann", "bob") == [(900, 0), (1_100, 0)]


def test_a_removed_runner_makes_a_challenge_void_even_if_the_result_comes_first(ring: Ring) -> None:
    ring.bet("ann back 100 @ 2.50", "bob")
    ring.do(RemoveRunner(ring.market, RunnerId(1), 0))
    advance(ring)
    ring.do(SettleMarket(ring.market, (RunnerId(2),)))
    advance(ring)
    ring.work()
    assert [settled.outcome for settled in ring.settlements()] == [Outcome.VOID]
    assert ring.holdings("ann", "bob") == [(1_000, 0), (1_000, 0)]


def test_a_correction_takes_back_and_pays_anew(ring: Ring) -> None:
    ring.bet("ann back 100 @ 2.50", "bob", fee_bps=500)
    ring.finish(SettleMarket(ring.market, (RunnerId(1),)))
    ring.finish(SettleMarket(ring.market, (RunnerId(2),), correction=True))
    assert ring.holdings("ann", "bob") == [(900, 0), (1_095, 0)]
    assert ring.house_has(AccountClass.FEES) == 5
    assert moved(ring.history[-1].events) == [
        ("REVERSAL", 8),
        ("REVERSAL", 150),
        ("LOSS", 100),
        ("REVERSAL", 150),
        ("PAYOUT", 100),
        ("COMMISSION", 5),
    ]
    ring.finish(VoidMarket(ring.market, correction=True))
    assert ring.holdings("ann", "bob") == [(1_000, 0), (1_000, 0)]
    assert ring.house_has(AccountClass.FEES) == 0
    assert [settled.settlement for settled in ring.settlements()] == [1, 2, 3]
    ring.house.check()


def test_a_correction_of_a_dead_heat_has_back_what_was_rounded_off(ring: Ring) -> None:
    ring.bet("ann back 100 @ 2.51", "bob")
    ring.finish(SettleMarket(ring.market, (RunnerId(1), RunnerId(3)), dead_heat=True))
    ring.finish(SettleMarket(ring.market, (RunnerId(3), RunnerId(1)), dead_heat=True, correction=True))
    assert ring.house_has(AccountClass.ROUNDING) == 1
    ring.finish(SettleMarket(ring.market, (RunnerId(2),), correction=True))
    assert ring.house_has(AccountClass.ROUNDING) == 0
    assert ring.holdings("ann", "bob") == [(900, 0), (1_100, 0)]
    ring.house.check()


def test_who_has_spent_what_a_correction_takes_back_owes_it_to_the_house(ring: Ring) -> None:
    ring.bet("ann back 100 @ 2.50", "bob")
    ring.finish(SettleMarket(ring.market, (RunnerId(1),)))
    ring.do(Transfer(ring.people["ann"], ring.people["cid"], "USD", 1_150))
    ring.finish(SettleMarket(ring.market, (RunnerId(2),), correction=True))
    assert (ring.cash("ann"), ring.owed("ann"), ring.cash("bob")) == (0, 250, 1_100)
    won = ring.bet("bob back 300 @ 2.00", "cid", "judge")
    assert ring.rule(won, Outcome.VOID).backer_profit_minor == 0
    ring.finish(SettleMarket(ring.market, (RunnerId(1),), correction=True))
    assert (ring.cash("ann"), ring.owed("ann"), ring.cash("bob")) == (0, 0, 850)
    ring.house.check()


def test_the_operator_rules_on_no_challenge_that_a_market_decides(ring: Ring) -> None:
    challenge = ring.bet("ann back 100 @ 2.50", "bob")
    assert ring.refuse(RuleChallenge(challenge, Outcome.WON)).reason is ChallengeReason.CHALLENGE_TIED
    assert ring.refuse(SettleChallenge(challenge)).reason is SharedReason.NOTHING_CHANGES
    assert ring.refuse(ring.accepts("cid", challenge)).reason is ChallengeReason.CHALLENGE_TAKEN
    ring.finish(SettleMarket(ring.market, (RunnerId(1),)))
    assert ring.refuse(SettleChallenge(challenge)).reason is SharedReason.NOTHING_CHANGES
    assert ring.refuse(ring.accepts("cid", challenge)).reason is ChallengeReason.CHALLENGE_OVER
    assert ring.refuse(ring.disputes("ann", challenge)).reason is ChallengeReason.CHALLENGE_OVER


def test_a_market_is_archived_with_its_challenges_but_not_before_they_are_paid(ring: Ring) -> None:
    challenge = ring.bet("ann back 100 @ 2.50", "bob")
    ring.do(SettleMarket(ring.market, (RunnerId(1),)))
    advance(ring)
    ring.wait(CORRECTION_WINDOW_NS)
    assert ring.refuse(ArchiveMarket(ring.market)).reason is ExchangeReason.MARKET_BUSY
    assert ring.work() == 2
    assert ring.history[-1].events == (MarketArchived(ring.market),)
    assert not ring.house.challenges.by_id
    assert not ring.house.challenges.by_market
    assert ring.refuse(RuleChallenge(challenge, Outcome.WON)).reason is ChallengeReason.CHALLENGE_OVER
    ring.house.check()


def test_a_challenge_is_in_any_currency_whatever_its_markets(ring: Ring) -> None:
    ring.define("EUR")
    for name in ("eve", "fay"):
        ring.join(name, EUR=500)
    ring.bet("eve back 100 @ 2.50", "fay", currency="EUR")
    ring.house.check()
    ring.finish(SettleMarket(ring.market, (RunnerId(1),)))
    assert (ring.cash("eve", "EUR"), ring.cash("fay", "EUR")) == (650, 350)


def test_what_is_loaded_again_is_due_again(ring: Ring) -> None:
    ring.offer("cid back 10 @ 2.00", "judge")
    ring.offer("cid back 10 @ 2.00", runner=2)
    resolved = ring.bet("ann back 10 @ 2.00", "bob", "judge", dispute_window_ms=MINUTE_MS)
    ring.do(ring.resolves("judge", resolved, Outcome.WON))
    ring.bet("ann back 10 @ 2.00", "bob")
    other = ring.create()
    paid = ring.bet("ann back 10 @ 2.00", "bob", market=other)
    ring.finish(SettleMarket(other, (RunnerId(1),)))
    assert paid not in ring.house.challenges.by_id
    ring.do(SettleMarket(ring.market, (RunnerId(1),)))
    advance(ring)
    before = ring.house
    wallets = before.wallets
    loaded = Challenges(before.ledger, Agenda(), wallets.customers, wallets.frozen, wallets.tags, before.exchange)
    for challenge in before.challenges.by_id.values():
        loaded.add(
            Challenge(
                challenge.terms,
                challenge.status,
                challenge.acceptor,
                challenge.outcome,
                challenge.payable_at,
                challenge.settled,
            )
        )
    assert list(loaded.lines()) == list(before.challenges.lines())
    due = [chore for chore in agenda(before) if type(chore) in RULES.is_due]
    assert len(due) == 4
    assert [chore for _, chore in loaded.agenda.scheduled()] == due


def test_the_history_alone_leads_to_the_same_house(ring: Ring) -> None:
    ring.offer("cid back 10 @ 2.00", "judge")
    disputed = ring.bet("ann back 10 @ 2.00", "bob", "judge", dispute_window_ms=MINUTE_MS)
    ring.do(ring.resolves("judge", disputed, Outcome.WON))
    ring.do(ring.disputes("bob", disputed))
    ring.bet("ann back 100 @ 2.51", "bob")
    ring.wait(HOUR_NS)
    ring.finish(SettleMarket(ring.market, (RunnerId(1), RunnerId(2)), dead_heat=True))
    replayed = ring.replayed()
    assert replayed.digest() == ring.house.digest()
    assert agenda(replayed) == agenda(ring.house)
    ring.rule(disputed, Outcome.WON)
    assert replayed.digest() != ring.house.digest()
