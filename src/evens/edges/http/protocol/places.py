"""Places for connections: so many altogether, and so many for one address.

Who comes when there is no place takes that of the connection which has been silent for longest: one that has not sent a
whole request yet, or has had its answer and asks for nothing more. A connection whose request is being answered, and an
open WebSocket, is never sent away. So whoever opens thousands of silent connections only loses their own, and everybody
else is served. IPv6 addresses are counted by /64 network, because one client has a whole one.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass, field

from evens.identity.networks import network_of


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """How many connections may be open at a time, altogether and from one address."""

    total_max: int = 10_000
    per_address_max: int = 256


class Place:
    """One connection's place, until it is released."""

    __slots__ = ("_group", "_leave", "_places")

    def __init__(self, places: "Places", group: "_Group | None", leave: Callable[[], None]) -> None:
        self._places = places
        self._group = group
        self._leave = leave

    def busy(self) -> None:
        """Say that a request is being served: the connection is not sent away."""
        self._places.idle.pop(self, None)
        if self._group is not None:
            self._group.idle.pop(self, None)

    def idle(self) -> None:
        """Say that nothing is being served: the connection may be sent away for another."""
        if self in self._places.taken:
            self._places.idle[self] = None
            if self._group is not None:
                self._group.idle[self] = None

    def release(self) -> None:
        """Give the place back. Can be called twice."""
        self.busy()
        if self._places.taken.pop(self, self) is None and self._group is not None:
            self._places.leave(self._group)

    def send_away(self) -> None:
        """Release the place and close its connection."""
        self.release()
        self._leave()


@dataclass(slots=True, eq=False)
class _Group:
    """The connections from one address."""

    address: str
    count: int = 0
    idle: dict[Place, None] = field(default_factory=dict[Place, None])


class Places:
    """Hands out places within ``limits``. Addresses in ``shared`` are those of proxies, and have no limit of their own.

    ``taken`` are the places that are taken, and ``idle`` those of them that may be taken away, longest silent first.
    """

    def __init__(self, limits: ConnectionLimits, shared: Container[str | None] = ()) -> None:
        self._limits = limits
        self._shared = shared
        self._groups: dict[str, _Group] = {}
        self.taken: dict[Place, None] = {}
        self.idle: dict[Place, None] = {}

    def take(self, address: str | None, leave: Callable[[], None]) -> Place | None:
        """Return a place, at first an idle one, or ``None`` if there is none.

        ``leave`` closes the connection at once; it is called when another connection gets the place.
        """
        group = None if address is None or address in self._shared else self._group(address)
        if group is not None and group.count >= self._limits.per_address_max and not _make_room(group.idle):
            return None
        if len(self.taken) >= self._limits.total_max and not _make_room(self.idle):
            return None
        place = Place(self, group, leave)
        if group is not None:
            # Making room may have removed the group with its last connection.
            self._groups[group.address] = group
            group.count += 1
        self.taken[place] = None
        place.idle()
        return place

    def is_shared(self, address: str) -> bool:
        """Return whether an address is that of a proxy."""
        return address in self._shared

    def leave(self, group: _Group) -> None:
        """Count one connection of a group less."""
        group.count -= 1
        if group.count == 0:
            del self._groups[group.address]

    def _group(self, address: str) -> _Group:
        key = network_of(address)
        return self._groups.get(key) or _Group(key)


def _make_room(idle: dict[Place, None]) -> bool:
    """Send away the connection that has been silent for longest; return whether there was one."""
    place = next(iter(idle), None)
    if place is None:
        return False
    place.send_away()
    return True
