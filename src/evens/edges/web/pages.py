"""What is answered where no route of the API is: the app's page and files.

Every address but the API's is a page of the app, which finds its way by itself: the page is always the same one, and a
browser asks whether it has changed. Where a page is about something that people send each other, its head says what,
for programs that show links. Files under /assets/ have their content's hash in their name and never change. One
that is not there is a 404 and not the page: an open page that asks for a piece of an older build must hear so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from evens.edges.http.protocol.addresses import client_address
from evens.edges.http.protocol.security_headers import OF_APP, OWN_HEADERS, UNLISTED, Headers
from evens.edges.web.build import ASSETS, INDEX, Variant, WebBuild, WebFile, etag_of
from evens.edges.web.pictures import Pictures
from evens.edges.web.previews import PICTURES, Previews

API: Final = frozenset({"v1", "docs", "healthz", "readyz", "version", "metrics", "openapi.json"})
"""With what the addresses of the API begin."""

LINKS: Final = "/c/"
"""Under this are the pages of challenges that whoever has the link may see."""

_KEPT_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASKED_AGAIN: Final = "no-cache"
_KEPT_AN_HOUR: Final = {"Cache-Control": "public, max-age=3600"}
_HTML: Final = "text/html"
_HEAD_ENDS: Final = b"</head>"
_PREVIEWED: Final = ("/c/", "/markets/", "/sports/", "/pools/", "/people/")

_NOT_BUILT: Final = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Evens</title></head>
<body>
<h1>Evens</h1>
<p>The server runs, but the browser app has not been built: run <code>make web</code>, then start the server again.</p>
<p>Everything can be done without it: <a href="/docs">the API</a>.</p>
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class _Route:
    """What requests are measured and logged under."""

    path: str


_DRAWN: Final = _Route("/og/{page}.png")
_FILE: Final = _Route("/assets/{file}")
_PAGE: Final = _Route("/{page}")


class Pages:
    """The ASGI application for every address that no route has. Without a build there is one page, which says so."""

    def __init__(self, build: WebBuild | None, previews: Previews | None = None) -> None:
        self._build = build
        self._previews = previews
        self._pictures = Pictures(build)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a GET. Raises a 404 for everything else."""
        path: str = scope["path"]
        if scope["method"] != "GET" or path[1:].partition("/")[0] in API:
            raise HTTPException(404)
        answer = await self._answer(Request(scope, receive), path)
        await answer(scope, receive, send)

    async def _answer(self, request: Request, path: str) -> Response:
        picture = None if self._previews is None else await self._previews.of_picture(path)
        if picture is not None:
            drawn = await self._pictures.of(picture, client_address(request.scope))
            return _note(request, _DRAWN, send_variant(request, drawn, "image/png", _KEPT_AN_HOUR), listed=False)
        if self._build is None:
            if path != "/":
                raise HTTPException(404)
            return _note(request, _PAGE, HTMLResponse(_NOT_BUILT, headers={"Cache-Control": _ASKED_AGAIN}))
        file = None if path == INDEX else self._build.files.get(path)
        if file is not None:
            is_asset = path.startswith(ASSETS)
            cached = _KEPT_FOR_EVER if is_asset else _ASKED_AGAIN
            return _note(request, _FILE if is_asset else _Route(path), send_file(request, file, cached))
        if path.startswith((ASSETS, PICTURES)) or not _wants_page(request, path):
            raise HTTPException(404)
        return _note(request, _PAGE, await self._page(request, self._build.index, path), listed=not _is_link(path))

    async def _page(self, request: Request, index: WebFile, path: str) -> Response:
        preview = None if self._previews is None else await self._previews.of(path)
        if self._previews is None or preview is None:
            return send_file(request, index, _ASKED_AGAIN)
        tags = self._previews.tags(path, preview).encode()
        body = index.plain.body.replace(_HEAD_ENDS, tags + _HEAD_ENDS, 1)
        headers = {"Cache-Control": _ASKED_AGAIN}
        return send_variant(request, Variant(body, etag_of(body)), index.media_type, headers)


def send_file(request: Request, file: WebFile, cached: str) -> Response:
    """Return the answer with the variant of a file that suits the client, or none of it if the client has it."""
    coding, variant = file.best(request.headers.get("accept-encoding", ""))
    headers = {"Content-Encoding": coding} if coding else {}
    if len(file.variants) > 1:
        headers["Vary"] = "Accept-Encoding"
    return send_variant(request, variant, file.media_type, {**headers, "Cache-Control": cached})


def send_variant(request: Request, variant: Variant, media_type: str, headers: Mapping[str, str]) -> Response:
    """Return the answer with some bytes, or 304 if the client has them."""
    headers = {**headers, "ETag": variant.etag}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if variant.etag in known or "*" in known:
        headers.pop("Content-Encoding", None)
        return Response(status_code=304, headers=headers)
    return Response(variant.body, headers=headers | {"Content-Type": media_type})


def _note(request: Request, route: _Route, response: Response, *, listed: bool = True) -> Response:
    """Return the response; the frame measures it under its route, and lets browsers do what a page needs."""
    headers: Headers = OF_APP if listed else (*OF_APP, UNLISTED)
    request.scope.update({"route": route, OWN_HEADERS: headers})
    return response


def _wants_page(request: Request, path: str) -> bool:
    """Return whether the client takes a page here. Readers of links for previews say that they take anything."""
    accepted = request.headers.get("accept", "*/*")
    return _HTML in accepted or ("*/*" in accepted and (path == "/" or path.startswith(_PREVIEWED)))


def _is_link(path: str) -> bool:
    return path.startswith(LINKS)
