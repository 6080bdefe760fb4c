"""A line provider that keeps its events in memory and answers as `docs/line-provider.md` says, over loopback."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.listening import listening

DEADLINE = "2099-01-01T00:00:00Z"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def event(key: str = "m-1", *, version: int = 1, status: str = "NEW", **changes: Any) -> dict[str, Any]:
    """Return an event with a market of three selections; ``winner`` decides it."""
    winner = changes.pop("winner", None)
    odds = changes.pop("odds", "2.10")
    decided = status != "NEW"
    selections = [
        {
            "key": selection,
            "name": selection.title(),
            "coefficient": odds,
            "status": "open",
            "result": None if not decided else "void" if status == "VOID" else "won" if selection == winner else "lost",
        }
        for selection in ("home", "draw", "away")
    ]
    market_status = "void" if status == "VOID" else "settled" if decided else "open"
    return {
        "id": key,
        "title": "Leeds v York",
        "deadline": DEADLINE,
        "status": status,
        "suspended": False,
        "markets": [{"key": "main", "name": "Match odds", "status": market_status, "selections": selections}],
        "cancelled": [],
        "version": version,
        **changes,
    }


class ProviderStub:
    """``requests`` are those that were answered, as method and path; while ``is_down`` none is.

    A page of its list has ``page_size`` events, and their numbers are their places.
    """

    def __init__(self) -> None:
        self.page_size = 1000
        self.changes: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[str] = []
        self.is_down = False
        self.held = asyncio.Event()
        self.held.set()
        self.url = ""

    def say(self, kind: str, said: dict[str, Any]) -> bytes:
        """Change an event, and return the message that tells so."""
        said = {**said, "change": len(self.changes) + 1}
        self.changes.append((kind, said))
        return message(kind, said)

    def event(self, key: str) -> dict[str, Any] | None:
        """Return where an event stands."""
        return next((said for _, said in reversed(self.changes) if said["id"] == key), None)

    @asynccontextmanager
    async def serving(self) -> AsyncGenerator["ProviderStub"]:
        """Answer on loopback."""
        async with listening(self._answer) as port:
            self.url = f"http://127.0.0.1:{port}"
            yield self

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        if not self.is_down:
            self.requests.append(f"{method} {urlsplit(target).path}")
            await self.held.wait()
            etag = next((line[15:] for line in head.split("\r\n") if line.lower().startswith("if-none-match: ")), None)
            writer.write(self._response(method, target, etag))
            await writer.drain()

    def _response(self, method: str, target: str, etag: str | None) -> bytes:
        parts = urlsplit(target)
        query = parse_qs(parts.query)
        status, body = "200 OK", b""
        tag = f'"{len(self.changes)}"'
        if method == "PUT":
            body = json.dumps({"id": "whk_1", "url": "x", "secret": SECRET, "created_at": DEADLINE}).encode()
        elif parts.path == "/changes":
            after = int(query["after"][0])
            items = [
                {"change": said["change"], "type": kind, "at": DEADLINE, "event": said}
                for kind, said in self.changes
                if said["change"] > after
            ]
            body = json.dumps({"items": items, "next": None, "last": len(self.changes)}).encode()
        elif parts.path == "/events":
            after = int(query.get("after", ["0"])[0])
            status, body = ("304 Not Modified", b"") if etag == tag else (status, self._page(after))
        else:
            found = self.event(unquote(parts.path.removeprefix("/events/")))
            status, body = ("404 Not Found", b"{}") if found is None else (status, json.dumps(found).encode())
        head = f"HTTP/1.1 {status}\r\nETag: {tag}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        return head.encode() + body

    def _page(self, after: int) -> bytes:
        keys = dict.fromkeys(said["id"] for _, said in self.changes)
        events = [said for key in keys if (said := self.event(key)) is not None]
        active = [said for said in events if said["status"] == "NEW" and not said["suspended"]]
        end = after + self.page_size
        following = str(end) if len(active) > end else None
        return json.dumps({"items": active[after:end], "next": following, "change": len(self.changes)}).encode()


def message(kind: str, said: dict[str, Any]) -> bytes:
    """Return the body of a webhook's message."""
    data = {"change": said.get("change", 0), "event": said}
    return json.dumps({"type": kind, "timestamp": DEADLINE, "data": data}).encode()
