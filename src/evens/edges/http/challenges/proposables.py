"""What operators can propose about challenges."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from evens.core.commands.challenges import RuleChallenge
from evens.core.commands.every import Command
from evens.core.values.betting import Outcome
from evens.edges.http.challenges.bodies import RuleBody
from evens.edges.http.challenges.routes import read_ruling
from evens.edges.http.challenges.services import ChallengeServices
from evens.edges.http.protocol.proposing import Proposable
from evens.edges.http.protocol.two_operators import Guard, Kind


def _ruling(command: RuleChallenge) -> Kind:
    return Kind.VOID if command.outcome is Outcome.VOID else Kind.SETTLE


GUARDS: Final[Mapping[type[Command], Guard[Any]]] = {RuleChallenge: Guard(_ruling)}

PROPOSABLES: Final[tuple[Proposable[ChallengeServices], ...]] = (
    Proposable("rule_challenge", attrgetter("challenges"), read_ruling, RuleBody),
)
