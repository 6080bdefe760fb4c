"""A line provider that keeps its events in memory and answers as `docs/line-provider.md` says, over loopback."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.listening import listening

DEADLINE = "2099-01-01T00:00:00Z"
KEY = "key"
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

    What is written needs the :data:`KEY`. ``written`` are the bodies of all that was, ``refusal`` is a status and a
    problem with which it is refused, and while ``loses_answers`` it is done and not answered.
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
        self.written: list[dict[str, Any]] = []
        self.refusal: tuple[str, dict[str, Any]] | None = None
        self.loses_answers = False

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
        length = next((int(line[16:]) for line in head.lower().split("\r\n") if line.startswith("content-length: ")), 0)
        content = await reader.readexactly(length)
        method, target, _ = head.split("\r\n", 1)[0].split(" ")
        if not self.is_down:
            self.requests.append(f"{method} {urlsplit(target).path}")
            await self.held.wait()
            etag = next((line[15:] for line in head.split("\r\n") if line.lower().startswith("if-none-match: ")), None)
            if method in {"POST", "PATCH"}:
                answer = self._write(method, target, f"authorization: bearer {KEY}" in head.lower(), content)
                writer.write(b"" if self.loses_answers else answer)
            else:
                writer.write(self._response(method, target, etag))
            await writer.drain()

    def _write(self, method: str, target: str, holds_key: bool, content: bytes) -> bytes:
        """Publish an event or change one, as far as tests need it: odds, title, deadline and suspension."""
        body = json.loads(content)
        key = unquote(urlsplit(target).path.removeprefix("/events/")) if method == "PATCH" else body["id"]
        found = self.event(key)
        if not holds_key:
            return _answer("401 Unauthorized", {"code": "not_authenticated", "detail": "Send the key."})
        if self.refusal is not None:
            return _answer(*self.refusal)
        if method == "POST" and found is not None:
            return _answer("409 Conflict", {"code": "event_exists", "detail": f"There is an event {key} already."})
        if method == "PATCH" and found is None:
            return _answer("404 Not Found", {"code": "event_unknown", "detail": "There is no event with this id."})
        self.written.append(body)
        self.say("event_changed", _new(body) if found is None else _changed(found, body))
        return _answer("201 Created" if found is None else "200 OK", self.event(key))

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


def _new(body: dict[str, Any]) -> dict[str, Any]:
    markets = [
        {**market, "status": "open", "selections": [{**each, "status": "open"} for each in market["selections"]]}
        for market in body["markets"]
    ]
    return {**body, "status": "NEW", "suspended": False, "markets": markets, "cancelled": [], "version": 1}


def _changed(before: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    after = {**before, **{name: body[name] for name in ("title", "deadline") if name in body}}
    asked = {market["key"]: market for market in body.get("markets", ())}
    after["markets"] = [_with(market, asked.get(market["key"], {})) for market in before["markets"]]
    return {**after, "version": before["version"] + 1}


def _with(before: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Return a market or a selection with what is asked for done."""
    after = {**before, **{name: asked[name] for name in ("coefficient",) if name in asked}}
    if "suspended" in asked:
        after["status"] = "suspended" if asked["suspended"] else "open"
    if "selections" in before:
        by_key = {each["key"]: each for each in asked.get("selections", ())}
        after["selections"] = [_with(each, by_key.get(each["key"], {})) for each in before["selections"]]
    return after


def _answer(status: str, document: Any) -> bytes:
    body = json.dumps(document).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def message(kind: str, said: dict[str, Any]) -> bytes:
    """Return the body of a webhook's message."""
    data = {"change": said.get("change", 0), "event": said}
    return json.dumps({"type": kind, "timestamp": DEADLINE, "data": data}).encode()
