"""What happened to one, newest first: each says what it is about, so that a page can link to it."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field
from starlette.responses import Response

from evens.core.values.ids import BetId, ChallengeId, FollowId, MarketId, OrderId, TransferId
from evens.core.values.moments import SECOND_NS, format_time
from evens.core.values.money import format_minor
from evens.core.values.public_ids import (
    format_bet_id,
    format_follow_id,
    format_market_id,
    format_order_id,
    format_transaction_id,
)
from evens.edges.http.account.services import AccountServices, AnyCaller
from evens.edges.http.protocol.access import Caller, own_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.pagination import AnyPage, page_of
from evens.edges.http.protocol.shapes import Time
from evens.edges.http.protocol.strict import StrictRoute
from evens.edges.http.protocol.times import Moment
from evens.identity.sessions import format_session_id
from evens.store.account.notifications import KEPT_DAYS, Happening, NotificationRow

router = APIRouter(route_class=StrictRoute, tags=["Account"])

UNREAD_MAX: Final = 100
"""From how many on unread notifications are not counted any more."""

_KEPT_NS: Final = KEPT_DAYS * 24 * 3600 * SECOND_NS

AboutKind = Literal[
    "transaction", "withdrawal", "order", "market", "event", "bet", "challenge", "round", "session", "follow"
]
NotificationKind = Literal[
    "deposit_arrived",
    "transfer_received",
    "withdrawal_paid",
    "withdrawal_returned",
    "order_matched",
    "market_settled",
    "singles_settled",
    "bet_settled",
    "bet_cashed_out",
    "bet_returned",
    "challenge_taken",
    "challenge_resolved",
    "challenge_settled",
    "challenge_expired",
    "round_settled",
    "login_from_new_place",
    "bet_copied",
    "bet_skipped",
]

_KINDS: Final[Mapping[Happening, tuple[NotificationKind, AboutKind]]] = {
    Happening.DEPOSIT_ARRIVED: ("deposit_arrived", "transaction"),
    Happening.TRANSFER_RECEIVED: ("transfer_received", "transaction"),
    Happening.WITHDRAWAL_PAID: ("withdrawal_paid", "withdrawal"),
    Happening.WITHDRAWAL_RETURNED: ("withdrawal_returned", "withdrawal"),
    Happening.ORDER_MATCHED: ("order_matched", "order"),
    Happening.MARKET_SETTLED: ("market_settled", "market"),
    Happening.SINGLES_SETTLED: ("singles_settled", "event"),
    Happening.BET_SETTLED: ("bet_settled", "bet"),
    Happening.BET_CASHED_OUT: ("bet_cashed_out", "bet"),
    Happening.BET_RETURNED: ("bet_returned", "bet"),
    Happening.CHALLENGE_TAKEN: ("challenge_taken", "challenge"),
    Happening.CHALLENGE_RESOLVED: ("challenge_resolved", "challenge"),
    Happening.CHALLENGE_SETTLED: ("challenge_settled", "challenge"),
    Happening.CHALLENGE_EXPIRED: ("challenge_expired", "challenge"),
    Happening.ROUND_SETTLED: ("round_settled", "round"),
    Happening.LOGIN_FROM_NEW_PLACE: ("login_from_new_place", "session"),
    Happening.BET_COPIED: ("bet_copied", "follow"),
    Happening.BET_SKIPPED: ("bet_skipped", "follow"),
}


def _read_flag(value: object) -> object:
    if isinstance(value, str) and value not in {"true", "false"}:
        raise ValueError("must be true or false")
    return value


@dataclass(frozen=True, slots=True)
class About:
    """What something is about, as the API calls it."""

    kind: AboutKind
    id: Annotated[
        str,
        Field(
            description="Its id; of a challenge the token that opens it, of a round the pool's key and its code, as in "
            "`ndx-daily/20261120`.",
            examples=["ord_4711"],
        ),
    ]


@dataclass(frozen=True, slots=True)
class Notification:
    """Something that happened to you."""

    kind: Annotated[
        NotificationKind,
        Field(
            description="`order_matched`: an order that waited, or a part of it; `singles_settled`: your singles on "
            "an event; `bet_returned`: given back; `challenge_resolved`: its resolver has said how it ended; "
            "`bet_copied` and `bet_skipped`: a bet of a leader whom you follow, who is the title."
        ),
    ]
    at: Time
    unread: bool
    about: About
    title: Annotated[
        str | None,
        Field(description="What it is about in words; who sent money, or from which address one logged in."),
    ]
    amount: Annotated[
        str | None,
        Field(
            description="What it brought: what arrived, was matched or was paid; of `market_settled` and "
            "`challenge_settled` what was won or lost, after commission or fee.",
            examples=["19.00"],
        ),
    ]
    staked: Annotated[str | None, Field(description="What was staked for it.", examples=["10.00"])]
    currency: Annotated[str | None, Field(examples=["USD"])]


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """A part of what happened to you, newest first."""

    items: list[Notification]
    next: Annotated[str | None, Field(description="Give it as `after` to get what follows; null when nothing does.")]
    unread: Annotated[int, Field(description=f"How many you have not read; {UNREAD_MAX} are that many or more.")]


class ReadBody(Body):
    """Up to when one has read what happened."""

    model_config = example(up_to="2026-11-20T09:30:00Z")

    up_to: Annotated[Moment, Field(description="The `at` of the newest one that was read; the future counts as now.")]


@router.get("/v1/notifications", response_model=NotificationPage, responses=problems(404))
async def list_notifications(
    caller: AnyCaller,
    page: AnyPage,
    unread: Annotated[bool, BeforeValidator(_read_flag), Query(description="Only those you have not read.")] = False,
) -> Response:
    """List what happened to you in the last 30 days, newest first, and count what you have not read.

    Nothing here needs to be watched closely: the `account` channel of the stream says when something changes.
    """
    customer, notifications = own_customer(caller.principal), caller.services.notifications
    oldest, read = time.time_ns() - _KEPT_NS, await notifications.read_up_to(customer)
    new = max(oldest, read + 1)
    rows = await notifications.happened(
        customer, new if unread else oldest, before=page.before_place, limit=page.limit + 1
    )
    counted = await notifications.happened(customer, new, limit=UNREAD_MAX)
    shown = page_of(rows, page, lambda row: row.place, lambda row: _present(caller, row, read))
    return answer(NotificationPage(shown.items, shown.next, len(counted)))


@router.post("/v1/notifications/read", status_code=204, responses=problems(404))
async def mark_notifications_read(caller: AnyCaller, body: ReadBody) -> Response:
    """Say up to when you have read what happened. What was read stays read."""
    await caller.services.notifications.mark_read(own_customer(caller.principal), min(body.up_to, time.time_ns()))
    return Response(status_code=204)


def _present(caller: Caller[AccountServices], row: NotificationRow, read: int) -> Notification:
    number = row.currency_number
    currency = None if number is None else caller.shared.currencies.by_number(number)
    kind, about = _KINDS[row.what]

    def amount(minor: int | None) -> str | None:
        return None if currency is None or minor is None else format_minor(minor, currency.scale)

    return Notification(
        kind=kind,
        at=format_time(row.place[0]),
        unread=row.place[0] > read,
        about=About(about, _public_id(caller.services, row, about)),
        title=row.title,
        amount=amount(row.amount_minor),
        staked=amount(row.staked_minor),
        currency=None if currency is None else currency.code,
    )


def _public_id(services: AccountServices, row: NotificationRow, about: AboutKind) -> str:
    match about:
        case "transaction" | "withdrawal":
            return format_transaction_id(TransferId(row.subject))
        case "order":
            return format_order_id(OrderId(row.subject))
        case "market":
            return format_market_id(MarketId(row.subject))
        case "bet":
            return format_bet_id(BetId(row.subject))
        case "challenge":
            return services.token_of(ChallengeId(row.subject))
        case "event" | "round":
            assert row.part is not None
            return row.part
        case "follow":
            return format_follow_id(FollowId(row.subject))
        case "session":
            assert row.part is not None
            return format_session_id(uuid.UUID(row.part))


ENDPOINTS: Final = Endpoints[AccountServices](router)
