"""Lists with conditions that may be left out."""

from collections.abc import Mapping
from typing import Any


def filtered(sql: str, wanted: Mapping[str, Any], *, also: str = "") -> tuple[str, list[Any]]:
    """Put those conditions into a statement whose columns have a value, and return it with these values.

    The statement has ``{conditions}`` behind its first condition, and takes two arguments besides; ``also`` is one more
    condition. One that is always there, as ``$3 IS NULL OR customer = $3``, would keep PostgreSQL from its indexes.
    Example: of ``WHERE id < $1 {conditions}``, with a customer of 5 and no status, becomes
    ``WHERE id < $1 AND customer = $3``, and ``[5]``.
    """
    values = {column: value for column, value in wanted.items() if value is not None}
    conditions = [f"AND {column} = ${place}" for place, column in enumerate(values, 3)]
    return sql.format(conditions=" ".join((*conditions, also))), list(values.values())
