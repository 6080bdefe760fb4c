"""Anchors: the hash of a journal record, kept elsewhere, which proves that nothing up to that record was changed since.

The chain of hashes shows whether records were changed, and the head whether the last ones are missing. Whoever can
write everything could cut the journal's end off, work every table out anew and move the head back; only somebody who
knows an earlier end can tell.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from evens.store.encoding.chain import GENESIS
from evens.store.journal_tables import JOURNAL

if TYPE_CHECKING:
    from evens.store.database import Wire

_ANCHOR: Final = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})", re.ASCII)
_HASHES: Final = f"{JOURNAL.select('seq', 'hash')} WHERE seq = ANY ($1)"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The seq of a journal record and its hash; seq 0 is the beginning, before any record."""

    seq: int
    hash: bytes

    @classmethod
    def parse(cls, text: str) -> "Anchor":
        """Return the anchor that ``str()`` gave. Raises ``ValueError`` for anything else."""
        match = _ANCHOR.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"{text!r} is not an anchor, SEQ:HASH with 64 hexadecimal digits")
        return cls(int(match[1]), bytes.fromhex(match[2]))

    def __str__(self) -> str:
        """Return ``SEQ:HASH``."""
        return f"{self.seq}:{self.hash.hex()}"


BEGINNING: Final = Anchor(0, GENESIS)
"""Where an empty journal ends."""


async def compare_anchors(wire: "Wire", end: Anchor, anchors: Sequence[Anchor]) -> AsyncGenerator[str]:
    """Yield what is wrong with a journal that ends at ``end``, given anchors from earlier."""
    rows = await wire.fetch(_HASHES, [anchor.seq for anchor in anchors])
    hashes: dict[int, bytes] = {BEGINNING.seq: BEGINNING.hash, **{row["seq"]: row["hash"] for row in rows}}
    for anchor in anchors:
        if anchor.seq > end.seq:
            yield f"journal: ends with seq {end.seq}, and the anchor is of seq {anchor.seq}; the end was cut off"
        elif hashes.get(anchor.seq) != anchor.hash:
            yield f"journal seq {anchor.seq}: has another hash than the anchor; what is before it was written anew"
