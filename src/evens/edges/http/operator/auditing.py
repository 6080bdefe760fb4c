"""What the routes about audits need of whoever runs them."""

from typing import Protocol


class AuditRunning(Exception):
    """An audit is under way already."""


class Auditor(Protocol):
    """Runs audits, one at a time."""

    @property
    def progress(self) -> tuple[int, int] | None:
        """How many records the audit under way has replayed, of how many; ``None`` if there is none."""
        ...

    async def begin(self, by: str) -> None:
        """Begin an audit. Raises :class:`AuditRunning`, and ``StoreUnavailable``."""
        ...

    async def run(self) -> None:
        """Run what is begun until :meth:`stop`."""
        ...

    def stop(self) -> None:
        """End :meth:`run`, and an audit under way with it."""
        ...


class NoAuditor:
    """Stands where nobody runs audits: there is always one that does not get on."""

    @property
    def progress(self) -> tuple[int, int] | None:
        """None."""
        return None

    async def begin(self, by: str) -> None:
        """Refuse."""
        raise AuditRunning

    async def run(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""
