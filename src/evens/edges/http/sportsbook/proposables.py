"""What operators can propose about events and bets of the sportsbook."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from evens.core.commands.every import Command
from evens.core.commands.fixed_odds import CancelBets, DeclareResults, RollBackResults, VoidBet, VoidFixture
from evens.edges.http.protocol.proposing import Proposable
from evens.edges.http.protocol.two_operators import Guard, Kind, always
from evens.edges.http.sportsbook import bets, events, mending
from evens.edges.http.sportsbook.bodies import CancelBody, RollbackBody, SettleEventBody
from evens.edges.http.sportsbook.services import SportsbookServices

_services_of: Final = attrgetter("sportsbook")


def _declaring(command: DeclareResults) -> Kind:
    return Kind.CORRECT if command.correction else Kind.SETTLE


GUARDS: Final[Mapping[type[Command], Guard[Any]]] = {
    DeclareResults: Guard(_declaring),
    RollBackResults: Guard(always(Kind.CORRECT)),
    VoidFixture: Guard(always(Kind.VOID)),
    CancelBets: Guard(always(Kind.VOID)),
    VoidBet: Guard(always(Kind.VOID)),
}

PROPOSABLES: Final[tuple[Proposable[SportsbookServices], ...]] = (
    Proposable("settle_event", _services_of, events.read_results, SettleEventBody),
    Proposable("void_event", _services_of, events.read_void),
    Proposable("roll_back_event", _services_of, mending.read_roll_back, RollbackBody),
    Proposable("cancel_event_bets", _services_of, mending.read_cancellation, CancelBody),
    Proposable("void_bet", _services_of, bets.read_void),
)
