"""The operator of a line provider: matches whose odds move when a test says so, and never by themselves."""

import socket
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2

from tests.cli.program import Server, eventually, running
from tests.line_provider.conftest import in_s
from tests.web.browsing import People

FOLDER = "line"
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Where the provider of a server will be: the server is told before either runs."""

    port: int
    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        """What a server reads its line from this provider with."""
        return {
            "EVENS_LINE_SOURCES": f"main=evens+http://127.0.0.1:{self.port}",
            "EVENS_LINE_KEYS": f"main=@{self.folder / 'line-provider.key'}",
        }


def line_place(folder: Path) -> LinePlace:
    """Return a place for a provider in a folder, at a port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return LinePlace(listener.getsockname()[1], folder / FOLDER)


@dataclass(frozen=True, slots=True)
class Line:
    """The provider of a server, as its operator speaks to it."""

    http: httpx2.Client

    def publish(self, event: str, title: str, odds: Mapping[str, str], **more: str) -> None:
        """Publish a match on whose selections one can bet for a day: odds by the key of each."""
        selections = [{"key": key, "name": key.title(), "coefficient": each} for key, each in odds.items()]
        body = {"id": event, "title": title, "deadline": in_s(DAY_S), "selections": selections, **more}
        self._ask("POST", "/events", body, HTTPStatus.CREATED)

    def move(self, event: str, odds: Mapping[str, str]) -> None:
        """Give selections of a match other odds."""
        self._change(event, selections=[{"key": key, "coefficient": each} for key, each in odds.items()])

    def finish(self, event: str, winner: str) -> None:
        """Say who won; whoever is not named has lost."""
        self._change(event, status="FINISHED", results=[{"selection": winner, "result": "won"}])

    def _change(self, event: str, **body: Any) -> None:
        self._ask("PATCH", f"/events/{event}", body, HTTPStatus.OK)

    def _ask(self, method: str, path: str, body: Mapping[str, Any], expected: HTTPStatus) -> None:
        answer = self.http.request(method, path, json=body)
        assert answer.status_code == expected, answer.text


@contextmanager
def providing(server: Server, place: LinePlace) -> Generator[Line]:
    """Run the provider of a server in the server's own database."""
    arguments = ["line-provider", "--port", str(place.port), "--evens-data", str(server.data)]
    with running(arguments, place.folder) as provider:
        key = (provider.data / "line-provider.key").read_text().strip()
        headers = {"Authorization": f"Bearer {key}"}
        with httpx2.Client(base_url=provider.url, headers=headers, timeout=30) as http:
            yield Line(http)


def offer(people: People, line: Line, event: str, title: str, odds: Mapping[str, str], **more: str) -> None:
    """Publish a match, and wait until the house takes bets on it."""
    line.publish(event, title, odds, **more)

    def is_offered() -> bool:
        with people.api() as api:
            found = api.get("/v1/sportsbook/events", q=title)["items"]
        return any(each["id"] == event and not each["stale"] for each in found)

    assert eventually(is_offered), f"the house offers no {title}"
