"""Logins, refresh tokens and API keys in PostgreSQL: uniqueness, races, and who reaches which key."""

import asyncio
import itertools
import os
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from evens.core.values.ids import CustomerId
from evens.store.database import Database
from evens.store.errors import StoreUnavailable
from evens.store.identity import ApiKeyRow, IdentityTables, SessionRow

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
ALL_ROLES = ["customer", "service", "operator", "admin"]


@pytest.fixture
def tables(database: Database) -> IdentityTables:
    """Work under the application's role, as the product does."""
    return IdentityTables(database)


@pytest.fixture
async def ada(database: Database) -> CustomerId:
    """Register a customer."""
    return await add_customer(database, CustomerId(1), "Ada")


async def add_customer(database: Database, customer: CustomerId, username: str) -> CustomerId:
    async with database.connection() as connection:
        await connection.execute("SELECT evens.register_customers($1, $2, $3)", [customer], [username], [customer])
    return customer


async def execute(database: Database, sql: str) -> str:
    async with database.connection() as connection:
        return await connection.execute(sql)


async def test_a_customer_without_a_login_is_found_all_the_same(tables: IdentityTables, ada: CustomerId) -> None:
    found = await tables.login_of(ada)
    assert found == (ada, "Ada", None, None, "customer")
    assert await tables.find_login("aDA") == found
    assert await tables.login_of(CustomerId(99)) is None


async def test_a_login_is_found_by_address_and_by_username_in_any_case(tables: IdentityTables, ada: CustomerId) -> None:
    added = await tables.add_login(ada, "Ada@Example.com", "hash")
    assert added == (ada, "Ada", "Ada@Example.com", "hash", "customer")
    assert await tables.find_login("ada@example.COM") == added
    assert await tables.find_login("ADA") == added
    assert await tables.find_email("ada@example.com") == added
    assert await tables.find_email("ada") is None
    assert await tables.find_login("nobody") is None


async def test_someones_address_as_a_username_does_not_stand_between_them_and_their_login(
    tables: IdentityTables, database: Database, ada: CustomerId
) -> None:
    await add_customer(database, CustomerId(2), "ada@example.com")
    await tables.add_login(ada, "ada@example.com", "hash")
    found = await tables.find_login("ada@example.com")
    assert found is not None
    assert found.customer == ada


async def test_an_address_belongs_to_one_customer_whatever_the_case(
    tables: IdentityTables, database: Database, ada: CustomerId
) -> None:
    bob = await add_customer(database, CustomerId(2), "Bob")
    await tables.add_login(ada, "ada@example.com", "hash")
    assert await tables.add_login(bob, "ADA@example.com", "hash") is None
    assert await tables.login_of(bob) == (bob, "Bob", None, None, "customer")


async def test_adding_a_login_again_changes_nothing(tables: IdentityTables, ada: CustomerId) -> None:
    first = await tables.add_login(ada, "ada@example.com", "hash")
    assert await tables.add_login(ada, "other@example.com", "another hash") == first


async def test_of_many_logins_added_at_once_all_learn_which_one_counts(tables: IdentityTables, ada: CustomerId) -> None:
    answers = await asyncio.gather(*(tables.add_login(ada, f"{n}@example.com", f"hash {n}") for n in range(20)))
    assert len(set(answers)) == 1
    assert answers[0] == await tables.login_of(ada)


async def test_a_hash_is_replaced_only_if_it_is_still_the_old_one(tables: IdentityTables, ada: CustomerId) -> None:
    await tables.add_login(ada, "ada@example.com", "old")
    await tables.replace_password_hash(ada, "older", "new")
    assert await hash_of(tables, ada) == "old"
    await tables.replace_password_hash(ada, "old", "new")
    assert await hash_of(tables, ada) == "new"


async def hash_of(tables: IdentityTables, customer: CustomerId) -> str | None:
    found = await tables.login_of(customer)
    assert found is not None
    return found.password_hash


class Tokens:
    """A family of refresh tokens, numbered in the order of their issue."""

    def __init__(self, tables: IdentityTables, customer: CustomerId) -> None:
        self.tables = tables
        self.customer = customer
        self.family: UUID = uuid4()
        self.salt = os.urandom(16)

    def hash(self, number: int) -> bytes:
        return self.salt + number.to_bytes(16, "big")

    async def begin(self, lifetime: timedelta = DAY) -> None:
        await self.tables.add_session(self.family, self.customer, self.hash(1), lifetime)

    async def rotate(self, number: int, following: int) -> SessionRow | None:
        return await self.tables.rotate(self.hash(number), self.hash(following), DAY)


@pytest.fixture
async def tokens(tables: IdentityTables, ada: CustomerId) -> Tokens:
    """Begin a session."""
    tokens = Tokens(tables, ada)
    await tokens.begin()
    return tokens


async def test_each_token_of_a_family_gives_the_next(tokens: Tokens) -> None:
    expected = (tokens.family, tokens.customer, "Ada", "customer", False, False)
    assert [await tokens.rotate(n, n + 1) for n in range(1, 5)] == [expected] * 4


async def test_a_token_used_before_ends_its_family(tokens: Tokens) -> None:
    await tokens.rotate(1, 2)
    await tokens.rotate(2, 3)
    reused = await tokens.rotate(1, 9)
    assert reused is not None
    assert reused.reused
    assert await tokens.rotate(3, 4) is None
    assert await tokens.rotate(1, 9) is None
    assert await tokens.rotate(9, 10) is None


async def test_a_token_used_before_ends_no_other_family(tables: IdentityTables, tokens: Tokens) -> None:
    other = Tokens(tables, tokens.customer)
    await other.begin()
    await tokens.rotate(1, 2)
    await tokens.rotate(1, 3)
    assert await other.rotate(1, 2) is not None


async def test_of_many_rotations_at_once_one_wins_and_its_family_ends(tokens: Tokens) -> None:
    answers = await asyncio.gather(*(tokens.rotate(1, n) for n in range(2, 22)))
    assert len([answer for answer in answers if answer is not None and not answer.reused]) == 1
    assert len([answer for answer in answers if answer is not None and answer.reused]) == 1
    assert [await tokens.rotate(n, n + 100) for n in range(2, 22)] == [None] * 20


async def test_a_token_issued_while_its_family_ends_is_useless_too(tables: IdentityTables, ada: CustomerId) -> None:
    for _ in range(30):
        tokens = Tokens(tables, ada)
        await tokens.begin()
        await tokens.rotate(1, 2)
        await asyncio.gather(tokens.rotate(2, 3), tokens.rotate(1, 4))
        assert await tokens.rotate(3, 5) is None
        assert await tokens.rotate(2, 6) is None


async def test_a_token_issued_while_its_session_is_logged_out_is_useless_too(
    tables: IdentityTables, ada: CustomerId
) -> None:
    for _ in range(30):
        tokens = Tokens(tables, ada)
        await tokens.begin()
        await asyncio.gather(tokens.rotate(1, 2), tables.end_session(tokens.family))
        assert await tokens.rotate(2, 3) is None


async def test_an_expired_token_gives_nothing(tables: IdentityTables, ada: CustomerId) -> None:
    tokens = Tokens(tables, ada)
    await tokens.begin(lifetime=timedelta(seconds=-1))
    assert await tokens.rotate(1, 2) is None
    assert await tokens.rotate(2, 3) is None


async def test_an_unknown_token_gives_nothing_and_has_no_family(tables: IdentityTables, tokens: Tokens) -> None:
    assert await tokens.rotate(7, 8) is None
    assert await tables.family_of(tokens.hash(7)) is None


async def test_used_and_unused_tokens_have_their_family(tables: IdentityTables, tokens: Tokens) -> None:
    await tokens.rotate(1, 2)
    assert await tables.family_of(tokens.hash(1)) == tokens.family
    assert await tables.family_of(tokens.hash(2)) == tokens.family


async def test_only_tokens_past_their_time_are_removed(
    tables: IdentityTables, database: Database, tokens: Tokens
) -> None:
    await tokens.rotate(1, 2)
    await execute(
        database, "UPDATE evens.refresh_tokens SET expires_at = now() - interval '1 s' WHERE used_at IS NOT NULL"
    )
    assert await tables.remove_expired() == 1
    assert await tables.remove_expired() == 0
    assert await tokens.rotate(2, 3) is not None


class Keys:
    """API keys under ids that count up."""

    def __init__(self, tables: IdentityTables) -> None:
        self.tables = tables
        self.numbers = itertools.count(1)

    async def add(
        self, role: str, customer: CustomerId | None = None, name: str = "name", created_by: str = "x"
    ) -> str:
        key_id = f"key_{next(self.numbers)}"
        added = await self.tables.add_api_key(key_id, key_id.encode(), role, customer, name, created_by, "{}")
        assert not isinstance(added, str)
        return key_id

    async def listed(
        self, roles: list[str], scope: str | None, limit: int = 100, after: str | None = None
    ) -> list[str]:
        return [key.id for key in await self.tables.list_api_keys(roles, scope, limit, after)]


@pytest.fixture
def keys(tables: IdentityTables) -> Keys:
    """Add keys with little to say."""
    return Keys(tables)


async def test_a_key_is_found_by_its_hash_with_the_username_it_acts_for(
    tables: IdentityTables, ada: CustomerId
) -> None:
    added = await tables.add_api_key("key_1", b"1", "customer", ada, "phone", "customer:1", '{"a":1}')
    assert not isinstance(added, str)
    row, is_new = added
    assert is_new
    assert row[:7] == ("key_1", "customer", ada, "Ada", "phone", "customer:1", '{"a":1}')
    assert row.revoked_at is None
    assert await tables.find_api_key(b"1") == row
    assert await tables.find_api_key(b"2") is None


async def test_a_key_recorded_again_stays_as_it_was(tables: IdentityTables) -> None:
    first = await tables.add_api_key("key_1", b"1", "service", None, "name", "x", "first")
    again = await tables.add_api_key("key_1", b"1", "admin", None, "other", "y", "second")
    assert not isinstance(first, str)
    assert again == (first[0], False)


async def test_of_many_keys_recorded_at_once_under_one_id_one_is_new(tables: IdentityTables) -> None:
    answers = await asyncio.gather(
        *(tables.add_api_key("key_1", b"1", "service", None, f"{n}", "x", "{}") for n in range(20))
    )
    assert len({answer[0] for answer in answers if not isinstance(answer, str)}) == 1
    assert [answer[1] for answer in answers if not isinstance(answer, str)].count(True) == 1


async def test_a_key_for_nobody_known_is_not_recorded(tables: IdentityTables) -> None:
    assert await tables.add_api_key("key_1", b"1", "customer", CustomerId(99), "name", "x", "{}") == "customer_unknown"
    assert await tables.list_api_keys(ALL_ROLES, None, 10, None) == []


async def test_a_key_is_within_reach_by_role_and_scope(keys: Keys, database: Database, ada: CustomerId) -> None:
    bob = await add_customer(database, CustomerId(2), "Bob")
    of_ada = await keys.add("customer", ada)
    of_bob = await keys.add("customer", bob)
    made_by_ada = await keys.add("customer", bob, created_by=f"customer:{ada}")
    service = await keys.add("service", name="billing")
    made_by_service = await keys.add("service", name="helper", created_by="service:billing")
    operator = await keys.add("operator", name="desk")
    operator_for_ada = await keys.add("operator", ada)

    assert await keys.listed(["customer"], f"customer:{ada}") == [made_by_ada, of_ada]
    assert await keys.listed(["customer"], f"customer:{bob}") == [made_by_ada, of_bob]
    assert await keys.listed(["customer", "service"], "service:billing") == [made_by_service, service]
    assert await keys.listed(["customer", "service", "operator"], f"customer:{ada}") == [
        operator_for_ada,
        made_by_ada,
        of_ada,
    ]
    assert operator in await keys.listed(ALL_ROLES, None)
    assert len(await keys.listed(ALL_ROLES, None)) == 7


async def test_pages_follow_each_other_without_gaps_while_keys_are_added(keys: Keys) -> None:
    ids = [await keys.add("service") for _ in range(5)]
    assert await keys.listed(ALL_ROLES, None, limit=2) == [ids[4], ids[3]]
    await keys.add("service")
    assert await keys.listed(ALL_ROLES, None, limit=2, after=ids[3]) == [ids[2], ids[1]]
    assert await keys.listed(ALL_ROLES, None, limit=2, after=ids[1]) == [ids[0]]
    assert await keys.listed(ALL_ROLES, None, limit=2, after="key_unknown") == []


async def test_a_revoked_key_is_listed_but_not_found_by_its_hash(tables: IdentityTables, keys: Keys) -> None:
    key_id = await keys.add("service")
    revoked = await tables.revoke_api_key(key_id, ALL_ROLES, None)
    assert isinstance(revoked, ApiKeyRow)
    assert revoked.revoked_at is not None
    assert await tables.find_api_key(key_id.encode()) is None
    assert await tables.list_api_keys(ALL_ROLES, None, 10, None) == [revoked]


async def test_revoking_again_keeps_the_first_time(tables: IdentityTables, keys: Keys) -> None:
    key_id = await keys.add("service")
    first = await tables.revoke_api_key(key_id, ALL_ROLES, None)
    assert await tables.revoke_api_key(key_id, ALL_ROLES, None) == first


async def test_a_key_out_of_reach_is_not_revoked(tables: IdentityTables, keys: Keys) -> None:
    key_id = await keys.add("operator")
    assert await tables.revoke_api_key(key_id, ["customer", "service"], None) is None
    assert await tables.revoke_api_key(key_id, ALL_ROLES, "service:billing") is None
    assert await tables.revoke_api_key("key_unknown", ALL_ROLES, None) is None
    assert await tables.find_api_key(key_id.encode()) is not None


async def test_a_connection_that_breaks_is_told_as_the_database_being_away(
    tables: IdentityTables, database: Database
) -> None:
    with pytest.raises(StoreUnavailable):
        await execute(database, "SELECT pg_terminate_backend(pg_backend_pid())")
    assert await tables.find_login("ada") is None
