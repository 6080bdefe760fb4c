"""Commands and events as journal payloads: MessagePack arrays of a type number and the fields in order.

The numbers in :data:`COMMAND_TAGS` and :data:`EVENT_TAGS`, and the order of fields, are part of every stored journal.
New types take new numbers; new fields are added at the end, with a default (:func:`evens.core.values.later.later`), and
left out of a record while they have it; nothing is ever renumbered or removed.
A field that has fields itself, such as a note or a market's terms, is an array of them without a number.
"""

import dataclasses
import types
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache, partial
from operator import attrgetter
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from evens.core.commands.every import Command
from evens.core.events.every import Event
from evens.core.events.ledger import Note, TransferKind, Transferred
from evens.core.values.later import LATER
from evens.core.values.odds import Ladder, ladder
from evens.core.values.reasons import Reason
from evens.store.encoding.command_tags import COMMAND_TAGS
from evens.store.encoding.event_tags import EVENT_TAGS, REASONS


class PayloadUnreadable(Exception):
    """A stored payload is not what this build can read: damaged, or written by a newer one."""


def encode(actor: str, command: Command, happened: Sequence[Event]) -> bytes:
    """Return the payload of one journal record."""
    return _encode((actor, _flat(command), [_flat(event) for event in happened]))


def decode(payload: bytes) -> tuple[str, Command, tuple[Event, ...]]:
    """Return what :func:`encode` was given. Raises :class:`PayloadUnreadable` if the bytes are anything else."""
    try:
        actor, command, happened = _decode(payload)
        return actor, _COMMANDS[command[0]](command), tuple([_EVENTS[event[0]](event) for event in happened])
    except (msgspec.DecodeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise PayloadUnreadable(f"journal payload cannot be read: {error!r}") from error


def decode_command(payload: bytes) -> Command:
    """Return the command of a journal record, without looking at what happened: that can be a thousand events.

    Raises :class:`PayloadUnreadable` as :func:`decode` does.
    """
    try:
        command = _decode(_decode_parts(payload)[1])
        return _COMMANDS[command[0]](command)
    except (msgspec.DecodeError, KeyError, IndexError, TypeError, ValueError) as error:
        raise PayloadUnreadable(f"journal payload cannot be read: {error!r}") from error


_Fields = tuple[Any, ...]
_Packer = Callable[[Any], _Fields]
_Reader = Callable[[Sequence[Any]], Any]
_Converter = Callable[[Any], Any]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder().decode
_decode_parts: Final = msgspec.msgpack.Decoder(tuple[str, msgspec.Raw, msgspec.Raw]).decode


def _fields(kind: type) -> Callable[[Any], _Fields]:
    """Return a function that takes a value of this kind apart into its fields, each in the form that is stored."""
    names = [field.name for field in dataclasses.fields(kind)]
    getter = attrgetter(*names)
    hints = get_type_hints(kind)
    packers = [(place, pack) for place, name in enumerate(names) if (pack := _packing(hints[name])) is not None]
    later = tuple([field.default for field in dataclasses.fields(kind) if LATER in field.metadata])
    if len(names) == 1:
        # What gets one attribute does not return a tuple.
        alone = packers[0][1] if packers else None
        return (lambda value: (getter(value),)) if alone is None else lambda value: (alone(getter(value)),)
    if not packers:
        return partial(_without_defaults, getter, later) if later else getter

    def take_apart(value: Any) -> _Fields:
        parts = list(_without_defaults(getter, later, value))
        for place, pack in packers:
            if place < len(parts):
                parts[place] = pack(parts[place])
        return tuple(parts)

    return take_apart


def _without_defaults(getter: Callable[[Any], _Fields], later: _Fields, value: Any) -> _Fields:
    """Return a value's fields without the last ones that came later and have their defaults."""
    parts = getter(value)
    count = len(parts)
    for default in reversed(later):
        if parts[count - 1] != default:
            break
        count -= 1
    return parts[:count]


def _packing(hint: Any) -> _Converter | None:
    """Return a function that converts values of this type to what is stored; ``None`` if that is the same."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _fields(hint)
    if get_origin(hint) in (Union, types.UnionType):
        inner = [pack for part in get_args(hint) if (pack := _packing(part)) is not None]
        return _unless_none(inner[0]) if inner else None
    if get_origin(hint) is tuple and get_args(hint)[-1] is ...:
        inner_pack = _packing(get_args(hint)[0])
        return None if inner_pack is None else lambda values: [inner_pack(value) for value in values]
    return None


def _building(kind: type, skipped: int) -> _Reader:
    """Return a function that makes a value of this kind from stored fields, leaving out the first ``skipped``."""
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    readers = [(place, read) for place, name in enumerate(names) if (read := _reading(hints[name])) is not None]
    if not readers:
        return lambda stored: kind(*stored[skipped:])

    def build(stored: Sequence[Any]) -> Any:
        parts = list(stored[skipped:])
        for place, read in readers:
            if place < len(parts):
                parts[place] = read(parts[place])
        return kind(*parts)

    return build


@cache
def _reading(hint: Any) -> _Converter | None:
    """Return a function that makes values of this type from what is stored; ``None`` if that is the same."""
    if hint is Ladder:
        return lambda stored: ladder(stored[0], tuple([(upper, step) for upper, step in stored[1]]))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return _building(hint, 0)
    if hint is Reason:
        return REASONS.__getitem__
    if isinstance(hint, type) and issubclass(hint, Enum):
        members = {member.value: member for member in hint}
        return members.__getitem__
    if get_origin(hint) in (Union, types.UnionType):
        inner = [read for part in get_args(hint) if (read := _reading(part)) is not None]
        return _unless_none(inner[0]) if inner and type(None) in get_args(hint) else None
    if get_origin(hint) is tuple:
        return _reading_tuple(get_args(hint))
    return None


def _reading_tuple(parts: tuple[Any, ...]) -> _Converter:
    if parts[-1] is ...:
        read = _reading(parts[0])
        return tuple if read is None else lambda stored: tuple([read(value) for value in stored])
    reads = [_reading(part) or _as_stored for part in parts]
    if all(read is _as_stored for read in reads):
        return tuple
    return lambda stored: tuple([read(value) for read, value in zip(reads, stored, strict=True)])


def _as_stored(value: Any) -> Any:
    return value


def _unless_none(convert: _Converter) -> _Converter:
    return lambda value: None if value is None else convert(value)


def _packer(kind: type[Command | Event], tag: int) -> _Packer:
    fields = _fields(kind)
    return lambda value: (tag, *fields(value))


_TRANSFERRED: Final = EVENT_TAGS[Transferred]
_note_fields: Final = _fields(Note)


def _pack_transferred(event: Transferred) -> _Fields:
    """Take a transfer apart as the general packer does, but faster: nothing is stored as often as transfers."""
    note = event.note
    return (
        _TRANSFERRED,
        event.transfer,
        event.kind,
        event.debit,
        event.credit,
        event.amount_minor,
        event.debit_after_minor,
        event.credit_after_minor,
        event.effective_at,
        None if note is None else _note_fields(note),
    )


_KINDS: Final = {kind.value: kind for kind in TransferKind}
_read_note: Final = _building(Note, 0)


def _read_transferred(stored: Sequence[Any]) -> Transferred:
    """Make a transfer as the general reader does, but faster."""
    _, transfer, kind, debit, credit, amount_minor, debit_after_minor, credit_after_minor, effective_at, note = stored
    return Transferred(
        transfer,
        _KINDS[kind],
        debit,
        credit,
        amount_minor,
        debit_after_minor,
        credit_after_minor,
        effective_at,
        None if note is None else _read_note(note),
    )


_PACKERS: Final[dict[type, _Packer]] = {
    **{kind: _packer(kind, tag) for kind, tag in (COMMAND_TAGS | EVENT_TAGS).items()},
    Transferred: _pack_transferred,
}
_COMMANDS: Final[dict[int, _Reader]] = {tag: _building(kind, 1) for kind, tag in COMMAND_TAGS.items()}
_EVENTS: Final[dict[int, _Reader]] = {
    **{tag: _building(kind, 1) for kind, tag in EVENT_TAGS.items()},
    _TRANSFERRED: _read_transferred,
}


def _flat(value: Command | Event) -> _Fields:
    return _PACKERS[type(value)](value)
