"""Commands and events as journal payloads: MessagePack arrays of a type number and the fields in order.

The numbers in :data:`COMMAND_TAGS` and :data:`EVENT_TAGS`, and the order of fields, are part of every stored journal.
New types take new numbers; new fields are added at the end, with a default; nothing is ever renumbered or removed.
"""

import dataclasses
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Final

import msgspec

from evens.core import commands, events
from evens.core.commands import Command
from evens.core.events import Event
from evens.core.values.reasons import Reason

COMMAND_TAGS: Final[dict[type[Command], int]] = {
    commands.DefineCurrency: 1,
    commands.RegisterCustomer: 2,
    commands.FreezeCustomer: 3,
    commands.UnfreezeCustomer: 4,
    commands.Deposit: 5,
    commands.Withdraw: 6,
    commands.RequestWithdrawal: 7,
    commands.CompleteWithdrawal: 8,
    commands.RejectWithdrawal: 9,
    commands.Transfer: 10,
    commands.TransferBatch: 11,
}

EVENT_TAGS: Final[dict[type[Event], int]] = {
    events.Rejected: 1,
    events.TransferRefused: 2,
    events.CurrencyDefined: 3,
    events.CustomerRegistered: 4,
    events.CustomerFrozen: 5,
    events.CustomerUnfrozen: 6,
    events.Transferred: 7,
    events.WithdrawalRequested: 8,
    events.WithdrawalCompleted: 9,
    events.WithdrawalRejected: 10,
}


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


_Fields = tuple[Any, ...]
_Packer = Callable[[Any], _Fields]
_Reader = Callable[[Sequence[Any]], Any]

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder().decode


def _packer(kind: type[Command | Event], tag: int) -> _Packer:
    names = [field.name for field in dataclasses.fields(kind)]
    fields = attrgetter(*names)
    if len(names) == 1:
        return lambda value: (tag, fields(value))
    return lambda value: (tag, *fields(value))


def _pack_batch(batch: commands.TransferBatch) -> _Fields:
    items = [_flat(item)[1:] for item in batch.transfers]
    return COMMAND_TAGS[commands.TransferBatch], items, batch.atomic


_note_fields: Final = attrgetter("reference", "memo", "destination")


_TRANSFERRED: Final = EVENT_TAGS[events.Transferred]


def _pack_transferred(event: events.Transferred) -> _Fields:
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


def _read_batch(fields: Sequence[Any]) -> commands.TransferBatch:
    return commands.TransferBatch(tuple([commands.Transfer(*item) for item in fields[1]]), fields[2])


def _read_transferred(fields: Sequence[Any]) -> events.Transferred:
    _tag, transfer, kind, *amounts, note = fields
    return events.Transferred(transfer, _KINDS[kind], *amounts, note=None if note is None else events.Note(*note))


def _read_rejected(fields: Sequence[Any]) -> events.Rejected:
    return events.Rejected(Reason(fields[1]), _facts(fields[2]))


def _read_refused(fields: Sequence[Any]) -> events.TransferRefused:
    return events.TransferRefused(fields[1], Reason(fields[2]), _facts(fields[3]))


def _facts(stored: Sequence[Sequence[Any]]) -> tuple[events.Fact, ...]:
    return tuple([(name, value) for name, value in stored])


def _reader(kind: type) -> _Reader:
    return lambda fields: kind(*fields[1:])


_KINDS: Final = {int(kind): kind for kind in events.TransferKind}
_PACKERS: Final[dict[type, _Packer]] = {
    **{kind: _packer(kind, tag) for kind, tag in (COMMAND_TAGS | EVENT_TAGS).items()},
    commands.TransferBatch: _pack_batch,
    events.Transferred: _pack_transferred,
}
_COMMANDS: Final[dict[int, _Reader]] = {
    **{tag: _reader(kind) for kind, tag in COMMAND_TAGS.items()},
    COMMAND_TAGS[commands.TransferBatch]: _read_batch,
}
_EVENTS: Final[dict[int, _Reader]] = {
    **{tag: _reader(kind) for kind, tag in EVENT_TAGS.items()},
    EVENT_TAGS[events.Rejected]: _read_rejected,
    EVENT_TAGS[events.TransferRefused]: _read_refused,
    EVENT_TAGS[events.Transferred]: _read_transferred,
}


def _flat(value: Command | Event) -> _Fields:
    return _PACKERS[type(value)](value)
