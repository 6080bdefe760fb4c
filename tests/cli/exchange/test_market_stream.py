"""`evens watch` on streams that break off, omit a message or refuse: scripted servers stand in for the real one."""

import json
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from threading import Thread
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from evens.edges.cli.api import Api
from evens.edges.cli.exchange.market_feed import View
from evens.edges.cli.exchange.market_stream import Interruption, follow
from evens.edges.cli.failures import Refused
from evens.edges.cli.server_file import Target

MARKET = "mkt_7"
PATIENCE_S = 60

Script = Callable[[ServerConnection], None]


class ScriptedServer:
    """A server that follows one script for each connection; the last script is used again and again."""

    def __init__(self, *scripts: Script) -> None:
        self._scripts = list(scripts)
        self.requested: list[str] = []
        self.trades: list[dict[str, Any]] = []

    def run(self, socket: ServerConnection) -> None:
        script = self._scripts.pop(0) if len(self._scripts) > 1 else self._scripts[0]
        with suppress(ConnectionClosed):
            script(socket)

    def receive(self, socket: ServerConnection) -> None:
        """Wait for a request, and record it."""
        self.requested.append(json.loads(socket.recv(PATIENCE_S))["op"])

    def answer_http(self, socket: ServerConnection, request: Request) -> Response | None:
        if request.path.startswith(f"/v1/exchange/markets/{MARKET}/trades"):
            return socket.respond(200, json.dumps({"items": self.trades}))
        return None


@contextmanager
def running(
    scripted: ScriptedServer, answer: Callable[..., Response | None] | None = None
) -> Generator[Callable[[], Api]]:
    """Run a scripted server; ``answer`` may refuse handshakes."""
    with serve(scripted.run, "127.0.0.1", 0, process_request=answer or scripted.answer_http) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        port = server.socket.getsockname()[1]
        try:
            yield lambda: Api(Target(f"http://127.0.0.1:{port}", "key"), pauses_s=())
        finally:
            server.shutdown()
            thread.join()


def send(socket: ServerConnection, kind: str, **fields: Any) -> None:
    socket.send(json.dumps({"type": kind, "channel": "market", "id": MARKET, **fields}))


def snapshot(socket: ServerConnection, seq: int, matched: str = "0.00") -> None:
    runner = {"id": "1", "name": "Ann", "status": "active", "last_odds": None, "matched": matched}
    runners = [{**runner, "to_back": [["2.50", "10.00"], ["2.48", "4.00"]], "to_lay": [["10.00", "8.00"]]}]
    send(socket, "snapshot", seq=seq, name="Cup", status="open", working=False, version=1, runners=runners)


def delta(socket: ServerConnection, prev_seq: int, seq: int, **changed: Any) -> None:
    send(socket, "delta", prev_seq=prev_seq, seq=seq, runners=[{"id": "1", **changed}])


def stay(socket: ServerConnection) -> None:
    """Read until the other side leaves."""
    for _ in socket:
        pass


def matched(view: View | Interruption) -> str:
    assert isinstance(view, View), view
    return view.market["runners"][0]["matched"]


def test_each_change_is_yielded() -> None:
    def script(socket: ServerConnection) -> None:
        scripted.receive(socket)
        snapshot(socket, 10)
        send(socket, "heartbeat", at="2030-01-01T00:00:00Z")
        delta(socket, 10, 14, to_back=[["2.50", "0.00"], ["2.46", "1.00"]], to_lay=[["9.80", "3.00"]])
        stay(socket)

    scripted = ScriptedServer(script)
    with running(scripted) as find_server, closing(follow(find_server, MARKET, pace_s=0)) as updates:
        first, unchanged, second = next(updates), next(updates), next(updates)
    assert isinstance(first, View)
    assert isinstance(second, View)
    assert unchanged == first
    assert first.market["runners"][0]["to_back"][0] == {"odds": "2.50", "size": "10.00"}
    (runner,) = second.market["runners"]
    assert [level["odds"] for level in runner["to_back"]] == ["2.48", "2.46"]
    assert [level["odds"] for level in runner["to_lay"]] == ["9.80", "10.00"]
    assert scripted.requested == ["subscribe"]


def test_after_a_gap_it_subscribes_anew_and_goes_on_from_the_snapshot() -> None:
    def script(socket: ServerConnection) -> None:
        scripted.receive(socket)
        snapshot(socket, 10, "1.00")
        delta(socket, 10, 12, matched="2.00")
        delta(socket, 13, 15, matched="3.00")
        delta(socket, 15, 16, matched="4.00")
        scripted.receive(socket)
        send(socket, "unsubscribed")
        scripted.receive(socket)
        snapshot(socket, 20, "5.00")
        delta(socket, 20, 21, matched="6.00")
        stay(socket)

    scripted = ScriptedServer(script)
    with running(scripted) as find_server, closing(follow(find_server, MARKET, pace_s=0)) as updates:
        assert [matched(next(updates)) for _ in range(4)] == ["1.00", "2.00", "5.00", "6.00"]
    assert scripted.requested == ["subscribe", "unsubscribe", "subscribe"]


def test_a_burst_is_one_view_and_is_yielded_even_if_the_server_leaves() -> None:
    def script(socket: ServerConnection) -> None:
        scripted.receive(socket)
        snapshot(socket, 10)
        for seq in range(10, 60):
            delta(socket, seq, seq + 1, matched=f"{seq}.00")
        socket.close(1001)

    scripted = ScriptedServer(script)
    with running(scripted) as find_server, closing(follow(find_server, MARKET, pace_s=PATIENCE_S)) as updates:
        assert matched(next(updates)) == "0.00"
        assert matched(next(updates)) == "59.00"
        assert next(updates) == Interruption("The server has stopped", 0.5)


def test_a_trade_that_is_in_the_list_and_in_a_delta_is_one_trade() -> None:
    known, fresh = ({"id": name, "runner_id": "1"} for name in ("trd_1", "trd_2"))

    def script(socket: ServerConnection) -> None:
        scripted.receive(socket)
        snapshot(socket, 10)
        send(socket, "delta", prev_seq=10, seq=12, runners=[], trades=[known, fresh])
        stay(socket)

    scripted = ScriptedServer(script)
    scripted.trades = [known]
    with running(scripted) as find_server, closing(follow(find_server, MARKET, pace_s=0)) as updates:
        first, second = next(updates), next(updates)
    assert isinstance(first, View)
    assert isinstance(second, View)
    assert (first.trades, second.trades) == ((known,), (fresh, known))


def test_a_server_that_does_not_lead_is_retried_after_the_time_it_asks_for() -> None:
    def standing_by(socket: ServerConnection) -> None:
        scripted.receive(socket)
        send(socket, "error", code="not_leading", detail="Subscribe again in a moment.", retry_after_s=0.01)
        stay(socket)

    def leading(socket: ServerConnection) -> None:
        scripted.receive(socket)
        snapshot(socket, 10, "1.00")
        stay(socket)

    scripted = ScriptedServer(standing_by, standing_by, leading)
    with running(scripted) as find_server, closing(follow(find_server, MARKET, pace_s=0)) as updates:
        assert [next(updates), next(updates)] == [Interruption("This server does not lead now", 0.01)] * 2
        assert matched(next(updates)) == "1.00"


def test_pauses_grow_until_there_is_a_market_to_see() -> None:
    def vanish(socket: ServerConnection) -> None:
        scripted.receive(socket)
        socket.socket.close()

    def appear(socket: ServerConnection) -> None:
        scripted.receive(socket)
        snapshot(socket, 10)
        socket.close(1011)

    scripted = ScriptedServer(vanish, vanish, appear)
    with running(scripted) as find_server, closing(follow(find_server, MARKET, pace_s=0)) as updates:
        received = [next(updates) for _ in range(4)]
    assert [one.retry_in_s for one in received if isinstance(one, Interruption)] == [0.5, 1.0, 0.5]
    assert isinstance(received[2], View)


@pytest.mark.parametrize(("retry_after", "pause_s"), [("3", 3.0), ("soon", 0.5)])
def test_a_server_that_is_full_is_asked_again(retry_after: str, pause_s: float) -> None:
    def full(socket: ServerConnection, _request: Request) -> Response:
        response = socket.respond(503, "full")
        response.headers["Retry-After"] = retry_after
        return response

    with running(ScriptedServer(stay), full) as find_server, closing(follow(find_server, MARKET, pace_s=0)) as updates:
        update = next(updates)
    assert update == Interruption("The stream refused the connection: the answer was 503 Service Unavailable", pause_s)


def test_a_server_without_a_stream_is_an_error_with_advice() -> None:
    def nothing(socket: ServerConnection, _request: Request) -> Response:
        return socket.respond(404, "not found")

    with (
        running(ScriptedServer(stay), nothing) as find_server,
        pytest.raises(Refused, match="404 Not Found") as refusal,
    ):
        next(follow(find_server, MARKET, pace_s=0))
    assert refusal.value.next_step == "Whatever is in between must let WebSockets through."


def test_what_asking_again_does_not_mend_is_refused_in_the_servers_words() -> None:
    def script(socket: ServerConnection) -> None:
        scripted.receive(socket)
        send(socket, "error", code="market_unknown", detail="There is no such market; check the id.")
        stay(socket)

    scripted = ScriptedServer(script)
    with running(scripted) as find_server, pytest.raises(Refused, match="There is no such market"):
        next(follow(find_server, MARKET, pace_s=0))
