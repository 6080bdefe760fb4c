"""A channel that the stream has never heard of: the hub serves it by the channel's own routes and views."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from evens.core.commands.wallets import FreezeCustomer
from evens.core.events.every import Event
from evens.core.events.wallets import CustomerFrozen, CustomerUnfrozen
from evens.core.receipts import Receipt
from evens.core.values.ids import CustomerId
from evens.edges.stream.channel import Channel, Route
from evens.edges.stream.hub import Hub
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.missed import Resumption
from evens.edges.stream.reader import Reader
from evens.identity.principal import Principal
from tests.stream.recording import RecordingConnection

pytestmark = pytest.mark.anyio

LOADED_SEQ = 5


class _FreezeView:
    """Lists the seqs of a customer's freezes."""

    def __init__(self) -> None:
        self.seq = LOADED_SEQ
        self._seqs: list[int] = []

    def apply(self, seq: int, at: int, event: Event) -> None:
        self.seq = seq
        self._seqs.append(seq)

    def snapshot(self) -> dict[str, Any]:
        return {"seqs": self._seqs}

    def delta(self, since: int) -> dict[str, Any]:
        return {"seqs": [seq for seq in self._seqs if seq > since]}

    def forget(self, seq: int) -> None:
        """Keep everything."""


class _FreezeChannel:
    name = "freezes"
    needs_credential = True
    pause_s = 0.0
    resumption: Resumption | None = None
    unknown_code = "freeze_unknown"
    unknown_detail = "There is no such customer."

    def __init__(self) -> None:
        self.routes: Mapping[type[Event], Route] = {
            CustomerFrozen: lambda event: (event.customer,),
            CustomerUnfrozen: lambda event: None,
        }

    def resolve(self, principal: Principal | None, public_id: str | None) -> tuple[int, str]:
        number = int(public_id or 0)
        return number, str(number)

    async def load(self, number: int) -> _FreezeView | None:
        return _FreezeView() if number < 10 else None


def _commit(hub: Hub, seq: int, event: Event) -> None:
    hub.committed([Receipt(seq, 0, bytes(16), "operator:test", FreezeCustomer(CustomerId(1)), (event,))])


def _hub() -> tuple[Hub, Reader, RecordingConnection]:
    channels: tuple[Channel, ...] = (_FreezeChannel(),)
    metrics = StreamMetrics(CollectorRegistry())
    hub = Hub(channels, metrics, pause_s=0.0, subscriptions_max=10)
    hub.leading(LOADED_SEQ)
    connection = RecordingConnection()
    return hub, Reader(connection, metrics), connection


async def _subscribe(hub: Hub, reader: Reader, *numbers: int) -> None:
    for number in numbers:
        hub.subscribe(reader, ("freezes", number), str(number))
    # The views are loaded by tasks.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await hub.broadcaster.run_round()


async def test_events_reach_the_topics_that_a_route_names() -> None:
    hub, reader, connection = _hub()
    await _subscribe(hub, reader, 1, 2)
    _commit(hub, 6, CustomerFrozen(CustomerId(1)))
    await hub.broadcaster.run_round()
    assert [(message["type"], message["id"], message["seqs"]) for message in connection.messages] == [
        ("snapshot", "1", []),
        ("snapshot", "2", []),
        ("delta", "1", [6]),
    ]


async def test_an_event_without_an_owner_reaches_every_topic_of_its_channel() -> None:
    hub, reader, connection = _hub()
    await _subscribe(hub, reader, 1, 2)
    _commit(hub, 7, CustomerUnfrozen(CustomerId(1)))
    await hub.broadcaster.run_round()
    assert [(message["id"], message["prev_seq"], message["seqs"]) for message in connection.messages[2:]] == [
        ("1", LOADED_SEQ, [7]),
        ("2", LOADED_SEQ, [7]),
    ]


async def test_an_unknown_thing_is_answered_by_the_code_of_its_channel() -> None:
    hub, reader, connection = _hub()
    await _subscribe(hub, reader, 11)
    assert [(message["code"], message["detail"]) for message in connection.messages] == [
        ("freeze_unknown", "There is no such customer.")
    ]
    assert not reader.subscriptions


async def test_the_end_of_a_credential_ends_subscriptions_of_channels_that_need_one() -> None:
    hub, reader, connection = _hub()
    await _subscribe(hub, reader, 1)
    hub.end_credential(reader, "token_expired", "The token has expired.")
    assert (connection.messages[-1]["code"], connection.messages[-1]["id"]) == ("token_expired", "1")
    assert not reader.subscriptions
