"""What runs beside the requests whatever the house is connected to."""

from collections.abc import Mapping
from typing import Protocol

from evens.edges.http.operator.approving import Finisher
from evens.edges.http.services import Services
from evens.edges.jobs.following import Following
from evens.edges.jobs.hourly import Hourly, purge_notices
from evens.program.clock_watch import ClockWatch
from evens.program.copy_results import copying_jobs
from evens.program.postgres import Postgres
from evens.sequencer.steady_clock import SteadyClock
from evens.store.database import Database
from evens.store.identity.ended import EndedCredentials
from evens.store.outbox import Outbox
from evens.store.social.keeping import RecordKeeping


class Job(Protocol):
    """Something that runs beside the requests until it is told to stop."""

    async def run(self) -> None:
        """Do it until :meth:`stop`."""
        ...

    def stop(self) -> None:
        """Make :meth:`run` return."""
        ...


def house_chores(
    database: Database, outbox: Outbox, services: Services, clock: SteadyClock, postgres: Postgres
) -> Mapping[str, Job]:
    """Return the jobs by their names."""
    identity = services.identity
    return {
        "approvals": Finisher(services.operator.approver),
        "audits": services.operator.condition.auditor,
        "journal index": Following("journal index", services.operator.journal.index_next),
        **copying_jobs(database, services.gateway, clock),
        "records": Following("records", RecordKeeping(database).keep_next),
        "ended credentials": identity.watch(EndedCredentials(postgres.app_dsn)),
        "notices": Hourly("notices", lambda: purge_notices(outbox)),
        "sessions": Hourly("sessions", identity.remove_expired),
        "clock": ClockWatch(lambda: clock.trouble),
    }
