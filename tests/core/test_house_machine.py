"""The house against its naive twin: any commands in any order, and both must say and hold the same all along."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    FreezeCustomer,
    RegisterCustomer,
    RejectWithdrawal,
    RequestWithdrawal,
    Transfer,
    TransferBatch,
    UnfreezeCustomer,
    Withdraw,
)
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected, Transferred
from evens.core.events.wallets import TransferRefused, WithdrawalRequested
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import (
    AccountClass,
    CustomerId,
    Rail,
    TransferId,
    account_class,
    account_currency,
    account_holder,
    account_id,
)
from evens.core.values.money import AMOUNT_MINOR_MAX
from tests.core.desk import Desk
from tests.core.naive_house import OUTSIDE, NaiveHouse, WalletCommand

NOBODY = CustomerId(4711)
CURRENCIES = {"USD": 2, "JPY": 0, "BTC": 8}
CODES = st.sampled_from(["USD", "USD", "USD", "USD", "JPY", "BTC", "XXX"])
AMOUNTS = st.integers(1, 100).map(lambda drawn: {99: 5_000, 100: AMOUNT_MINOR_MAX}.get(drawn, drawn))
PEOPLE = ["ann", "Ann", "bob", "cid", "dot", "DOT", "eve", "ZOE"]
CUSTOMERS = st.integers(0, len(PEOPLE))
RAILS = st.sampled_from(list(Rail))
DATES = st.sampled_from([None, None, None, -1, 0, 10**18, 10**18 + 1, 10**19])
TRANSFERS = st.tuples(CUSTOMERS, CUSTOMERS, CODES, AMOUNTS, DATES)
Drawn = tuple[int, int, str, int, int | None]


class HouseMachine(RuleBasedStateMachine):
    """Every command goes to both; what is drawn makes most commands plausible and some refused for several reasons."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.twin = NaiveHouse()
        self.withdrawals = [TransferId(4711)]

    def who(self, drawn: int) -> CustomerId:
        """Choose a customer, or once in a while somebody unknown."""
        return NOBODY if drawn == len(PEOPLE) else list(self.twin.usernames)[drawn % len(self.twin.usernames)]

    def transfer_of(self, drawn: Drawn) -> Transfer:
        """Name the customers of a transfer that was drawn by position."""
        payer, payee, code, amount_minor, effective_at = drawn
        return Transfer(self.who(payer), self.who(payee), code, amount_minor, effective_at)

    def do(self, command: WalletCommand) -> tuple[Event, ...]:
        """Give a command to both, and compare what they say."""
        at = self.desk.next_at
        events = self.desk.do(command)
        self.withdrawals += [event.withdrawal for event in events if isinstance(event, WithdrawalRequested)]
        if isinstance(command, TransferBatch) and not command.atomic:
            for item, event in zip(command.transfers, events, strict=True):
                self.compare(item, event, at)
        elif isinstance(command, TransferBatch):
            expected = self.twin.decide(command, self.desk.house.seq, at)
            assert (events[0].reason if isinstance(events[0], Rejected) else None) == expected
            assert expected is not None or len(events) == len(command.transfers)
        else:
            self.compare(command, events[0], at)
        return events

    def compare(self, command: WalletCommand, event: Event, at: int) -> None:
        """Let the twin decide too, and compare the outcome, the balances after it and what is said to be missing."""
        expected = self.twin.decide(command, self.desk.house.seq, at)
        refused = isinstance(event, Rejected | TransferRefused)
        assert (event.reason if refused else None) == expected
        if isinstance(event, Transferred):
            assert self.shown(event.debit, event.debit_after_minor) == self.summed(event.debit)
            assert self.shown(event.credit, event.credit_after_minor) == self.summed(event.credit)
        if refused and event.reason is SharedReason.INSUFFICIENT_FUNDS:
            assert isinstance(command, Transfer | Withdraw | RequestWithdrawal)
            payer = command.payer if isinstance(command, Transfer) else command.customer
            cash = account_id(payer, self.desk.house.ledger.currencies[command.currency].number, AccountClass.CASH)
            facts = dict(event.facts)
            assert (facts["currency"], facts["needed_minor"]) == (command.currency, command.amount_minor)
            assert self.shown(cash, int(facts["available_minor"])) == self.summed(cash)

    def shown(self, account: int, minor: int) -> Decimal:
        """Read minor units in the currency of an account."""
        return Decimal(minor).scaleb(-self.desk.house.ledger.currencies_by_number[account_currency(account)].scale)

    def summed(self, account: int) -> Decimal:
        """Ask the twin for the balance of an account."""
        holder, code = account_holder(account), self.desk.house.ledger.currencies_by_number[account_currency(account)]
        purposes = {AccountClass.CASH: "cash", AccountClass.WITHDRAWING: "aside"}
        if account_class(account) is AccountClass.EXTERNAL:
            return self.twin.balance(OUTSIDE[Rail(holder)], code.code)
        return self.twin.balance(
            f"{self.twin.usernames[CustomerId(holder)]}/{purposes[account_class(account)]}", code.code
        )

    @initialize()
    def open_house(self) -> None:
        for code, scale in CURRENCIES.items():
            self.do(DefineCurrency(code, scale))
        for username in ("zoe", "Yan", "xi"):
            self.do(RegisterCustomer(username))
            self.do(Deposit(CustomerId(self.desk.house.seq), "USD", 200, Rail.DESK))

    @rule(code=CODES, scale=st.integers(0, 12))
    def define_currency(self, code: str, scale: int) -> None:
        self.do(DefineCurrency(code, scale))

    @rule(username=st.sampled_from(PEOPLE))
    def register(self, username: str) -> None:
        self.do(RegisterCustomer(username))

    @rule(drawn=CUSTOMERS)
    def freeze(self, drawn: int) -> None:
        self.do(FreezeCustomer(self.who(drawn)))

    @rule(drawn=CUSTOMERS)
    def unfreeze(self, drawn: int) -> None:
        self.do(UnfreezeCustomer(self.who(drawn)))

    @rule(drawn=CUSTOMERS, code=CODES, amount_minor=AMOUNTS, rail=RAILS, effective_at=DATES)
    def deposit(self, drawn: int, code: str, amount_minor: int, rail: Rail, effective_at: int | None) -> None:
        self.do(Deposit(self.who(drawn), code, amount_minor, rail, effective_at))

    @rule(drawn=CUSTOMERS, code=CODES, rail=RAILS)
    def fill_up(self, drawn: int, code: str, rail: Rail) -> None:
        for _ in range(5):
            self.do(Deposit(self.who(drawn), code, AMOUNT_MINOR_MAX, rail))

    @rule(drawn=CUSTOMERS, code=CODES, amount_minor=AMOUNTS, rail=RAILS, effective_at=DATES)
    def withdraw(self, drawn: int, code: str, amount_minor: int, rail: Rail, effective_at: int | None) -> None:
        self.do(Withdraw(self.who(drawn), code, amount_minor, rail, effective_at))

    @rule(drawn=CUSTOMERS, code=CODES, amount_minor=AMOUNTS)
    def request_withdrawal(self, drawn: int, code: str, amount_minor: int) -> None:
        self.do(RequestWithdrawal(self.who(drawn), code, amount_minor))

    @rule(drawn=CUSTOMERS)
    def request_as_many_withdrawals_as_may_wait(self, drawn: int) -> None:
        self.do(Deposit(self.who(drawn), "JPY", 120, Rail.DESK))
        for _ in range(101):
            self.do(RequestWithdrawal(self.who(drawn), "JPY", 1))

    @rule(drawn=st.integers(0, 5))
    def complete_withdrawal(self, drawn: int) -> None:
        self.do(CompleteWithdrawal(self.withdrawals[-1 - drawn % len(self.withdrawals)]))

    @rule(drawn=st.integers(0, 5))
    def reject_withdrawal(self, drawn: int) -> None:
        self.do(RejectWithdrawal(self.withdrawals[-1 - drawn % len(self.withdrawals)]))

    @rule(drawn=TRANSFERS)
    def transfer(self, drawn: Drawn) -> None:
        self.do(self.transfer_of(drawn))

    @rule(items=st.lists(TRANSFERS, min_size=1, max_size=8), atomic=st.booleans())
    def transfer_batch(self, items: list[Drawn], atomic: bool) -> None:
        self.do(TransferBatch(tuple(self.transfer_of(drawn) for drawn in items), atomic))

    @invariant()
    def the_books_are_sound(self) -> None:
        self.desk.house.check()

    @invariant()
    def both_hold_the_same(self) -> None:
        house, twin = self.desk.house, self.twin
        named = {(entry.account, entry.currency) for entry in twin.postings}
        balances = {key: balance for key in named if (balance := twin.balance(*key))}
        held = {account: balance for account, balance in house.ledger.balances.items() if balance}
        assert len(held) == len(balances)
        for account, minor in held.items():
            assert self.shown(account, minor) == self.summed(account)
        assert house.wallets.customers == twin.usernames
        assert sorted(house.wallets.frozen) == sorted(k for k, name in twin.usernames.items() if name in twin.frozen)
        assert house.wallets.pending.keys() == twin.waiting.keys()

    @invariant()
    def what_was_recorded_leads_here(self) -> None:
        assert self.desk.replayed().digest() == self.desk.house.digest()


def test_the_house_and_its_naive_twin_never_disagree() -> None:
    run_state_machine_as_test(HouseMachine, settings=settings(max_examples=100, stateful_step_count=40))
