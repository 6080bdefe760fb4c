"""What the routes about users and their money need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final, Protocol

from fastapi import Depends

from evens.core.values.ids import TransferId
from evens.edges.http.protocol.access import ANYONE, BACK_OFFICE, OPERATORS, Access, Caller
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.refusals import Refusals
from evens.edges.http.wallets.presenting import WalletPresenter
from evens.edges.http.wallets.shapes import About
from evens.store.wallets.queries import Entry, Queries
from evens.store.wallets.withdrawals import WithdrawalQueries


class Payouts(Protocol):
    """What pays withdrawals out by itself; an operator's word is asked of it before it is booked."""

    async def claim(self, withdrawal: TransferId, *, is_paid: bool) -> bool:
        """Keep a withdrawal from being paid out, as somebody has paid or rejects it; false if it is too late."""
        ...


class Subjects(Protocol):
    """What knows what money was moved for, whatever the product."""

    async def about(self, entries: Sequence[Entry]) -> Mapping[int, About]:
        """Return what entries were for, by the numbers of their records; payments were for nothing."""
        ...


@dataclass(frozen=True, slots=True)
class WalletServices:
    """What serves requests about users, payments and transactions. In a demo customers book their own deposits."""

    queries: Queries
    withdrawals: WithdrawalQueries
    presenter: WalletPresenter
    currencies: Currencies
    refusals: Refusals
    payouts: Payouts
    subjects: Subjects
    is_demo: bool = False


_services_of: Final = attrgetter("wallets")

AnyCaller = Annotated[Caller[WalletServices], Depends(Access[WalletServices](ANYONE, _services_of))]
BackOfficeCaller = Annotated[Caller[WalletServices], Depends(Access[WalletServices](BACK_OFFICE, _services_of))]
OperatorCaller = Annotated[Caller[WalletServices], Depends(Access[WalletServices](OPERATORS, _services_of))]
