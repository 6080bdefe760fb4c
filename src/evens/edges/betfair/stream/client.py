"""One client of the Exchange Stream: who it is, what it asks for and what it follows."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import structlog

from evens.core.values.betting import MarketTerms
from evens.core.values.ids import MarketId
from evens.edges.betfair.stream.clocks import ClockInvalid, Place
from evens.edges.betfair.stream.connection import LINE_BYTES_MAX, LineConnection, LineTooLong
from evens.edges.betfair.stream.filters import MARKETS_MAX, fits
from evens.edges.betfair.stream.requests import (
    HEARTBEAT_MS,
    Authentication,
    Heartbeat,
    MarketFilter,
    MarketSubscription,
    OrderSubscription,
    Request,
    Subscription,
    read_request,
)
from evens.edges.betfair.stream.serving import Serving
from evens.edges.betfair.stream.statuses import ENDING, Code, RequestFailed, failure, line, success
from evens.edges.betfair.stream.subscription import Subscribed, Terms
from evens.edges.betfair.stream.translation import is_market_over, is_never_over
from evens.edges.http.protocol.problem import Refused
from evens.edges.stream.reader import Credential
from evens.identity.errors import IdentityError, TryLater
from evens.store.errors import StoreUnavailable

_log: Final = structlog.get_logger("evens.betfair.stream")


class Client:
    """A client, from when its connection was opened until it ends."""

    def __init__(self, serving: Serving, connection: LineConnection, id: str) -> None:
        self.id: Final = id
        self.credential: Credential | None = None
        self.connection: Final = connection
        self._serving = serving
        self._opened_at = asyncio.get_running_loop().time()
        self._subscribed: dict[str, Subscribed[Any, Any]] = {}
        self._open_filter: MarketFilter | None = None
        """That of the market subscription, if it names no markets, so that new ones can fit it."""
        self._coming_filter: MarketFilter | None = None
        """Likewise, of one whose markets are being looked up."""
        self._created: list[int] = []
        """Markets that fit the coming one and were created meanwhile."""

    @property
    def address(self) -> str:
        """Where the client comes from."""
        return self.connection.address

    @property
    def is_silent(self) -> bool:
        """Whether the client follows nothing, so that it has to be heard of."""
        return not self._subscribed

    async def serve(self) -> None:
        """Do what the client asks for, one request after the other, until it is gone."""
        self._write({"op": "connection", "connectionId": self.id})
        while (text := await self._next_line()) is not None:
            try:
                await self._handle(text)
            except RequestFailed as failed:
                self._fail(failed)
            # A client that does not receive its answers must not make more of them pile up, and one that sends many
            # lines at once does not keep others waiting.
            await self.connection.drain()
            await asyncio.sleep(0)

    def fail(self, code: Code, message: str, request: int | str | None = None) -> None:
        """Tell the client what is wrong, and close the connection if that ends it."""
        self._serving.metrics.failed.labels(code).inc()
        self._write(failure(self.id, code, message, request))
        if code in ENDING:
            self.connection.close()

    def market_created(self, market: MarketId, terms: MarketTerms) -> None:
        """Follow a new market if it fits what the client asked for."""
        if self._coming_filter is not None and fits(self._coming_filter, market, terms):
            self._created.append(market)
        subscribed = self._subscribed.get("mcm")
        if subscribed is None or self._open_filter is None or subscribed.followed >= MARKETS_MAX:
            return
        if fits(self._open_filter, market, terms):
            subscribed.add(market)

    def flush(self) -> None:
        """Send what is to be sent now; a client that is behind is sent it once it has caught up."""
        for op, subscribed in list(self._subscribed.items()):
            if self.connection.is_behind:
                return
            for message in subscribed.messages():
                self.connection.write(message)
                self._serving.metrics.changes[op].inc()

    def end(self) -> None:
        """Follow nothing any more."""
        for op in list(self._subscribed):
            self._unsubscribe(op)

    async def _next_line(self) -> bytes | None:
        """Return the next line; ``None`` if the connection has ended or was silent for too long."""
        try:
            if not self.is_silent:
                return await self.connection.read_line()
            async with asyncio.timeout_at(self._awaited_until()):
                return await self.connection.read_line()
        except LineTooLong:
            self.fail(Code.INVALID_INPUT, f"A line has {LINE_BYTES_MAX} bytes at most; send shorter requests.")
        except TimeoutError:
            silent_s = self._serving.settings.silent_s
            self.fail(Code.TIMEOUT, f"Nothing was heard for {silent_s:g} s; authenticate and subscribe sooner.")
        self.connection.close()
        return None

    def _awaited_until(self) -> float:
        """Return when the client must have been heard: who does not say who they are gains no time by other lines."""
        now = asyncio.get_running_loop().time()
        return (self._opened_at if self.credential is None else now) + self._serving.settings.silent_s

    async def _handle(self, text: bytes) -> None:
        request = self._read(text)
        try:
            if not isinstance(request, Authentication):
                self._count()
            await self._do(request)
        except Refused as refused:
            raise RequestFailed(Code.TOO_MANY_REQUESTS, refused.problem.detail, request.id) from refused
        except IdentityError as unknown:
            answered = self._serving.identity.judging.answer_to(unknown)
            code = Code.UNEXPECTED if isinstance(answered, TryLater) else Code.INVALID_SESSION
            raise RequestFailed(code, str(answered), request.id) from unknown
        except StoreUnavailable as trouble:
            message = "The database cannot be reached; connect again in a moment."
            raise RequestFailed(Code.UNEXPECTED, message, request.id) from trouble
        except RequestFailed as failed:
            raise RequestFailed(failed.code, str(failed), request.id) from failed

    def _read(self, text: bytes) -> Request:
        """Return what a line asks for. Raises :class:`RequestFailed`, and counts what cannot be read as a request."""
        try:
            return read_request(text)
        except RequestFailed as failed:
            try:
                if self.credential is None:
                    self._serving.throttle.check_address(self.address)
                else:
                    self._serving.throttle.check(self.credential.principal)
            except Refused as refused:
                raise RequestFailed(Code.TOO_MANY_REQUESTS, refused.problem.detail, failed.request) from refused
            raise

    async def _do(self, request: Request) -> None:
        match request:
            case Authentication():
                await self._authenticate(request)
            case Heartbeat():
                self._write(success(request.id))
            case MarketSubscription():
                await self._follow_markets(request)
            case OrderSubscription():
                self._follow_orders(request)

    async def _authenticate(self, request: Authentication) -> None:
        if not request.app_key:
            raise RequestFailed(Code.NO_APP_KEY, "Send an appKey; any text will do.")
        if not request.session:
            raise RequestFailed(Code.NO_SESSION, "Send the session that logging in returned, or an API key.")
        self._serving.throttle.check_address(self.address)
        principal = await self._serving.check_session(request.session)
        # Whoever is known counts as such, as over HTTP; behind one address there may be many programs.
        self._serving.throttle.give_back_address(self.address)
        self._serving.throttle.check(principal)
        if self.credential is not None and self.credential.principal != principal:
            raise RequestFailed(Code.NOT_AUTHORIZED, "This connection is another caller's; open another one.")
        self.credential = Credential(request.session, principal)
        available = self._serving.connections_available(principal)
        if available < 0:
            raise RequestFailed(
                Code.TOO_MANY_CONNECTIONS,
                f"You have {self._serving.settings.connections_per_caller_max} connections; close one.",
            )
        _log.info("betfair_stream_login", caller=principal.scope, connection=self.id)
        self._write(success(request.id, available))

    def _count(self) -> None:
        """Count a request. Raises :class:`Refused` if there are too many, and ``RequestFailed`` for nobody's."""
        if self.credential is None:
            self._serving.throttle.check_address(self.address)
            raise RequestFailed(
                Code.NOT_AUTHORIZED, 'Authenticate first: {"op":"authentication","appKey":…,"session":…}.'
            )
        self._serving.throttle.check(self.credential.principal)

    async def _follow_markets(self, request: MarketSubscription) -> None:
        chosen, projection = request.market_filter or MarketFilter(), request.projection
        criteria = [_criteria(chosen), sorted(projection.fields), projection.ladder_levels]
        serving = self._serving
        since = self._place(request, criteria, serving.prices.serial)
        open_filter = None if chosen.market_ids else chosen
        markets = await self._find(chosen, open_filter, since)
        # Whatever is wrong with a request has been found by now; until then the subscription before it goes on.
        self._unsubscribe("mcm")
        self._open_filter = open_filter
        subscribed = Subscribed(
            _terms(request, "mcm", "mc", serving.clocks.initial(criteria)),
            projection,
            serving.prices,
            serving.clocks,
            lambda: serving.wake(self),
            since,
            is_market_over,
        )
        self._write(success(request.id))
        self._subscribe(subscribed, markets)

    async def _find(self, chosen: MarketFilter, open_filter: MarketFilter | None, since: Place | None) -> list[int]:
        """Return the markets that a filter selects, with those that are created while others are looked up."""
        self._coming_filter, self._created = open_filter, []
        try:
            return (await self._serving.markets_of(chosen, since) + self._created)[:MARKETS_MAX]
        finally:
            self._coming_filter = None

    def _follow_orders(self, request: OrderSubscription) -> None:
        serving, projection = self._serving, request.projection
        customer = None if self.credential is None else self.credential.principal.customer
        if customer is None:
            raise RequestFailed(Code.NOT_AUTHORIZED, "Orders are a customer's; authenticate as the one whose they are.")
        strategies = None if projection.strategies is None else sorted(projection.strategies)
        criteria = [customer, projection.with_position, projection.by_strategy, strategies]
        since = self._place(request, criteria, serving.bets.serial)
        self._unsubscribe("ocm")
        self._write(success(request.id))
        subscribed = Subscribed(
            _terms(request, "ocm", "oc", serving.clocks.initial(criteria)),
            projection,
            serving.bets,
            serving.clocks,
            lambda: serving.wake(self),
            since,
            is_never_over,
        )
        self._subscribe(subscribed, [customer])

    def _subscribe(self, subscribed: Subscribed[Any, Any], numbers: list[int]) -> None:
        op = subscribed.terms.op
        self._subscribed[op] = subscribed
        self._serving.metrics.subscriptions.labels(op).inc()
        self.connection.busy()
        subscribed.begin(numbers)

    def _unsubscribe(self, op: str) -> None:
        subscribed = self._subscribed.pop(op, None)
        if subscribed is not None:
            subscribed.end()
            self._serving.metrics.subscriptions.labels(op).dec()

    def _place(self, request: Subscription, criteria: Any, serial: int) -> Place | None:
        """Return where the client was, ``None`` if it begins anew."""
        if not request.initial_clk and not request.clk:
            return None
        try:
            return self._serving.clocks.read(request.initial_clk or "", request.clk or "", criteria, serial)
        except ClockInvalid as invalid:
            raise RequestFailed(Code.INVALID_CLOCK, str(invalid)) from invalid

    def _fail(self, failed: RequestFailed) -> None:
        self.fail(failed.code, str(failed), failed.request)

    def _write(self, document: Mapping[str, Any]) -> None:
        self.connection.write(line(dict(document)))
        self._serving.metrics.sent.labels(document["op"]).inc()


def _criteria(chosen: MarketFilter) -> dict[str, Any]:
    """Return a filter so that the same selection is the same, in whichever order it was written."""
    found: dict[str, Any] = {}
    for name in chosen.__struct_fields__:
        value: list[str] | bool | None = getattr(chosen, name)
        if value or value is False:
            found[name] = sorted(value) if isinstance(value, list) else value
    return found


def _terms(request: Subscription, op: str, changes: str, initial_clock: str) -> Terms:
    return Terms(
        request.id,
        op,
        changes,
        initial_clock,
        request.conflate_ms or 0,
        request.heartbeat_ms or HEARTBEAT_MS,
        bool(request.segmentation_enabled),
    )
