"""The form in which results are written: JSON objects, one on each line, or a JSON list of them. UTF-8.

::

    {"event": "epsom-2026-06-06-1630", "market": "Winner", "winners": ["Desert Crown"]}
    {"event": "epsom-2026-06-06-1705", "winners": ["Alpha", "Beta"], "dead_heat": true}
    {"event": "epsom-2026-06-06-1740", "market": "Winner", "void": true}

=============  ========  ================================================================================
``event``      required  the market's ``event``, letter by letter
``market``     optional  the market's name; may be left out, or ``null``, if the event has only one
``winners``    see void  the names of the runners that won, each once
``void``       optional  ``true``: nothing counts, everybody has their stake back; there are no winners then
``dead_heat``  optional  ``true``: more runners won than the market has places, and they share these
=============  ========  ================================================================================

Upper and lower case, and how much space there is, make no difference in names of markets and runners. A field of
another name is an error, because it is more likely to be a misspelt one than one to be ignored. Empty lines mean
nothing, and a document without results is one: it says that nothing is known yet.

A document is read as a whole or not at all: one wrong line, and nothing of it counts.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Final

import msgspec

from evens.feeds.results.names import folded
from evens.feeds.results.sources import OfficialResult, SourceFailed

DOCUMENT_BYTES_MAX: Final = 8 * 1024 * 1024
"""How long a document may be."""

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_POSITION: Final = re.compile(r" ?\(byte ([0-9]+)\)")

_Name = Annotated[str, msgspec.Meta(min_length=1, max_length=300)]


class _Entry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    event: _Name
    market: _Name | None = None
    winners: tuple[_Name, ...] = ()
    void: bool = False
    dead_heat: bool = False


_decode_entry: Final = msgspec.json.Decoder(_Entry).decode
_decode_list: Final = msgspec.json.Decoder(list[msgspec.Raw]).decode


def parse_results(document: bytes, source: str) -> tuple[OfficialResult, ...]:
    """Return the results in a document. Raises :class:`SourceFailed` naming the line, and the field if it is one."""
    if len(document) > DOCUMENT_BYTES_MAX:
        raise SourceFailed(f"has more than {DOCUMENT_BYTES_MAX} bytes")
    text = document.removeprefix(_BYTE_ORDER_MARK)
    parts = _list_parts(text) if text.lstrip().startswith(b"[") else enumerate(text.split(b"\n"), 1)
    return tuple([_parse(part, line, source) for line, part in parts if part.strip()])


def _list_parts(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the list's items, each with the line on which it begins."""
    try:
        items = _decode_list(text)
    except msgspec.DecodeError as error:
        place = _POSITION.search(str(error))
        position = int(place[1]) if place is not None else len(text.rstrip())
        raise SourceFailed(f"line {_line(text, position)}: {_POSITION.sub('', str(error))}") from error
    except RecursionError as error:
        raise SourceFailed("is nested without end") from error
    position, line = 0, 1
    for item in map(bytes, items):
        # Between items there is nothing but a comma and space, so what is found first is the item itself.
        begin = text.index(item, position)
        line += text.count(b"\n", position, begin)
        yield line, item
        position = begin + len(item)
        line += item.count(b"\n")


def _line(text: bytes, position: int) -> int:
    return text.count(b"\n", 0, position) + 1


def _parse(part: bytes, line: int, source: str) -> OfficialResult:
    try:
        entry = _decode_entry(part)
    except msgspec.DecodeError as error:
        raise SourceFailed(f"line {line}: {error}") from error
    except UnicodeDecodeError as error:
        raise SourceFailed(f"line {line}: is not UTF-8") from error
    complaint = _complaint(entry)
    if complaint is not None:
        raise SourceFailed(f"line {line}: {complaint}")
    return OfficialResult(source, entry.event, entry.market, entry.winners, entry.void, entry.dead_heat)


def _complaint(entry: _Entry) -> str | None:
    if entry.void and entry.winners:
        return "`winners` must be empty or left out where `void` is true"
    if entry.void and entry.dead_heat:
        return "`dead_heat` cannot be true where `void` is"
    if not entry.void and not entry.winners:
        return "`winners` must name at least one runner, unless `void` is true"
    if len({folded(name) for name in entry.winners}) < len(entry.winners):
        return "`winners` names a runner twice"
    return None
