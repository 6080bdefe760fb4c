"""Spares each connection of a test from asking PostgreSQL again what its own types are.

The driver asks on each new connection, with a query that takes longer than most others of a test, what an array of
numbers is. Types that PostgreSQL itself defines are the same on every connection, so the first answer is kept for all.
"""

from typing import Any, Final

import asyncpg

_FIRST_OF_USERS: Final = 16_384
"""From this number on types were defined by somebody; those may differ from database to database."""

_known: dict[frozenset[int], Any] = {}


def remember_types() -> None:
    """Let every connection of this process share what is known of PostgreSQL's own types."""
    # The driver's type stubs do not have what is its own affair.
    driver: Any = asyncpg.Connection
    ask = driver._introspect_types

    async def look_up(wire: Any, typeoids: Any, timeout: Any) -> Any:
        numbers = frozenset(typeoids)
        if numbers not in _known:
            answer = await ask(wire, typeoids, timeout)
            if max(numbers) >= _FIRST_OF_USERS:
                return answer
            _known[numbers] = answer
        return _known[numbers]

    driver._introspect_types = look_up
