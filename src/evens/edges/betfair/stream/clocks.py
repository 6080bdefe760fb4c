"""Clocks: what a client sends back to go on where it was.

``initialClk`` says what was subscribed to, ``clk`` how far it was told. A clock is meant for the server that made it;
any other one knows by ``instance`` that it cannot know what the client has, and sends everything whole.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from typing import Any, Final

import msgspec

_CLOCK: Final = re.compile(r"([0-9a-f]{12})\.([0-9]{1,18})\.([0-9]{1,16})", re.ASCII)
_INITIAL: Final = re.compile(r"([0-9a-f]{12})\.([0-9a-f]{16})", re.ASCII)


class ClockInvalid(Exception):
    """The clocks are not those of this subscription; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client was: the ``serial`` it was told up to, and when (milliseconds since 1970).

    ``serial`` is ``None`` if another server said so.
    """

    serial: int | None
    at_ms: int


class Clocks:
    """Writes and reads the clocks of one process."""

    def __init__(self) -> None:
        self._instance = os.urandom(6).hex()

    def initial(self, criteria: Any) -> str:
        """Return the ``initialClk`` of a subscription with such criteria, which are anything that JSON can hold."""
        return f"{self._instance}.{_fingerprint(criteria)}"

    def clock(self, serial: int, at_ms: int) -> str:
        """Return the ``clk`` of a client that was told everything up to a serial."""
        return f"{self._instance}.{serial}.{at_ms}"

    def read(self, initial: str, clock: str, criteria: Any, serial: int) -> Place:
        """Return where a client was whose subscription has such criteria; ``serial`` is the latest one here.

        Raises :class:`ClockInvalid`.
        """
        first, then = _INITIAL.fullmatch(initial), _CLOCK.fullmatch(clock)
        if first is None or then is None or first[1] != then[1]:
            raise ClockInvalid("initialClk and clk are not those of one subscription; subscribe without them.")
        if first[2] != _fingerprint(criteria):
            raise ClockInvalid(
                "initialClk is of a subscription to something else; subscribe without initialClk and clk."
            )
        if then[1] != self._instance:
            return Place(None, int(then[3]))
        if int(then[2]) > serial:
            raise ClockInvalid("clk is from the future; subscribe without initialClk and clk.")
        return Place(int(then[2]), int(then[3]))


def _fingerprint(criteria: Any) -> str:
    return hashlib.blake2b(msgspec.json.encode(criteria, order="deterministic"), digest_size=8).hexdigest()
