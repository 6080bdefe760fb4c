"""API keys: whose names may be used again, and how many there may be."""

import asyncio

import pytest

from evens.core.values.ids import CustomerId
from evens.identity.api_keys import ApiKeys
from evens.identity.errors import KeyNameTaken, TooManyApiKeys
from evens.identity.keys import InstallationKeys
from evens.identity.principal import CONSOLE, Principal, Role
from evens.store.identity import IdentityTables
from tests.identity.conftest import AddCustomer

pytestmark = pytest.mark.anyio

ADA_ID, BOB_ID = CustomerId(1), CustomerId(2)
ADA = Principal(Role.CUSTOMER, ADA_ID, "Ada")
BOB = Principal(Role.CUSTOMER, BOB_ID, "Bob")
BILLING = Principal(Role.SERVICE, None, "billing")
DESK = Principal(Role.OPERATOR, None, "desk")


@pytest.fixture
def api_keys(store: IdentityTables, keys: InstallationKeys) -> ApiKeys:
    return ApiKeys(store, keys)


@pytest.fixture(autouse=True)
async def customers(add_customer: AddCustomer) -> None:
    await add_customer(ADA_ID, "Ada")
    await add_customer(BOB_ID, "Bob")


async def test_a_service_cannot_take_another_services_name(api_keys: ApiKeys) -> None:
    """Hold 6: a name brings outcomes and keys with it, so only its bearer, its maker or an operator may reuse it."""
    mailer = Principal(Role.SERVICE, None, "mailer")
    await api_keys.create(DESK, role=Role.SERVICE, name="billing")
    with pytest.raises(KeyNameTaken):
        await api_keys.create(mailer, role=Role.SERVICE, name="billing")
    for maker in (BILLING, DESK, CONSOLE, Principal(Role.OPERATOR, None, "another desk")):
        again = await api_keys.create(maker, role=Role.SERVICE, name="billing")
        assert (await api_keys.authenticate(again.key)).scope == BILLING.scope


async def test_a_name_stays_taken_after_its_keys_are_revoked(api_keys: ApiKeys) -> None:
    """Hold 6: what was done under a name outlives the keys."""
    made = await api_keys.create(DESK, role=Role.SERVICE, name="billing")
    await api_keys.revoke(DESK, made.shown.id)
    with pytest.raises(KeyNameTaken):
        await api_keys.create(Principal(Role.SERVICE, None, "mailer"), role=Role.SERVICE, name="billing")


async def test_whoever_made_the_first_key_of_a_name_may_make_the_next(api_keys: ApiKeys) -> None:
    """Hold 6: the maker's scope may reuse a name; a key that is named by its id is no way around that."""
    helper = await api_keys.create(BILLING, role=Role.SERVICE, name="helper")
    assert (await api_keys.create(BILLING, role=Role.SERVICE, name="helper")).shown.id != helper.shown.id
    unnamed = await api_keys.create(DESK, role=Role.SERVICE)
    with pytest.raises(KeyNameTaken):
        await api_keys.create(BILLING, role=Role.SERVICE, name=unnamed.shown.name)


async def test_of_two_who_take_a_name_at_once_one_gets_it(api_keys: ApiKeys) -> None:
    """Hold 6: a race gives nobody a name that is taken."""
    makers = [Principal(Role.SERVICE, None, f"service {number}") for number in range(8)]
    answers = await asyncio.gather(
        *(api_keys.create(maker, role=Role.SERVICE, name="helper") for maker in makers), return_exceptions=True
    )
    assert len([answer for answer in answers if isinstance(answer, KeyNameTaken)]) == 7


async def test_customers_may_have_keys_of_one_name(api_keys: ApiKeys) -> None:
    for who in (ADA, BOB, ADA):
        assert await api_keys.create(who, role=Role.CUSTOMER, name="phone")


async def test_live_keys_of_a_customer_are_limited_whoever_makes_them(
    store: IdentityTables, keys: InstallationKeys
) -> None:
    """Hold 7: a cap on API keys, and a refusal that says what to do."""
    few = ApiKeys(store, keys, live_max=2)
    made = [await few.create(ADA, role=Role.CUSTOMER, idempotency_key=f"{number}") for number in range(2)]
    for maker in (ADA, DESK):
        with pytest.raises(TooManyApiKeys, match="revoke one") as refusal:
            await few.create(maker, role=Role.CUSTOMER, customer=ADA_ID)
        assert refusal.value.code == "api_keys_limit"
    assert (await few.create(ADA, role=Role.CUSTOMER, idempotency_key="0")).replayed
    assert await few.create(BOB, role=Role.CUSTOMER)
    await few.revoke(ADA, made[0].shown.id)
    assert await few.create(ADA, role=Role.CUSTOMER)


async def test_live_keys_that_a_service_makes_for_nobody_are_limited_and_an_operators_are_not(
    store: IdentityTables, keys: InstallationKeys
) -> None:
    """Hold 7: a cap on whatever one can pile up."""
    few = ApiKeys(store, keys, live_max=2)
    for number in range(2):
        await few.create(BILLING, role=Role.SERVICE, name=f"helper {number}")
        await few.create(DESK, role=Role.SERVICE, name=f"service {number}")
    with pytest.raises(TooManyApiKeys):
        await few.create(BILLING, role=Role.SERVICE, name="another")
    assert await few.create(DESK, role=Role.SERVICE, name="another")


async def test_keys_made_at_once_do_not_exceed_the_limit(store: IdentityTables, keys: InstallationKeys) -> None:
    """Hold 7: a race is no way around a cap."""
    few = ApiKeys(store, keys, live_max=3)
    answers = await asyncio.gather(*(few.create(ADA, role=Role.CUSTOMER) for _ in range(8)), return_exceptions=True)
    assert len([answer for answer in answers if isinstance(answer, TooManyApiKeys)]) == 5
