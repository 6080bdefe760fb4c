"""A naive twin of the wallets, written to be obviously right and nothing else: text, Decimals, one list of entries.

It keeps no balance: whoever asks gets the sum over all entries there ever were. It knows no order of checks: it lists
every reason there is against a command, and the first of them in the order of ``Reason`` is the one to give.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

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
from evens.core.ledger import reasons as ledger
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import CustomerId, Rail, TransferId
from evens.core.values.reasons import Reason
from evens.core.wallets import reasons as wallets
from evens.core.wallets.reasons import WalletReason

OUTSIDE = {Rail.DESK: "outside/desk", Rail.IMPORT: "outside/import", Rail.CHAIN: "outside/chain"}
LARGEST_BALANCE = Decimal(9_223_372_036_854_775_807)
Money = Deposit | Withdraw | RequestWithdrawal | Transfer
Deciding = CompleteWithdrawal | RejectWithdrawal
People = RegisterCustomer | FreezeCustomer | UnfreezeCustomer
WalletCommand = DefineCurrency | People | Deciding | Money | TransferBatch
"""What is asked of the wallets. Bets have naive twins of their own."""


@dataclass(frozen=True)
class Posting:
    """A change of one account, named like ``ann/cash``, in one currency."""

    account: str
    currency: str
    change: Decimal


@dataclass(frozen=True)
class Waiting:
    """A withdrawal that was asked for."""

    username: str
    currency: str
    amount: Decimal


@dataclass
class NaiveHouse:
    """Everything as people would write it down."""

    scales: dict[str, int] = field(default_factory=dict[str, int])
    usernames: dict[CustomerId, str] = field(default_factory=dict[CustomerId, str])
    frozen: list[str] = field(default_factory=list[str])
    postings: list[Posting] = field(default_factory=list[Posting])
    waiting: dict[int, Waiting] = field(default_factory=dict[int, Waiting])

    def balance(self, account: str, currency: str) -> Decimal:
        """Sum up everything that ever happened to an account in a currency."""
        changes = [entry.change for entry in self.postings if (entry.account, entry.currency) == (account, currency)]
        return sum(changes, Decimal(0))

    def amount(self, command: Money) -> Decimal:
        """Read minor units as the decimal they stand for."""
        return Decimal(command.amount_minor).scaleb(-self.scales.get(command.currency, 0))

    def decide(self, command: WalletCommand, seq: int, at: int) -> Reason | None:
        """Carry a command out, or say why not. The items of a batch that is not atomic are decided one by one."""
        if isinstance(command, TransferBatch):
            return self._decide_atomic(command, seq, at)
        reasons = set(self.reasons_against(command, at))
        if not reasons:
            self._carry_out(command, seq, at)
        return next((reason for reason in (*ledger.PRECEDENCE, *wallets.PRECEDENCE) if reason in reasons), None)

    def _decide_atomic(self, batch: TransferBatch, seq: int, at: int) -> Reason | None:
        assert batch.atomic
        trial = replace(self, postings=[*self.postings])
        refusals = [trial.decide(item, seq, at) for item in batch.transfers]
        refused = next((reason for reason in refusals if reason is not None), None)
        if refused is None:
            self.postings = trial.postings
        return refused

    def reasons_against(self, command: WalletCommand, at: int) -> Iterator[Reason]:
        """List everything that speaks against a command, in no particular order."""
        match command:
            case DefineCurrency(code=code):
                if code in self.scales:
                    yield SharedReason.CURRENCY_DEFINED
            case RegisterCustomer(username=username):
                if username.lower() in [taken.lower() for taken in self.usernames.values()]:
                    yield WalletReason.USERNAME_TAKEN
            case FreezeCustomer(customer=customer) | UnfreezeCustomer(customer=customer):
                freeze = isinstance(command, FreezeCustomer)
                if customer not in self.usernames:
                    yield SharedReason.CUSTOMER_UNKNOWN
                if freeze == (self.usernames.get(customer) in self.frozen):
                    yield SharedReason.CUSTOMER_FROZEN if freeze else WalletReason.CUSTOMER_NOT_FROZEN
            case CompleteWithdrawal(withdrawal=withdrawal) | RejectWithdrawal(withdrawal=withdrawal):
                yield from self._reasons_against_deciding(command, withdrawal)
            case TransferBatch():
                raise AssertionError("a batch is decided item by item")
            case _:
                yield from self._reasons_against_moving(command, at)

    def _reasons_against_deciding(self, command: Deciding, withdrawal: TransferId) -> Iterator[Reason]:
        asked = self.waiting.get(withdrawal)
        if asked is None:
            yield WalletReason.WITHDRAWAL_NOT_PENDING
        elif isinstance(command, RejectWithdrawal) and self._overflows(
            f"{asked.username}/cash", asked.currency, asked.amount
        ):
            yield SharedReason.BALANCE_LIMIT

    def _reasons_against_moving(self, command: Money, at: int) -> Iterator[Reason]:
        if command.currency not in self.scales:
            yield SharedReason.CURRENCY_UNKNOWN
        yield from self._reasons_against_parties(command)
        if isinstance(command, RequestWithdrawal):
            username = self.usernames.get(command.customer)
            if len([asked for asked in self.waiting.values() if asked.username == username]) >= 100:
                yield WalletReason.PENDING_WITHDRAWALS_LIMIT
        elif command.effective_at is not None and command.effective_at > at:
            yield SharedReason.EFFECTIVE_IN_FUTURE
        payer, payee = self._sides(command)
        amount = self.amount(command)
        if not payer.startswith("outside/") and self.balance(payer, command.currency) < amount:
            yield SharedReason.INSUFFICIENT_FUNDS
        if self._overflows(payee, command.currency, amount) or self._overflows(payer, command.currency, -amount):
            yield SharedReason.BALANCE_LIMIT

    def _reasons_against_parties(self, command: Money) -> Iterator[Reason]:
        customer = command.payer if isinstance(command, Transfer) else command.customer
        if customer not in self.usernames:
            yield SharedReason.CUSTOMER_UNKNOWN
        if isinstance(command, Transfer):
            if command.payee not in self.usernames:
                yield WalletReason.RECIPIENT_UNKNOWN
            if command.payer == command.payee:
                yield WalletReason.SAME_CUSTOMER
        if self.usernames.get(customer) in self.frozen and not isinstance(command, Deposit):
            yield SharedReason.CUSTOMER_FROZEN

    def _overflows(self, account: str, currency: str, change: Decimal) -> bool:
        after = (self.balance(account, currency) + change).scaleb(self.scales.get(currency, 0))
        return abs(after) > LARGEST_BALANCE

    def _sides(self, command: Money) -> tuple[str, str]:
        def cash(customer: CustomerId) -> str:
            return f"{self.usernames.get(customer, '?')}/cash"

        match command:
            case Deposit():
                return OUTSIDE[Rail(command.rail)], cash(command.customer)
            case Withdraw():
                return cash(command.customer), OUTSIDE[Rail(command.rail)]
            case RequestWithdrawal():
                return cash(command.customer), f"{self.usernames.get(command.customer, '?')}/aside"
            case Transfer():
                return cash(command.payer), cash(command.payee)

    def _carry_out(self, command: WalletCommand, seq: int, at: int) -> None:
        match command:
            case DefineCurrency(code=code, scale=scale):
                self.scales[code] = scale
            case RegisterCustomer(username=username):
                self.usernames[CustomerId(seq)] = username
            case FreezeCustomer(customer=customer):
                self.frozen.append(self.usernames[customer])
            case UnfreezeCustomer(customer=customer):
                self.frozen.remove(self.usernames[customer])
            case CompleteWithdrawal(withdrawal=withdrawal, rail=rail):
                asked = self.waiting.pop(withdrawal)
                self._post(f"{asked.username}/aside", OUTSIDE[Rail(rail)], asked.currency, asked.amount)
            case RejectWithdrawal(withdrawal=withdrawal):
                asked = self.waiting.pop(withdrawal)
                self._post(f"{asked.username}/aside", f"{asked.username}/cash", asked.currency, asked.amount)
            case TransferBatch():
                raise AssertionError("a batch is carried out item by item")
            case _:
                self._post(*self._sides(command), command.currency, self.amount(command))
                if isinstance(command, RequestWithdrawal):
                    username = self.usernames[command.customer]
                    self.waiting[at] = Waiting(username, command.currency, self.amount(command))

    def _post(self, payer: str, payee: str, currency: str, amount: Decimal) -> None:
        self.postings += [Posting(payer, currency, -amount), Posting(payee, currency, amount)]
