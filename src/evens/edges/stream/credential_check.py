"""Ends subscriptions that a credential no longer permits: at once when it ends, and by checking again and again.

A session that ends or a key that is revoked is told of. That a token expires nobody tells, so every credential is also
checked every few seconds.
"""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from evens.edges.stream.hub import Hub
from evens.edges.stream.reader import Reader
from evens.identity.errors import NotAuthenticated
from evens.identity.service import Identity
from evens.store.errors import StoreUnavailable

_log: Final = structlog.get_logger("evens.stream")


class CredentialCheck:
    """Watches the credentials of ``readers``, which somebody else adds to and removes from."""

    def __init__(self, readers: Mapping[Reader, None], hub: Hub, identity: Identity) -> None:
        self._readers = readers
        self._hub = hub
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

    async def _check(self, reader: Reader) -> None:
        credential = reader.credential
        if credential is None:
            return
        try:
            await self._identity.authenticate(credential.token)
        except NotAuthenticated as ended:
            # The reader may have sent a newer credential meanwhile.
            if reader.credential is credential:
                self._end(reader, ended)

    def _end(self, reader: Reader, ended: NotAuthenticated) -> None:
        reader.credential = None
        self._hub.end_credential(reader, ended.code, str(ended))
