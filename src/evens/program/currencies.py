"""The currencies that a server knows: those of the database, and those of its settings that are still to be defined."""

import asyncio
from hashlib import blake2b
from typing import Final

import structlog

from evens.core.commands.ledger import DefineCurrency
from evens.edges.http.services import Services
from evens.sequencer.errors import NotBooked
from evens.store.errors import StoreUnavailable

_ACTOR: Final = "settings"
_PAUSE_S: Final = 0.1

_log: Final = structlog.get_logger(__name__)


async def define_currencies(services: Services, scales: dict[str, int]) -> None:
    """Learn the currencies as soon as they can be read, and define the missing ones as soon as this server writes.

    A currency's scale never changes: where the settings differ from the database, the database counts, and the log says
    so.
    """
    missing = dict(scales)
    while missing:
        try:
            known = await services.wallets.queries.currencies()
            services.currencies.learn(known)
            for currency in known:
                scale = missing.pop(currency.code, currency.scale)
                if scale != currency.scale:
                    _log.warning("currency_keeps_its_scale", code=currency.code, scale=currency.scale, asked=scale)
            for code, scale in missing.items():
                command_id = blake2b(f"currency\0{code}".encode(), digest_size=16).digest()
                await services.gateway.submit(DefineCurrency(code, scale), command_id=command_id, actor=_ACTOR)
        except (NotBooked, StoreUnavailable):
            await asyncio.sleep(_PAUSE_S)
