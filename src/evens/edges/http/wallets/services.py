"""What the routes about users and their money need."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final

from fastapi import Depends

from evens.edges.http.protocol.access import ANYONE, BACK_OFFICE, OPERATORS, Access, Caller
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.refusals import Refusals
from evens.edges.http.wallets.presenting import WalletPresenter
from evens.store.wallets.queries import Queries


@dataclass(frozen=True, slots=True)
class WalletServices:
    """What serves requests about users, payments and transactions."""

    queries: Queries
    presenter: WalletPresenter
    currencies: Currencies
    refusals: Refusals


_services_of: Final = attrgetter("wallets")

AnyCaller = Annotated[Caller[WalletServices], Depends(Access[WalletServices](ANYONE, _services_of))]
BackOfficeCaller = Annotated[Caller[WalletServices], Depends(Access[WalletServices](BACK_OFFICE, _services_of))]
OperatorCaller = Annotated[Caller[WalletServices], Depends(Access[WalletServices](OPERATORS, _services_of))]
