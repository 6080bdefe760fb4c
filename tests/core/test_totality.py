"""Nothing is left out: each command is decided and each event applied, and scenarios show every one of them."""

from dataclasses import dataclass, field
from typing import get_args

import anyio
import pytest

from evens.core import kernel
from evens.core.challenges import reasons as challenges
from evens.core.commands.every import Command
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected, TransferKind, Transferred
from evens.core.events.wallets import TransferRefused
from evens.core.exchange import reasons as exchange
from evens.core.fixed_odds import reasons as fixed_odds
from evens.core.following import reasons as following
from evens.core.ledger import reasons as ledger
from evens.core.pools import reasons as pools
from evens.core.state import PRODUCTS
from evens.core.values.reasons import Reason
from evens.core.wallets import reasons as wallets
from evens.store.encoding.event_tags import REASONS
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
    refusals: set[tuple[type[Command], Reason]] = field(default_factory=set[tuple[type[Command], Reason]])

    def note(self, command: Command, event: Event) -> None:
        """Note an event of a command."""
        self.commands.add(type(command))
        self.events.add(type(event))
        if isinstance(event, Transferred):
            self.kinds.add(event.kind)
        elif isinstance(event, Rejected | TransferRefused):
            self.reasons.add(event.reason)
            self.refusals.add((type(command), event.reason))


@pytest.fixture(scope="module")
def shown() -> Shown:
    shown = Shown()
    for path in FILES:
        scenario = read(path)
        driver = KernelDriver(scenario.currencies)
        anyio.run(play, scenario, driver)
        for entry in driver.desk.history:
            for event in entry.events:
                shown.note(entry.command, event)
    return shown


PRECEDENCE: dict[str, tuple[Reason, ...]] = {
    "ledger": ledger.PRECEDENCE,
    "wallets": wallets.PRECEDENCE,
    "exchange": exchange.PRECEDENCE,
    "challenges": challenges.PRECEDENCE,
    "fixed_odds": fixed_odds.PRECEDENCE,
    "pools": pools.PRECEDENCE,
    "following": following.PRECEDENCE,
}


def test_every_command_has_one_handler_and_every_handler_a_command() -> None:
    assert kernel.HANDLERS.keys() == set(COMMANDS)
    assert sum(len(rules.handlers) for rules in PRODUCTS) == len(COMMANDS)


def test_every_event_has_one_applier_and_every_applier_an_event() -> None:
    assert kernel.APPLIERS.keys() == set(EVENTS)
    assert sum(len(rules.appliers) for rules in PRODUCTS) == len(EVENTS)


def test_every_product_gives_its_reasons_an_order() -> None:
    assert PRECEDENCE.keys() == {rules.part for rules in PRODUCTS}
    assert {reason for order in PRECEDENCE.values() for reason in order} == set(REASONS.values())
    assert all(len(set(order)) == len(order) for order in PRECEDENCE.values())


def test_no_command_is_refused_for_a_reason_without_a_place_in_its_products_order(shown: Shown) -> None:
    part = {command: rules.part for rules in PRODUCTS for command in rules.handlers}
    assert shown.refusals
    assert [refusal for refusal in shown.refusals if refusal[1] not in PRECEDENCE[part[refusal[0]]]] == []


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
