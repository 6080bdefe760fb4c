"""The routes of the operator console, each with a body; operators alone may call them."""

from typing import Any, Final

CONSOLE: Final[tuple[tuple[str, Any], ...]] = (
    ("POST /v1/previews", {"what": "void_market", "id": "{market}"}),
    ("POST /v1/approvals", {"request": {"what": "void_market", "id": "{market}"}, "reason": "x"}),
    ("GET /v1/approvals", None),
    ("GET /v1/approvals/rules", None),
    ("GET /v1/approvals/{approval}", None),
    ("POST /v1/approvals/{approval}/reject", {"reason": "x"}),
    ("POST /v1/approvals/{approval}/approve", {"reason": "x"}),
    ("GET /v1/ledger/accounts", None),
    ("GET /v1/ledger/accounts/{account}", None),
    ("GET /v1/ledger/accounts/{account}/entries", None),
    ("GET /v1/ledger/transfers/{transaction}", None),
    ("GET /v1/search?q={owner}", None),
    ("GET /v1/journal", None),
    ("GET /v1/journal/{seq}", None),
    ("GET /v1/timelines/{kind}/{market}", None),
    ("GET /v1/audits", None),
    ("POST /v1/audits", None),
    ("GET /v1/customers?q={owner}", None),
    ("GET /v1/users/{owner}/notes", None),
    ("POST /v1/users/{owner}/notes", {"text": "x"}),
    ("DELETE /v1/users/{owner}/notes/{note}", None),
    ("GET /v1/withdrawals/queue", None),
    ("GET /v1/waiting", None),
    ("GET /v1/feeds", None),
    ("GET /v1/house/overview", None),
    ("GET /v1/conflicts", None),
)
