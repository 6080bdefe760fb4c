"""Checks of what the store's rooms declare, as functions that return complaints, so that each can itself be tested."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import asyncpg

from evens.store.auditing.product import ProductAudit
from evens.store.encoding.rows import Rows, WriteOrder
from evens.store.encoding.tables import BY_DATABASE, SameAs, Table, Write

if TYPE_CHECKING:
    from evens.store.database import Wire

UNDECLARED = frozenset(
    {
        *("migrations", "quarantine", "secrets"),
        *("logins", "api_keys", "sessions", "refresh_tokens", "known_places"),  # who is calling: not in the journal
        *("second_factors", "recovery_codes", "reset_tokens", "secrets", "passkeys", "passkey_challenges"),
        *("webhooks", "deliveries"),  # who wants notices, and what became of each
        *("chain_cursors", "chain_addresses", "chain_deposits"),  # which of a chain's transactions bookings stand for
        *("chain_withdrawals", "chain_sendings"),
        *("preferences", "favourites", "notifications_read"),  # what customers chose for their pages
        *("approvals", "approval_decisions", "approval_outcomes"),  # what two operators agree on before it is booked
        *(
            "journal_index",
            "journal_subjects",
            "audits",
        ),  # what leads into the journal
        *("customer_notes",),  # what operators note
        *("profiles",),  # what customers choose to show of themselves
        *(
            "copier_place",
            "copier_turns",
            "record_place",
            "outcomes_due",
            "outcomes",
            "record_days_due",
            "record_days",
            "record_figures",
        ),
        *("payment_places",),  # worked out of the journal and the products' tables, like all records
        *("told_prices",),  # closes that operators told; audited against the evidence that follows from them
    }
)
"""Tables that no event leaves rows in, and so no room declares."""

_COLUMNS = """
SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS kind,
    pg_get_expr(d.adbin, d.adrelid) AS initial, a.attidentity <> '' AS is_numbered
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'evens'::regnamespace AND c.relkind = 'r' AND a.attgenerated = ''
"""
_KEYS = """
SELECT i.indrelid::regclass::text AS table, array_agg(a.attname::text ORDER BY k.place) AS key
FROM pg_index AS i, unnest(i.indkey) WITH ORDINALITY AS k (attnum, place), pg_attribute AS a, pg_class AS c
WHERE i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.attnum AND c.oid = i.indrelid
    AND c.relnamespace = 'evens'::regnamespace
GROUP BY i.indrelid
"""
_FUNCTIONS = """
SELECT p.proname AS function, array(SELECT format_type(kind, NULL) FROM unnest(p.proargtypes) AS kind) AS kinds
FROM pg_proc AS p
WHERE p.pronamespace = 'evens'::regnamespace AND p.prorettype = 'void'::regtype
    AND has_function_privilege('evens_app', p.oid, 'EXECUTE')
"""


def tables_of(writes: Iterable[Write]) -> list[Table]:
    """Return every table that writes leave rows in, each once."""
    return list(dict.fromkeys(table for write in writes for table in (write.table, *write.also)))


async def compare_tables(owner: "Wire", tables: Sequence[Table]) -> list[str]:
    """Complain of tables, columns, types, keys and initial values in which declarations and catalogue differ."""
    stored: dict[str, dict[str, asyncpg.Record]] = {}
    for row in await owner.fetch(_COLUMNS):
        stored.setdefault(row["table"], {})[row["column"]] = row
    keys = {row["table"].removeprefix("evens."): tuple(row["key"]) for row in await owner.fetch(_KEYS)}
    declared = {table.name: table for table in tables}
    complaints = [f"{name}: no room declares it" for name in stored.keys() - declared.keys() - UNDECLARED]
    complaints += [f"{name}: is not in the database" for name in declared.keys() - stored.keys()]
    for name in sorted(declared.keys() & stored.keys()):
        table, columns = declared[name], stored[name]
        if dict(table.columns) != {column: row["kind"] for column, row in columns.items()}:
            complaints.append(f"{name}: columns or types differ")
        if table.key != keys[name]:
            complaints.append(f"{name}: the key is {keys[name]}")
        for column in columns.keys() & table.columns.keys():
            if not await _is_initial(owner, table, columns[column]):
                complaints.append(f"{name}.{column}: begins as {columns[column]['initial']}")
    return sorted(complaints)


async def _is_initial(owner: "Wire", table: Table, stored: asyncpg.Record) -> bool:
    """Return whether what a new row holds in a column is what is declared."""
    value = table.initial.get(stored["column"])
    if stored["is_numbered"] or value is BY_DATABASE:
        return stored["is_numbered"] and value is BY_DATABASE
    if stored["initial"] is None:
        # It begins as null, or the writing function gives it a value.
        return value is None or isinstance(value, SameAs)
    return stored["column"] in table.initial and value == await owner.fetchval(f"SELECT {stored['initial']}")


async def compare_functions(owner: "Wire", writes: Sequence[Write]) -> list[str]:
    """Complain of writing functions whose arguments are not as declared, and of those that nobody declares."""
    stored = {row["function"]: tuple(row["kinds"]) for row in await owner.fetch(_FUNCTIONS)}
    declared = {write.function: write.kinds for write in writes}
    complaints = [f"{name}: no room declares it" for name in stored.keys() - declared.keys()]
    complaints += [f"{name}: is not in the database" for name in declared.keys() - stored.keys()]
    complaints += [
        f"{name}: takes {stored[name]}, not {kinds}"
        for name, kinds in declared.items()
        if name in stored and stored[name] != kinds
    ]
    return sorted(complaints)


def unprojected(events: Collection[type], parts: Sequence[Mapping[type, Any]]) -> list[str]:
    """Complain of events that no room projects or marks as leaving nothing, that two do, or that do not exist."""
    named = Counter(event for part in parts for event in part)
    complaints = [f"{event.__name__}: no room says what it leaves" for event in set(events) - named.keys()]
    complaints += [f"{event.__name__}: {rooms} rooms say what it leaves" for event, rooms in named.items() if rooms > 1]
    complaints += [f"{event.__name__}: is no event" for event in named.keys() - set(events)]
    return sorted(complaints)


def unstored(rows: Rows, order: WriteOrder) -> list[str]:
    """Complain of writes that projections add rows to although nobody would store them, and of those they never use."""
    used = rows.added.keys() | rows.summed.keys()
    complaints = [f"{write.function}: is in no room's WRITES" for write in used - set(order.writes)]
    complaints += [f"{write.function}: no projection adds rows to it" for write in set(order.writes) - used]
    return sorted(complaints)


def unaudited(tables: Iterable[Table], products: Iterable[Callable[[], ProductAudit]]) -> list[str]:
    """Complain of tables that no product's audit compares."""
    audited = {table for product in products for table in product().tables}
    return sorted(f"{table.name}: no audit compares it" for table in set(tables) - audited)
