"""API keys: who may create which, whom they authenticate, and that a revocation counts at once."""

import asyncio
import hashlib
import itertools
import logging
from collections.abc import Sequence

import pytest

from evens.core.values.ids import CustomerId
from evens.identity.api_keys import REFUSED_S, REMEMBERED_S, ApiKeys, key_id_of
from evens.identity.errors import (
    ApiKeyUnknown,
    CustomerRequired,
    CustomerUnknown,
    KeyNameInvalid,
    NotAuthenticated,
    NotPermitted,
    RequestDiffers,
    RoleAboveOwn,
)
from evens.identity.keys import InstallationKeys
from evens.identity.principal import CONSOLE, Principal, Role
from evens.store.database import Database
from evens.store.errors import StoreUnavailable
from evens.store.identity import ApiKeyRow, IdentityTables
from tests.identity.conftest import AddCustomer

pytestmark = pytest.mark.anyio

ADA_ID, BOB_ID = CustomerId(1), CustomerId(2)
ADA = Principal(Role.CUSTOMER, ADA_ID, "Ada")
BOB = Principal(Role.CUSTOMER, BOB_ID, "Bob")
BILLING = Principal(Role.SERVICE, None, "billing")
DESK = Principal(Role.OPERATOR, None, "desk")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Counting(IdentityTables):
    """The real store, which counts how often it is asked for a key and can be held up after it has looked."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked = 0
        self.fails_with: Exception | None = None
        self.looked = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def find_api_key(self, key_hash: bytes) -> ApiKeyRow | None:
        self.asked += 1
        if self.fails_with is not None:
            raise self.fails_with
        found = await super().find_api_key(key_hash)
        self.looked.set()
        await self.may_answer.wait()
        return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def counting(database: Database) -> Counting:
    return Counting(database)


@pytest.fixture
def api_keys(counting: Counting, keys: InstallationKeys, clock: Clock) -> ApiKeys:
    return ApiKeys(counting, keys, clock=clock)


@pytest.fixture(autouse=True)
async def customers(add_customer: AddCustomer) -> None:
    await add_customer(ADA_ID, "Ada")
    await add_customer(BOB_ID, "Bob")


async def ids(api_keys: ApiKeys, viewer: Principal) -> Sequence[str]:
    return [key.id for key in await api_keys.list_keys(viewer, limit=100)]


async def test_a_key_authenticates_as_what_it_was_made_for(api_keys: ApiKeys) -> None:
    service = await api_keys.create(DESK, role=Role.SERVICE, name="billing")
    customer = await api_keys.create(DESK, role=Role.CUSTOMER, customer=ADA_ID, name="phone")
    operator = await api_keys.create(DESK, role=Role.OPERATOR, customer=BOB_ID)
    assert await api_keys.authenticate(service.key) == BILLING
    assert await api_keys.authenticate(customer.key) == ADA
    assert await api_keys.authenticate(operator.key) == Principal(Role.OPERATOR, BOB_ID, "Bob")


async def test_a_key_without_a_name_goes_by_its_id(api_keys: ApiKeys) -> None:
    made = await api_keys.create(DESK, role=Role.SERVICE)
    assert made.shown.name == made.shown.id
    assert await api_keys.authenticate(made.key) == Principal(Role.SERVICE, None, made.shown.id)


async def test_a_replacement_of_the_same_name_shares_its_idempotency_keys(api_keys: ApiKeys) -> None:
    old = await api_keys.create(DESK, role=Role.SERVICE, name="billing")
    new = await api_keys.create(DESK, role=Role.SERVICE, name="billing")
    assert old.key != new.key
    assert old.shown.principal.scope == new.shown.principal.scope == "service:billing"


async def test_a_key_cannot_have_a_higher_role_than_its_maker(api_keys: ApiKeys) -> None:
    made: set[tuple[Role, Role]] = set()
    for own, asked in itertools.product(Role, Role):
        try:
            key = await api_keys.create(Principal(own, ADA_ID, "Ada"), role=asked)
            made.add((own, (await api_keys.authenticate(key.key)).role))
        except RoleAboveOwn:
            continue
    assert made == {(own, asked) for own, asked in itertools.product(Role, Role) if asked.rank <= own.rank}


async def test_the_console_makes_every_key(api_keys: ApiKeys) -> None:
    made = [await api_keys.create(CONSOLE, role=role, customer=ADA_ID) for role in Role]
    assert [key.shown.role for key in made] == list(Role)
    assert {key.shown.created_by for key in made} == {"admin:console"}


async def test_a_customers_key_acts_for_its_maker_by_default(api_keys: ApiKeys) -> None:
    made = await api_keys.create(ADA, role=Role.CUSTOMER)
    assert await api_keys.authenticate(made.key) == ADA


async def test_only_operators_make_keys_that_act_for_someone_else(api_keys: ApiKeys) -> None:
    for maker in (ADA, BILLING, Principal(Role.SERVICE, ADA_ID, "Ada")):
        with pytest.raises(NotPermitted):
            await api_keys.create(maker, role=maker.role, customer=BOB_ID)
    assert (await api_keys.create(DESK, role=Role.CUSTOMER, customer=BOB_ID)).shown.principal == BOB


async def test_a_customers_key_needs_a_customer(api_keys: ApiKeys) -> None:
    with pytest.raises(CustomerRequired):
        await api_keys.create(DESK, role=Role.CUSTOMER)


async def test_a_key_needs_a_customer_who_exists(api_keys: ApiKeys) -> None:
    for customer in (0, -1, 3, 2**63 - 1, 2**63, 10**40):
        with pytest.raises(CustomerUnknown):
            await api_keys.create(DESK, role=Role.CUSTOMER, customer=CustomerId(customer))


async def test_a_name_that_cannot_be_read_is_refused(api_keys: ApiKeys) -> None:
    for name in ("", " ", " billing", "x" * 101, "bill\0ing", "bill\ning", "bill\u202eing", "\ud800"):
        with pytest.raises(KeyNameInvalid) as refusal:
            await api_keys.create(DESK, role=Role.SERVICE, name=name)
        assert refusal.value.field == "name"


async def test_the_same_request_shows_the_same_key_again(api_keys: ApiKeys) -> None:
    first = await api_keys.create(DESK, role=Role.SERVICE, name="billing", idempotency_key="k")
    again = await api_keys.create(DESK, role=Role.SERVICE, name="billing", idempotency_key="k")
    assert (again.key, again.shown) == (first.key, first.shown)
    assert (first.replayed, again.replayed) == (False, True)


async def test_the_same_request_many_times_at_once_makes_one_key(api_keys: ApiKeys) -> None:
    made = await asyncio.gather(
        *(api_keys.create(DESK, role=Role.SERVICE, name="billing", idempotency_key="k") for _ in range(20))
    )
    assert len({key.key for key in made}) == 1
    assert [key.replayed for key in made].count(False) == 1
    assert len(await ids(api_keys, DESK)) == 1


async def test_another_request_under_the_same_idempotency_key_is_refused(api_keys: ApiKeys) -> None:
    await api_keys.create(DESK, role=Role.SERVICE, name="billing", idempotency_key="k")
    for role, name in ((Role.OPERATOR, "billing"), (Role.SERVICE, "other"), (Role.SERVICE, None)):
        with pytest.raises(RequestDiffers) as refusal:
            await api_keys.create(DESK, role=role, name=name, idempotency_key="k")
        assert refusal.value.code == "idempotency_key_reused"


async def test_idempotency_keys_of_different_makers_have_nothing_to_do_with_each_other(api_keys: ApiKeys) -> None:
    ada = await api_keys.create(ADA, role=Role.CUSTOMER, idempotency_key="k")
    bob = await api_keys.create(BOB, role=Role.CUSTOMER, idempotency_key="k")
    assert ada.shown.id != bob.shown.id
    assert not bob.replayed


async def test_requests_without_an_idempotency_key_make_a_key_each(api_keys: ApiKeys) -> None:
    made = [await api_keys.create(ADA, role=Role.CUSTOMER) for _ in range(3)]
    assert len({key.key for key in made}) == 3


async def test_only_the_hash_of_a_key_is_stored(api_keys: ApiKeys, database: Database) -> None:
    made = await api_keys.create(DESK, role=Role.SERVICE)
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT key_hash, k::text AS everything FROM evens.api_keys AS k")
    assert row is not None
    assert row["key_hash"] == hashlib.sha256(made.key.encode()).digest()
    assert made.key.rpartition("_")[2] not in row["everything"]
    assert made.key not in repr(made)


async def test_what_is_no_key_is_refused(api_keys: ApiKeys) -> None:
    unknown = "evk_" + "a" * 16 + "_" + "a" * 52
    for key in ("", "evk_", "evk_a_b", unknown, "evk_\0", "evk_é", "EVK_x", "evk_" * 10_000):
        with pytest.raises(NotAuthenticated):
            await api_keys.authenticate(key)


async def test_an_altered_key_is_refused(api_keys: ApiKeys) -> None:
    key = (await api_keys.create(DESK, role=Role.SERVICE)).key
    with pytest.raises(NotAuthenticated):
        await api_keys.authenticate(key[:-1] + ("a" if key[-1] != "a" else "b"))
    with pytest.raises(NotAuthenticated):
        await api_keys.authenticate(key + "\n")


async def test_customers_and_services_see_and_revoke_their_own_keys_only(api_keys: ApiKeys) -> None:
    of_ada = (await api_keys.create(ADA, role=Role.CUSTOMER)).shown.id
    of_bob = (await api_keys.create(BOB, role=Role.CUSTOMER)).shown.id
    billing = (await api_keys.create(DESK, role=Role.SERVICE, name="billing")).shown.id
    audit = (await api_keys.create(DESK, role=Role.SERVICE, name="audit")).shown.id

    assert await ids(api_keys, ADA) == [of_ada]
    assert await ids(api_keys, BILLING) == [billing]
    for viewer, key_id in ((ADA, of_bob), (ADA, billing), (BILLING, audit), (BILLING, of_ada)):
        with pytest.raises(ApiKeyUnknown):
            await api_keys.revoke(viewer, key_id)
    assert (await api_keys.revoke(ADA, of_ada)).revoked_at is not None
    assert (await api_keys.revoke(BILLING, billing)).revoked_at is not None


async def test_operators_see_and_revoke_every_key_up_to_their_rank(api_keys: ApiKeys) -> None:
    admin = (await api_keys.create(CONSOLE, role=Role.ADMIN, name="root")).shown.id
    operator = (await api_keys.create(CONSOLE, role=Role.OPERATOR, name="other desk")).shown.id
    of_ada = (await api_keys.create(ADA, role=Role.CUSTOMER)).shown.id

    assert await ids(api_keys, DESK) == [of_ada, operator]
    assert await ids(api_keys, CONSOLE) == [of_ada, operator, admin]
    with pytest.raises(ApiKeyUnknown):
        await api_keys.revoke(DESK, admin)
    assert (await api_keys.revoke(DESK, of_ada)).revoked_at is not None


async def test_an_unknown_id_is_no_key_and_no_place_to_go_on_from(api_keys: ApiKeys) -> None:
    await api_keys.create(DESK, role=Role.SERVICE)
    for key_id in ("", "key_", "key_unknown", "key_" + "a" * 16, "key_\0", "\ud800"):
        with pytest.raises(ApiKeyUnknown):
            await api_keys.revoke(CONSOLE, key_id)
        assert await api_keys.list_keys(CONSOLE, limit=10, after=key_id) == []


async def test_revoking_again_gives_the_same_answer(api_keys: ApiKeys) -> None:
    made = await api_keys.create(ADA, role=Role.CUSTOMER)
    first = await api_keys.revoke(ADA, made.shown.id)
    assert await api_keys.revoke(ADA, made.shown.id) == first


async def test_a_key_in_use_is_looked_up_once_in_a_while(api_keys: ApiKeys, counting: Counting, clock: Clock) -> None:
    key = (await api_keys.create(BILLING, role=Role.SERVICE)).key
    for _ in range(10):
        await api_keys.authenticate(key)
    assert counting.asked == 1
    clock.now += REMEMBERED_S
    await api_keys.authenticate(key)
    assert counting.asked == 2


async def test_many_callers_at_once_ask_the_store_once(api_keys: ApiKeys, counting: Counting) -> None:
    key = (await api_keys.create(DESK, role=Role.SERVICE, name="billing")).key
    assert await asyncio.gather(*(api_keys.authenticate(key) for _ in range(50))) == [BILLING] * 50
    assert counting.asked == 1


async def test_an_unknown_key_is_looked_up_again_after_a_second(
    api_keys: ApiKeys, counting: Counting, clock: Clock
) -> None:
    key = "evk_" + "a" * 16 + "_" + "a" * 52
    for _ in range(3):
        with pytest.raises(NotAuthenticated):
            await api_keys.authenticate(key)
    assert counting.asked == 1
    clock.now += REFUSED_S
    with pytest.raises(NotAuthenticated):
        await api_keys.authenticate(key)
    assert counting.asked == 2


async def test_a_key_refused_before_it_was_made_is_good_as_soon_as_it_is(
    api_keys: ApiKeys, store: IdentityTables, keys: InstallationKeys, database: Database
) -> None:
    key = (await ApiKeys(store, keys).create(DESK, role=Role.SERVICE, name="billing", idempotency_key="k")).key
    async with database.connection() as connection:
        await connection.execute("UPDATE evens.api_keys SET id = 'key_other', key_hash = '\\x00'")
    with pytest.raises(NotAuthenticated):
        await api_keys.authenticate(key)
    again = await api_keys.create(DESK, role=Role.SERVICE, name="billing", idempotency_key="k")
    assert again.key == key
    assert await api_keys.authenticate(key) == BILLING


async def test_a_revoked_key_is_refused_at_once(api_keys: ApiKeys) -> None:
    made = await api_keys.create(DESK, role=Role.SERVICE)
    await api_keys.authenticate(made.key)
    await api_keys.revoke(DESK, made.shown.id)
    with pytest.raises(NotAuthenticated):
        await api_keys.authenticate(made.key)


async def test_a_key_revoked_elsewhere_is_refused_within_seconds(
    api_keys: ApiKeys, store: IdentityTables, keys: InstallationKeys, clock: Clock
) -> None:
    made = await api_keys.create(DESK, role=Role.SERVICE)
    await api_keys.authenticate(made.key)
    await ApiKeys(store, keys).revoke(DESK, made.shown.id)
    clock.now += REMEMBERED_S
    with pytest.raises(NotAuthenticated):
        await api_keys.authenticate(made.key)


async def test_a_look_up_in_progress_does_not_restore_a_revoked_key(api_keys: ApiKeys, counting: Counting) -> None:
    made = await api_keys.create(DESK, role=Role.SERVICE)
    counting.may_answer.clear()
    early = asyncio.create_task(api_keys.authenticate(made.key))
    await counting.looked.wait()
    await api_keys.revoke(DESK, made.shown.id)
    counting.looked.clear()
    late = asyncio.create_task(api_keys.authenticate(made.key))
    async with asyncio.timeout(10):
        await counting.looked.wait()
    counting.may_answer.set()
    assert (await early).role is Role.SERVICE
    with pytest.raises(NotAuthenticated):
        await late
    with pytest.raises(NotAuthenticated):
        await api_keys.authenticate(made.key)


async def test_a_cancelled_caller_does_not_cancel_the_others(api_keys: ApiKeys, counting: Counting) -> None:
    key = (await api_keys.create(DESK, role=Role.SERVICE, name="billing")).key
    counting.may_answer.clear()
    first = asyncio.create_task(api_keys.authenticate(key))
    second = asyncio.create_task(api_keys.authenticate(key))
    await counting.looked.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    counting.may_answer.set()
    assert await second == BILLING


async def test_a_database_that_is_away_is_not_taken_for_a_wrong_key(
    api_keys: ApiKeys, counting: Counting, caplog: pytest.LogCaptureFixture
) -> None:
    key = (await api_keys.create(DESK, role=Role.SERVICE, name="billing")).key
    counting.fails_with = StoreUnavailable("The database cannot be reached.")
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                await api_keys.authenticate(key)
    counting.fails_with = None
    assert await api_keys.authenticate(key) == BILLING
    assert not caplog.records


async def test_the_id_of_a_key_can_be_read_from_its_text() -> None:
    key = "evk_" + "a" * 16 + "_" + "b" * 52
    assert key_id_of(key) == "key_" + "a" * 16
    assert key_id_of("evk_short") is None
    assert key_id_of(key + "\n") is None
