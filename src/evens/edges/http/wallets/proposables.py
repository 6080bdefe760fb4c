"""What operators can propose about payments."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from evens.core.commands.every import Command
from evens.core.commands.wallets import CompleteWithdrawal, Deposit, ReverseTransaction, Withdraw
from evens.core.values.ids import account_currency
from evens.edges.http.protocol.proposing import Proposable
from evens.edges.http.protocol.two_operators import Guard, Kind, Money, always
from evens.edges.http.wallets.bodies import DepositBody, ReversalBody, WithdrawalBody
from evens.edges.http.wallets.payments import claim_payment, read_completion, read_deposit, read_withdrawal
from evens.edges.http.wallets.reversals import read_reversal
from evens.edges.http.wallets.services import WalletServices

_services_of: Final = attrgetter("wallets")


async def _paid(services: WalletServices, command: Deposit | Withdraw) -> Money | None:
    currency = services.currencies.find(command.currency)
    return None if currency is None else (currency.number, command.amount_minor)


async def _asked_for(services: WalletServices, command: CompleteWithdrawal) -> Money | None:
    entry = await services.queries.entry(command.withdrawal)
    return None if entry is None else (account_currency(entry.transfer.debit), entry.transfer.amount_minor)


GUARDS: Final[Mapping[type[Command], Guard[Any]]] = {
    Deposit: Guard(always(Kind.DEPOSIT), _paid),
    Withdraw: Guard(always(Kind.WITHDRAWAL), _paid),
    CompleteWithdrawal: Guard(always(Kind.WITHDRAWAL), _asked_for),
    ReverseTransaction: Guard(always(Kind.REVERSE)),
}

PROPOSABLES: Final[tuple[Proposable[WalletServices], ...]] = (
    Proposable("deposit", _services_of, read_deposit, DepositBody, has_target=False),
    Proposable("withdraw", _services_of, read_withdrawal, WithdrawalBody, has_target=False),
    Proposable("complete_withdrawal", _services_of, read_completion, before=claim_payment),
    Proposable("reverse_transaction", _services_of, read_reversal, ReversalBody),
)
