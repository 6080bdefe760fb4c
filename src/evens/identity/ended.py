"""Which sessions and API keys have ended: remembered for as long as their tokens live, and heard of at once.

Theory of operation
-------------------
An access token is checked without the database, so a server must know of sessions that ended while their tokens are
still valid. The database keeps ended sessions, and tells every server that listens of each one, whichever server ended
it, and also if it was ended by a freeze or by hand.

:class:`EndedWatch` has a connection of its own for that. It first begins to listen and then reads the sessions that
ended within the lifetime of an access token; so none is missed, after a restart or a broken connection either. Every
few seconds it says something on the connection and waits to hear it. From then on the server is *sure* for
:data:`SURE_S`. A server that is not sure, such as one that just starts or has lost the connection, asks the database at
each request instead: it may be slower, never wrong.

Example. Ada logs out on server A at 12:00:00. The database tells A and B, both remember her session until 12:15, and B
ends what she follows on its stream. Server C had lost its connection at 11:59:50. Until 12:00:05 it would be sure of
what it has heard, at most; then it asks at each request, and reads the missing session when it is connected again.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from evens.identity.store_protocol import EndedStore, Listener
from evens.identity.tokens import LIFETIME_S

CHECKED_EVERY_S: Final = 5.0
SURE_S: Final = 15.0
"""How long a server relies on its connection after it was last known to hear."""

_REMEMBERED_S: Final = LIFETIME_S + 60.0
_PAUSE_S: Final = 1.0

SESSION: Final = "session"
KEY: Final = "key"

Told = Callable[[str, str], None]
"""Is called with :data:`SESSION` or :data:`KEY`, and the hexadecimal id of a session or the id of a key."""

_log: Final = structlog.get_logger("evens.identity")


class Ended:
    """Remembers ended sessions, and tells whoever follows of sessions and keys that end."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._forget_at: dict[UUID, float] = {}
        self._sure_until = clock()
        self._followers: list[Told] = []

    @property
    def is_sure(self) -> bool:
        """Whether every session that ended in this house is known here."""
        return self._clock() < self._sure_until

    def follow(self, told: Told) -> None:
        """Call ``told`` for each session or key that ends from now on; more than once for some."""
        self._followers.append(told)

    def has_session(self, session: UUID) -> bool:
        """Return whether the session is known to have ended."""
        return session in self._forget_at

    def session(self, session: UUID) -> None:
        """Remember that a session has ended."""
        if session not in self._forget_at:
            now = self._clock()
            self._forget_at[session] = now + _REMEMBERED_S
            self._forget_until(now)
        self._tell(SESSION, session.hex)

    def key(self, key_id: str) -> None:
        """Tell that an API key was revoked."""
        self._tell(KEY, key_id)

    def keys(self, key_ids: Iterable[str]) -> None:
        """Tell that API keys were revoked."""
        for key_id in key_ids:
            self.key(key_id)

    def sure_from(self, moment: float) -> None:
        """Count as sure for a while from a moment of the clock at which everything was known."""
        self._sure_until = moment + SURE_S

    def unsure(self) -> None:
        """Count as not sure from now on."""
        self._sure_until = self._clock()

    def _forget_until(self, now: float) -> None:
        """Forget sessions whose tokens have expired; the first in the dictionary are the oldest."""
        while self._forget_at:
            session = next(iter(self._forget_at))
            if self._forget_at[session] > now:
                return
            del self._forget_at[session]

    def _tell(self, kind: str, subject: str) -> None:
        for told in self._followers:
            told(kind, subject)


class EndedWatch:
    """Keeps an :class:`Ended` up to date; see the theory of operation above."""

    def __init__(
        self,
        store: EndedStore,
        ended: Ended,
        *,
        pause_s: float = _PAUSE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._pause_s = pause_s
        self._ended = ended
        self._clock = clock
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Listen until :meth:`stop`, again and again after whatever goes wrong."""
        while not self._stopping.is_set():
            try:
                async with self._store.listen(self._heard) as listener:
                    await self._keep_up(listener)
            except Exception as error:
                # Whatever it is: without this, sessions that end elsewhere would be asked for at each request for good.
                _log.warning("credentials_unheard", error=str(error))
            self._ended.unsure()
            await self._wait(self._pause_s)

    def stop(self) -> None:
        """Make :meth:`run` return."""
        self._stopping.set()

    async def _keep_up(self, listener: Listener) -> None:
        checked_at = self._clock()
        for session in await listener.ended_within(timedelta(seconds=_REMEMBERED_S)):
            self._ended.session(session)
        while not self._stopping.is_set():
            await listener.check()
            self._ended.sure_from(checked_at)
            await self._wait(CHECKED_EVERY_S)
            checked_at = self._clock()

    def _heard(self, kind: str, subject: str) -> None:
        if kind == SESSION:
            self._ended.session(UUID(subject))
        elif kind == KEY:
            self._ended.key(subject)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
