"""The round channel: one round of a pool, or a pool's current round, whichever that is.

Rounds are followed by names (``ndx-daily/20261127``, ``ndx-daily``), which only the tables can turn into numbers. Which
views there are is known here, so an event goes to those that know its round, and to those that are being loaded.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from weakref import WeakValueDictionary

from evens.core.events.every import Event
from evens.core.events.pools import RoundOpened
from evens.core.values.ids import RoundId
from evens.edges.http.pools.bodies import CODE, KEY
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.stream.channel import Route
from evens.edges.stream.messages import Code, StreamError
from evens.edges.stream.missed import Resumption
from evens.edges.stream.names import Names
from evens.edges.stream.round_views import EVENTS, PoolView, RoundView
from evens.identity.principal import Principal
from evens.store.pools.snapshots import PoolSnapshots

_SPARE: Final = 100
_FORM: Final = "must be a pool and a round's code, such as ndx-daily/20261127, or a pool alone: its current round"


class RoundChannel:
    """Implements :class:`evens.edges.stream.channel.Channel`. Anybody may follow a round."""

    name = "round"
    needs_credential = False
    pause_s = 0.0
    resumption: Resumption | None = None
    unknown_code = "round_unknown"
    unknown_detail = "There is no such round; check the pool's key and the round's code in the id."

    def __init__(self, snapshots: PoolSnapshots, currencies: Currencies) -> None:
        self._snapshots = snapshots
        self._currencies = currencies
        self._names = Names()
        self._rounds: WeakValueDictionary[RoundId, RoundView] = WeakValueDictionary()
        self._numbers: dict[RoundId, int] = {}
        self._pools: WeakValueDictionary[int, PoolView] = WeakValueDictionary()
        self._loading: dict[int, int] = {}
        self.routes: Mapping[type[Event], Route] = {
            **dict.fromkeys(EVENTS, self._of_round),
            RoundOpened: self._of_pool,
        }

    def resolve(self, principal: Principal | None, public_id: str | None) -> tuple[int, str]:
        """Return a number for the round or pool that an id may name."""
        if public_id is None:
            raise StreamError(Code.FIELD_MISSING, "The round channel takes the field id: a pool and a code.", "id")
        key, slash, code = public_id.partition("/")
        if not KEY.fullmatch(key) or (slash and not CODE.fullmatch(code)):
            raise StreamError(Code.FIELD_INVALID, _FORM, "id")
        return self._names.number_of(public_id), public_id

    async def load(self, number: int) -> RoundView | PoolView | None:
        """Read a round, or a pool with its current round."""
        name = self._names.name_of(number)
        if name is None:
            return None
        # From before the snapshot is taken until the view is known here, whatever happens may be for it.
        self._loading[number] = self._loading.get(number, 0) + 1
        try:
            key, _slash, code = name.partition("/")
            return await (self._load_round(number, key, code) if code else self._load_pool(number, key))
        finally:
            self._loading[number] -= 1
            if not self._loading[number]:
                del self._loading[number]

    async def _load_round(self, number: int, key: str, code: str) -> RoundView | None:
        snapshot = await self._snapshots.round(key, code)
        if snapshot is None:
            return None
        view = RoundView(snapshot, self._currencies.by_number(snapshot.round.currency_number))
        if len(self._numbers) > 2 * len(self._rounds) + _SPARE:
            self._numbers = {each: known for each, known in self._numbers.items() if each in self._rounds}
        self._rounds[snapshot.round.id], self._numbers[snapshot.round.id] = view, number
        return view

    async def _load_pool(self, number: int, key: str) -> PoolView | None:
        snapshot = await self._snapshots.pool(key)
        if snapshot is None:
            return None
        view = PoolView(snapshot, self._currencies.by_number(snapshot.pool.currency_number))
        self._pools[number] = view
        return view

    def _of_round(self, event: Any) -> Iterable[int]:
        numbers = [number for number, pool in self._pools.items() if pool.knows(event.round)]
        if event.round in self._rounds:
            numbers.append(self._numbers[event.round])
        return {*numbers, *self._loading}

    def _of_pool(self, event: Any) -> Iterable[int]:
        return {*(number for number, pool in self._pools.items() if pool.is_of(event.pool)), *self._loading}
