"""The operator's key of a running server: made at its start for whoever may read the data folder, void at its end."""

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
    """Make an administrator's key for the duration of the block; void the one that a killed server left behind."""
    left_behind = installation.left_operator_key()
    if left_behind is not None:
        await _void(identity, left_behind)
    made = await identity.create_api_key(CONSOLE, role=Role.ADMIN, name=_NAME)
    try:
        yield made.key
    finally:
        # Without a database it stays valid for now; the file it is in has to be removed either way.
        with suppress(StoreUnavailable):
            await _void(identity, made.key)
        installation.withdraw()


async def _void(identity: Identity, key: str) -> None:
    key_id = key_id_of(key)
    if key_id is not None:
        with suppress(ApiKeyUnknown):
            await identity.revoke_api_key(CONSOLE, key_id)
