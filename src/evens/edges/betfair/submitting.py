"""Submitting the instructions of one request: next to each other, in order, and once for each customerRef.

Within a minute the same customerRef stands for the same request, so what comes again gets the first report again. A key
of the house stands for a command for ever; so the key is made of the reference and the minute in which it was first
used, and the minute before is looked at, too. Whoever sends the same reference twice at once waits here for the first.
The tables are asked about the minute before only if it may have been used then (:mod:`evens.edges.betfair.references`).
Minutes are those of the clock by which commands are recorded: it never jumps, whatever the machine's own does.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final
from weakref import WeakValueDictionary

import msgspec

from evens.core.commands.every import Command
from evens.core.commands.ledger import BeginBatch
from evens.core.events.ledger import Rejected
from evens.core.receipts import Receipt
from evens.core.values.moments import SECOND_NS
from evens.edges.betfair.calls import Call
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.references import RecentReferences
from evens.edges.gateway import Answer, Gateway
from evens.edges.http.protocol.booking import hash_request
from evens.edges.http.protocol.idempotency import command_id, item_key, made_key, random_command_id
from evens.sequencer.errors import NotBooked, OutcomeUnknown

CUSTOMER_REF_MAX: Final = 32
WINDOW_NS: Final = 60 * SECOND_NS

Outcome = Receipt | NotBooked


class NoneAdmitted(Exception):
    """The condition of a request's commands was refused, so none of them was booked."""

    def __init__(self, refusal: Rejected) -> None:
        super().__init__(refusal)
        self.refusal = refusal


class Submitter:
    """Submits requests of many commands, and knows which are being submitted.

    ``clock`` returns the time by which commands are recorded, in nanoseconds since 1970.
    """

    def __init__(self, gateway: Gateway, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._references = RecentReferences(WINDOW_NS, clock)
        gateway.follow(self._references)
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def submit(
        self,
        call: Call[Any],
        operation: str,
        reference: str | None,
        commands: Sequence[Command],
        condition: Command | None = None,
    ) -> list[Outcome]:
        """Return what became of each command. Raises :class:`NotBooked` if none of them was booked.

        With a ``condition`` all are booked if that is accepted, else none. Raises :class:`NoneAdmitted` if it is
        refused, and :class:`evens.sequencer.errors.KeyReused` if the reference stood for another request within the
        last minute.
        """
        if not commands:
            return []
        gateway, actor = call.services.gateway, call.principal.scope
        conditions = [] if condition is None else [condition]
        if not reference:
            items = [(random_command_id(), command) for command in (*conditions, *commands)]
            futures = gateway.submit_all(items, actor=actor, unseen=True, conditions=len(conditions))
            await asyncio.wait(futures)
        else:
            lock = self._locks.setdefault((actor, reference), asyncio.Lock())
            async with lock:
                key = await self.find_key(call, f"\1{operation} {reference}")
                said = msgspec.json.encode(call.raw, order="deterministic").decode()
                items = [
                    (command_id(actor, key), BeginBatch(hash_request(said))),
                    *[(command_id(actor, made_key(key)), each) for each in conditions],
                    *_under(actor, key, commands),
                ]
                # That the key stands for this request is a condition, too.
                began, *futures = gateway.submit_all(items, actor=actor, conditions=1 + len(conditions))
                await asyncio.wait([began, *futures])
            for future in futures:
                # What nobody asks for is logged. The first may say what became of all.
                future.exception()
            what_became([began])
        outcomes = what_became(futures)
        return outcomes if condition is None else _admitted(outcomes)

    async def find_key(self, call: Call[Any], name: str) -> str:
        """Return the key under which a request is booked, or was within the last minute.

        The clock of another server, which led before, may have been ahead.
        """
        actor, now = call.principal.scope, self._clock()
        this = now // WINDOW_NS
        for other in (this - 1, this + 1):
            if self._references.may_be_used((actor, name), other):
                before = f"{name}\0{other}"
                earlier = await call.services.gateway.receipt(command_id(actor, before))
                if earlier is not None and abs(earlier.at - now) < WINDOW_NS:
                    return before
        self._references.use((actor, name), this)
        return f"{name}\0{this}"


def _under(actor: str, key: str, commands: Sequence[Command]) -> list[tuple[bytes, Command]]:
    """Return commands with their ids under the key of a request."""
    end = len(commands) - 1
    return [
        (command_id(actor, item_key(key, place, is_last=place == end)), command)
        for place, command in enumerate(commands)
    ]


def what_became(futures: Sequence[asyncio.Future[Answer]]) -> list[Outcome]:
    """Return what became of commands whose futures are done: of each a receipt, or why it has none.

    Raises if none has a receipt, and if something broke that says nothing of booking, such as a reused key. If the
    outcome of any is unknown then, :class:`OutcomeUnknown` is raised, whatever is known of the others: nobody may take
    an order that was perhaps placed for one that was not.
    """
    troubles = [future.exception() for future in futures]
    unknown = [trouble for trouble in troubles if isinstance(trouble, OutcomeUnknown)]
    broken = [trouble for trouble in troubles if trouble is not None and not isinstance(trouble, NotBooked)]
    not_booked = [trouble for trouble in troubles if isinstance(trouble, NotBooked)]
    if broken or len(not_booked) == len(troubles):
        raise [*unknown, *broken, *not_booked][0]
    return [
        trouble if isinstance(trouble, NotBooked) else future.result()[0]
        for future, trouble in zip(futures, troubles, strict=True)
    ]


def _admitted(outcomes: list[Outcome]) -> list[Outcome]:
    """Return what became of commands behind their condition. Raises :class:`NoneAdmitted`."""
    condition, *others = outcomes
    refusal = condition.events[0] if isinstance(condition, Receipt) else None
    # A build before this one knew no conditions: what it placed for a reference has been placed.
    if isinstance(refusal, Rejected) and not any(isinstance(each, Receipt) for each in others):
        raise NoneAdmitted(refusal)
    return others


def check_reference(reference: str | None) -> str | None:
    """Return a customerRef, ``None`` for an empty one. Raises :class:`ApiError` for one that cannot be taken."""
    if reference and len(reference) > CUSTOMER_REF_MAX:
        raise ApiError(
            "INVALID_INPUT_DATA",
            f"customerRef has {len(reference)} characters, and may have {CUSTOMER_REF_MAX}; send a shorter one.",
        )
    if reference and not reference.isprintable():
        raise ApiError("INVALID_INPUT_DATA", "customerRef has characters that cannot be printed; leave them out.")
    return reference or None
