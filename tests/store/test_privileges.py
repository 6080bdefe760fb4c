"""Privileges: no function that the application may call makes it more than it is, and no role does."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from evens.store.embedded import OWNER_ROLE, Running, start
from evens.store.errors import MigrationNotAllowed, PrivilegesLoose
from evens.store.migrate import check_schema, migrate
from line_provider.store import SCHEMA as LINE_SCHEMA
from tests.conftest import Dsns
from tests.store.privileges import loose_privileges, unqualified_types

pytestmark = pytest.mark.anyio

ROLES = Path(__file__).parents[2] / "deploy" / "postgres" / "roles.sql"

_EVIL = """
CREATE FUNCTION pg_temp.evil(v pg_catalog.{kind}) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> 'evens_app' THEN
        RAISE EXCEPTION 'ran as %', current_user;
    END IF;
    RETURN true;
END $$;
CREATE DOMAIN pg_temp.{kind} AS pg_catalog.{kind} CHECK (pg_temp.evil(VALUE));
"""
# It fits better than PostgreSQL's own, so it is taken where public is searched.
_ASTRAY = """
CREATE FUNCTION public.has_function_privilege(text, oid, text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ran as %', current_user;
END $$;
"""
_OFFER = ", ".join(f"'{{{value}}}'" for value in "998 1 x 1 200 1 1 1 1 t NULL NULL 1 0 0 0 1".split())
_CALLS = (
    "SELECT evens.create_markets(ARRAY[999], ARRAY[1::pg_catalog.int2], ARRAY['{}'::pg_catalog.text], ARRAY[1])",
    "SELECT evens.change_markets(ARRAY[999], ARRAY['{\"stage\": 1}'::pg_catalog.text])",
    f"SELECT evens.offer_challenges({_OFFER})",
    "SELECT evens.change_challenges(ARRAY[998], ARRAY['{\"status\": 2}'::pg_catalog.text])",
    "SELECT evens.change_challenges(ARRAY[999], ARRAY['{}'::pg_catalog.text])",
)
_CARELESS = """
CREATE FUNCTION evens.careless(terms text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    found jsonb := terms::jsonb;
BEGIN
    RETURN found = cast(terms AS jsonb);
END $$;
"""


async def _run(dsn: str, *statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _complaints(dsns: Dsns) -> list[str]:
    connection = await asyncpg.connect(dsns.owner)
    try:
        return await loose_privileges(connection, database_owner=OWNER_ROLE)
    finally:
        await connection.close()


async def test_the_application_cannot_make_temporary_objects(bare: Dsns) -> None:
    """Hold 1: the first step of the way from the application's role to the owner is refused."""
    await migrate(bare.owner)

    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="temporary"):
        await _run(bare.app, _EVIL.format(kind="jsonb"))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="temporary"):
        await _run(bare.app, "CREATE TEMPORARY TABLE told (line text)")


async def test_a_temporary_type_with_the_name_of_ours_runs_as_nobody_else(bare: Dsns) -> None:
    """Hold 1: even where temporary objects are allowed, a function takes no type from there."""
    await migrate(bare.owner)
    await _run(bare.owner, "GRANT TEMPORARY ON DATABASE evens_bare TO evens_app")
    app = await asyncpg.connect(bare.app)
    for kind in ("jsonb", "int4", "int8", "text", "bytea"):
        await app.execute(_EVIL.format(kind=kind))
    said: list[str] = []

    for call in _CALLS:
        try:
            async with app.transaction():
                await app.execute(call)
        except asyncpg.PostgresError as error:
            said.append(str(error))

    assert said == ["challenge 999 is not there"]
    await _run(bare.owner, _CARELESS, "GRANT EXECUTE ON FUNCTION evens.careless TO evens_app")
    with pytest.raises(asyncpg.RaiseError, match="ran as evens_owner"):
        await app.execute("SELECT evens.careless('{}'::pg_catalog.text)")
    await app.close()


async def test_no_function_and_no_role_lets_the_application_do_more_than_it_should(bare: Dsns) -> None:
    """Hold 1: walk the whole catalogue for the kind."""
    await migrate(bare.owner)
    assert await _complaints(bare) == []


async def test_a_careless_function_is_found_and_put_right_as_far_as_the_catalogue_goes(bare: Dsns) -> None:
    """Hold 1: the walk through the catalogue is tried with something wrong."""
    await migrate(bare.owner)
    await _run(bare.owner, _CARELESS, "GRANT TEMPORARY ON DATABASE evens_bare TO PUBLIC")

    assert await _complaints(bare) == [
        "evens.careless(text): everybody may execute it",
        *["evens.careless(text): jsonb is of no schema"] * 3,
        "evens.careless(text): pg_temp comes first",
        "evens.careless(text): runs as evens_owner",
        "evens_app may make temporary objects",
    ]
    with pytest.raises(PrivilegesLoose, match=r"evens\.careless.* run 'evens migrate'"):
        await check_schema(bare.app)
    assert await migrate(bare.owner) == []
    await check_schema(bare.app)
    assert await _complaints(bare) == ["evens.careless(text): jsonb is of no schema"] * 3


def test_types_without_a_schema_are_found_wherever_a_body_can_name_one() -> None:
    assert unqualified_types("SELECT a::text, b:: pg_catalog.text, cast(c AS bytea), d AS name FROM e") == [
        "text",
        "bytea",
    ]
    assert unqualified_types("DECLARE\n    a jsonb;\n    b pg_catalog.int4 := 1;\nBEGIN\n    c = d;\nEND") == ["jsonb"]


async def test_a_database_of_an_earlier_version_is_closed_when_it_is_migrated(old: Dsns) -> None:
    """Hold 1: what earlier migrations left open is closed by this one."""
    owner = await asyncpg.connect(old.owner)
    assert await loose_privileges(owner, database_owner=OWNER_ROLE) != []

    await migrate(old.owner)

    assert await loose_privileges(owner, database_owner=OWNER_ROLE) == []
    await owner.close()


async def test_an_owner_without_superuser_migrates_and_keeps_the_functions_apart(tmp_path: Path) -> None:
    """Hold 1: on a PostgreSQL of the operator's own, the migrating role need not be a superuser."""
    with start(tmp_path / "data") as server:
        admin = server.dsn(OWNER_ROLE, "postgres")
        await _run(
            admin,
            "DROP ROLE evens_functions",
            "CREATE ROLE operator_owner CREATEROLE",
            "GRANT evens_app TO operator_owner",
            "CREATE DATABASE own OWNER operator_owner TEMPLATE template0",
        )
        dsn = f"{server.dsn(OWNER_ROLE, 'own')}&role=operator_owner"

        assert await migrate(dsn) != []
        await check_schema(server.dsn("evens_app", "own"))

        owner = await asyncpg.connect(server.dsn(OWNER_ROLE, "own"))
        assert await loose_privileges(owner, database_owner="operator_owner") == []
        assert (
            await owner.fetchval(
                "SELECT count(DISTINCT proowner) FROM pg_proc WHERE pronamespace = 'evens'::regnamespace"
            )
            == 1
        )
        await owner.close()
        await _check_refusals(server, dsn)


async def test_a_migration_takes_nothing_from_schemas_that_others_may_write(bare: Dsns) -> None:
    """Hold 1: the owner's own session is not led astray either, where everybody may make objects in public."""
    await migrate(bare.owner)
    await _run(bare.owner, "GRANT CREATE ON SCHEMA public TO evens_app")
    await _run(bare.app, _ASTRAY)

    assert await migrate(bare.owner) == []


async def test_the_login_of_the_servers_is_a_member_of_the_applications_role_alone(postgres: Running) -> None:
    """Hold 1: what compose runs in its PostgreSQL, twice as on an older one, makes the least login that does."""
    options = f"-X -q -h {postgres.socket_directory} -U {OWNER_ROLE} -d postgres".split()
    for _ in range(2):
        psql = await asyncio.create_subprocess_exec(
            *(postgres.binaries / "psql", *options, "-f", ROLES),
            env={"POSTGRES_SERVER_PASSWORD": "it's secret", "POSTGRES_LINE_PASSWORD": "that's secret, too"},
        )
        assert await psql.wait() == 0
    admin = await asyncpg.connect(postgres.dsn(OWNER_ROLE, "postgres"))
    found = await admin.fetchrow(
        "SELECT rolcanlogin, rolsuper OR rolcreaterole OR rolcreatedb AS mighty,"
        " array(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid) AS roles"
        " FROM pg_roles AS r WHERE rolname = 'evens_server'"
    )
    line = await admin.fetchrow(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb,"
        " has_database_privilege('evens_server', 'line_provider', 'CONNECT'),"
        " (SELECT datdba = r.oid FROM pg_database WHERE datname = 'line_provider')"
        " FROM pg_roles AS r WHERE rolname = 'line_provider_owner' AND rolcanlogin"
    )
    assert await migrate(f"{postgres.dsn(OWNER_ROLE, 'line_provider')}&role=line_provider_owner", LINE_SCHEMA) != []
    for statement in ("DATABASE line_provider", "ROLE evens_server", "ROLE line_provider_owner", "ROLE line_provider"):
        await admin.execute(f"DROP {statement}")
    await admin.close()
    assert tuple(found or ()) == (True, False, ["evens_app"])
    assert tuple(line or ()) == (False, False, True)


async def _check_refusals(server: Running, dsn: str) -> None:
    """A role that gives the functions more than they need, and one that may not make the role, are refused by name."""
    admin = server.dsn(OWNER_ROLE, "postgres")
    await _run(admin, "ALTER ROLE evens_functions LOGIN")
    with pytest.raises(MigrationNotAllowed, match="NOLOGIN NOSUPERUSER"):
        await migrate(dsn)
    await _run(admin, "ALTER ROLE evens_functions NOLOGIN", "CREATE ROLE modest", "CREATE DATABASE modest OWNER modest")
    with pytest.raises(MigrationNotAllowed, match="member of evens_app and evens_functions"):
        await migrate(f"{server.dsn(OWNER_ROLE, 'modest')}&role=modest")
    await _run(admin, "GRANT evens_app, evens_functions TO modest")
    assert await migrate(f"{server.dsn(OWNER_ROLE, 'modest')}&role=modest") != []
