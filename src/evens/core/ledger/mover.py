"""Moving money with its reason: the transfers of one command, proposed one after the other."""

from collections.abc import Iterator

from evens.core.events.ledger import TransferKind, Transferred
from evens.core.ledger.accounts import Ledger
from evens.core.ledger.transfers import propose
from evens.core.values.ids import HOUSE, AccountClass, CustomerId, TransferId, account_id


class Mover:
    """Proposes the transfers of one command in one currency, numbered from the command's time on.

    Every transfer is proposed on the balances of that moment, so it has to be applied before the next is asked for.
    """

    def __init__(self, ledger: Ledger, currency_number: int, at: int) -> None:
        self._ledger = ledger
        self._currency_number = currency_number
        self._next = at

    def account(self, holder: int, kept: AccountClass) -> int:
        """Return the account of a holder in this currency."""
        return account_id(holder, self._currency_number, kept)

    def balance_minor(self, holder: int, kept: AccountClass) -> int:
        """Return what is in that account now."""
        return self._ledger.balance_minor(self.account(holder, kept))

    def move(
        self, kind: TransferKind, payer: tuple[int, AccountClass], payee: tuple[int, AccountClass], minor: int
    ) -> Iterator[Transferred]:
        """Yield the transfer, or nothing if there is nothing to move."""
        if minor > 0:
            transfer, self._next = self._next, self._next + 1
            yield propose(
                self._ledger, TransferId(transfer), kind, self.account(*payer), self.account(*payee), minor, None
            )

    def release(self, customer: CustomerId, minor: int) -> Iterator[Transferred]:
        """Yield what brings money from escrow back to the customer's cash."""
        yield from self.move(
            TransferKind.RELEASE, (customer, AccountClass.ESCROW), (customer, AccountClass.CASH), minor
        )
        yield from self.repay(customer)

    def repay(self, customer: CustomerId) -> Iterator[Transferred]:
        """Yield what a customer who owes the house pays back: as much as there is, whenever money has arrived."""
        owed = -self.balance_minor(customer, AccountClass.RECEIVABLE)
        if owed > 0:
            yield from self.move(
                TransferKind.REPAYMENT,
                (customer, AccountClass.CASH),
                (customer, AccountClass.RECEIVABLE),
                min(owed, self.balance_minor(customer, AccountClass.CASH)),
            )

    def advance(self, customer: CustomerId, needed_minor: int) -> Iterator[Transferred]:
        """Yield what the house lends, on the customer's receivable account, so that cash covers what is needed."""
        short = needed_minor - self.balance_minor(customer, AccountClass.CASH)
        yield from self.move(
            TransferKind.ADVANCE, (customer, AccountClass.RECEIVABLE), (customer, AccountClass.CASH), short
        )

    def align(self, customer: CustomerId, held_minor: int, needed_minor: int) -> Iterator[Transferred]:
        """Yield what brings a customer's escrow from what was held to what is needed.

        Where an order is refused for lack of money that is checked before; a runner's removal can leave a customer with
        more to lose than there is cash, and then the house lends the difference.
        """
        if needed_minor > held_minor:
            yield from self.advance(customer, needed_minor - held_minor)
            yield from self.move(
                TransferKind.STAKE,
                (customer, AccountClass.CASH),
                (customer, AccountClass.ESCROW),
                needed_minor - held_minor,
            )
        else:
            yield from self.release(customer, held_minor - needed_minor)

    def round_off(self, market: int) -> Iterator[Transferred]:
        """Yield what brings the fractions left over in a market to the house."""
        left_minor = self.balance_minor(market, AccountClass.SETTLEMENT)
        yield from self.move(
            TransferKind.ROUNDING, (market, AccountClass.SETTLEMENT), (HOUSE, AccountClass.ROUNDING), left_minor
        )
