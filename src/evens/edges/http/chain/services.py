"""What the routes of the chain rail need."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Annotated, Final, Protocol

from fastapi import Depends

from evens.core.values.ids import CustomerId, TransferId
from evens.edges.http.protocol.access import ANYONE, BACK_OFFICE, OPERATORS, Access, Caller
from evens.store.chain.rows import ChainDeposit, ChainWithdrawal
from evens.store.wallets.queries import Queries


class ChainRail(Protocol):
    """The rail that is in use, as the edge sees it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def currency(self) -> str:
        """The code of its currency."""
        ...

    @property
    def is_simulated(self) -> bool:
        """Whether there is no chain behind it."""
        ...

    async def address(self, customer: CustomerId) -> str:
        """Return the address that a customer pays to, and watch it from now on."""
        ...

    async def arrive(self, customer: CustomerId, amount_minor: int, tx_hash: str, index: int) -> ChainDeposit | None:
        """Credit what is said to have arrived over a simulated rail; ``None`` if it is known as something else."""
        ...

    async def approve(self, withdrawal: TransferId, by: str) -> ChainWithdrawal | None:
        """Approve a payout, and return it as it is then; ``None`` if no rail pays it out."""
        ...


class ChainTables(Protocol):
    """What arrived and what was paid out."""

    async def deposits(
        self, customer: CustomerId | None, status: str | None, *, ignored: bool, before: int, limit: int
    ) -> Sequence[ChainDeposit]:
        """Return arrivals, newest first."""
        ...

    async def withdrawals(
        self, customer: CustomerId | None, status: str | None, *, before: int, limit: int
    ) -> Sequence[ChainWithdrawal]:
        """Return payouts, newest first."""
        ...

    async def withdrawal(self, withdrawal: TransferId) -> ChainWithdrawal | None:
        """Return a payout; ``None`` if no rail has taken it up."""
        ...


class RailPayouts(Protocol):
    """What may keep a withdrawal from being paid out by hand."""

    async def claim(self, withdrawal: TransferId, *, is_paid: bool) -> bool:
        """Keep a withdrawal from being paid out; false if it is too late."""
        ...


@dataclass(frozen=True, slots=True)
class ChainServices:
    """What serves requests about the rail; ``rail`` is ``None`` where there is none."""

    rail: ChainRail | None
    tables: ChainTables
    payouts: RailPayouts
    customers: Queries


class _Nothing:
    """The tables and payouts of a house without a rail."""

    async def deposits(
        self, customer: CustomerId | None, status: str | None, *, ignored: bool, before: int, limit: int
    ) -> Sequence[ChainDeposit]:
        return ()

    async def withdrawals(
        self, customer: CustomerId | None, status: str | None, *, before: int, limit: int
    ) -> Sequence[ChainWithdrawal]:
        return ()

    async def withdrawal(self, withdrawal: TransferId) -> ChainWithdrawal | None:
        return None

    async def claim(self, withdrawal: TransferId, *, is_paid: bool) -> bool:
        return True


def no_chain(customers: Queries) -> ChainServices:
    """Return the services of a house without a rail."""
    nothing = _Nothing()
    return ChainServices(None, nothing, nothing, customers)


_services_of: Final = attrgetter("chain")

AnyCaller = Annotated[Caller[ChainServices], Depends(Access[ChainServices](ANYONE, _services_of))]
BackOfficeCaller = Annotated[Caller[ChainServices], Depends(Access[ChainServices](BACK_OFFICE, _services_of))]
OperatorCaller = Annotated[Caller[ChainServices], Depends(Access[ChainServices](OPERATORS, _services_of))]
