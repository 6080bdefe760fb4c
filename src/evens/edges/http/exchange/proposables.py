"""What operators can propose about markets of the exchange."""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from evens.core.commands.every import Command
from evens.core.commands.exchange import SettleMarket, VoidMarket
from evens.edges.http.exchange.bodies import SettleBody, VoidBody
from evens.edges.http.exchange.markets import read_settlement, read_void
from evens.edges.http.exchange.services import ExchangeServices
from evens.edges.http.protocol.proposing import Proposable
from evens.edges.http.protocol.two_operators import Guard, Kind

_services_of: Final = attrgetter("exchange")


def _settling(command: SettleMarket) -> Kind:
    return Kind.CORRECT if command.correction else Kind.SETTLE


def _voiding(command: VoidMarket) -> Kind:
    return Kind.CORRECT if command.correction else Kind.VOID


GUARDS: Final[Mapping[type[Command], Guard[Any]]] = {SettleMarket: Guard(_settling), VoidMarket: Guard(_voiding)}

PROPOSABLES: Final[tuple[Proposable[ExchangeServices], ...]] = (
    Proposable("settle_market", _services_of, read_settlement, SettleBody),
    Proposable("void_market", _services_of, read_void, VoidBody),
)
