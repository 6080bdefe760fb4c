"""The routes of following: who may call them, with which body, and whether others hear that there is no such follow."""

from typing import Any, Final

COPYING: Final = {
    "leader": "other",
    "mode": "fixed",
    "stake": "1.00",
    "allocation": "9.00",
    "per_bet_cap": "1.00",
    "daily_cap": "5.00",
    "products": ["exchange"],
}

_KNOWN: Final = ("owner", "stranger", "service", "operator", "admin")
_READERS: Final = ("owner", "operator", "admin")

FOLLOWING: Final[tuple[tuple[str, tuple[str, ...], Any, bool], ...]] = (
    ("GET /v1/follows", _KNOWN, None, False),
    ("POST /v1/follows", ("owner", "stranger", "service"), COPYING, False),
    ("GET /v1/follows/{follow}", _READERS, None, True),
    ("PATCH /v1/follows/{follow}", ("owner",), {"daily_cap": "2.00"}, True),
    ("POST /v1/follows/{follow}/pause", ("owner",), None, True),
    ("POST /v1/follows/{follow}/resume", ("owner",), None, True),
    ("DELETE /v1/follows/{follow}", ("owner",), None, True),
    ("GET /v1/follows/{follow}/copies", _READERS, None, True),
    ("GET /v1/me/followers", _KNOWN, None, False),
)
