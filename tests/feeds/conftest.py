import pytest

from tests.feeds.racecourse import House, Publisher, Steward


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def times() -> Publisher:
    return Publisher("times")


@pytest.fixture
def post() -> Publisher:
    return Publisher("post")


@pytest.fixture
def steward(house: House, times: Publisher, post: Publisher) -> Steward:
    """A watcher that listens to both sources."""
    return Steward(house, (times, post))
