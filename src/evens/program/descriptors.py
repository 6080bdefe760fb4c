"""File descriptors: as many as the system allows are asked for, and some are kept back for what is not a connection.

Without a descriptor nothing can be opened: no connection to the database, no file, no process. So connections from
outside may never take the last ones. Example: of 1,024 descriptors 256 are kept back for the database, webhooks, files
and child processes, and 768 connections are accepted at a time.
"""

import resource
from typing import Final

from evens.edges.http.protocol.places import ConnectionLimits
from evens.settings import Settings

LIMIT_MAX: Final = 65_536
"""Most descriptors that are asked for, even where more are allowed: some programs look at each one that is possible."""

_KEPT_MIN: Final = 96
_KEPT_MAX: Final = 1_024


def raise_limit() -> int:
    """Raise this process's limit of descriptors as far as it may be raised; return the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = LIMIT_MAX if hard == resource.RLIM_INFINITY else min(hard, LIMIT_MAX)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return limit()


def limit() -> int:
    """Return how many descriptors this process may have."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return LIMIT_MAX if soft == resource.RLIM_INFINITY else soft


def kept_back(limit: int) -> int:
    """Return how many of so many descriptors connections from outside may not take: a quarter, within bounds."""
    return min(max(limit // 4, _KEPT_MIN), _KEPT_MAX, limit // 2)


def connection_limits(settings: Settings) -> ConnectionLimits:
    """Return how many connections may be open: never so many that descriptors run out."""
    descriptors = limit()
    return ConnectionLimits(
        min(settings.connections_max, descriptors - kept_back(descriptors)), settings.connections_per_address_max
    )
