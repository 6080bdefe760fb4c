"""A bank from which the owner has drawn everything: what it has to pay is lent by the owner, and repaid first."""

from evens.core.commands.fixed_odds import FundHouse, WithdrawFromHouse
from evens.core.events.ledger import TransferKind, Transferred
from evens.core.values.ids import AccountClass
from tests.core.fixed_odds.counter import Counter, open_counter

BANK_MINOR = 2_000


def corrected_with_an_empty_bank() -> Counter:
    """Correct a lost bet to won when its stake and the bank were drawn: the owner lends all of the 30.00."""
    counter = open_counter(bank_minor=BANK_MINOR, cash_minor=10_000)
    counter.publish("final", "home 3.00, away 1.50")
    counter.bet("ann", 1_000, "final home")
    counter.result("final", "away won")
    counter.do(WithdrawFromHouse("USD", BANK_MINOR + 1_000))
    counter.result("final", "home won", correction=True)
    return counter


def test_a_correction_that_the_bank_cannot_pay_is_lent_by_the_owner() -> None:
    counter = corrected_with_an_empty_bank()
    assert counter.cash("ann") == 12_000
    assert (counter.house_has(AccountClass.BANK), counter.house_has(AccountClass.RECEIVABLE)) == (0, -3_000)
    counter.sound()


def test_what_the_house_wins_repays_its_owner_before_the_bank_has_any_of_it() -> None:
    counter = corrected_with_an_empty_bank()
    counter.do(FundHouse("USD", 3_000 + 1_000))
    assert (counter.house_has(AccountClass.BANK), counter.house_has(AccountClass.RECEIVABLE)) == (1_000, 0)
    counter.publish("replay", "home 1.50, away 1.50")
    counter.bet("bob", 2_000, "replay home")
    counter.result("final", "away won", correction=True)
    counter.do(WithdrawFromHouse("USD", 3_000))
    counter.result("final", "home won", correction=True)
    assert counter.house_has(AccountClass.RECEIVABLE) == -3_000
    counter.result("replay", "away won")
    # The stake of 20.00 and the reserve of 10.00 are all the owner's.
    assert (counter.house_has(AccountClass.BANK), counter.house_has(AccountClass.RECEIVABLE)) == (0, 0)
    counter.sound()


def test_losers_pay_winners_so_that_nothing_is_lent_meanwhile() -> None:
    counter = open_counter(bank_minor=1_000, cash_minor=10_000)
    counter.publish("final", "home 2.00, away 2.00")
    counter.bet("bob", 1_000, "final away")
    counter.bet("ann", 1_000, "final home")
    counter.do(WithdrawFromHouse("USD", 1_000))
    counter.result("final", "home won")
    assert (counter.cash("ann"), counter.cash("bob")) == (11_000, 9_000)
    moved = [event for entry in counter.history for event in entry.events if isinstance(event, Transferred)]
    assert not [each for each in moved if each.kind is TransferKind.ADVANCE]
    counter.sound()
