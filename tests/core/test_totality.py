"""Nothing is left out: each command is decided and each event applied, and scenarios show every one of them."""

from dataclasses import dataclass, field
from typing import get_args

import anyio
import pytest

from evens.core import kernel
from evens.core.commands.every import Command
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected, TransferKind, Transferred
from evens.core.events.wallets import TransferRefused
from evens.core.values.reasons import Reason
from evens.store.encoding.tags import REASONS
from tests.scenarios.kernel_driver import KernelDriver
from tests.scenarios.language import FILES, read
from tests.scenarios.play import play

COMMANDS: tuple[type[Command], ...] = get_args(Command)
EVENTS: tuple[type[Event], ...] = get_args(Event)


@dataclass
class Shown:
    """What the scenarios show, played by the rules alone."""

    commands: set[type[Command]] = field(default_factory=set[type[Command]])
    events: set[type[Event]] = field(default_factory=set[type[Event]])
    kinds: set[TransferKind] = field(default_factory=set[TransferKind])
    reasons: set[Reason] = field(default_factory=set[Reason])

    def note(self, event: Event) -> None:
        """Take down an event."""
        self.events.add(type(event))
        if isinstance(event, Transferred):
            self.kinds.add(event.kind)
        elif isinstance(event, Rejected | TransferRefused):
            self.reasons.add(event.reason)


@pytest.fixture(scope="module")
def shown() -> Shown:
    shown = Shown()
    for path in FILES:
        scenario = read(path)
        driver = KernelDriver(scenario.currencies)
        anyio.run(play, scenario, driver)
        for entry in driver.desk.history:
            shown.commands.add(type(entry.command))
            for event in entry.events:
                shown.note(event)
    return shown


def test_every_command_has_a_handler_and_every_handler_a_command() -> None:
    assert kernel.HANDLERS.keys() == set(COMMANDS)


def test_every_event_is_applied_somehow() -> None:
    assert kernel.APPLIERS.keys() == set(EVENTS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_given_in_a_scenario(shown: Shown, command: type[Command]) -> None:
    assert command in shown.commands


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_happens_in_a_scenario(shown: Shown, event: type[Event]) -> None:
    assert event in shown.events


@pytest.mark.parametrize("kind", list(TransferKind))
def test_every_kind_of_transfer_happens_in_a_scenario(shown: Shown, kind: TransferKind) -> None:
    assert kind in shown.kinds


@pytest.mark.parametrize("reason", sorted(REASONS.values()))
def test_every_reason_is_given_in_a_scenario(shown: Shown, reason: Reason) -> None:
    assert reason in shown.reasons
