"""Every scenario, at every level: the rules alone, the sequencer on PostgreSQL, and HTTP."""

import pytest

from evens.sequencer.journal import Journal
from evens.store.journal import PostgresJournal
from tests.conftest import Dsns
from tests.edges.conftest import OpenHouse
from tests.scenarios.deeds import Scenario
from tests.scenarios.http_driver import HttpDriver
from tests.scenarios.kernel_driver import KernelDriver
from tests.scenarios.language import FILES, read
from tests.scenarios.play import play
from tests.scenarios.sequencer_driver import SequencerDriver
from tests.sequencer.memory_journal import MemoryJournal

pytestmark = pytest.mark.anyio


def at(level: str) -> pytest.MarkDecorator:
    """Give a test every scenario that can be played at a level."""
    scenarios = {f"{path.parent.name}/{path.stem}": read(path) for path in FILES}
    playable = {name: scenario for name, scenario in scenarios.items() if level in scenario.levels}
    return pytest.mark.parametrize("scenario", playable.values(), ids=playable)


@at("kernel")
async def test_by_the_rules_alone(scenario: Scenario) -> None:
    await play(scenario, KernelDriver(scenario.currencies))


@at("sequencer")
async def test_through_the_sequencer(scenario: Scenario) -> None:
    await play_on(MemoryJournal(), scenario)


@at("sequencer")
async def test_through_the_sequencer_on_postgresql(scenario: Scenario, dsns: Dsns) -> None:
    await play_on(PostgresJournal(dsns.app), scenario)


@at("http")
async def test_over_http(scenario: Scenario, house: OpenHouse) -> None:
    known = {currency.code: currency.scale for currency in house.services.currencies.all()}
    assert scenario.currencies.items() <= known.items()
    driver = await HttpDriver.open(house)
    try:
        await play(scenario, driver)
    finally:
        await driver.close()


async def play_on(journal: Journal, scenario: Scenario) -> None:
    """Play a scenario on a journal, restart once more at the end, and compare once more."""
    driver = SequencerDriver(journal, scenario.currencies)
    try:
        await driver.open()
        await play(scenario, driver)
        await driver.restart()
        await driver.check()
    finally:
        await driver.close()
