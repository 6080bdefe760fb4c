"""A house to try the rules on: it gives each command the next place and keeps what happened, as a journal would."""

from dataclasses import dataclass, field

from evens.core import kernel
from evens.core.commands.every import Command
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import Deposit, RegisterCustomer
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected, Transferred
from evens.core.events.wallets import CustomerRegistered
from evens.core.state import House
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX, AccountClass, CustomerId, Rail, account_id
from tests.core.recalling import recall

NOON = 1_767_268_800_000_000_000
"""When a desk opens, 2026-01-01 at twelve: nanoseconds since 1970, like every time here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A command with its place and its events."""

    seq: int
    at: int
    command: Command
    events: tuple[Event, ...]


@dataclass(slots=True)
class Desk:
    """A house and its history."""

    house: House = field(default_factory=House)
    history: list[Entry] = field(default_factory=list[Entry])
    now: int = NOON

    @property
    def next_at(self) -> int:
        """When the next command will be recorded."""
        return max(self.now, self.house.at + TRANSFERS_PER_COMMAND_MAX)

    def at(self, moment: int) -> None:
        """Let it be this time."""
        self.now = moment

    def try_out(self, command: Command) -> Event:
        """Return the first thing that a command would bring about now, and let nothing happen."""
        part, handler = kernel.HANDLERS[type(command)]
        return next(handler(part(self.house), command, self.house.seq + 1, self.next_at))

    def do(self, command: Command) -> tuple[Event, ...]:
        """Decide a command as the next one."""
        seq, at = self.house.seq + 1, self.next_at
        wanted = self.house.recall(command)
        recalled = (
            None if wanted is None else recall(wanted, [event for entry in self.history for event in entry.events])
        )
        happened = kernel.step(self.house, command, seq, at, recalled)
        self.history.append(Entry(seq, at, command, happened))
        return happened

    def refuse(self, command: Command) -> Rejected:
        """Decide a command that is refused, and return its only event."""
        (refusal,) = self.do(command)
        assert isinstance(refusal, Rejected), f"{command} was not refused: {refusal}"
        return refusal

    def move(self, command: Command) -> Transferred:
        """Decide a command that moves money, and return how."""
        moved = self.do(command)[0]
        assert isinstance(moved, Transferred), f"{command} moved nothing: {moved}"
        return moved

    def define(self, code: str, scale: int = 2) -> int:
        """Define a currency and return its number."""
        self.do(DefineCurrency(code, scale))
        return self.house.ledger.currencies[code].number

    def register(self, username: str, **cash: int) -> CustomerId:
        """Register a customer, with minor units by currency code as opening cash, and return the id."""
        (registered,) = self.do(RegisterCustomer(username))
        assert isinstance(registered, CustomerRegistered)
        for code, amount_minor in cash.items():
            self.move(Deposit(registered.customer, code, amount_minor, Rail.DESK))
        return registered.customer

    def balance_minor(self, holder: int, code: str, account_class: AccountClass = AccountClass.CASH) -> int:
        """Return what a holder has in a currency for a purpose."""
        number = self.house.ledger.currencies[code].number
        return self.house.ledger.balance_minor(account_id(holder, number, account_class))

    def aside_minor(self, customer: CustomerId, code: str) -> int:
        """Return what a customer has set aside for withdrawals."""
        return self.balance_minor(customer, code, AccountClass.WITHDRAWING)

    def replayed(self) -> House:
        """Return the house that the history alone leads to."""
        house = House()
        for entry in self.history:
            kernel.apply(house, entry.events, entry.seq, entry.at)
        return house
