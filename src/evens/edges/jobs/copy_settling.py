"""Settling copies: books into follows what their copies have won or lost.

Whatever settles a market, a bet or a round, the journal's index leads to it, and the copies in it are looked at: what
the products' tables say of a copy by now, and what its follow has booked of it. Where these differ, ``SettleCopy`` is
given, under an id derived from the copy and how often it was settled; so a job that is killed anywhere begins again and
books nothing twice. A correction makes them differ again. Booking a copy takes the leader's fee, and what the follower
did not have then is taken at the end of a step in which there is money.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import structlog

from evens.core.commands.every import Command
from evens.core.commands.following import ChargeFee, SettleCopy
from evens.edges.gateway import Gateway
from evens.edges.jobs.copier import ACTOR, submit_some_at_once
from evens.sequencer.errors import KeyReused, NotBooked
from evens.store.following.over import CopiesOver, KnownCopy, Settled, WaitedCopy
from evens.store.social.due import Due

SETTLE_EVERY_S: Final = 1.0
"""How often the job looks for what was settled, while there is nothing."""

_log = structlog.get_logger(__name__)


class CopyResults(Protocol):
    """Works out what copies have won or lost. Raises :class:`evens.store.errors.StoreUnavailable`."""

    async def of(self, thing: Due, copies: Sequence[int]) -> Mapping[int, tuple[int, int | None]]:
        """Return, by copy, what it can still lose and what it won or lost, ``None`` while it is open."""
        ...


class CopySettling:
    """Settles copies that are over, a step at a time."""

    def __init__(self, gateway: Gateway, over: CopiesOver, results: CopyResults) -> None:
        self._gateway = gateway
        self._over = over
        self._results = results

    async def settle_next(self) -> bool:
        """Settle what the next records of the journal settled; return whether there may be more.

        Raises ``StoreUnavailable``.
        """
        if self._gateway.closed_because is not None:
            return False
        more = False
        try:
            # An order in a market that is settled no longer waits, and what its copy got has to be known by then: so
            # what was settled is read first, and every copy that has waited is freed before its result is booked.
            settled = await self._over.read_next()
            async for waited in self._over.done_waiting():
                await self._submit([_after_waiting(each) for each in waited])
            if settled is not None:
                await self._settle(settled)
        except (NotBooked, KeyReused) as error:
            # Under a key that was used, another result was booked since: the next step sees it.
            _log.warning("copies_wait_to_be_settled", error=str(error))
        else:
            more = settled is not None and settled.more
        await self._charge()
        return more

    async def _settle(self, settled: Settled) -> None:
        for thing in settled.things:
            async for copies in self._over.copies_of(thing):
                results = await self._results.of(thing, [copy.id for copy in copies])
                await self._submit(
                    [
                        _settling(copy, *results[copy.id])
                        for copy in copies
                        if results[copy.id] != (copy.risk_minor, copy.result_minor)
                    ]
                )
        await self._over.looked_at(settled)

    async def _charge(self) -> None:
        """Take fees that are due where there is money. A fee that was taken meanwhile is not due, whoever asks."""
        follows = await self._over.fees_due()
        try:
            await submit_some_at_once(
                self._gateway, [(os.urandom(16), ChargeFee(follow)) for follow in follows], background=True
            )
        except NotBooked as error:
            _log.warning("fees_wait_to_be_charged", error=str(error))

    async def _submit(self, commands: Sequence[SettleCopy]) -> None:
        named: list[tuple[bytes, Command]] = [(settling_id(command), command) for command in commands]
        await submit_some_at_once(self._gateway, named, background=True)


def _settling(copy: KnownCopy, risk_minor: int, result_minor: int | None) -> SettleCopy:
    number = copy.settlements + 1
    return SettleCopy(copy.follow, copy.id, number, copy.risk_minor, risk_minor, copy.result_minor, result_minor)


def _after_waiting(waited: WaitedCopy) -> SettleCopy:
    """Return the command that frees what was not matched; a copy that found nobody is over."""
    result_minor = None if waited.matched_risk_minor else 0
    return _settling(waited.copy, waited.matched_risk_minor, result_minor)


def settling_id(command: SettleCopy) -> bytes:
    """Return the id of the command that settles a copy for the so-many-th time: the same whenever it is given."""
    name = f"{ACTOR}\0settle\0{command.follow}\0{command.copy}\0{command.number}"
    return hashlib.sha256(name.encode()).digest()[:16]
