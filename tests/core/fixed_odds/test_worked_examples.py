"""What customers are told about bets, done by the house itself: taken, settled, and paid into their cash."""

import pytest

from evens.core.commands.fixed_odds import (
    AdvanceFixture,
    ArchiveFixture,
    CloseConflict,
    DeclareResults,
    FundHouse,
    PublishLine,
    WithdrawFromHouse,
)
from evens.core.events.fixed_odds import BetPlaced
from evens.core.events.ledger import Rejected
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.fixed_odds.state import ARCHIVING_RETRY_NS, CORRECTION_WINDOW_NS
from evens.core.ledger.reasons import SharedReason
from evens.core.values.fixed_odds import Acceptance, LegResult, Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import AccountClass
from tests.core.fixed_odds.counter import FOR_EVER, Counter, open_counter

CASH_MINOR = 100_000


def paid_minor(stake_minor: int, odds: list[str], ends: list[str]) -> int:
    """Return what a bet on home in one fixture for each of these odds pays, when home ends like this."""
    counter = open_counter()
    for place, each in enumerate(odds):
        counter.publish(f"f{place}", f"home {each}, away 2.00")
    counter.bet("ann", stake_minor, *[f"f{place} home" for place in range(len(odds))])
    for place, end in enumerate(ends):
        counter.result(f"f{place}", f"home {end}")
        counter.sound()
    assert counter.escrow("ann") == 0
    assert counter.house_has(AccountClass.ESCROW) == 0
    return counter.cash("ann") - (CASH_MINOR - stake_minor)


@pytest.mark.parametrize(
    ("stake_minor", "odds", "ends", "expected_minor"),
    [
        (1_000, ["2.00", "1.50", "3.00"], ["won", "won", "won"], 9_000),
        (1_000, ["2.00", "1.50", "3.00"], ["won", "void", "won"], 6_000),
        (1_000, ["2.00", "1.50", "3.00"], ["void", "void", "void"], 1_000),
        (1_000, ["2.00", "1.50", "3.00"], ["won", "lost", "won"], 0),
        (333, ["1.91", "2.37", "1.83"], ["won", "won", "won"], 2_758),
        (10_000, ["1.15"], ["won"], 11_500),
        (1_000, ["2.00"], ["half_won"], 1_500),
        (1_000, ["2.00"], ["half_lost"], 500),
        (1_000, ["2.00", "3.00"], ["half_won", "half_lost"], 750),
    ],
)
def test_a_bet_pays_what_its_legs_make_of_the_stake(
    stake_minor: int, odds: list[str], ends: list[str], expected_minor: int
) -> None:
    assert paid_minor(stake_minor, odds, ends) == expected_minor


def test_only_those_who_tie_share_places_in_a_dead_heat() -> None:
    counter = open_counter()
    counter.publish("race", "a 2.00, b 2.00, c 2.00, d 2.00, e 9.00", winners=3)
    counter.bet("ann", 1_000, "race a")
    counter.bet("bob", 1_000, "race d")
    counter.result("race", "a won", "b won", "c won 1/2", "d won 1/2")
    assert counter.cash("ann") == CASH_MINOR - 1_000 + 2_000
    assert counter.cash("bob") == CASH_MINOR - 1_000 + 1_000
    counter.sound()


@pytest.mark.parametrize(
    ("reductions", "expected_minor"), [([2_500], 4_000), ([2_500, 1_000], 3_600), ([5_000, 4_500], 1_400)]
)
def test_removals_lower_the_odds_of_bets_struck_before_them_together_by_nine_tenths_at_most(
    reductions: list[int], expected_minor: int
) -> None:
    counter = open_counter()
    counter.publish("race", "a 5.00, b 2.00, c 2.00, d 2.00")
    counter.bet("ann", 1_000, "race a")
    for selection, bps in zip("cd", reductions, strict=False):
        counter.remove("race", selection, bps)
        counter.sound()
    counter.bet("bob", 1_000, "race a")
    counter.result("race", "a won")
    assert counter.cash("ann") == CASH_MINOR - 1_000 + expected_minor
    assert counter.cash("bob") == CASH_MINOR - 1_000 + 5_000
    counter.sound()


def quoted() -> tuple[Counter, BetPlaced]:
    """Return a counter at which 10.00 were bet at 3.00, and the odds are 2.00 now."""
    counter = open_counter()
    counter.publish("final", "home 3.00, away 1.50")
    bet = counter.bet("ann", 1_000, "final home")
    counter.publish("final", "home 2.00, away 2.00")
    return counter, bet


def test_a_cash_out_at_odds_that_fell_from_three_to_two_pays_fourteen_and_a_quarter() -> None:
    counter, bet = quoted()
    counter.finish(counter.cash_out(bet, 1_425))
    assert counter.cash("ann") == CASH_MINOR + 425
    assert counter.house_has(AccountClass.ESCROW) == 0
    counter.result("final", "home won")
    assert counter.cash("ann") == CASH_MINOR + 425
    counter.sound()


@pytest.mark.parametrize("amount_minor", [1_424, 1_426])
def test_a_cash_out_pays_exactly_what_the_bet_is_worth_or_nothing(amount_minor: int) -> None:
    counter, bet = quoted()
    assert counter.refuse(counter.cash_out(bet, amount_minor)).reason is FixedOddsReason.QUOTE_EXPIRED


def test_a_quote_is_over_at_its_very_end() -> None:
    counter, bet = quoted()
    refusal = counter.refuse(counter.cash_out(bet, 1_425, expires_at=counter.next_at))
    assert refusal.reason is FixedOddsReason.QUOTE_EXPIRED
    counter.finish(counter.cash_out(bet, 1_425, expires_at=counter.next_at + 1))


def test_nobody_cashes_out_while_the_market_is_suspended_or_once_the_deadline_has_come() -> None:
    counter, bet = quoted()
    counter.publish("final", "home 2.00, away 2.00", suspended=True)
    assert counter.refuse(counter.cash_out(bet, 1_425)).reason is FixedOddsReason.CASH_OUT_UNAVAILABLE
    counter.publish("final", "home 2.00, away 2.00", deadline=counter.next_at)
    assert counter.refuse(counter.cash_out(bet, 1_425)).reason is FixedOddsReason.CASH_OUT_UNAVAILABLE


def test_an_accumulator_is_cashed_out_by_what_its_legs_made_of_it_and_not_once_one_has_lost() -> None:
    counter = open_counter()
    for key in ("f", "g", "h"):
        counter.publish(key, "home 2.00, away 2.00")
    bet = counter.bet("ann", 1_000, "f home", "g home")
    lost = counter.bet("bob", 1_000, "f away", "h home")
    counter.result("f", "home won")
    counter.publish("g", "home 1.60, away 2.40")
    counter.finish(counter.cash_out(bet, 2_375))
    assert counter.cash("ann") == CASH_MINOR - 1_000 + 2_375
    assert counter.refuse(counter.cash_out(lost, 950)).reason is FixedOddsReason.BET_UNKNOWN
    counter.sound()


def test_the_customer_is_paid_before_the_owner_when_a_cash_out_frees_what_the_owner_lent() -> None:
    counter = open_counter(bank_minor=20_000)
    counter.publish("final", "home 3.00, away 2.00")
    counter.publish("race", "a 2.00, b 4.00, c 9.00")
    bet = counter.bet("ann", 1_000, "final home")
    counter.bet("bob", 9_000, "race a")
    counter.bet("bob", 6_000, "race b")
    free_minor = counter.house_has(AccountClass.BANK)
    counter.do(WithdrawFromHouse("USD", free_minor))
    counter.remove("race", "a")
    assert counter.house_has(AccountClass.RECEIVABLE) == -9_000
    counter.publish("final", "home 2.00, away 2.00")
    counter.finish(counter.cash_out(bet, 1_425))
    assert counter.house_has(AccountClass.BANK) == 0
    assert counter.house_has(AccountClass.RECEIVABLE) == -9_000 + 2_000 - 425
    counter.sound()
    counter.do(FundHouse("USD", 10_000))
    assert counter.house_has(AccountClass.RECEIVABLE) == 0
    counter.sound()


@pytest.mark.parametrize("first", ["half_lost", "void"])
def test_an_accumulator_that_is_open_again_is_covered_however_its_other_leg_is_corrected(first: str) -> None:
    counter = open_counter(bank_minor=2_000)
    counter.publish("f", "home 2.00, away 2.00")
    counter.publish("g", "home 1.50, away 2.00")
    counter.bet("ann", 1_000, "f home", "g home")
    assert counter.house_has(AccountClass.ESCROW) == 2_000
    counter.result("f", f"home {first}")
    counter.result("g", "home won")
    counter.roll_back("g")
    counter.sound()
    assert counter.house_has(AccountClass.ESCROW) == 2_000
    counter.result("f", "home won", correction=True)
    counter.result("g", "home won")
    assert counter.cash("ann") == CASH_MINOR + 2_000
    counter.sound()


def test_legs_on_one_event_or_in_one_group_are_refused() -> None:
    counter = open_counter()
    counter.publish("f", "home 2.00, away 2.00", group="cup")
    counter.publish("g", "home 2.00, away 2.00", group="cup")
    counter.publish("h", "home 2.00, away 2.00", group="league")
    for legs in (("f home", "f away"), ("f home", "f home"), ("f home", "g home")):
        assert counter.refuse(counter.wants("ann", 1_000, *legs)).reason is FixedOddsReason.LEGS_RELATED
    counter.bet("ann", 1_000, "f home", "h home")


def test_a_bet_has_at_most_twenty_legs() -> None:
    counter = open_counter()
    for place in range(21):
        counter.publish(f"f{place}", "home 1.02, away 2.00")
    counter.bet("ann", 100, *[f"f{place} home" for place in range(20)])
    with pytest.raises(ValueError, match="1 to 20 legs"):
        counter.wants("ann", 100, *[f"f{place} home" for place in range(21)])


@pytest.mark.parametrize(
    ("accept", "now", "is_taken"),
    [
        (Acceptance.ANY, "1.90", True),
        (Acceptance.ANY, "2.10", True),
        (Acceptance.BETTER, "1.90", False),
        (Acceptance.BETTER, "2.00", True),
        (Acceptance.BETTER, "2.10", True),
        (Acceptance.NONE, "1.90", False),
        (Acceptance.NONE, "2.00", True),
        (Acceptance.NONE, "2.10", False),
    ],
)
def test_odds_that_moved_are_taken_as_the_customer_said(accept: Acceptance, now: str, is_taken: bool) -> None:
    counter = open_counter()
    counter.publish("f", f"home {now}, away 2.00")
    (first, *_) = counter.do(counter.wants("ann", 1_000, "f home @ 2.00", accept=accept))
    odds = round(100 * float(now))
    if is_taken:
        assert isinstance(first, BetPlaced)
        assert first.legs[0].odds == odds
    else:
        assert first == Rejected(FixedOddsReason.ODDS_CHANGED, (("odds_0", odds),))


def test_odds_are_judged_leg_by_leg() -> None:
    counter = open_counter()
    counter.publish("f", "home 9.00, away 2.00")
    counter.publish("g", "home 1.99, away 2.00")
    refusal = counter.refuse(counter.wants("ann", 1_000, "f home @ 2.00", "g home @ 2.00"))
    assert refusal == Rejected(FixedOddsReason.ODDS_CHANGED, (("odds_0", 900), ("odds_1", 199)))


def test_of_the_reasons_against_several_legs_the_gravest_is_told_whichever_leg_it_is() -> None:
    counter = open_counter()
    counter.publish("open", "home 2.00, away 2.00")
    counter.publish("short", "home 1.00, away 2.00")
    counter.publish("over", "home 2.00, away 2.00", deadline=1)
    counter.publish("finished", "home 2.00, away 2.00")
    counter.result("finished", "home won")
    gravest = {
        "finished": FixedOddsReason.EVENT_FINISHED,
        "over": FixedOddsReason.DEADLINE_PASSED,
        "short": FixedOddsReason.ODDS_TOO_SHORT,
    }
    for place, reason in enumerate(gravest.values()):
        legs = [f"{key} home" for key in [*[*gravest][place:], "open"]]
        for asked in (legs, legs[::-1]):
            assert counter.refuse(counter.wants("ann", 1_000, *asked)).reason is reason


def test_a_bet_is_in_time_until_the_moment_before_the_deadline() -> None:
    deadline = 1_767_300_000_000_000_000
    for early_ns, reason in ((1_000_000, None), (1, None), (0, FixedOddsReason.DEADLINE_PASSED)):
        counter = open_counter()
        counter.publish("f", "home 2.00, away 2.00", deadline=deadline)
        counter.at(deadline - early_ns)
        (first, *_) = counter.do(counter.wants("ann", 1_000, "f home"))
        assert (first.reason if isinstance(first, Rejected) else None) is reason


def test_odds_of_one_or_less_are_published_and_nobody_can_bet_on_them() -> None:
    counter = open_counter()
    counter.publish("f", "home 1.00, away 0.01, draw 1.01")
    for selection in ("home", "away"):
        assert counter.refuse(counter.wants("ann", 1_000, f"f {selection}")).reason is FixedOddsReason.ODDS_TOO_SHORT
    counter.bet("ann", 1_000, "f draw")


def test_the_bank_never_falls_below_zero_and_a_refusal_names_the_largest_stake_that_would_do() -> None:
    counter = open_counter(bank_minor=1_000)
    counter.publish("f", "home 3.00, away 2.00")
    refusal = counter.refuse(counter.wants("ann", 501, "f home"))
    assert refusal.reason is FixedOddsReason.STAKE_LIMITED
    assert dict(refusal.facts)["maximum_minor"] == 500
    counter.bet("ann", 500, "f home")
    assert counter.house_has(AccountClass.BANK) == 0
    assert counter.refuse(WithdrawFromHouse("USD", 1)).reason is SharedReason.INSUFFICIENT_FUNDS
    # What covers the worst case frees a part of it again.
    counter.bet("bob", 400, "f away")
    assert counter.house_has(AccountClass.BANK) == 400
    counter.sound()


def test_a_message_or_result_that_comes_again_changes_nothing() -> None:
    counter = open_counter()
    counter.publish("f", "home 2.00, away 2.00")
    line = Line("f", FOR_EVER, markets=(LineMarket("main", "Main", (LineSelection("home", "home", 500),)),))
    refusal = counter.refuse(PublishLine("main", "f", 1, line))
    assert refusal == Rejected(FixedOddsReason.LINE_OUTDATED, (("version", 1),))
    counter.bet("ann", 1_000, "f home")
    counter.result("f", "home won")
    said = DeclareResults(counter.fixtures["f"], (SelectionResult("main", "home", LegResult.WON),))
    for again in (said, AdvanceFixture(counter.fixtures["f"])):
        assert counter.refuse(again).reason is SharedReason.NOTHING_CHANGES
    assert counter.cash("ann") == CASH_MINOR + 1_000


def test_a_fixture_whose_archiving_was_refused_is_archived_once_nobody_needs_it() -> None:
    counter = open_counter()
    counter.publish("f", "home 2.00, away 2.00")
    counter.result("f", "home won")
    counter.do(DeclareResults(counter.fixtures["f"], (SelectionResult("main", "away", LegResult.WON),)))
    counter.wait(CORRECTION_WINDOW_NS)
    counter.work()
    assert counter.fixtures["f"] in counter.house.fixed_odds.fixtures
    counter.do(CloseConflict(counter.fixtures["f"], "main"))
    counter.wait(ARCHIVING_RETRY_NS)
    counter.work()
    assert counter.fixtures["f"] not in counter.house.fixed_odds.fixtures
    assert counter.house.agenda.next_scheduled_at() is None
    counter.sound()


def test_a_fixture_that_people_wait_for_again_is_not_forgotten() -> None:
    counter = open_counter()
    counter.publish("f", "home 2.00, away 2.00")
    counter.publish("g", "home 2.00, away 2.00")
    counter.result("f", "home won")
    counter.roll_back("f")
    counter.publish("f", "home 2.00, away 2.00")
    bet = counter.bet("ann", 1_000, "f home", "g home")
    counter.wait(CORRECTION_WINDOW_NS)
    counter.work()
    assert counter.refuse(ArchiveFixture(counter.fixtures["f"])).reason is FixedOddsReason.EVENT_BUSY
    counter.finish(counter.cash_out(bet, 950))
    counter.bet("ann", 1_000, "f home")
    counter.result("f", "home won")
    counter.wait(CORRECTION_WINDOW_NS)
    counter.work()
    assert counter.fixtures["f"] not in counter.house.fixed_odds.fixtures
    assert counter.cash("ann") == CASH_MINOR - 50 + 1_000
    counter.sound()


def test_what_is_said_of_a_fixture_while_it_becomes_history_makes_no_second_one_of_it() -> None:
    counter = open_counter()
    counter.publish("f", "home 2.00, away 2.00")
    counter.result("f", "home won")
    counter.wait(CORRECTION_WINDOW_NS)
    counter.work()
    under_way = PublishLine("main", "f", 2, Line("f", FOR_EVER), fixture=counter.fixtures["f"])
    assert counter.refuse(under_way).reason is FixedOddsReason.EVENT_UNKNOWN
    assert counter.house.fixed_odds.fixtures == {}
    counter.sound()
