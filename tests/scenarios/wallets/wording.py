"""Scenarios about wallets and the core's own language: deeds as commands, and events as outcomes."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from evens.core.commands.every import Command
from evens.core.commands.ledger import BeginBatch, DefineCurrency
from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    ExcludeCustomer,
    FreezeCustomer,
    RegisterCustomer,
    RejectWithdrawal,
    RequestWithdrawal,
    ReverseTransaction,
    SetDepositLimits,
    TagCustomer,
    Transfer,
    TransferBatch,
    UnfreezeCustomer,
    Withdraw,
)
from evens.core.events.every import Event
from evens.core.events.ledger import CurrencyDefined, Fact, Note, TransferKind, Transferred
from evens.core.events.wallets import CustomerRegistered, TransferRefused, WithdrawalRequested
from evens.core.state import House
from evens.core.values.ids import AccountClass, CustomerId, Rail, TransferId, account_id
from evens.core.values.moments import parse_time
from evens.core.values.money import format_minor, parse_amount
from evens.core.values.odds import format_odds
from tests.scenarios.driver import Holding, Outcome
from tests.scenarios.wallets import deeds
from tests.scenarios.wallets.deeds import Money, WalletDeed

NOBODY = 2**48
"""A customer who does not exist."""

RESULTS: Mapping[type[Command], str] = {
    DefineCurrency: "defined",
    BeginBatch: "begun",
    RegisterCustomer: "registered",
    FreezeCustomer: "frozen",
    UnfreezeCustomer: "unfrozen",
    Deposit: "deposited",
    Withdraw: "withdrawn",
    RequestWithdrawal: "pending",
    CompleteWithdrawal: "completed",
    RejectWithdrawal: "rejected",
    Transfer: "paid",
    ReverseTransaction: "reversed",
    SetDepositLimits: "limited",
    TagCustomer: "tagged",
    ExcludeCustomer: "excluded",
}
"""How a scenario calls what comes of a command that is not refused."""


class WalletWording:
    """Knows which customers and withdrawals the names of a scenario stand for, as far as receipts have told."""

    def __init__(self, scales: Mapping[str, int]) -> None:
        self._scales = dict(scales)
        self._customers: dict[str, int] = {}
        self._withdrawals: dict[str, int] = {}
        self._payments: dict[str, Transferred] = {}

    def scale(self, code: str) -> int:
        """Return the scale of a currency; of an unknown one, which nothing is booked in, any will do."""
        return self._scales.get(code, 2)

    def customer(self, who: str) -> CustomerId:
        """Return the id of somebody by the name in the scenario."""
        return CustomerId(self._customers.get(who, NOBODY))

    def minor(self, money: Money) -> int:
        """Return an amount in minor units."""
        return parse_amount(money.amount, self.scale(money.code))

    def command(self, deed: WalletDeed) -> Command:
        """Return a deed as a command."""
        match deed:
            case deeds.Define(code, scale):
                return DefineCurrency(code, scale)
            case deeds.Begin(request):
                return BeginBatch(request)
            case deeds.Register(who):
                return RegisterCustomer(who)
            case deeds.Freeze() | deeds.Unfreeze() | deeds.Tag() | deeds.Exclude():
                return self._mark(deed)
            case deeds.Complete(name) | deeds.Reject(name):
                kind = CompleteWithdrawal if isinstance(deed, deeds.Complete) else RejectWithdrawal
                return kind(TransferId(self._withdrawals.get(name, 0)))
            case deeds.Batch(payments, atomic):
                return TransferBatch(tuple(self._transfer(payment) for payment in payments), atomic)
            case deeds.Pay():
                return self._transfer(deed)
            case deeds.LimitDeposits(who, code, day, week, month):
                day_minor, week_minor, month_minor = (
                    None if text is None else parse_amount(text, self.scale(code)) for text in (day, week, month)
                )
                return SetDepositLimits(self.customer(who), code, day_minor, week_minor, month_minor)
            case deeds.Reverse():
                return self._reversal(deed)
            case _:
                return self._across_the_border(deed)

    def _reversal(self, deed: deeds.Reverse) -> ReverseTransaction:
        paid = self._payments[deed.name]
        return ReverseTransaction(paid.transfer, deed.memo, paid.kind, paid.debit, paid.credit, paid.amount_minor)

    def _mark(self, deed: deeds.Freeze | deeds.Unfreeze | deeds.Tag | deeds.Exclude) -> Command:
        customer = self.customer(deed.who)
        if isinstance(deed, deeds.Tag):
            return TagCustomer(customer, tuple(sorted(deed.tags)))
        if isinstance(deed, deeds.Exclude):
            return ExcludeCustomer(customer, parse_time(deed.until))
        return FreezeCustomer(customer) if isinstance(deed, deeds.Freeze) else UnfreezeCustomer(customer)

    def _transfer(self, pay: deeds.Pay) -> Transfer:
        payer, payee = self.customer(pay.who), self.customer(pay.to)
        return Transfer(payer, payee, pay.money.code, self.minor(pay.money), pay.effective_at, pay.memo)

    def _across_the_border(self, deed: deeds.PayIn | deeds.PayOut | deeds.Request) -> Command:
        customer, code, minor = self.customer(deed.who), deed.money.code, self.minor(deed.money)
        if isinstance(deed, deeds.Request):
            return RequestWithdrawal(customer, code, minor, deed.reference, deed.destination)
        rail = Rail[deed.rail.upper()]
        if isinstance(deed, deeds.PayIn):
            return Deposit(customer, code, minor, rail, deed.effective_at, deed.reference)
        return Withdraw(customer, code, minor, rail, deed.effective_at, deed.reference, deed.destination)

    def learn(self, deed: WalletDeed, happened: Iterable[Event]) -> None:
        """Remember what the names in a deed stand for, now that it was done."""
        for event in happened:
            match deed, event:
                case deeds.Define(code, scale), CurrencyDefined():
                    self._scales[code] = scale
                case deeds.Register(who), CustomerRegistered(customer):
                    self._customers[who] = customer
                case deeds.Request(name=name), WithdrawalRequested(withdrawal):
                    self._withdrawals[name] = withdrawal
                case deeds.Request(name=name), Transferred():
                    self._payments[name] = event
                case deeds.Reverse(called=str(name)), Transferred(kind=TransferKind.REVERSAL):
                    self._payments[name] = event
                case ((deeds.PayIn() | deeds.PayOut() | deeds.Pay()), Transferred()) if deed.called is not None:
                    self._payments.setdefault(deed.called, event)
                case _:
                    pass

    def outcome(self, command: Command, happened: tuple[Event, ...], replayed: bool) -> Outcome | None:
        """Return what came of a command that was not refused, if it is one about wallets."""
        if isinstance(command, TransferBatch):
            parts = tuple(self._part(event) for event in happened if not _is_repayment(event))
            return Outcome("paid", replayed=replayed) if command.atomic else Outcome("decided", {}, parts, replayed)
        result = RESULTS.get(type(command))
        moves = [event for event in happened if isinstance(event, Transferred)]
        if isinstance(command, ReverseTransaction):
            moves = [event for event in moves if event.kind is TransferKind.REVERSAL]
        facts = _movement_facts(moves[0]) if moves else {}
        return None if result is None else Outcome(result, facts, replayed=replayed)

    def holding(self, house: House, happened: Iterable[Event], who: str, code: str, at: int | None) -> Holding:
        """Return what somebody has: by the live balances of a house, or as of a time by adding up its events."""
        number, scale = house.ledger.currencies[code].number, self.scale(code)
        moves = [event for event in happened if isinstance(event, Transferred)]

        def balance_minor(of: AccountClass) -> int:
            account = account_id(self.customer(who), number, of)
            if at is None:
                return house.ledger.balance_minor(account)
            effective = [move for move in moves if move.effective_at <= at]
            came = sum(move.amount_minor for move in effective if move.credit == account)
            return came - sum(move.amount_minor for move in effective if move.debit == account)

        aside = {
            "withdrawing": balance_minor(AccountClass.WITHDRAWING),
            "escrow": balance_minor(AccountClass.ESCROW),
            "owing": -balance_minor(AccountClass.RECEIVABLE),
        }
        kept = {what: format_minor(minor, scale) for what, minor in aside.items()}
        return Holding(format_minor(balance_minor(AccountClass.CASH), scale), kept)

    def _part(self, event: Event) -> Outcome:
        if isinstance(event, TransferRefused):
            return Outcome(event.reason, self.facts(event.facts))
        assert isinstance(event, Transferred)
        return Outcome("paid", _movement_facts(event))

    def facts(self, facts: Iterable[Fact]) -> dict[str, str]:
        """Return the facts of a refusal as a scenario writes them."""
        named = dict(facts)
        scale = self.scale(str(named.get("currency", "")))
        return {name.removesuffix("_minor"): _fact_text(name, value, scale) for name, value in named.items()}


def _is_repayment(event: Event) -> bool:
    return isinstance(event, Transferred) and event.kind is TransferKind.REPAYMENT


def _fact_text(name: str, value: int | str, scale: int) -> str:
    if isinstance(value, int) and name.endswith("_minor"):
        return format_minor(value, scale)
    return format_odds(value) if isinstance(value, int) and name.startswith("odds_") else str(value)


def _movement_facts(moved: Transferred) -> dict[str, str]:
    """Return the texts on a transfer, its kind, and its value date if it was given one."""
    note = moved.note or Note()
    texts = {"reference": note.reference, "memo": note.memo, "destination": note.destination}
    facts = {name: text for name, text in texts.items() if text is not None}
    if moved.effective_at < moved.transfer:
        facts["effective"] = datetime.fromtimestamp(moved.effective_at // 10**9, UTC).date().isoformat()
    return facts
