"""Official results from a URL, in the form that :mod:`evens.feeds.results.document` describes.

The server answers GET with 200 and a document with all its current results. If it sends an ``ETag``, it is
asked with ``If-None-Match`` from then on and may answer 304. Redirects are not followed, and any other answer is a
failure. The operator names the URL, so unlike a webhook's it may lead anywhere; a user name and password in it are
sent (basic authentication), which is why no message shows it.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Final, Self

import httpx2

from evens.feeds.results.document import DOCUMENT_BYTES_MAX, parse_results
from evens.feeds.results.sources import OfficialResult, SourceFailed
from evens.one_machine import client_options

_CONNECT_TIMEOUT_S: Final = 4.0


class HttpJsonSource:
    """A URL with results. Use it in an ``async with`` block, or close it.

    ``timeout_s`` is how long the whole answer may take. Raises ``ValueError`` for what is no HTTP URL.
    """

    def __init__(self, name: str, url: str, *, timeout_s: float = 10.0) -> None:
        self._name = name
        self._url = _parse(url)
        self._timeout_s = timeout_s
        self._etag: str | None = None
        self._results: tuple[OfficialResult, ...] = ()
        self._http = httpx2.AsyncClient(
            headers={"Accept": "application/json"},
            timeout=httpx2.Timeout(timeout_s, connect=_CONNECT_TIMEOUT_S),
            follow_redirects=False,
            **client_options(str(self._url)),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def name(self) -> str:
        """The name under which alerts, logs and metrics speak of this source."""
        return self._name

    async def fetch(self) -> Sequence[OfficialResult]:
        """Return the results at the URL. Raises :class:`SourceFailed`."""
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._fetch()
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise SourceFailed(f"did not answer within {self._timeout_s:g} s") from error
        except (httpx2.RequestError, OSError) as error:
            raise SourceFailed(f"could not be read: {type(error).__name__}") from error

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def _fetch(self) -> tuple[OfficialResult, ...]:
        headers = {} if self._etag is None else {"If-None-Match": self._etag}
        async with self._http.stream("GET", self._url, headers=headers) as response:
            if response.status_code == HTTPStatus.NOT_MODIFIED and self._etag is not None:
                await response.aread()
                return self._results
            if response.status_code != HTTPStatus.OK:
                raise SourceFailed(f"answered {response.status_code}")
            document = await _read(response)
        results = await asyncio.to_thread(parse_results, document, self._name)
        # Stored only now: with the ETag of a document that could not be parsed, the next answer would be 304.
        self._results, self._etag = results, response.headers.get("ETag")
        return results


def _parse(text: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text)
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise ValueError("a source of results needs a URL such as https://example.com/results.json") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("a source of results needs a URL such as https://example.com/results.json")
    return url


async def _read(response: httpx2.Response) -> bytes:
    document = bytearray()
    async for chunk in response.aiter_bytes():
        document += chunk
        if len(document) > DOCUMENT_BYTES_MAX:
            raise SourceFailed(f"answered with more than {DOCUMENT_BYTES_MAX} bytes")
    return bytes(document)
