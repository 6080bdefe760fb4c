"""The simulator's leaders as the demo uses them: who lets others copy, who copies them, and what the leaders bet."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol


class Leader(Protocol):
    """A simulated customer who lets others copy what they bet."""

    @property
    def username(self) -> str:
        """Who it is."""
        ...

    @property
    def display_name(self) -> str:
        """What they are called on their profile."""
        ...

    @property
    def bio(self) -> str:
        """How they bet, in a sentence."""
        ...


class Follower(Protocol):
    """A simulated customer who copies a leader."""

    @property
    def username(self) -> str:
        """Who copies."""
        ...

    @property
    def leader(self) -> str:
        """Whom they copy."""
        ...

    @property
    def limits(self) -> Mapping[str, Any]:
        """Within which limits, as the API takes them."""
        ...


class Pick(Protocol):
    """What a leader bets next."""

    @property
    def username(self) -> str:
        """Who bets."""
        ...

    @property
    def product(self) -> Literal["exchange", "sportsbook", "pools"]:
        """Where."""
        ...

    @property
    def body(self) -> Mapping[str, Any] | None:
        """The bet as the API takes it, in a pool with the pool's key; ``None`` if there is nothing to bet on."""
        ...

    @property
    def pause_s(self) -> float:
        """How long after the bet before, in seconds."""
        ...


class Leading(Protocol):
    """Simulated leaders, and who follows them."""

    @property
    def leaders(self) -> Sequence[Leader]:
        """Those who let others copy; none if the customers are others."""
        ...

    @property
    def followers(self) -> Sequence[Follower]:
        """Who copies whom."""
        ...

    def turn(
        self,
        markets: Sequence[Mapping[str, Any]],
        events: Sequence[Mapping[str, Any]],
        rounds: Sequence[Mapping[str, Any]],
    ) -> Pick:
        """Return what is bet next on markets, events and open rounds as the API shows them. There must be a leader."""
        ...
