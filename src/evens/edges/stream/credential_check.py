"""Ends subscriptions that a credential no longer permits: at once when it ends, and by checking again and again.

A session that ends or a key that is revoked is told of. That a token expires nobody tells, so every credential is also
checked every few seconds.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, Generic, Protocol, TypeVar

import structlog

from evens.edges.stream.reader import Credential
from evens.identity.errors import NotAuthenticated
from evens.identity.service import Identity
from evens.store.errors import StoreUnavailable

_log: Final = structlog.get_logger("evens.stream")


class Credited(Protocol):
    """A client that may have said who it is."""

    credential: Credential | None


C = TypeVar("C", bound=Credited)
D_contra = TypeVar("D_contra", bound=Credited, contravariant=True)


class Ending(Protocol[D_contra]):
    """Whoever ends what clients have by their credentials."""

    def end_credential(self, reader: D_contra, code: str, detail: str) -> None:
        """End what a client's credential no longer permits, and send it the reason."""
        ...


class CredentialCheck(Generic[C]):
    """Watches the credentials of ``readers``, which somebody else adds to and removes from.

    ``ending`` is told of those that have ended.
    """

    def __init__(self, readers: Mapping[C, None], ending: Ending[C], identity: Identity) -> None:
        self._readers = readers
        self._ending = ending
        self._identity = identity
        identity.follow_ended(self._ended)

    async def run(self, every_s: float) -> None:
        """Every ``every_s``, end subscriptions whose credential has expired or was revoked, until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            for reader in list(self._readers):
                try:
                    await self._check(reader)
                except StoreUnavailable:
                    # A credential that was good counts as good until the database can be asked again.
                    continue
                except Exception:
                    _log.exception("stream_credential_unchecked")

    def _ended(self, _kind: str, subject: str) -> None:
        for reader in list(self._readers):
            if reader.credential is not None and reader.credential.subject == subject:
                self._end(reader, NotAuthenticated())

    async def _check(self, reader: C) -> None:
        credential = reader.credential
        if credential is None:
            return
        try:
            await self._identity.authenticate(credential.token)
        except NotAuthenticated as ended:
            # The reader may have sent a newer credential meanwhile.
            if reader.credential is credential:
                self._end(reader, ended)

    def _end(self, reader: C, ended: NotAuthenticated) -> None:
        reader.credential = None
        self._ending.end_credential(reader, ended.code, str(ended))
