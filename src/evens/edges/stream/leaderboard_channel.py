"""The leaderboard channel: the first places of a period by a metric, of a product.

Records are worked out in the background, and no event says when a place has changed: users also choose to be listed or
not. So each board that is followed is read again once a second, and what differs is sent. Whoever follows the same
board is sent the same bytes.
"""

from collections.abc import Mapping
from typing import Any, Final, get_args
from weakref import WeakValueDictionary

from evens.core.events.every import Event
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.social.leaderboard import BoardName, read_board
from evens.edges.http.social.presenting import PERIODS, PRODUCTS
from evens.edges.http.social.shapes import Leader, Leaderboard
from evens.edges.stream.changes import Changes
from evens.edges.stream.channel import Route
from evens.edges.stream.hub import Hub
from evens.edges.stream.messages import Code, StreamError
from evens.edges.stream.missed import Resumption
from evens.edges.stream.names import Names
from evens.identity.principal import Principal
from evens.store.social.queries import Metric, SocialQueries

LOOK_EVERY_S: Final = 1.0
"""How often boards that are followed are read."""

PLACES: Final = 100
"""How many places a board has."""

_FORM: Final = (
    f"must be a period ({', '.join(PERIODS)}), a metric ({', '.join(Metric)}), a product ({', '.join(PRODUCTS)}) and a "
    "currency, such as week/profit/all/USD"
)


class LeaderboardView:
    """The places of one board. ``seq`` rises with each look that found something different."""

    def __init__(self, seq: int, board: Leaderboard) -> None:
        self.seq = seq
        self._board: Leaderboard = board
        self._leaders: dict[str, Leader] = {leader.username: leader for leader in board.items}
        self._changes: Changes[str] = Changes()

    def look(self, seq: int, board: Leaderboard) -> bool:
        """Take what was read, as of a place in the journal; return whether it differs."""
        leaders = {leader.username: leader for leader in board.items}
        before = self._leaders
        changed = [name for name in {**before, **leaders} if before.get(name) != leaders.get(name)]
        if not changed and board.since == self._board.since:
            return False
        # A profile changes without a record of the journal.
        self.seq = max(seq, self.seq + 1)
        self._board, self._leaders = board, leaders
        for name in changed:
            self._changes.mark(name, self.seq)
        return True

    def apply(self, seq: int, at: int, event: Event) -> None:
        """Ignore events: what they lead to is read once it is worked out."""

    def snapshot(self) -> dict[str, Any]:
        """Return the whole board, as ``GET /v1/leaderboard`` does."""
        board = self._board
        return {**self._head(), "currency": board.currency, "minimum": board.minimum, "items": board.items}

    def delta(self, since: int) -> dict[str, Any]:
        """Return the places that changed after ``since``, each whole, and who has none any more."""
        changed = set(self._changes.since(since))
        items: list[Leader] = [leader for leader in self._board.items if leader.username in changed]
        return {**self._head(), "items": items, "gone": sorted(changed - self._leaders.keys())}

    def forget(self, seq: int) -> None:
        """Drop the record of what changed at ``seq`` or before."""
        self._changes.forget(seq)

    def _head(self) -> dict[str, Any]:
        return {"since": self._board.since, "as_of": self._board.as_of}


class LeaderboardChannel:
    """Implements :class:`evens.edges.stream.channel.Channel`. Anybody may follow a board."""

    name = "leaderboard"
    needs_credential = False
    pause_s = LOOK_EVERY_S
    resumption: Resumption | None = None
    unknown_code = "leaderboard_unknown"
    unknown_detail = "There is no such leaderboard; subscribe again."

    def __init__(self, reads: SocialQueries, currencies: Currencies) -> None:
        self._reads = reads
        self._currencies = currencies
        self._names = Names()
        self._views: WeakValueDictionary[int, LeaderboardView] = WeakValueDictionary()
        self.routes: Mapping[type[Event], Route] = {}

    def resolve(self, principal: Principal | None, public_id: str | None) -> tuple[int, str]:
        """Return a number for the board that an id names."""
        if public_id is None:
            raise StreamError(Code.FIELD_MISSING, "The leaderboard channel takes the field id: a board's.", "id")
        if self._read_name(public_id) is None:
            raise StreamError(Code.FIELD_INVALID, _FORM, "id")
        return self._names.number_of(public_id), public_id

    async def load(self, number: int) -> LeaderboardView | None:
        """Read a board."""
        public_id = self._names.name_of(number)
        board = None if public_id is None else self._read_name(public_id)
        if board is None:
            return None
        view = self._views[number] = LeaderboardView(*await read_board(self._reads, board, PLACES))
        return view

    async def look(self, hub: Hub) -> bool:
        """Read each board that is followed again, and have sent what changed. Raises ``StoreUnavailable``."""
        for number, view in list(self._views.items()):
            public_id = self._names.name_of(number)
            board = None if public_id is None else self._read_name(public_id)
            if board is not None and view.look(*await read_board(self._reads, board, PLACES)):
                hub.changed((self.name, number))
        return False

    def _read_name(self, public_id: str) -> BoardName | None:
        parts = public_id.split("/")
        if len(parts) != len(get_args(BoardName)):
            return None
        period, metric, product, code = parts
        currency = self._currencies.find(code)
        if currency is None or period not in PERIODS or metric not in set(Metric) or product not in PRODUCTS:
            return None
        return Metric(metric), PRODUCTS[product], currency, PERIODS[period]
