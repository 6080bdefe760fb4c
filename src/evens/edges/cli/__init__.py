"""The `evens` command line: tables for people, `--json` for scripts, and exit codes that say how a command ended.

Commands that change something call the running server's HTTP API, as any other client does. The composition root
implements what needs the database or the simulator, as :class:`Operations`.
"""

from evens.edges.cli.operations import (
    AddressInUse,
    AuditReport,
    Finding,
    Location,
    OperationFailed,
    OperationRefused,
    Operations,
    Serving,
)
from evens.edges.cli.program import build

__all__ = [
    "AddressInUse",
    "AuditReport",
    "Finding",
    "Location",
    "OperationFailed",
    "OperationRefused",
    "Operations",
    "Serving",
    "build",
]
