"""Headers that tell browsers what an answer must not be used for. Every answer carries them, pages for people too.

Answers of the API are data: a browser must not run, frame or cache them, whatever they seem to be. The pages of the app
and those under /docs run scripts, but only those that come with the program, and talk to this server alone.
"""

from typing import Final

from starlette.responses import Response

Headers = tuple[tuple[bytes, bytes], ...]

OWN_HEADERS: Final = "evens.security_headers"
"""Where, in a request's scope, whoever serves pages puts the headers of its answer, if they are not the usual ones."""

_DOCS: Final = "/docs"
_ASSETS: Final = "/docs/assets/"

_EVERYWHERE: Final[Headers] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NOT_KEPT: Final = (b"cache-control", b"no-store")

OF_DATA: Final[Headers] = (
    *_EVERYWHERE,
    _NOT_KEPT,
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"),
)
"""With everything that is no page."""

# The user interface sets styles on its elements as it goes, and has its icons within its style sheet.
_OF_PAGES: Final[Headers] = (
    *_EVERYWHERE,
    _NOT_KEPT,
    (
        b"content-security-policy",
        (
            b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            b"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        ),
    ),
)
OF_KEPT_DATA: Final[Headers] = tuple([header for header in OF_DATA if header != _NOT_KEPT])
"""With what is the same for everybody and may be kept: it says for how long, or a browser asks whether it changed."""

OF_APP: Final[Headers] = (
    *_EVERYWHERE,
    (
        b"content-security-policy",
        (
            b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            b"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        ),
    ),
)
"""With the app's page and files, which say themselves for how long they may be kept."""

UNLISTED: Final = (b"x-robots-tag", b"noindex")
"""Sent as well with what is only for those who have the link."""

HTTPS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
"""Sent as well where the public address is one with TLS."""


def of_refusals(*, is_public_by_https: bool) -> Headers:
    """Return the headers of an answer that is given outside of the application."""
    return (*OF_DATA, HTTPS_ONLY) if is_public_by_https else OF_DATA


def harden(response: Response, *, is_public_by_https: bool) -> Response:
    """Return an answer that is given outside of the application, with the headers of data."""
    response.raw_headers.extend(of_refusals(is_public_by_https=is_public_by_https))
    return response


def security_headers(path: str) -> Headers:
    """Return the headers of whatever is answered at a path."""
    if not path.startswith(_DOCS):
        return OF_DATA
    if path == _DOCS:
        return _OF_PAGES
    return OF_KEPT_DATA if path.startswith(_ASSETS) else OF_DATA
