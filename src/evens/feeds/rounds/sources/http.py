"""Prices over HTTP. An answer is bounded in time and size; redirects are not followed, and lead nowhere.

The operator names the URL, so unlike a webhook's it may lead anywhere. Between two programs on one machine no proxy is
used. Each question has a connection of its own: there are a few in a day.
"""

import asyncio
import re
from typing import Final
from urllib.parse import quote

import httpx2

from evens.core.values.pool_running import PriceSource
from evens.feeds.rounds.calendar import Session
from evens.feeds.rounds.sources.documents import DOCUMENT_BYTES_MAX, Read
from evens.feeds.rounds.sources.secrets import SecretFolder
from evens.feeds.rounds.sources.source import Quote
from evens.feeds.upstream import SourceFailed, Upstream

TIMEOUT_S: Final = 4.0
"""How long one answer may take. The oracle asks again where none came."""

_PLACE: Final = re.compile(r"\{(@?)([^{}]*)\}")


def filled(text: str, symbol: str, session: Session, *, safe: str = "") -> str:
    """Return an address with symbol, date and code in their places, percent-encoded but for what is ``safe``."""
    values = {"symbol": symbol, "date": session.observed_on, "code": session.code}
    return _PLACE.sub(lambda place: quote(values[place[2]], safe=safe) if place[2] in values else place[0], text)


class HttpReader:
    """A source that is asked over HTTP, with GET. ``read`` is how its documents are read."""

    def __init__(self, source: PriceSource, read: Read, secrets: SecretFolder, *, timeout_s: float = TIMEOUT_S) -> None:
        self._source = source
        self._read = read
        self._secrets = secrets
        self._timeout_s = timeout_s

    @property
    def name(self) -> str:
        """The source's name."""
        return self._source.name

    async def closing(self, symbol: str, session: Session) -> Quote:
        """Ask for the price of a symbol at the close of a session."""
        secrets = await asyncio.to_thread(self._read_secrets)
        try:
            document = await self._get(symbol, session, secrets)
        except SourceFailed as error:
            # The address may hold a secret, and what went wrong is told to everybody.
            raise type(error)(str(error).partition(" to GET ")[0]) from None
        return await asyncio.to_thread(self._read, document, session)

    async def _get(self, symbol: str, session: Session, secrets: dict[str, str]) -> bytes:
        address = _with_secrets(filled(self._source.url or "", symbol, session), secrets, is_url=True)
        headers = {"Accept": "application/json, text/csv;q=0.9, */*;q=0.1"}
        headers |= {name: _with_secrets(text, secrets) for name, text in (self._source.headers or {}).items()}
        try:
            url = httpx2.URL(address)
            upstream = Upstream(
                str(url.copy_with(raw_path=b"/")), timeout_s=self._timeout_s, bytes_max=DOCUMENT_BYTES_MAX
            )
        except (httpx2.InvalidURL, ValueError) as error:
            raise SourceFailed("has no address that can be asked") from error
        try:
            answer = await upstream.get(url.raw_path.decode("ascii"), headers=headers)
        finally:
            await upstream.close()
        if answer.is_unknown or answer.is_unchanged:
            raise SourceFailed(f"answered {answer.status}")
        return answer.body

    def _read_secrets(self) -> dict[str, str]:
        texts = [self._source.url or "", *(self._source.headers or {}).values()]
        names = {place[1] for text in texts for place in _PLACE.findall(text) if place[0]}
        return {name: self._secrets.read(name) for name in sorted(names)}


def _with_secrets(text: str, secrets: dict[str, str], *, is_url: bool = False) -> str:
    for name, secret in secrets.items():
        text = text.replace(f"{{@{name}}}", quote(secret, safe="") if is_url else secret)
    return text
