"""A source that is The Odds API: it is only read. What it lists no longer is suspended, and never a result."""

import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from evens.feeds.line.desk import LineDesk
from evens.feeds.line.dialects.oddsapi import results_of, translate_odds, translate_scores
from evens.feeds.line.protocols import KnownFixtures
from evens.feeds.line.sayings import Saying, SayingInvalid
from evens.feeds.upstream import SourceFailed, Upstream

EVERY_SPORT: Final = "upcoming"
"""What the API calls the next events of all sports."""

_MARKETS: Final = "h2h,spreads,totals"
_DAYS_BACK: Final = "3"


class OddsApiSource:
    """Implements :class:`evens.feeds.line.sources.source.LineSource`.

    ``read_key`` returns the key; ``sports`` are the API's names, ``bookmaker`` that of the one to follow, if any.
    """

    def __init__(
        self,
        name: str,
        upstream: Upstream,
        desk: LineDesk,
        fixtures: KnownFixtures,
        read_key: Callable[[], str],
        *,
        sports: Sequence[str] = (EVERY_SPORT,),
        regions: str = "eu",
        bookmaker: str | None = None,
        wall_clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._name = name
        self._upstream = upstream
        self._desk = desk
        self._fixtures = fixtures
        self._read_key = read_key
        self._sports = tuple(sports) or (EVERY_SPORT,)
        self._regions = regions
        self._bookmaker = bookmaker
        self._now = wall_clock

    @property
    def name(self) -> str:
        """The name under which its fixtures are known."""
        return self._name

    @property
    def publisher(self) -> None:
        """Return nothing: this provider is only read."""
        return

    @property
    def has_missed(self) -> bool:
        """Return false: whatever is read is whole."""
        return False

    async def prepare(self) -> None:
        """Do nothing: this provider sends no messages."""

    async def pull(self) -> int:
        """Read the odds of all sports."""
        at = self._now()
        sayings = [saying for sport in self._sports for saying in await self._read(sport, at)]
        listed = {saying.key for saying in sayings}
        gone = [key for key in await self._desk.offered(self._name, at) if key not in listed]
        await self._desk.take(self._name, [*sayings, *(Saying(key, at, suspended=True) for key in gone)])
        return at

    async def recover(self) -> bool:
        """Read everything there is."""
        # So that what is listed no longer is seen to be missing, the desk gets to know what the house has.
        for fixture in await self._fixtures.unfinished(self._name):
            await self._desk.order_of(self._name, fixture.key)
        await self.pull()
        await self.reconcile()
        return True

    async def reconcile(self) -> None:
        """Read the scores, if an open event has begun."""
        now = self._now()
        due = {each.key: each for each in await self._fixtures.unfinished(self._name) if each.line.deadline <= now}
        for sport in self._sports if due else ():
            scores = await self._scores(sport)
            results = [
                Saying(key, now, results=results_of(due[key].line.markets, *score))
                for key, score in scores.items()
                if key in due
            ]
            await self._desk.take(self._name, results)

    def restart(self) -> None:
        """Forget what the house had."""
        self._desk.forget(self._name)

    def signing_secrets(self) -> Sequence[str]:
        """Return none."""
        return ()

    @property
    def awaits_secrets(self) -> bool:
        """Return false: this provider sends no messages."""
        return False

    async def hear(self, headers: Mapping[str, str], body: bytes) -> None:
        """Refuse a message: nobody can have signed one."""
        raise SayingInvalid("body: this source sends no messages")

    async def close(self) -> None:
        """Close every connection."""
        await self._upstream.close()

    def _key(self) -> dict[str, str]:
        try:
            return {"apiKey": self._read_key()}
        except (OSError, ValueError) as error:
            raise SourceFailed(f"has no key: {error}") from error

    async def _read(self, sport: str, at: int) -> Sequence[Saying]:
        chosen = {"bookmakers": self._bookmaker} if self._bookmaker else {"regions": self._regions}
        params = {**self._key(), "markets": _MARKETS, "oddsFormat": "decimal", "dateFormat": "iso", **chosen}
        answer = await self._upstream.get(f"/v4/sports/{quote(sport, safe='')}/odds", params)
        if answer.is_unknown:
            raise SourceFailed(f"does not know the sport {sport}")
        try:
            return translate_odds(answer.body, at, self._bookmaker)
        except SayingInvalid as error:
            raise SourceFailed(f"said something that cannot be understood: {error}") from error

    async def _scores(self, sport: str) -> Mapping[str, tuple[Decimal, Decimal]]:
        params = {**self._key(), "daysFrom": _DAYS_BACK, "dateFormat": "iso"}
        answer = await self._upstream.get(f"/v4/sports/{quote(sport, safe='')}/scores", params)
        if answer.is_unknown:
            raise SourceFailed(f"does not know the scores of the sport {sport}")
        try:
            return translate_scores(answer.body)
        except SayingInvalid as error:
            raise SourceFailed(f"said something that cannot be understood: {error}") from error
