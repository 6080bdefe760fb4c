"""What is kept of a command once it is decided."""

from dataclasses import dataclass

from evens.core.commands.every import Command
from evens.core.events.every import Event


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a command: its place in the journal, and its events. The same each time it is asked for.

    ``command_id`` is 16 bytes, ``at`` nanoseconds since 1970 (UTC), ``actor`` who asked.
    """

    seq: int
    at: int
    command_id: bytes
    actor: str
    command: Command
    events: tuple[Event, ...]
