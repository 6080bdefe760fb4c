"""A source that speaks like the Unified Odds Feed: it sends messages here, and is asked to send again what was missed.

Recovery begins at the start, after silence, and when ``alive`` says ``subscribed="0"``. It is complete once
``snapshot_complete`` has come for each product; nothing of this source can be bet on until then.
"""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

import structlog

from evens.feeds.line.desk import LineDesk
from evens.feeds.line.dialects.uof import (
    Alive,
    FixtureChanged,
    SnapshotComplete,
    translate,
    translate_fixture,
)
from evens.feeds.line.protocols import KnownFixtures
from evens.feeds.line.sayings import Saying, SayingInvalid
from evens.feeds.upstream import SourceFailed, Upstream

PRODUCTS: Final[Mapping[str, str]] = {"1": "liveodds", "3": "pre"}
"""What the API calls the producers of the messages."""

ASK_AGAIN_NS: Final = 60 * 10**9
"""How long a recovery may take before it is asked for again."""

_log: Final = structlog.get_logger(__name__)


class UofSource:
    """Implements :class:`evens.feeds.line.sources.source.LineSource`.

    ``read_key`` returns the key for the API, with which the provider signs its messages, too: as it is if it begins
    with ``whsec_``, else its bytes.
    """

    def __init__(
        self,
        name: str,
        upstream: Upstream,
        desk: LineDesk,
        fixtures: KnownFixtures,
        read_key: Callable[[], str],
        *,
        products: Sequence[str] = tuple(PRODUCTS),
        wall_clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._name = name
        self._upstream = upstream
        self._desk = desk
        self._fixtures = fixtures
        self._read_key = read_key
        self._products = tuple(products)
        self._now = wall_clock
        self._requests: dict[str, str] = {}
        """The products whose recovery is under way, with the number of the request."""
        self._asked_at: int | None = None
        self._heard_at = 0
        self._has_missed = False
        self._number = 0

    @property
    def name(self) -> str:
        """The name under which its fixtures are known."""
        return self._name

    @property
    def publisher(self) -> None:
        """Return nothing: this provider is only read."""
        return

    @property
    def has_missed(self) -> bool:
        """Whether the provider said that we were not subscribed, and not all has been sent again."""
        return self._has_missed

    async def prepare(self) -> None:
        """Do nothing: where the messages go is agreed upon with the provider."""

    async def pull(self) -> None:
        """Return nothing: the line is as fresh as the last message."""

    async def recover(self) -> bool:
        """Ask for what was missed, unless that is under way; return whether it has all come."""
        now = self._now()
        if self._asked_at is None or (self._requests and now - self._asked_at >= ASK_AGAIN_NS):
            self._asked_at = now
            for product in self._products:
                self._number += 1
                self._requests[product] = str(self._number)
                params = {"request_id": str(self._number)}
                if self._heard_at:
                    params["after"] = str(self._heard_at)
                try:
                    name = PRODUCTS.get(product, product)
                    answer = await self._upstream.post(
                        f"/v1/{quote(name, safe='')}/recovery/initiate_request", params, self._key()
                    )
                except SourceFailed:
                    self._asked_at = None
                    raise
                if answer.is_unknown:
                    self._asked_at = None
                    raise SourceFailed(f"cannot recover product {product}")
        if self._requests:
            return False
        self._has_missed, self._asked_at = False, None
        return True

    async def reconcile(self) -> None:
        """Do nothing: results are sent, and sent again by a recovery."""

    def restart(self) -> None:
        """Ask for everything again."""
        self._requests.clear()
        self._asked_at = None
        self._desk.forget(self._name)

    def signing_secrets(self) -> Sequence[str]:
        """Return the secret that was agreed upon."""
        key = self._key()
        is_secret = key.startswith("whsec_")
        return (key if is_secret else "whsec_" + base64.b64encode(key.encode()).decode(),)

    @property
    def awaits_secrets(self) -> bool:
        """Return false: the secret was agreed upon."""
        return False

    async def hear(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take a message."""
        message = translate(body)
        match message:
            case Alive(subscribed=subscribed, at=at):
                if subscribed:
                    self._heard_at = max(self._heard_at, 0 if self._has_missed else at)
                elif not self._has_missed:
                    _log.warning("line_not_subscribed", source=self._name)
                    self._has_missed, self._asked_at = True, None
                    self._requests.clear()
            case SnapshotComplete(product=product, request=request):
                if self._requests.get(product) == request:
                    del self._requests[product]
            case FixtureChanged(key=key, at=at):
                await self._take_fixture(key, at)
            case Saying():
                if await self._desk.order_of(self._name, message.key) is None:
                    await self._take_fixture(message.key, message.order)
                await self._desk.take(self._name, [message], patient=True)

    async def close(self) -> None:
        """Close every connection."""
        await self._upstream.close()

    def _key(self) -> str:
        try:
            return self._read_key()
        except (OSError, ValueError) as error:
            raise SourceFailed(f"has no key: {error}") from error

    async def _take_fixture(self, key: str, at: int) -> None:
        answer = await self._upstream.get(
            f"/v1/sports/en/sport_events/{quote(key, safe='')}/fixture.xml", key=self._key()
        )
        if answer.is_unknown:
            _log.info("line_event_unknown", source=self._name, fixture=key)
            return
        try:
            fixture = translate_fixture(answer.body, at)
        except SayingInvalid as error:
            raise SourceFailed(f"said something that cannot be understood: {error}") from error
        await self._desk.take(self._name, [fixture], patient=True)
