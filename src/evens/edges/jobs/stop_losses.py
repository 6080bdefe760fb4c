"""Stop-losses: values the open copies of follows, and pauses those that have lost too much.

It does not wait for copies that are to be settled: what is settled later is open until then, and valued as such. What
was lost for good stops copies by itself (:mod:`evens.core.following.copying`), also before this job comes around.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Final, Protocol

import structlog

from evens.core.commands.following import StopFollow
from evens.core.values.following import stops_at
from evens.core.values.ids import FollowId
from evens.edges.gateway import Gateway
from evens.edges.jobs.copier import submit_some_at_once
from evens.sequencer.errors import NotBooked
from evens.store.following.results import FollowResults, FollowToStop

STOP_EVERY_S: Final = 1.0
"""How often open copies are valued."""

_log = structlog.get_logger(__name__)


class OpenGains(Protocol):
    """Values open copies. Raises :class:`evens.store.errors.StoreUnavailable`."""

    async def open_gains(self, follows: Iterable[FollowId]) -> Mapping[FollowId, int]:
        """Return what open copies of follows would win or lose if they were closed now; what is open at cost is 0."""
        ...


class StopLosses:
    """Pauses follows whose stop-loss is reached, some follows at a step."""

    def __init__(self, gateway: Gateway, follows: FollowResults, gains: OpenGains) -> None:
        self._gateway = gateway
        self._follows = follows
        self._gains = gains
        self._last = FollowId(0)

    async def stop_next(self) -> bool:
        """Look at the next follows that could have reached their stop-loss; return whether there may be more.

        Raises ``StoreUnavailable``.
        """
        if self._gateway.closed_because is not None:
            return False
        follows = await self._follows.to_stop(self._last)
        self._last = follows[-1].id if follows else FollowId(0)
        gains = await self._gains.open_gains([follow.id for follow in follows])
        reached = [stop for follow in follows if (stop := _stopping(follow, gains.get(follow.id, 0))) is not None]
        try:
            # They say what was settled of a follow, and are refused if more is settled by then: nothing overtakes them.
            stops = [(os.urandom(16), command) for command in reached]
            await submit_some_at_once(self._gateway, stops, background=False)
        except NotBooked as error:
            _log.warning("stop_losses_wait", error=str(error))
            return False
        return bool(follows)


def _stopping(follow: FollowToStop, open_gain_minor: int) -> StopFollow | None:
    gain_minor = follow.result_minor + open_gain_minor
    if not stops_at(follow.stop_loss_percent, follow.allocation_minor, follow.allocation_minor + gain_minor):
        return None
    return StopFollow(follow.id, gain_minor, follow.result_minor)
