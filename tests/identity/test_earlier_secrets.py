"""API keys when the installation's secret was replaced: they go on, can be asked for again, and are revoked at once."""

import pytest

from evens.identity.api_keys import ApiKeys
from evens.identity.errors import NotAuthenticated
from evens.identity.keys import EarlierSecret, InstallationKeys
from evens.identity.principal import CONSOLE, Principal, Role
from evens.store.identity import IdentityTables

pytestmark = pytest.mark.anyio

BEFORE = bytes(range(32))
DESK = Principal(Role.OPERATOR, None, "desk")


async def test_a_key_outlives_its_secret_and_the_request_that_made_it_can_be_repeated(
    store: IdentityTables, keys: InstallationKeys
) -> None:
    """Hold 8: what is stored by its hash does not depend on the secret, and a repeated request makes nothing anew."""
    made = await ApiKeys(store, keys).create(DESK, role=Role.SERVICE, name="billing", idempotency_key="k")
    rotated = ApiKeys(store, InstallationKeys(b"n" * 32, [EarlierSecret(BEFORE, float("inf"))]))

    again = await rotated.create(DESK, role=Role.SERVICE, name="billing", idempotency_key="k")
    other = await rotated.create(DESK, role=Role.SERVICE, name="billing", idempotency_key="k2")

    assert (again.key, again.replayed) == (made.key, True)
    assert other.key != made.key
    assert await rotated.authenticate(made.key) == Principal(Role.SERVICE, None, "billing")


async def test_a_key_of_an_earlier_secret_is_refused_as_soon_as_it_is_revoked(
    store: IdentityTables, keys: InstallationKeys
) -> None:
    """Hold 8: the process that revokes a key forgets it at once, whatever secret it was made with."""
    made = await ApiKeys(store, keys).create(DESK, role=Role.SERVICE, name="billing")
    rotated = ApiKeys(store, InstallationKeys(b"n" * 32))
    assert await rotated.authenticate(made.key)

    await rotated.revoke(CONSOLE, made.shown.id)

    with pytest.raises(NotAuthenticated):
        await rotated.authenticate(made.key)
