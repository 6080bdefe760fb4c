"""Passwords: changing one's own, and setting one by a token that an operator hands out or has mailed."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response
from structlog.contextvars import bind_contextvars

from evens.core.values.moments import format_datetime
from evens.core.values.public_ids import format_user_id
from evens.edges.http.login.bodies import PasswordBody, ResetBody, ResetTokenBody
from evens.edges.http.login.device import ThisDevice
from evens.edges.http.login.mails import Mailer, MailFailed, reset_mail
from evens.edges.http.login.services import AnyCaller, AnyVisitor, LoginServices, OperatorCaller
from evens.edges.http.login.shapes import ResetToken
from evens.edges.http.protocol.access import own_customer, resolve_customer
from evens.edges.http.protocol.answering import answer
from evens.edges.http.protocol.feature import Endpoints
from evens.edges.http.protocol.openapi import problems
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields
from evens.edges.http.protocol.strict import StrictRoute
from evens.identity import resets

router = APIRouter(route_class=StrictRoute, tags=["Identity"])

_MAIL: Final = "mail"
_RETRY: Final = {"Retry-After": "60"}


@router.post("/v1/auth/password", status_code=204, responses=problems(404, 429, 503))
async def change_password(caller: AnyCaller, device: ThisDevice, body: PasswordBody) -> Response:
    """Replace one's password. Every other session ends.

    API keys that act for you stay as they are, unless `revoke_api_keys` is true: then all of them are revoked.
    """
    customer = own_customer(caller.principal)
    await caller.shared.identity.change_password(
        caller.principal,
        customer,
        body.current,
        body.new,
        device=device,
        revoke_api_keys=body.revoke_api_keys,
    )
    return Response(status_code=204)


@router.post("/v1/users/{id}/reset-token", status_code=201, response_model=ResetToken, responses=problems(404, 503))
async def make_reset_token(caller: OperatorCaller, id: str, body: ResetTokenBody | None = None) -> Response:
    """Make a token with which a user sets a new password, or their first. It replaces the one before.

    The answer shows it, to be handed out; with `delivery` `mail` it is mailed to the user instead, and not shown.
    Operators can do this for users who log in with a role below theirs, admins for everybody.
    """
    customer = resolve_customer(caller.principal, id)
    is_mailed = body is not None and body.delivery == _MAIL
    mailer = caller.services.mailer
    if is_mailed and mailer is None:
        raise refuse_fields(("delivery", "cannot be `mail`, because this server has no EVENS_SMTP_URL"))
    made = await caller.shared.identity.resets.make(caller.principal, customer)
    if is_mailed and mailer is not None:
        await _mail(caller.shared.identity.resets, mailer, made)
    shown = ResetToken(
        user_id=format_user_id(made.customer),
        token=None if is_mailed else made.token,
        mailed_to=made.email if is_mailed else None,
        expires_at=format_datetime(made.expires_at),
    )
    return answer(shown, 201)


@router.post("/v1/auth/reset", status_code=204, responses=problems(401, 503))
async def reset_password(visitor: AnyVisitor, body: ResetBody) -> Response:
    """Set a new password with a reset token. Every session of its user ends, and every API key that acts for them.

    A second factor stays.
    """
    customer = await visitor.shared.identity.resets.use(body.token, body.new)
    bind_contextvars(account=format_user_id(customer))
    return Response(status_code=204)


async def _mail(tokens: resets.PasswordResets, mailer: Mailer, made: resets.ResetToken) -> None:
    """Mail a token. One that was not delivered is made useless."""
    try:
        if made.email is None:
            raise refuse_fields(("delivery", "cannot be `mail`, because the user has no e-mail address"))
        await mailer.send(reset_mail(made, made.email, mailer.reset_url))
    except MailFailed as error:
        await tokens.withdraw(made)
        detail = f"The mail could not be delivered: {error}. Try again, or hand the token out yourself."
        raise Refused(problem(503, "mail_failed", detail), _RETRY) from error
    except Refused:
        await tokens.withdraw(made)
        raise


ENDPOINTS: Final = Endpoints[LoginServices](router)
