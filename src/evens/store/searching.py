"""Searching lists by words: everything that has, for each word asked for, a word that begins with it.

How it works
------------
Tables that can be searched have a column ``words`` (``0031_search.sql``): their words in lower case, without accents. A
GIN index finds rows by words, but not in order: a word that every market has would bring in all of them to be sorted.
So the newest rows are looked through first, in order of their ids. If they have too few with the words, these are rare,
and the index is asked.

In numbers
----------
Among 100,000 markets, "match" is in each: the first 51 of the newest :data:`LOOKED_THROUGH` are a page. "Lodz" is in
90: the newest have two, which is known in 2 ms, and the index finds the rest in another one.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

LOOKED_THROUGH: Final = 5_000
"""How many rows are looked through before the index is asked."""

Row = TypeVar("Row")


async def search(
    newest: Callable[[], Awaitable[Sequence[Row]]], all_rows: Callable[[], Awaitable[Sequence[Row]]], limit: int
) -> Sequence[Row]:
    """Return what is found among the ``newest`` rows if it is enough for ``limit``, or else among ``all_rows``."""
    found = await newest()
    return found if len(found) >= limit else await all_rows()
