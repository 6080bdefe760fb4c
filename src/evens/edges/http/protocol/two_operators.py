"""Which commands take a second operator in this house, as ``EVENS_TWO_OPERATORS`` says.

Every room says of its commands, with a :class:`Guard`, of which :class:`Kind` they are and which amount they move.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar

from evens.core.commands.every import Command
from evens.core.values.money import SCALE_MAX, Currency, parse_amount
from evens.identity.principal import Principal, Role

S = TypeVar("S")

_OPERATORS: Final = frozenset({Role.OPERATOR, Role.ADMIN})


class Kind(StrEnum):
    """What can be made to take two operators (``EVENS_TWO_OPERATORS``). The last two may have a limit."""

    SETTLE = "settle"
    CORRECT = "correct"
    VOID = "void"
    REVERSE = "reverse"
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"


LIMITED: Final = frozenset({Kind.DEPOSIT, Kind.WITHDRAWAL})
"""The kinds that may take a second operator only above an amount."""

Money = tuple[int, int]
"""The number of a currency, and minor units of it."""


@dataclass(frozen=True)
class Guard(Generic[S]):
    """Of which kind a command is, and which amount it moves if that counts; ``None`` if neither is known."""

    kind: Callable[[Any], Kind]
    amount: Callable[[S, Any], Awaitable[Money | None]] | None = None


BoundGuard = Callable[[Any], Awaitable[tuple[Kind, Money | None]]]
"""Returns of which kind a command is, and the amount that counts."""


class TwoOperators:
    """Which commands take a second operator.

    ``limits`` are amounts in units of any currency by kind, ``None`` where every amount counts. ``guards`` return kind
    and amount of a command.
    """

    def __init__(
        self,
        limits: Mapping[Kind, str | None],
        guards: Mapping[type[Command], BoundGuard],
        currency_of: Callable[[int], Currency],
    ) -> None:
        self.limits: Final = limits
        self._guards = guards
        self._currency_of = currency_of

    async def need(self, command: Command) -> bool:
        """Return whether a command takes a second operator here."""
        guard = self._guards.get(type(command)) if self.limits else None
        if guard is None:
            return False
        kind, money = await guard(command)
        limit = self.limits.get(kind)
        if kind not in self.limits or limit is None or money is None:
            return kind in self.limits
        number, minor = money
        return minor * 10 ** (SCALE_MAX - self._currency_of(number).scale) > parse_amount(limit, SCALE_MAX)

    async def may_alone(self, principal: Principal, command: Command) -> bool:
        """Return whether this caller may do this without another one. Services are not concerned."""
        return principal.role not in _OPERATORS or not await self.need(command)


def bind_guards(guards: Mapping[type[Command], Guard[S]], services: S) -> dict[type[Command], BoundGuard]:
    """Return the guards of a room as :class:`TwoOperators` takes them."""

    def bound(guard: Guard[S]) -> BoundGuard:
        async def of(command: Any) -> tuple[Kind, Money | None]:
            return guard.kind(command), None if guard.amount is None else await guard.amount(services, command)

        return of

    return {command: bound(guard) for command, guard in guards.items()}


def always(kind: Kind) -> Callable[[Any], Kind]:
    """Return a function that says this kind of every command."""
    return lambda _command: kind
