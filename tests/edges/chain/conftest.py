import pytest

from evens.settings import Settings
from tests.edges.conftest import OpenHouse


@pytest.fixture
def settings() -> Settings:
    """A house with a simulated rail, on which 50.00 of a customer's payouts in a day need no operator."""
    return Settings(chain_rail="simulated", chain_approval_limit="50")


async def passes(house: OpenHouse) -> None:
    """Make one pass of the rail's job."""
    assert house.chain is not None
    await house.chain.job.once()
