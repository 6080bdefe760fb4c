"""The `evens` command line: rich tables for people, `--json` for scripts, exit codes that mean something.

Commands that change something speak to the running server over HTTP, as any other client does. What needs the database
or the simulator is handed in by the composition root as :class:`Operations`.
"""

from evens.edges.cli.operations import (
    AddressInUse,
    AuditReport,
    Finding,
    Fixture,
    Location,
    Move,
    Newcomer,
    OperationFailed,
    OperationRefused,
    Operations,
    Serving,
    Traders,
)
from evens.edges.cli.program import build

__all__ = [
    "AddressInUse",
    "AuditReport",
    "Finding",
    "Fixture",
    "Location",
    "Move",
    "Newcomer",
    "OperationFailed",
    "OperationRefused",
    "Operations",
    "Serving",
    "Traders",
    "build",
]
