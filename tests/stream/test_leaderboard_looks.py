"""How followed boards are read again: each in its turn, whoever comes and goes while they are read."""

import asyncio

import pytest
from prometheus_client import CollectorRegistry

from evens.core.values.moments import SECOND_NS
from evens.core.values.money import Currency
from evens.core.values.records import RecordPeriod, RecordProduct
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.stream.hub import Hub
from evens.edges.stream.leaderboard_channel import BOARDS_PER_LOOK, PLACES, LeaderboardChannel
from evens.edges.stream.metrics import StreamMetrics
from evens.edges.stream.reader import Reader
from evens.store.social.queries import LeaderRow, Metric, SocialQueries
from tests.stream.recording import RecordingConnection

pytestmark = pytest.mark.anyio

BOARD = "week/profit/all/USD"


class _Reads(SocialQueries):
    """Boards without places. A test decides when an answer comes, and up to when it is known."""

    def __init__(self) -> None:
        self.known_up_to = 0
        self.asked: list[tuple[Metric, RecordProduct, RecordPeriod]] = []
        self.waiting: list[asyncio.Future[None]] | None = None

    async def place(self) -> tuple[int, int]:
        if self.waiting is not None:
            answer = asyncio.get_running_loop().create_future()
            self.waiting.append(answer)
            await answer
        return 1, self.known_up_to

    async def leaders(
        self, metric: Metric, record: tuple[RecordProduct, int, RecordPeriod, int], limit: int
    ) -> list[LeaderRow]:
        assert limit == PLACES
        product, _currency_number, period, _day = record
        self.asked.append((metric, product, period))
        return []


class _Stage:
    def __init__(self) -> None:
        self.reads = _Reads()
        self.channel = LeaderboardChannel(self.reads, Currencies([Currency(1, "USD", 2), Currency(2, "EUR", 2)]))
        metrics = StreamMetrics(CollectorRegistry())
        self.hub = Hub((self.channel,), metrics, pause_s=0.0, subscriptions_max=200)
        self.hub.leading(1)
        self.connection = RecordingConnection()
        self.reader = Reader(self.connection, metrics)

    def subscribe(self, board: str) -> None:
        number, public_id = self.channel.resolve(None, board)
        self.hub.subscribe(self.reader, (self.channel.name, number), public_id)

    def unsubscribe(self, board: str) -> None:
        number, _public_id = self.channel.resolve(None, board)
        self.hub.unsubscribe(self.reader, (self.channel.name, number))

    async def look(self) -> None:
        await self.channel.look(self.hub)
        # A board's messages are a second apart; here nobody waits for that.
        for subscription in self.reader.subscriptions.values():
            subscription.topic.due_at = 0.0
        await self.hub.broadcaster.run_round()


async def _settle() -> None:
    for _turn in range(20):
        await asyncio.sleep(0)


async def test_a_board_goes_on_whose_first_reading_came_in_after_the_second() -> None:
    stage = _Stage()
    stage.reads.waiting = []
    stage.subscribe(BOARD)
    await _settle()
    stage.unsubscribe(BOARD)
    stage.subscribe(BOARD)
    await _settle()
    first, second = stage.reads.waiting
    second.set_result(None)
    await _settle()
    first.set_result(None)
    await _settle()
    stage.reads.waiting = None
    await stage.look()
    assert [message["type"] for message in stage.connection.messages] == ["snapshot"]

    stage.reads.known_up_to = 3600 * SECOND_NS
    await stage.look()
    assert [message["type"] for message in stage.connection.messages] == ["snapshot", "delta"]
    assert stage.connection.messages[-1]["as_of"] == "1970-01-01T01:00:00Z"


async def test_up_to_when_a_quiet_board_is_known_is_told_once_a_minute() -> None:
    stage = _Stage()
    stage.reads.known_up_to = SECOND_NS
    stage.subscribe(BOARD)
    await _settle()
    for second in (1, 59, 60, 61, 119, 120):
        stage.reads.known_up_to = second * SECOND_NS
        await stage.look()
    assert [message["as_of"] for message in stage.connection.messages] == [
        "1970-01-01T00:00:01Z",
        "1970-01-01T00:01:00Z",
        "1970-01-01T00:02:00Z",
    ]
    assert all(message["items"] == [] for message in stage.connection.messages)


async def test_however_many_boards_are_followed_a_look_reads_some_of_them_and_each_has_its_turn() -> None:
    stage = _Stage()
    boards = [
        f"{period}/{metric}/{product}/{code}"
        for period in ("day", "week", "month", "all")
        for metric in Metric
        for product in ("all", "exchange", "sportsbook", "pools")
        for code in ("USD", "EUR")
    ]
    for board in boards:
        stage.subscribe(board)
    for _turn in range(20):
        await _settle()
    assert len(stage.reads.asked) == len(boards) == 8 * BOARDS_PER_LOOK
    stage.reads.asked.clear()
    for look in range(1, 9):
        await stage.look()
        assert len(stage.reads.asked) == look * BOARDS_PER_LOOK
    read = [(metric, product, period) for metric, product, period in stage.reads.asked]
    assert len(set(read)) == len(boards) // 2
    assert all(read.count(each) == 2 for each in set(read))
