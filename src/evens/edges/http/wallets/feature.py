"""What the wallets export to the HTTP API. A new file of routes adds its ``ENDPOINTS`` here."""

from typing import Final

from evens.core.commands.ledger import BeginBatch, DefineCurrency
from evens.edges.http.protocol.feature import Feature
from evens.edges.http.wallets import (
    imports,
    limits,
    marks,
    payments,
    play_money,
    reversals,
    transactions,
    users,
    withdrawals,
)
from evens.edges.http.wallets.proposables import GUARDS, PROPOSABLES
from evens.edges.http.wallets.refusals import WALLET_REFUSALS

FEATURE: Final = Feature(
    endpoints=(
        payments.ENDPOINTS,
        payments.BATCH_ENDPOINTS,
        play_money.ENDPOINTS,
        withdrawals.ENDPOINTS,
        transactions.ENDPOINTS,
        reversals.ENDPOINTS,
        users.ENDPOINTS,
        limits.ENDPOINTS,
        marks.ENDPOINTS,
        imports.ENDPOINTS,
    ),
    internal=frozenset({DefineCurrency, BeginBatch}),
    refusals=WALLET_REFUSALS + limits.LIMIT_REFUSALS + marks.MARK_REFUSALS,
    proposables=PROPOSABLES,
    guards=GUARDS,
)
