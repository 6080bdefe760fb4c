"""The simulator as the command line and the demo use it: customers, payments, contests, traders and punters."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Protocol

from evens.edges.cli.simulated_leaders import Leading


class Newcomer(Protocol):
    """A new customer: a username and the deposits to make, each an amount and a currency."""

    @property
    def username(self) -> str:
        """The same at every run."""
        ...

    @property
    def deposits(self) -> Sequence[tuple[str, str]]:
        """Pairs of amount and currency, such as ``("1250.00", "USD")``; at most one for each currency."""
        ...


class Move(Protocol):
    """One action of a simulated customer: a transfer, a deposit or a withdrawal."""

    @property
    def kind(self) -> Literal["transfer", "deposit", "withdrawal"]:
        """The kind of action."""
        ...

    @property
    def username(self) -> str:
        """Who does it."""
        ...

    @property
    def payee(self) -> str | None:
        """Who is paid by a transfer."""
        ...

    @property
    def amount(self) -> str:
        """A decimal, such as ``"12.50"``."""
        ...

    @property
    def currency(self) -> str:
        """The currency's code."""
        ...

    @property
    def memo(self) -> str | None:
        """What a transfer is for."""
        ...

    @property
    def pause_s(self) -> float:
        """How long to wait before it, in seconds."""
        ...


class Fixture(Protocol):
    """A contest to open a market for."""

    @property
    def kind(self) -> str:
        """The kind of contest; there is one of each kind at any time."""
        ...

    @property
    def number(self) -> int:
        """Which one of its kind, from 1."""
        ...

    @property
    def name(self) -> str:
        """The market's name."""
        ...

    @property
    def runners(self) -> Sequence[str]:
        """Who can win."""
        ...

    @property
    def winners(self) -> int:
        """How many of them will."""
        ...

    @property
    def commission_bps(self) -> int:
        """What is taken of net profits, in basis points."""
        ...


class Bid(Protocol):
    """An order that a trader wants to place."""

    @property
    def username(self) -> str:
        """Who places it."""
        ...

    @property
    def runner(self) -> int:
        """The runner's position, from 1."""
        ...

    @property
    def side(self) -> Literal["back", "lay"]:
        """To bet for the runner or against it."""
        ...

    @property
    def odds(self) -> str:
        """A price on the classic ladder, such as ``"2.50"``."""
        ...

    @property
    def stake(self) -> str:
        """A decimal, such as ``"12.50"``."""
        ...

    @property
    def level(self) -> int | None:
        """Which of the maker's quotes on that side it replaces; ``None`` for a taker's order, which is fill or kill."""
        ...


class Turn(Protocol):
    """Bids to place together."""

    @property
    def bids(self) -> Sequence[Bid]:
        """The bids, in the order in which to place them."""
        ...

    @property
    def pause_s(self) -> float:
        """How long to wait before it, in seconds."""
        ...


class Traders(Protocol):
    """The traders on one fixture."""

    @property
    def maker(self) -> str:
        """The username of the market maker."""
        ...

    def open(self) -> Sequence[Bid]:
        """Return all of the maker's first quotes."""
        ...

    def turn(self) -> Turn:
        """Return the next bids."""
        ...

    def turn_in_play(self) -> None:
        """Trade as on a contest that has begun."""
        ...

    def draw_winners(self) -> Sequence[int]:
        """Return the positions of the winners, from 1."""
        ...


class Leg(Protocol):
    """A selection to bet on with the house, by the keys of its event and market."""

    @property
    def event_id(self) -> str:
        """The event's id."""
        ...

    @property
    def market(self) -> str:
        """The market's key within the event."""
        ...

    @property
    def selection(self) -> str:
        """The selection's key within the market."""
        ...


class Wager(Protocol):
    """What a simulated punter does next."""

    @property
    def username(self) -> str:
        """Who bets."""
        ...

    @property
    def legs(self) -> Sequence[Leg]:
        """What the bet is on; with one leg it is a single, and with none a bet is to be cashed out instead."""
        ...

    @property
    def stake(self) -> str:
        """A decimal, such as ``"10.00"``."""
        ...

    @property
    def pause_s(self) -> float:
        """How long to wait before it, in seconds."""
        ...


class Punters(Protocol):
    """Simulated customers who bet with the house."""

    def turn(self, events: Sequence[Mapping[str, Any]]) -> Wager:
        """Return what is done next about the events as the API shows them."""
        ...


class Opinion(Protocol):
    """What somebody who bets in a pool does next."""

    @property
    def username(self) -> str:
        """Who bets."""
        ...

    @property
    def side(self) -> str:
        """``up`` or ``down``."""
        ...

    @property
    def stake(self) -> str:
        """The amount."""
        ...

    @property
    def pause_s(self) -> float:
        """How long after the bet before, in seconds."""
        ...


class PoolBettors(Protocol):
    """Simulated customers who bet in a pool."""

    def turn(self) -> Opinion:
        """Return what is done next."""
        ...


class Simulator(Protocol):
    """Simulated customers, payments and trading: the same ones at every run."""

    def newcomers(self, count: int) -> Sequence[Newcomer]:
        """Return the first ``count`` customers of the simulator: the same at every call."""
        ...

    def moves(self, usernames: Sequence[str]) -> Iterator[Move]:
        """Yield the actions of these customers without end, the same at every call."""
        ...

    def fixture_kinds(self) -> Sequence[str]:
        """Return the kinds of contests."""
        ...

    def fixture(self, kind: str, number: int) -> Fixture:
        """Return a contest, the same one at every call."""
        ...

    def traders(self, fixture: Fixture, usernames: Sequence[str]) -> Traders:
        """Return its traders among these customers, at least eight; the last ones are the makers, one for each kind."""
        ...

    def pool_bettors(self, usernames: Sequence[str]) -> PoolBettors:
        """Return the customers who bet in a pool: the same ones at every call."""
        ...

    def punters(self, usernames: Sequence[str]) -> Punters:
        """Return those of these customers who bet with the house: all."""
        ...

    def leading(self, usernames: Sequence[str]) -> Leading:
        """Return the leaders among these customers, and their followers: the same ones at every call."""
        ...
