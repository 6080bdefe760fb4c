"""What operators can propose about rounds; a round is named by its pool and its code, as in `ndx-daily/20990102`."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from evens.core.commands.every import Command
from evens.core.commands.pools import SettleRound, VoidRound
from evens.edges.http.pools.bodies import CorrectRoundBody, SettleRoundBody, VoidRoundBody
from evens.edges.http.pools.operating import read_correction, read_result, read_void
from evens.edges.http.pools.services import PoolServices
from evens.edges.http.protocol.proposing import Proposable
from evens.edges.http.protocol.two_operators import Guard, Kind, always

_services_of: Final = attrgetter("pools")


def _settling(command: SettleRound) -> Kind:
    return Kind.CORRECT if command.correction else Kind.SETTLE


GUARDS: Final[Mapping[type[Command], Guard[Any]]] = {
    SettleRound: Guard(_settling),
    VoidRound: Guard(always(Kind.VOID)),
}

PROPOSABLES: Final[tuple[Proposable[PoolServices], ...]] = (
    Proposable("settle_round", _services_of, read_result, SettleRoundBody),
    Proposable("void_round", _services_of, read_void, VoidRoundBody),
    Proposable("correct_round", _services_of, read_correction, CorrectRoundBody),
)
