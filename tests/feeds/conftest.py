import pytest

from tests.feeds.simulated_results import Publisher, SimulatedExchange, WatcherHarness


@pytest.fixture
def exchange() -> SimulatedExchange:
    return SimulatedExchange()


@pytest.fixture
def times() -> Publisher:
    return Publisher("times")


@pytest.fixture
def post() -> Publisher:
    return Publisher("post")


@pytest.fixture
def harness(exchange: SimulatedExchange, times: Publisher, post: Publisher) -> WatcherHarness:
    """A watcher of both sources."""
    return WatcherHarness(exchange, (times, post))
