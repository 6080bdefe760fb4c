"""What an operation is: the type of its parameters and what carries it out, for somebody in a session."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, Protocol, TypeVar

import msgspec

from evens.core.values.ids import CustomerId
from evens.core.values.moments import TimeInvalid, parse_time
from evens.edges.betfair.errors import ApiError, missing_parameters, wrong_parameters
from evens.edges.betfair.unsettled import UnsettledMarkets
from evens.edges.http.protocol.problem import Refused
from evens.edges.http.services import Services
from evens.identity.principal import Principal
from evens.store.exchange.betting import BettingQueries
from evens.store.exchange.cleared import ClearedQueries

Number = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)]
"""A whole number in a parameter; no longer one can be recorded, and nothing here needs it."""


NAMES_MAX: Final = 1_000

Name = Annotated[str, msgspec.Meta(pattern="^[^\x00]*$")]
"""Text to choose by. The database has no text with a NUL in it, and refuses to look for one."""

Names = Annotated[list[Name], msgspec.Meta(max_length=NAMES_MAX)]
"""Ids, references or words to choose by: as many as Betfair takes of any kind."""


class Params(msgspec.Struct, rename="camel", forbid_unknown_fields=True, kw_only=True, frozen=True):
    """Parameters as Betfair names them; an unknown one is refused, as it would be ignored."""


class TimeRange(Params, kw_only=True, frozen=True):
    """From one moment to another; both count."""

    from_: str | None = msgspec.field(name="from", default=None)
    to: str | None = None

    def moments(self, name: str) -> tuple[int | None, int | None]:
        """Return both in nanoseconds since 1970. Raises :class:`RpcError` that names the parameter that is no time."""
        return read_moment(self.from_, f"{name}.from"), read_moment(self.to, f"{name}.to")


class Heard(Protocol):
    """What a client's heartbeat tells."""

    def beat(self, customer: CustomerId, seconds: int) -> tuple[str, int]:
        """Return what was done since the last one, and after how many seconds of silence something will be."""
        ...


P = TypeVar("P", bound=Params)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What every operation works with."""

    services: Services
    bets: BettingQueries
    cleared: ClearedQueries
    unsettled: UnsettledMarkets
    heartbeats: Heard


@dataclass(frozen=True)
class Call(Generic[P]):
    """One call: who asks, and what for. ``raw`` are the parameters as they came, to be echoed."""

    dialect: Dialect
    principal: Principal
    params: P
    raw: Mapping[str, Any]

    @property
    def services(self) -> Services:
        """What serves requests about each product."""
        return self.dialect.services

    def count(self, calls: int) -> None:
        """Count the work of this call as so many calls more. Raises :class:`ApiError` if these are too many."""
        if calls > 0:
            try:
                self.services.throttle.check(self.principal, calls)
            except Refused as refused:
                raise ApiError("TOO_MANY_REQUESTS", refused.problem.detail) from refused

    @property
    def customer(self) -> CustomerId:
        """Who bets. Raises :class:`ApiError` for an API key that acts for nobody."""
        if self.principal.customer is None:
            raise ApiError("ACCESS_DENIED", "This API key acts for nobody; log in as the customer who is to bet.")
        return self.principal.customer


@dataclass(frozen=True)
class Operation(Generic[P]):
    """An operation by its parameters' type."""

    params: type[P]
    carry_out: Callable[[Call[P]], Awaitable[Any]]

    async def call(self, dialect: Dialect, principal: Principal, raw: Mapping[str, Any]) -> Any:
        """Return the result. Raises :class:`ApiError` and :class:`RpcError`."""
        try:
            params = msgspec.convert(raw, self.params)
        except msgspec.ValidationError as error:
            tell = missing_parameters if "missing required field" in str(error) else wrong_parameters
            raise tell(str(error)) from error
        return await self.carry_out(Call(dialect, principal, params, raw))


Operations = Mapping[str, Operation[Any]]


def read_moment(text: str | None, name: str) -> int | None:
    """Return a parameter's moment in nanoseconds since 1970. For what is no time, raises :class:`RpcError`."""
    if text is None:
        return None
    try:
        return parse_time(text)
    except TimeInvalid as error:
        raise wrong_parameters(f"{name} {error}") from error
