"""Creates, finds, removes and tests webhooks."""

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

from evens.edges.jobs.messages import Message, Secrets
from evens.edges.jobs.sending import Answer, Sender
from evens.identity.errors import RequestDiffers
from evens.store.deliveries import DeliveryStatus
from evens.store.outbox import Delivery, Outbox, Webhook
from evens.store.wallets.notices import Topic

TEST_TOPIC = "webhook.test"
"""The topic of test messages. Nobody can subscribe to it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """The answer to a test message, and how long it took."""

    answer: Answer
    seconds: float


class Webhooks:
    """The operations on webhooks. All may raise ``StoreUnavailable``."""

    def __init__(self, outbox: Outbox, sender: Sender) -> None:
        self._outbox = outbox
        self._sender = sender

    async def subscribe(
        self, scope: str, *, url: str, topics: Sequence[Topic], idempotency_key: str | None
    ) -> tuple[Webhook, bool]:
        """Make a webhook for a caller; return it, and whether the same request had made it before.

        Raises ``DestinationRefused``, ``WebhookLimitReached``, and :class:`RequestDiffers` if the caller's
        idempotency key made a different webhook before.
        """
        signing = self._sender.secrets
        ids = [signing.new_id()] if idempotency_key is None else signing.ids_of(scope, idempotency_key)
        request = json.dumps({"topics": list(topics), "url": url})
        known = None if idempotency_key is None else await self._first_of(ids)
        is_new = False
        if known is None:
            # A repeated request gets its first answer even if the receiver's name cannot be resolved now.
            await self._sender.destinations.check(url)
            known, is_new = await self._outbox.subscribe(
                ids[0], url=url, topics=topics, created_by=scope, request=request
            )
        if known.request != request:
            raise RequestDiffers
        return known, not is_new

    async def _first_of(self, ids: Sequence[str]) -> Webhook | None:
        for each in ids:
            if (known := await self._outbox.webhook(each)) is not None:
                return known
        return None

    def secret_of(self, webhook: Webhook) -> str:
        """Return the secret that its messages are signed with."""
        return self._sender.secrets.secret_of(webhook.id)

    @staticmethod
    def is_id(text: str) -> bool:
        """Return whether the text has the form of a webhook's id."""
        return Secrets.is_id(text)

    async def find(self, webhook_id: str) -> Webhook | None:
        """Return a webhook, live or removed."""
        return await self._outbox.webhook(webhook_id) if self.is_id(webhook_id) else None

    async def page(self, *, after: str | None, limit: int) -> Sequence[Webhook]:
        """Return webhooks, removed ones too, newest first, from behind the one with id ``after``."""
        return await self._outbox.webhooks(after=after, limit=limit)

    async def remove(self, webhook: Webhook) -> None:
        """Remove it: nothing more is sent to it. Removing it again is no error."""
        await self._outbox.unsubscribe(webhook.id)

    async def deliveries(
        self, webhook: Webhook, status: DeliveryStatus | None, *, before: int, limit: int
    ) -> Sequence[Delivery]:
        """Return deliveries, newest notice first, of notices before ``before``; in any status if ``None``."""
        statuses = list(DeliveryStatus) if status is None else [status]
        return await self._outbox.deliveries(webhook.id, statuses, before=before, limit=limit)

    async def test(self, webhook: Webhook) -> Trial:
        """Send a test message once, and return the answer."""
        message = Message.of_event(f"msg_test_{secrets.token_hex(8)}", TEST_TOPIC, time.time_ns(), "{}")
        started = time.perf_counter()
        answer = await self._sender.send(webhook.id, webhook.url, message)
        return Trial(answer, time.perf_counter() - started)
