"""Checks readers' credentials again and again, and ends subscriptions that a credential no longer permits."""

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


async def check_credentials(readers: Mapping[Reader, None], hub: Hub, identity: Identity, every_s: float) -> None:
    """Every ``every_s``, end subscriptions whose credential has expired or was revoked, until cancelled."""
    while True:
        await asyncio.sleep(every_s)
        for reader in list(readers):
            try:
                await _check(reader, hub, identity)
            except StoreUnavailable:
                # A credential that was good counts as good until the database can be asked again.
                continue
            except Exception:
                _log.exception("stream_credential_unchecked")


async def _check(reader: Reader, hub: Hub, identity: Identity) -> None:
    credential = reader.credential
    if credential is None:
        return
    try:
        await identity.authenticate(credential.token)
    except NotAuthenticated as ended:
        # The reader may have sent a newer credential meanwhile.
        if reader.credential is credential:
            reader.credential = None
            hub.end_credential(reader, ended.code, str(ended))
