"""The simulator as the command line and the demo use it."""

from collections.abc import Iterator, Sequence

from evens.edges.cli.simulated_leaders import Leading
from evens.edges.cli.simulator import Fixture, Move, Newcomer, PoolBettors, Punters, Traders
from evens.sim.actors import moves
from evens.sim.fixtures import KINDS, find_fixture
from evens.sim.leaders import Leading as SimulatedLeading
from evens.sim.newcomers import newcomers
from evens.sim.pool_bettors import PoolBettors as SimulatedPoolBettors
from evens.sim.punters import Punters as SimulatedPunters
from evens.sim.traders import traders


class ProgramSimulator:
    """Implements :class:`evens.edges.cli.simulator.Simulator`."""

    def newcomers(self, count: int) -> Sequence[Newcomer]:
        """Return the simulator's first customers."""
        return newcomers(count)

    def moves(self, usernames: Sequence[str]) -> Iterator[Move]:
        """Return what the simulator's actors do."""
        return moves(usernames)

    def fixture_kinds(self) -> Sequence[str]:
        """Return the simulator's sorts of contests."""
        return KINDS

    def fixture(self, kind: str, number: int) -> Fixture:
        """Return one of the simulator's contests."""
        return find_fixture(kind, number)

    def traders(self, fixture: Fixture, usernames: Sequence[str]) -> Traders:
        """Return the simulator's traders on one of its contests."""
        return traders(find_fixture(fixture.kind, fixture.number), usernames)

    def pool_bettors(self, usernames: Sequence[str]) -> PoolBettors:
        """Return the simulator's customers who bet in a pool."""
        return SimulatedPoolBettors(usernames)

    def punters(self, usernames: Sequence[str]) -> Punters:
        """Return the simulator's customers who bet with the house."""
        return SimulatedPunters(usernames)

    def leading(self, usernames: Sequence[str]) -> Leading:
        """Return the simulator's leaders, and who follows them."""
        return SimulatedLeading(usernames)
