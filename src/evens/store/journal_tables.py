"""The journal's tables: the records, and the one row that says where they end and who may go on."""

from typing import Final

from evens.store.encoding.tables import Table, insertion

JOURNAL: Final = Table(
    "journal",
    columns={"seq": "bigint", "at": "bigint", "command_id": "uuid", "hash": "bytea", "payload": "bytea"},
    key=("seq",),
)
HEAD: Final = Table(
    "head",
    columns={"one": "boolean", "epoch": "bigint", "seq": "bigint", "at": "bigint", "hash": "bytea"},
    key=("one",),
    initial={"one": True},
)

APPEND_JOURNAL: Final = insertion("append_journal", JOURNAL, also=(HEAD,), before=("bigint", "bigint", "bytea"))
"""Its first arguments are the fence: the epoch held, and the seq and hash of the record that it must follow."""
