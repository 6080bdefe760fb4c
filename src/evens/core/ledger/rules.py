"""The rules of the ledger itself, merged into the kernel."""

from typing import Final

from evens.core.commands.ledger import BeginBatch, DefineCurrency
from evens.core.events.ledger import BatchBegun, CurrencyDefined, Rejected, Transferred
from evens.core.ledger.batches import begin_batch
from evens.core.ledger.currencies import apply_currency_defined, define_currency
from evens.core.ledger.transfers import apply_transferred
from evens.core.rules import Rules, change_nothing

RULES: Final = Rules(
    part="ledger",
    handlers={DefineCurrency: define_currency, BeginBatch: begin_batch},
    appliers={
        Rejected: change_nothing,
        BatchBegun: change_nothing,
        CurrencyDefined: apply_currency_defined,
        Transferred: apply_transferred,
    },
)
