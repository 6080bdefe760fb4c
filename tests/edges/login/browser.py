"""A browser with a page of the app open: it keeps cookies, and sends what browsers send with a page's requests."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from fastapi import FastAPI

from tests.edges.conftest import talking_to

OWN = {"Origin": "http://house", "X-Evens-App": "1"}
"""What a page of the app sends with each request."""

ADA = {"username": "ada", "email": "ada@example.com", "password": "correct horse"}


@asynccontextmanager
async def browsing(app: FastAPI, **options: Any) -> AsyncGenerator[httpx2.AsyncClient]:
    """Open a browser with no cookies."""
    async with talking_to(app) as browser:
        browser.headers.update(OWN)
        yield browser


async def register(browser: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    """Register Ada, who gets a cookie."""
    return await browser.post("/v1/auth/register", json={**ADA, "cookie": True, **changes})


async def log_in(browser: httpx2.AsyncClient, **changes: Any) -> httpx2.Response:
    """Log Ada in, who gets a cookie."""
    body = {"login": ADA["username"], "password": ADA["password"], "cookie": True, **changes}
    return await browser.post("/v1/auth/login", json=body)


def cookie_of(answer: httpx2.Response) -> str:
    """Return the cookie that an answer sets."""
    return answer.headers["set-cookie"].partition(";")[0]
