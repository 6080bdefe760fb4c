"""The ledger for operators: the tree of accounts, their entries, what is behind a transfer, and finding things."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from evens.core.values.ids import HOUSE, AccountClass, Rail, account_class, account_currency, account_holder
from evens.core.values.moments import MOMENT_MAX, format_time
from evens.core.values.money import format_minor
from evens.core.values.public_ids import format_transaction_id, parse_transaction_id
from evens.edges.http.operator.account_names import name_account, name_holder, parse_account
from evens.edges.http.operator.journal import JournalRecord, present_record
from evens.edges.http.operator.services import OperatorCaller, OperatorServices
from evens.edges.http.protocol.access import Caller
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints, Traffic
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.problem import refuse_not_found
from evens.edges.http.protocol.shapes import Amount, Code, Page, SignedAmount, Time
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.times import Moment
from evens.store.console.ledger import Recorded

router = APIRouter(route_class=StrictRoute, tags=["Ledger"])

AccountName = Annotated[str, Field(examples=["usr_42.USD.cash"])]
TransferIdText = Annotated[str, Field(examples=["txn_1795080600123456789"])]


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """One account of the house or of a rail."""

    account: AccountName
    kind: Annotated[str, Field(description="What its money is for.", examples=["fees"])]
    balance: SignedAmount


@dataclass(frozen=True, slots=True)
class ClassTotal:
    """What all accounts of one kind hold together: customers' own, what they owe, and settlements under way."""

    kind: Annotated[str, Field(examples=["cash"])]
    total: SignedAmount


@dataclass(frozen=True, slots=True)
class CurrencyTree:
    """All accounts in one currency. `total` is zero, as every transfer has two sides."""

    currency: Code
    house: list[AccountBalance]
    rails: list[AccountBalance]
    others: Annotated[list[ClassTotal], Field(description="Seconds old, as `/v1/tvl` says.")]
    total: SignedAmount


@dataclass(frozen=True, slots=True)
class LedgerHolder:
    """Whose an account is. `id` is as in an account's name."""

    id: Annotated[str, Field(examples=["usr_42"])]
    kind: Annotated[str, Field(examples=["customer"])]
    label: Annotated[str | None, Field(description="A username, or the name of a market, event, round or challenge.")]


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """An account, with its balance now or after all that was recorded by `at`."""

    account: AccountName
    kind: str
    currency: Code
    holder: LedgerHolder
    balance: SignedAmount
    at: Time | None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A transfer as one account sees it."""

    transfer: TransferIdText
    seq: Annotated[int, Field(description="The record of the journal.")]
    kind: Annotated[str, Field(examples=["payout"])]
    amount: Annotated[SignedAmount, Field(description="Below zero: it left the account.")]
    balance: Annotated[SignedAmount, Field(description="Of the account, after it.")]
    counter_account: AccountName
    recorded_at: Time
    effective_at: Time
    reference: str | None
    memo: str | None
    destination: str | None


@dataclass(frozen=True, slots=True)
class LedgerTransfer:
    """A transfer with everything behind it: the record, what it takes back, what took it back, whose accounts."""

    id: TransferIdText
    kind: str
    currency: Code
    amount: Amount
    debit: AccountName
    debit_after: SignedAmount
    debit_holder: LedgerHolder
    credit: AccountName
    credit_after: SignedAmount
    credit_holder: LedgerHolder
    recorded_at: Time
    effective_at: Time
    reference: str | None
    memo: str | None
    destination: str | None
    reverses: TransferIdText | None
    reversed_by: TransferIdText | None
    approval: Annotated[str | None, Field(description="The proposal that it came of.", examples=["apr_12"])]
    record: JournalRecord


@router.get("/v1/ledger/accounts", response_model=Page[CurrencyTree])
async def read_ledger(caller: OperatorCaller) -> Response:
    """Show the tree of accounts: the house's own and the rails one by one, all others added up. It is always whole."""
    shared = caller.shared
    accounts = await caller.services.ledger.accounts_of([HOUSE, *Rail])
    totals = await caller.services.totals.get()
    trees: list[CurrencyTree] = []
    for currency in shared.currencies.all():
        scale, number = currency.scale, currency.number
        own = {account: minor for account, minor in accounts.items() if account_currency(account) == number}

        def shown(is_house: bool, own: Mapping[int, int] = own, scale: int = scale) -> list[AccountBalance]:
            return [
                AccountBalance(
                    name_account(account, shared.currencies),
                    account_class(account).name.lower(),
                    format_minor(minor, scale),
                )
                for account, minor in sorted(own.items())
                if (account_holder(account) == HOUSE) == is_house
            ]

        owed_by_house = sum(
            minor
            for account, minor in own.items()
            if account_holder(account) == HOUSE and account_class(account) is AccountClass.RECEIVABLE
        )
        others = {
            kept: totals.get((number, kept), 0) - (owed_by_house if kept is AccountClass.RECEIVABLE else 0)
            for kept in (*_CUSTOMERS, AccountClass.SETTLEMENT)
        }
        everything = sum(minor for (each, _), minor in totals.items() if each == number)
        listed = [ClassTotal(kept.name.lower(), format_minor(minor, scale)) for kept, minor in others.items()]
        trees.append(CurrencyTree(currency.code, shown(True), shown(False), listed, format_minor(everything, scale)))
    return answer(Page(trees))


_CUSTOMERS: Final = (AccountClass.CASH, AccountClass.ESCROW, AccountClass.WITHDRAWING, AccountClass.RECEIVABLE)


@router.get("/v1/ledger/accounts/{account}", response_model=LedgerAccount, responses=problems(404))
async def read_ledger_account(
    caller: OperatorCaller,
    account: str,
    at: Annotated[Moment | None, Query(description="After all that was recorded by then. Left out: now.")] = None,
) -> Response:
    """Show an account; every account there can be is there, at zero if it never held anything."""
    number = _find(caller, account)
    ledger = caller.services.ledger
    minor = (await ledger.balance(number) or 0) if at is None else await ledger.balance_at(number, at)
    currency = caller.shared.currencies.by_number(account_currency(number))
    shown = LedgerAccount(
        account,
        account_class(number).name.lower(),
        currency.code,
        await _holder(caller, number),
        format_minor(minor, currency.scale),
        None if at is None else format_time(at),
    )
    return answer(shown)


@router.get("/v1/ledger/accounts/{account}/entries", response_model=Page[LedgerEntry], responses=problems(404))
async def list_ledger_entries(
    caller: OperatorCaller,
    account: str,
    page: AnyPage,
    order: Annotated[Literal["newest", "oldest"], Query(description="Which come first.")] = "newest",
    at: Annotated[Moment | None, Query(description="Begin at this moment instead of at the end.")] = None,
) -> Response:
    """List what moved an account, a page at a time in either direction."""
    number, newest = _find(caller, account), order == "newest"
    if page.after is not None:
        beyond = page.before_id
    elif at is not None:
        beyond = at + 1 if newest else at - 1
    else:
        beyond = MOMENT_MAX if newest else 0
    rows = await caller.services.ledger.entries(number, beyond=beyond, newest_first=newest, limit=page.limit + 1)
    return answer(page_of(rows, page, lambda row: row.transfer.transfer, lambda row: _entry(caller, row, number)))


@router.get("/v1/ledger/transfers/{id}", response_model=LedgerTransfer, responses=problems(404))
async def read_ledger_transfer(caller: OperatorCaller, id: str) -> Response:
    """Show a transfer with the record that made it: the command, all of its events, and who asked."""
    transfer = parse_transaction_id(id)
    found = None if transfer is None else await caller.services.ledger.transfer(transfer)
    record = None if found is None else await caller.services.journal.record(found.seq)
    if found is None or record is None:
        raise refuse_not_found("transaction_unknown", "There is no such transfer; check the id.")
    moved = found.transfer
    approval = await caller.services.approver.tables.booked_as(found.seq)
    currency = caller.shared.currencies.by_number(account_currency(moved.debit))
    shown = LedgerTransfer(
        id=format_transaction_id(moved.transfer),
        kind=moved.kind.name.lower(),
        currency=currency.code,
        amount=format_minor(moved.amount_minor, currency.scale),
        debit=name_account(moved.debit, caller.shared.currencies),
        debit_after=format_minor(moved.debit_after_minor, currency.scale),
        debit_holder=await _holder(caller, moved.debit),
        credit=name_account(moved.credit, caller.shared.currencies),
        credit_after=format_minor(moved.credit_after_minor, currency.scale),
        credit_holder=await _holder(caller, moved.credit),
        recorded_at=format_time(moved.transfer),
        effective_at=format_time(moved.effective_at),
        reference=moved.note and moved.note.reference,
        memo=moved.note and moved.note.memo,
        destination=moved.note and moved.note.destination,
        reverses=None if found.reverses is None else format_transaction_id(found.reverses),
        reversed_by=None if found.reversed_by is None else format_transaction_id(found.reversed_by),
        approval=None if approval is None else f"apr_{approval.id}",
        record=present_record(record, caller.shared.currencies),
    )
    return answer(shown)


def _find(caller: Caller[OperatorServices], name: str) -> int:
    account = parse_account(name, caller.shared.currencies)
    if account is None:
        raise refuse_not_found("account_unknown", "There is no such account; accounts are named as in usr_42.USD.cash.")
    return account


async def _holder(caller: Caller[OperatorServices], account: int) -> LedgerHolder:
    holder, kept = account_holder(account), account_class(account)
    name = name_holder(holder, kept)
    if holder <= HOUSE:
        return LedgerHolder(name, "house" if holder == HOUSE else "rail", None)
    kind, label = await caller.services.ledger.holder(holder) or ("nobody", None)
    return LedgerHolder(name, kind, label)


def _entry(caller: Caller[OperatorServices], row: Recorded, account: int) -> LedgerEntry:
    moved, currencies = row.transfer, caller.shared.currencies
    scale = currencies.by_number(account_currency(account)).scale
    is_out = moved.debit == account
    return LedgerEntry(
        transfer=format_transaction_id(moved.transfer),
        seq=row.seq,
        kind=moved.kind.name.lower(),
        amount=format_minor(-moved.amount_minor if is_out else moved.amount_minor, scale),
        balance=format_minor(moved.debit_after_minor if is_out else moved.credit_after_minor, scale),
        counter_account=name_account(moved.credit if is_out else moved.debit, currencies),
        recorded_at=format_time(moved.transfer),
        effective_at=format_time(moved.effective_at),
        reference=moved.note and moved.note.reference,
        memo=moved.note and moved.note.memo,
        destination=moved.note and moved.note.destination,
    )


ENDPOINTS: Final = Endpoints[OperatorServices](router, traffic=Traffic.RARE)
