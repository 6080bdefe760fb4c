"""Requests to one provider, each bounded in time and size."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx2

from evens.one_machine import client_options

ANSWER_BYTES_MAX: Final = 32 * 1024 * 1024
"""How long an answer may be."""

TIMEOUT_S: Final = 2.5
"""How long an answer may take: who bets waits for it."""


class SourceFailed(Exception):
    """A provider could not be asked, or its answer not be understood. ``str()`` says what is wrong, without secrets."""


class SourceAway(SourceFailed):
    """A provider did not answer, or is too busy to. The same question may be answered when it is asked again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered. ``is_unchanged`` is 304."""

    status: int
    body: bytes
    etag: str | None

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing is different from the answer with the ETag that was sent."""
        return self.status == HTTPStatus.NOT_MODIFIED

    @property
    def is_unknown(self) -> bool:
        """Whether there is no such thing."""
        return self.status == HTTPStatus.NOT_FOUND

    @property
    def is_refusal(self) -> bool:
        """Whether what was asked was refused, and would be refused again."""
        return HTTPStatus.BAD_REQUEST <= self.status < HTTPStatus.INTERNAL_SERVER_ERROR


class Upstream:
    """A provider's address. Raises ``ValueError`` for what is no HTTP URL."""

    def __init__(self, url: str, *, timeout_s: float = TIMEOUT_S, bytes_max: int = ANSWER_BYTES_MAX) -> None:
        try:
            address = httpx2.URL(url)
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise ValueError(f"{url!r} is no URL") from error
        self._timeout_s = timeout_s
        self._bytes_max = bytes_max
        self._http = httpx2.AsyncClient(
            base_url=address,
            timeout=httpx2.Timeout(timeout_s),
            follow_redirects=False,
            **client_options(url),
        )

    async def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        etag: str | None = None,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for something. Answers of 404 are returned, too. Raises :class:`SourceFailed`."""
        sent = dict(headers or {})
        sent |= {} if etag is None else {"If-None-Match": etag}
        sent |= {} if key is None else {"x-access-token": key}
        return await self._ask("GET", path, params=params, headers=sent)

    async def put(self, path: str, body: Any, key: str) -> Answer:
        """Put a JSON document, as the owner of the key. Raises :class:`SourceFailed`."""
        return await self._ask("PUT", path, json=body, headers={"Authorization": f"Bearer {key}"})

    async def post(self, path: str, params: Mapping[str, str], key: str) -> Answer:
        """Post nothing but parameters, with a key as the Unified Odds Feed takes it. Raises :class:`SourceFailed`."""
        return await self._ask("POST", path, params=params, headers={"x-access-token": key})

    async def write(self, method: str, path: str, body: Any, key: str) -> Answer:
        """Send a JSON document as the owner of the key, and return the answer, also if it is a refusal (400 to 499).

        Raises :class:`SourceFailed`.
        """
        headers = {"Authorization": f"Bearer {key}"}
        return await self._ask(method, path, takes_refusals=True, json=body, headers=headers)

    async def close(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, *, takes_refusals: bool = False, **options: Any) -> Answer:
        try:
            async with asyncio.timeout(self._timeout_s), self._http.stream(method, path, **options) as response:
                body = bytearray()
                async for chunk in response.aiter_bytes():
                    body += chunk
                    if len(body) > self._bytes_max:
                        raise SourceFailed(f"answered with more than {self._bytes_max} bytes")
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise SourceAway(f"did not answer within {self._timeout_s:g} s") from error
        except (httpx2.RequestError, OSError) as error:
            raise SourceAway(f"could not be asked: {type(error).__name__}") from error
        status = response.status_code
        is_busy = status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
        is_known = response.is_success or status in {HTTPStatus.NOT_MODIFIED, HTTPStatus.NOT_FOUND}
        if not is_known and (is_busy or not (takes_refusals and response.is_client_error)):
            failure = SourceAway if is_busy else SourceFailed
            raise failure(f"answered {status} to {method} {path}")
        return Answer(status, bytes(body), response.headers.get("ETag"))
