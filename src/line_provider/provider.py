"""Composes the service: what requests need, and the jobs that run beside them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from evens.edges.jobs.addresses import Destinations
from evens.edges.jobs.deliverer import Deliverer
from evens.edges.jobs.hourly import Hourly
from evens.edges.jobs.messages import Secrets
from evens.edges.jobs.metrics import DeliveryMetrics
from evens.edges.jobs.sending import Sender
from evens.identity.keys import InstallationKeys
from evens.store.database import Database
from line_provider.alive import Alive
from line_provider.listing import Listing
from line_provider.metrics import LineMetrics
from line_provider.publisher import Publisher
from line_provider.routes import LineServices
from line_provider.simulator import Simulator
from line_provider.store import ROLE, LineStore


class Job(Protocol):
    """Something that runs beside the requests until it is told to stop."""

    async def run(self) -> None:
        """Work until :meth:`stop`."""
        ...

    def stop(self) -> None:
        """Make :meth:`run` return soon."""
        ...


@dataclass(frozen=True, slots=True)
class Provider:
    """The service, composed and not started yet."""

    services: LineServices
    jobs: Mapping[str, Job]
    database: Database

    async def close(self) -> None:
        """Close every connection."""
        await self.services.sender.close()
        await self.database.close()


async def compose(
    dsn: str, keys: InstallationKeys, key: str, *, allow_private: bool = True, simulate: int | None = None
) -> Provider:
    """Return the service on a migrated database. Webhooks are on the same network, so private addresses are allowed."""
    database = await Database.open(dsn, application="line-provider", role=ROLE)
    store = LineStore(database)
    sender = Sender(Destinations(allow_private=allow_private), Secrets(keys))
    metrics = LineMetrics()
    publisher, alive = Publisher(store), Alive(store, sender)
    jobs: dict[str, Job] = {
        "webhooks": Deliverer(store, sender, DeliveryMetrics(metrics.registry, "line_provider")),
        "alive": alive,
        "changes": Hourly("changes", lambda: store.compact(time.time_ns())),
    }
    if simulate is not None:
        jobs["simulator"] = Simulator(publisher, simulate)
    return Provider(LineServices(store, publisher, Listing(store), sender, alive, metrics, key), jobs, database)
