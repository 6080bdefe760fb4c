"""Rounds by example: who can bet until when, what is paid, and what a round commits to."""

import pytest

from evens.core.commands.pools import ArchiveRound, ChangePool, LockRound, OpenRound, SettleRound, VoidRound
from evens.core.commands.wallets import FreezeCustomer
from evens.core.events.ledger import Rejected
from evens.core.events.pools import PoolBetPlaced, RoundArchived, RoundDecided, RoundLocked, RoundRecalled
from evens.core.pools.placing import BETS_PER_CUSTOMER_MAX
from evens.core.pools.state import CORRECTION_WINDOW_NS
from evens.core.values.commitments import commit_stakes, commit_terms
from evens.core.values.ids import HOUSE, AccountClass, RoundId
from evens.core.values.pools import PoolSide, PoolTerms, RoundResult, RoundStatus
from tests.core.desk import NOON
from tests.core.pools.tote import HOUR_NS, Tote, open_tote

MILLISECOND_NS = 10**6


def reason(tote: Tote, name: str, side: str, stake_minor: int, code: str | None = None) -> str:
    """Return why a bet is refused."""
    return tote.refuse(tote.wants(name, side, stake_minor, code)).reason.value


def test_a_million_on_each_side_pays_1_990_000_and_a_fee_of_10_000() -> None:
    tote = open_tote()
    tote.open("20250108")
    tote.bet("ann", "up", 1_000_000)
    tote.bet("bob", "down", 1_000_000)
    tote.lock("20250108")
    tote.settle("20250108", "up")
    assert (tote.has("ann"), tote.has("bob")) == (10_990_000, 9_000_000)
    assert tote.balance_minor(HOUSE, "USDC", AccountClass.FEES) == 10_000
    assert tote.balance_minor(HOUSE, "USDC", AccountClass.ROUNDING) == 0
    tote.sound()


def test_the_worked_example_of_settling() -> None:
    tote = open_tote(cash_minor=1_000)
    tote.open("20250108")
    for name, side, minor in (("ann", "up", 1_000), ("bob", "up", 400), ("cho", "down", 700)):
        tote.bet(name, side, minor)
    tote.lock("20250108")
    tote.settle("20250108", "up")
    assert [tote.has(name) for name in ("ann", "bob", "cho")] == [1_495, 1_198, 300]
    assert tote.balance_minor(HOUSE, "USDC", AccountClass.FEES) == 7
    assert tote.balance_minor(HOUSE, "USDC", AccountClass.ROUNDING) == 0


@pytest.mark.parametrize(
    ("off_ns", "taken"), [(-MILLISECOND_NS, True), (-1, True), (0, False), (MILLISECOND_NS, False)]
)
def test_a_bet_is_in_time_until_the_nanosecond_at_which_the_round_locks(off_ns: int, taken: bool) -> None:
    tote = open_tote()
    locks_at = tote.open("20250108").locks_at
    tote.at(locks_at + off_ns)
    if taken:
        assert tote.bet("ann", "up", 1).at == locks_at + off_ns
    else:
        assert reason(tote, "ann", "up", 1) == "no_open_round"
        assert reason(tote, "ann", "up", 1, "20250108") == "round_locked"


def test_a_round_is_locked_by_the_house_when_its_time_has_come_and_no_bet_gets_in_between() -> None:
    tote = open_tote()
    opened = tote.open("20250108")
    tote.at(opened.locks_at - 1)
    assert tote.work() == 0
    tote.at(opened.locks_at)
    assert tote.work() == 1
    assert tote.house.pools.rounds[opened.round].status is RoundStatus.LOCKED
    assert reason(tote, "ann", "up", 1, "20250108") == "round_locked"


def test_an_operator_may_lock_before_the_time() -> None:
    tote = open_tote()
    opened = tote.open("20250108")
    assert isinstance(tote.do(LockRound(opened.round))[0], RoundLocked)
    assert tote.refuse(LockRound(opened.round)).reason.value == "nothing_changes"
    assert reason(tote, "ann", "up", 1) == "no_open_round"
    tote.at(opened.locks_at)
    assert tote.work() == 0


def test_a_bet_without_a_code_goes_into_the_round_that_locks_first() -> None:
    tote = open_tote()
    tote.open("20250108", HOUR_NS)
    tote.open("20250109", 2 * HOUR_NS)
    assert tote.bet("ann", "up", 1).round == tote.rounds["20250108"]
    assert tote.bet("ann", "up", 1, "20250109").round == tote.rounds["20250109"]
    tote.lock("20250108")
    assert tote.bet("ann", "up", 1).round == tote.rounds["20250109"]


def test_codes_rise_and_a_round_cannot_open_when_it_should_be_locked() -> None:
    tote = open_tote()
    tote.open("20250108")
    late = tote.next_at + HOUR_NS
    for code in ("20250108", "20250107"):
        refusal = tote.refuse(OpenRound(tote.pool, code, late, late))
        assert (refusal.reason.value, dict(refusal.facts)) == ("round_exists", {"last_code": "20250108"})
    assert tote.refuse(OpenRound(tote.pool, "20250109", NOON, NOON)).reason.value == "round_locked"
    with pytest.raises(ValueError, match="not before"):
        OpenRound(tote.pool, "20250110", late, late - 1)


def test_what_cannot_be_bet_is_refused_with_its_reason() -> None:
    tote = open_tote(cash_minor=600, min_stake_minor=10, max_stake_minor=500)
    assert reason(tote, "ann", "up", 10) == "no_open_round"
    assert reason(tote, "ann", "up", 10, "20250108") == "round_unknown"
    tote.open("20250108")
    refusal = tote.refuse(tote.wants("ann", "up", 9))
    assert (refusal.reason.value, dict(refusal.facts)) == ("stake_too_small", {"currency": "USDC", "limit_minor": 10})
    assert reason(tote, "ann", "up", 501) == "stake_too_large"
    tote.bet("ann", "up", 500)
    assert reason(tote, "ann", "down", 101) == "insufficient_funds"
    tote.do(FreezeCustomer(tote.people["ann"]))
    assert reason(tote, "ann", "down", 10) == "customer_frozen"
    assert reason(tote, "bob", "down", 10, "20250109") == "round_unknown"


def test_one_customer_has_at_most_a_thousand_bets_in_a_round() -> None:
    tote = open_tote()
    tote.open("20250108")
    for number in range(BETS_PER_CUSTOMER_MAX):
        tote.bet("ann", "up" if number % 2 else "down", 1)
    assert reason(tote, "ann", "up", 1) == "pool_bets_limit"
    assert isinstance(tote.do(tote.wants("bob", "up", 1))[0], PoolBetPlaced)


@pytest.mark.parametrize("result", ["up", "down"])
def test_with_nobody_on_one_side_stakes_come_back_without_a_fee(result: str) -> None:
    tote = open_tote()
    tote.open("20250108")
    tote.bet("ann", "up", 700)
    tote.bet("bob", "up", 300)
    tote.lock("20250108")
    tote.settle("20250108", result)
    assert (tote.has("ann"), tote.has("bob")) == (10_000_000, 10_000_000)
    assert tote.balance_minor(HOUSE, "USDC", AccountClass.FEES) == 0
    tote.sound()


def test_a_void_round_gives_every_stake_back_also_before_it_is_locked() -> None:
    tote = open_tote()
    tote.open("20250108")
    tote.bet("ann", "up", 700)
    tote.bet("bob", "down", 300)
    tote.void("20250108")
    assert (tote.has("ann"), tote.has("bob")) == (10_000_000, 10_000_000)
    known = tote.house.pools.rounds[tote.rounds["20250108"]]
    assert (known.status, known.commitment is None) == (RoundStatus.VOID, False)
    assert tote.refuse(VoidRound(known.id, "again")).reason.value == "nothing_changes"
    tote.sound()


def test_results_come_in_their_order() -> None:
    tote = open_tote()
    opened = tote.open("20250108")
    tote.bet("ann", "up", 700)
    up, down = SettleRound(opened.round, RoundResult.UP), SettleRound(opened.round, RoundResult.DOWN)
    assert tote.refuse(up).reason.value == "round_not_locked"
    tote.lock("20250108")
    assert tote.refuse(SettleRound(opened.round, RoundResult.UP, correction=True)).reason.value == "round_not_settled"
    assert not isinstance(tote.do(up)[0], Rejected)
    assert tote.refuse(up).reason.value == "round_busy"
    tote.work()
    assert tote.refuse(up).reason.value == "nothing_changes"
    assert tote.refuse(down).reason.value == "round_settled"
    assert tote.refuse(VoidRound(opened.round, "late")).reason.value == "round_settled"


def test_a_correction_books_everybody_from_one_result_to_the_other_and_lends_what_is_spent() -> None:
    tote = open_tote(cash_minor=1_000)
    tote.open("20250108")
    tote.bet("ann", "up", 1_000)
    tote.bet("bob", "down", 1_000)
    tote.lock("20250108")
    tote.settle("20250108", "up")
    assert (tote.has("ann"), tote.has("bob")) == (1_990, 0)
    tote.open("20250109")
    tote.bet("ann", "up", 1_990)
    tote.settle("20250108", "down", correction=True)
    assert (tote.has("ann"), tote.has("bob")) == (0, 1_990)
    assert tote.balance_minor(tote.people["ann"], "USDC", AccountClass.RECEIVABLE) == -1_990
    assert reason(tote, "ann", "up", 1) == "owes_house"
    tote.sound()
    tote.settle("20250108", "void", correction=True)
    assert tote.has("bob") == 1_000
    assert tote.balance_minor(HOUSE, "USDC", AccountClass.FEES) == 0
    tote.sound()


def test_new_terms_hold_for_rounds_that_are_opened_later() -> None:
    tote = open_tote()
    tote.open("20250108")
    tote.do(ChangePool(tote.pool, PoolTerms("Nasdaq", "^IXIC", 200)))
    rounds = tote.house.pools.rounds
    assert rounds[tote.rounds["20250108"]].terms.fee_bps == 100
    tote.open("20250109")
    assert rounds[tote.rounds["20250109"]].terms.fee_bps == 200


def test_a_round_commits_to_its_terms_and_to_every_stake_in_order() -> None:
    tote = open_tote()
    opened = tote.open("20250108")
    bets = [tote.bet("ann", "up", 500), tote.bet("bob", "down", 300), tote.bet("ann", "down", 7)]
    tote.lock("20250108")
    times = (opened.opens_at, opened.locks_at, opened.settles_at)
    link = commit_terms("nasdaq", "20250108", times, "USDC", opened.terms)
    stakes = [(bet.bet, bet.side, bet.stake_minor) for bet in bets]
    committed = tote.house.pools.rounds[opened.round].commitment
    assert commit_stakes(link, stakes).hex() == committed
    for other in (stakes[:-1], stakes[::-1], [(stakes[0][0], PoolSide.DOWN, 500), *stakes[1:]]):
        assert commit_stakes(link, other).hex() != committed


def test_a_round_is_forgotten_when_its_last_result_is_a_week_old() -> None:
    tote = open_tote()
    opened = tote.open("20250108")
    tote.bet("ann", "up", 1)
    tote.bet("bob", "down", 1)
    tote.lock("20250108")
    tote.settle("20250108", "up")
    tote.wait(CORRECTION_WINDOW_NS - HOUR_NS)
    tote.settle("20250108", "down", correction=True)
    tote.wait(2 * HOUR_NS)
    assert tote.refuse(ArchiveRound(opened.round, 1)).reason.value == "nothing_changes"
    tote.work()
    assert opened.round in tote.house.pools.rounds
    tote.wait(CORRECTION_WINDOW_NS)
    tote.work()
    assert isinstance(tote.history[-1].events[0], RoundArchived)
    assert not tote.house.pools.rounds
    tote.sound()


def test_a_round_that_is_forgotten_is_recalled_for_a_correction_and_forgotten_again() -> None:
    tote = open_tote()
    opened = tote.open("20250108")
    tote.bet("ann", "up", 1_000_000)
    tote.bet("bob", "down", 1_000_000)
    tote.lock("20250108")
    tote.settle("20250108", "up")
    before = list(tote.house.pools.rounds[opened.round].lines())
    tote.wait(CORRECTION_WINDOW_NS)
    tote.work()
    assert not tote.house.pools.rounds
    for refused, why in (
        (SettleRound(opened.round, RoundResult.DOWN), "round_settled"),
        (SettleRound(opened.round, RoundResult.UP, correction=True), "nothing_changes"),
        (VoidRound(opened.round, "x"), "round_settled"),
        (SettleRound(RoundId(2**40), RoundResult.UP, correction=True), "round_unknown"),
    ):
        assert tote.refuse(refused).reason.value == why, refused
    recalled, decided, *_ = tote.do(SettleRound(opened.round, RoundResult.DOWN, correction=True))
    assert isinstance(recalled, RoundRecalled)
    assert isinstance(decided, RoundDecided)
    assert (decided.settlement, decided.code) == (2, "20250108")
    tote.sound()
    tote.work()
    assert (tote.has("ann"), tote.has("bob")) == (9_000_000, 10_990_000)
    assert tote.balance_minor(HOUSE, "USDC", AccountClass.FEES) == 10_000
    tote.settle("20250108", "up", correction=True)
    known = tote.house.pools.rounds[opened.round]
    # All is as before, but for how many results there were and when the last was told.
    assert list(known.lines())[1:] == before[1:]
    tote.sound()
    tote.wait(CORRECTION_WINDOW_NS)
    tote.work()
    assert not tote.house.pools.rounds
    tote.sound()


def test_a_round_that_is_booked_only_after_a_week_is_forgotten_then() -> None:
    tote = open_tote()
    opened = tote.open("20250108")
    tote.bet("ann", "up", 1)
    tote.bet("bob", "down", 1)
    tote.lock("20250108")
    tote.do(SettleRound(opened.round, RoundResult.UP))
    # The server was away while everybody was to be paid.
    tote.wait(2 * CORRECTION_WINDOW_NS)
    tote.work()
    assert tote.has("ann") == 10_000_001
    assert not tote.house.pools.rounds
    tote.sound()
