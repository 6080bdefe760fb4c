"""Previews: what a command would do to customers and to the house, as a rehearsal of it says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import Field

from evens.core.values.ids import HOUSE, AccountClass, account_class, account_currency, account_holder
from evens.core.values.money import Currency, format_minor
from evens.core.values.public_ids import format_user_id
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.refusals import Refusals
from evens.edges.http.protocol.shapes import Amount, Code, SignedAmount, UserIdentity
from evens.store.rehearsing import Rehearsal

LARGEST: Final = 10
"""How many customers a preview names in each of its lists."""


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """What one customer would gain or lose."""

    user_id: UserIdentity
    username: str
    net: Annotated[SignedAmount, Field(description="What they would have more, or less, altogether.")]
    cash: Annotated[SignedAmount, Field(description="By how much their cash would change.")]
    owes: Annotated[Amount, Field(description="What they would owe the house then, if that changes.")]


@dataclass(frozen=True, slots=True)
class CurrencyPreview:
    """What would change in one currency. `net` of customers, the four of the house and `outside` sum to zero."""

    currency: Code
    customers: Annotated[int, Field(description="How many customers' accounts would change.")]
    winners: Annotated[int, Field(description="How many would have more than before.")]
    losers: Annotated[int, Field(description="How many would have less.")]
    paid: Annotated[Amount, Field(description="What the winners would have more.")]
    taken: Annotated[Amount, Field(description="What the losers would have less.")]
    bank: Annotated[SignedAmount, Field(description="The house's bank, what it has reserved for bets included.")]
    fees: SignedAmount
    rounding: SignedAmount
    outside: Annotated[SignedAmount, Field(description="What would leave the house by a rail, or come in if negative.")]
    receivable: Annotated[SignedAmount, Field(description="What customers would owe more.")]
    largest: Annotated[list[CustomerChange], Field(description="Who would get most cash, the largest first.")]
    owing: Annotated[list[CustomerChange], Field(description="Who would owe more, the most indebted first.")]


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen, worked out by the rules on the books as of record `seq` of the journal. Nothing is booked."""

    what: Annotated[str, Field(examples=["settle_market"])]
    seq: int
    needs_approval: Annotated[bool, Field(description="Whether it takes a second operator in this house.")]
    refused: Annotated[dict[str, Any] | None, Field(description="The problem, if it would be refused.")]
    currencies: list[CurrencyPreview]


@dataclass(slots=True)
class _Own:
    """What changes for a customer: altogether, in cash, and what is owed before and then."""

    net: int = 0
    cash: int = 0
    lent: int = 0
    owes: int = 0


def present_preview(
    what: str, rehearsal: Rehearsal, *, needs_approval: bool, currencies: Currencies, refusals: Refusals
) -> Preview:
    """Return a rehearsal as operators see it."""
    refusal, found = rehearsal.refusal, list[CurrencyPreview]()
    numbers = sorted({account_currency(account) for account in rehearsal.after})
    for number in numbers:
        changes = {
            account: after - rehearsal.before[account]
            for account, after in rehearsal.after.items()
            if account_currency(account) == number
        }
        found.append(_present_currency(currencies.by_number(number), changes, rehearsal))
    refused = None if refusal is None else refusals.present(refusal.reason, refusal.facts).document()
    return Preview(what, rehearsal.seq, needs_approval, refused, found)


def _present_currency(currency: Currency, changes: Mapping[int, int], rehearsal: Rehearsal) -> CurrencyPreview:
    house: dict[AccountClass, int] = {}
    own: dict[int, _Own] = {}
    for account, change in changes.items():
        holder, kept = account_holder(account), account_class(account)
        if holder in rehearsal.names:
            _count(own.setdefault(holder, _Own()), kept, change, rehearsal.after[account])
        elif holder <= HOUSE:
            house[kept] = house.get(kept, 0) + change
    nets = [each.net for each in own.values()]
    bank = sum(house.get(kept, 0) for kept in (AccountClass.BANK, AccountClass.ESCROW, AccountClass.RECEIVABLE))
    largest = sorted((holder for holder in own if own[holder].cash > 0), key=lambda holder: (-own[holder].cash, holder))
    owing = sorted((holder for holder in own if own[holder].lent > 0), key=lambda holder: (-own[holder].owes, holder))

    def money(minor: int) -> str:
        return format_minor(minor, currency.scale)

    def present(holder: int) -> CustomerChange:
        each = own[holder]
        name = rehearsal.names[holder]
        return CustomerChange(format_user_id(holder), name, money(each.net), money(each.cash), money(each.owes))

    return CurrencyPreview(
        currency=currency.code,
        customers=len(own),
        winners=sum(net > 0 for net in nets),
        losers=sum(net < 0 for net in nets),
        paid=money(sum(net for net in nets if net > 0)),
        taken=money(-sum(net for net in nets if net < 0)),
        bank=money(bank),
        fees=money(house.get(AccountClass.FEES, 0)),
        rounding=money(house.get(AccountClass.ROUNDING, 0)),
        outside=money(house.get(AccountClass.EXTERNAL, 0)),
        receivable=money(sum(each.lent for each in own.values())),
        largest=[present(holder) for holder in largest[:LARGEST]],
        owing=[present(holder) for holder in owing[:LARGEST]],
    )


def _count(own: _Own, kept: AccountClass, change: int, after: int) -> None:
    own.net += change
    if kept is AccountClass.CASH:
        own.cash += change
    elif kept is AccountClass.RECEIVABLE:
        own.lent -= change
        own.owes = -after
