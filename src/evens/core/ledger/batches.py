"""Batches of commands: the key of one is taken before its items are booked."""

from collections.abc import Iterator

from evens.core.commands.ledger import BeginBatch
from evens.core.events.ledger import BatchBegun
from evens.core.ledger.accounts import Ledger


def begin_batch(ledger: Ledger, command: BeginBatch, seq: int, at: int) -> Iterator[BatchBegun]:
    """Record that the command's key stands for this batch."""
    yield BatchBegun(command.request)
