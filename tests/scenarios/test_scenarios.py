"""Every scenario, at every level: the rules alone, the sequencer on PostgreSQL, and HTTP."""

from pathlib import Path

import pytest

from tests.scenarios.kernel_driver import KernelDriver
from tests.scenarios.language import read
from tests.scenarios.play import play

FILES = sorted(Path(__file__).parent.glob("*.txt"))
pytestmark = pytest.mark.anyio


def playable(level: str) -> list[Path]:
    """Return the scenarios that can be played at a level."""
    return [path for path in FILES if level in read(path).levels]


@pytest.mark.parametrize("path", playable("kernel"), ids=lambda path: path.stem)
async def test_by_the_rules_alone(path: Path) -> None:
    scenario = read(path)
    await play(scenario, KernelDriver(scenario.currencies))
