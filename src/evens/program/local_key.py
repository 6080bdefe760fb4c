"""The operator's key of a running server: created at its start, revoked at its end, readable by the folder's owner."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

from evens.identity.api_keys import key_id_of
from evens.identity.errors import ApiKeyUnknown
from evens.identity.principal import CONSOLE, Role
from evens.identity.service import Identity
from evens.program.installation import Installation
from evens.store.errors import StoreUnavailable

_NAME = "local"


@asynccontextmanager
async def local_key(identity: Identity, installation: Installation) -> AsyncGenerator[str]:
    """Create an administrator's key for the duration of the block; revoke the one that a killed server left behind.

    Until the key is announced, nobody is refused as unknown: see :mod:`evens.identity.judging`.
    """
    identity.judging.put_off()
    left_behind = installation.left_operator_key()
    if left_behind is not None:
        await _revoke(identity, left_behind)
    # Until the server is ready, nobody reads a key from there that counts no more.
    installation.withdraw()
    made = await identity.create_api_key(CONSOLE, role=Role.ADMIN, name=_NAME)
    try:
        yield made.key
    finally:
        # Without a database the key cannot be revoked now; its file must be removed either way.
        with suppress(StoreUnavailable):
            await _revoke(identity, made.key)
        installation.withdraw()


async def _revoke(identity: Identity, key: str) -> None:
    key_id = key_id_of(key)
    if key_id is not None:
        with suppress(ApiKeyUnknown):
            await identity.revoke_api_key(CONSOLE, key_id)
