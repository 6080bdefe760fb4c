"""Auditing the chain rail: its tables agree with the ledger, and with each other.

No event leaves rows in them, so they are not compared with a replay but with the ledger, which was. They are written by
steps: money is booked first, and what became of it is recorded after that. So what is under way may be a step behind.
"""

from typing import Final

from evens.core.events.ledger import TransferKind
from evens.store.auditing.table_checks import TableChecks
from evens.store.sql_files import statements

_SQL: Final = statements("chain", "audit")

CHECKS: Final = {
    "deposits_known_twice": "chain_deposits",
    "deposits_out_of_shape": "chain_deposits",
    "deposits_otherwise_in_the_ledger": "chain_deposits",
    "transfers_credited_twice": "chain_deposits",
    "transfers_without_an_arrival": "chain_deposits",
    "deposits_at_strange_addresses": "chain_deposits",
    "addresses_known_twice": "chain_addresses",
    "cursors_with_gaps": "chain_cursors",
    "cursors_behind_deposits": "chain_deposits",
    "withdrawals_otherwise_in_the_ledger": "chain_withdrawals",
    "withdrawals_otherwise_decided": "chain_withdrawals",
    "withdrawals_without_a_payout": "chain_withdrawals",
    "withdrawals_out_of_shape": "chain_withdrawals",
    "withdrawals_without_their_transaction": "chain_withdrawals",
    "sendings_to_somebody_else": "chain_sendings",
    "sendings_of_one_nonce": "chain_sendings",
}
"""Each check by its statement, with the table that it names."""


def statement(check: str) -> str:
    """Return the statement of a check."""
    return _SQL[check].format(deposit=int(TransferKind.DEPOSIT))


def audit_chain() -> TableChecks:
    """Return the audit of the chain rail's tables."""
    return TableChecks({name: (table, statement(name)) for name, table in CHECKS.items()})
