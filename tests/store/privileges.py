"""Walks the catalogue for what the application's role could use to do more than it should; returns complaints."""

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from evens.store.database import Wire

SEARCH_PATH: Final = "search_path=pg_catalog, pg_temp"

_FUNCTIONS: Final = """
SELECT p.oid::regprocedure::text AS name, p.prosecdef AS definer, coalesce(p.proconfig, '{}') AS settings,
    p.prosrc AS body, r.rolname AS owner, has_function_privilege('public', p.oid, 'EXECUTE') AS public
FROM pg_proc AS p JOIN pg_roles AS r ON r.oid = p.proowner
WHERE p.pronamespace = 'evens'::regnamespace OR p.prosecdef AND p.pronamespace <> 'pg_catalog'::regnamespace
"""
_ROLES: Final = """
SELECT r.rolname AS name, r.rolcanlogin AS login,
    r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls AS mighty,
    EXISTS (SELECT FROM pg_auth_members AS m WHERE m.member = r.oid) AS member
FROM pg_roles AS r
"""
_MAKES: Final = """
SELECT 'evens_app may make temporary objects' WHERE has_database_privilege('evens_app', current_database(), 'TEMPORARY')
UNION ALL
SELECT 'evens_app may make schemas' WHERE has_database_privilege('evens_app', current_database(), 'CREATE')
UNION ALL
SELECT r.role || ' may make objects in schema ' || n.nspname
    FROM pg_namespace AS n, (VALUES ('evens_app'), ('evens_functions')) AS r (role)
    WHERE has_schema_privilege(r.role, n.oid, 'CREATE')
UNION ALL
SELECT 'evens_app owns ' || c.oid::regclass FROM pg_class AS c WHERE c.relowner = 'evens_app'::regrole
UNION ALL
SELECT r.rolname || ' can become evens_functions, and logs in' FROM pg_roles AS r
    WHERE r.rolcanlogin AND NOT r.rolsuper AND r.rolname <> $1 AND pg_has_role(r.oid, 'evens_functions', 'MEMBER')
"""
_TYPE: Final = re.compile(
    r"::\s*(?P<cast>[a-z_]\w*)(?![\w.])"
    r"|\bcast\s*\(.*?\bas\s+(?P<called>[a-z_]\w*)(?![\w.])"
    r"|^\s+\w+\s+(?P<declared>[a-z_]\w*)(?:\[\])?\s*(?::=|;)(?=.*^BEGIN)",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


def unqualified_types(body: str) -> list[str]:
    """Return the types that a function's body names without their schema, in the order of the text."""
    found = (match["cast"] or match["called"] or match["declared"] for match in _TYPE.finditer(body))
    return [name for name in found if name != "record"]


async def loose_privileges(owner: "Wire", *, database_owner: str) -> list[str]:
    """Complain of functions, roles and privileges by which the application could become more than it is."""
    roles = {row["name"]: row for row in await owner.fetch(_ROLES)}
    complaints = [row[0] for row in await owner.fetch(_MAKES, database_owner)]
    if roles["evens_app"]["mighty"] or roles["evens_app"]["member"]:
        complaints.append("evens_app may do more than use the database")
    for function in await owner.fetch(_FUNCTIONS):
        name, role = function["name"], roles[function["owner"]]
        if SEARCH_PATH not in function["settings"]:
            complaints.append(f"{name}: pg_temp comes first")
        if function["definer"] and (role["login"] or role["mighty"] or role["member"]):
            complaints.append(f"{name}: runs as {role['name']}")
        if function["public"]:
            complaints.append(f"{name}: everybody may execute it")
        complaints += [f"{name}: {kind} is of no schema" for kind in unqualified_types(function["body"])]
    return sorted(complaints)
