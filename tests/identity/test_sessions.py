"""Sessions: access and refresh tokens, rotation, reuse, and the end of a session."""

import asyncio
import hashlib
import uuid

import pytest

from evens.core.values.ids import CustomerId
from evens.identity.ended import Ended
from evens.identity.errors import NotAuthenticated, RefreshTokenInvalid, RefreshTokenReused
from evens.identity.keys import InstallationKeys
from evens.identity.principal import Principal, Role
from evens.identity.sessions import Session, Sessions
from evens.identity.tokens import AccessTokens
from evens.store.database import Database
from evens.store.identity import IdentityTables
from tests.identity.conftest import AddCustomer

pytestmark = pytest.mark.anyio

ADA_ID = CustomerId(1)
ADA = Principal(Role.CUSTOMER, ADA_ID, "Ada")


@pytest.fixture
def sessions(store: IdentityTables, keys: InstallationKeys) -> Sessions:
    return Sessions(store, AccessTokens(keys), Ended())


@pytest.fixture
async def session(sessions: Sessions, add_customer: AddCustomer) -> Session:
    return await sessions.begin(await add_customer(ADA_ID, "Ada"), "Ada")


async def test_a_new_session_authenticates_its_customer(sessions: Sessions, session: Session) -> None:
    assert await sessions.authenticate(session.access_token) == ADA
    assert (session.customer, session.username, session.expires_in_s) == (1, "Ada", 900)


async def test_a_refresh_gives_another_pair_for_the_same_customer(sessions: Sessions, session: Session) -> None:
    following = await sessions.refresh(session.refresh_token)
    assert await sessions.authenticate(following.access_token) == ADA
    assert following.refresh_token != session.refresh_token
    assert following.access_token != session.access_token
    assert await sessions.authenticate(session.access_token) == ADA


async def test_a_refresh_token_that_comes_back_ends_the_session(sessions: Sessions, session: Session) -> None:
    following = await sessions.refresh(session.refresh_token)
    with pytest.raises(RefreshTokenReused):
        await sessions.refresh(session.refresh_token)
    with pytest.raises(RefreshTokenInvalid):
        await sessions.refresh(following.refresh_token)
    for access_token in (session.access_token, following.access_token):
        with pytest.raises(NotAuthenticated):
            await sessions.authenticate(access_token)


async def test_of_two_refreshes_at_once_one_wins_and_the_session_ends(sessions: Sessions, session: Session) -> None:
    answers = await asyncio.gather(*(sessions.refresh(session.refresh_token) for _ in range(2)), return_exceptions=True)
    won = [answer for answer in answers if isinstance(answer, Session)]
    assert len(won) == 1
    assert len([answer for answer in answers if isinstance(answer, RefreshTokenReused)]) == 1
    with pytest.raises(RefreshTokenInvalid):
        await sessions.refresh(won[0].refresh_token)


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
async def test_logging_out_ends_the_session_and_only_that(sessions: Sessions, session: Session, kind: str) -> None:
    other = await sessions.begin(ADA_ID, "Ada")
    following = await sessions.refresh(session.refresh_token)
    await sessions.end(getattr(following, kind))
    with pytest.raises(RefreshTokenInvalid):
        await sessions.refresh(following.refresh_token)
    with pytest.raises(NotAuthenticated):
        await sessions.authenticate(following.access_token)
    assert await sessions.authenticate(other.access_token) == ADA
    assert await sessions.refresh(other.refresh_token)


async def test_logging_out_again_is_fine(sessions: Sessions, session: Session) -> None:
    for _ in range(2):
        await sessions.end(session.access_token)
        await sessions.end(session.refresh_token)


async def test_what_is_no_refresh_token_is_refused(sessions: Sessions, session: Session) -> None:
    for token in ("", "evr_", "evr_short", "evr_" + "x" * 43, "evr_" + "é" * 43, "evk_x", "\0"):
        with pytest.raises(RefreshTokenInvalid):
            await sessions.refresh(token)
        with pytest.raises(NotAuthenticated):
            await sessions.end(token)


async def test_tokens_are_of_no_use_in_each_others_place(sessions: Sessions, session: Session) -> None:
    with pytest.raises(RefreshTokenInvalid):
        await sessions.refresh(session.access_token)
    with pytest.raises(NotAuthenticated):
        await sessions.authenticate(session.refresh_token)


async def test_a_refresh_token_is_stored_only_as_its_hash_and_lasts_thirty_days(
    database: Database, session: Session
) -> None:
    async with database.connection() as connection:
        row = await connection.fetchrow(
            "SELECT token_hash, round(extract(epoch FROM expires_at - now()) / 86400) AS days FROM evens.refresh_tokens"
        )
    assert row is not None
    assert row["token_hash"] == hashlib.sha256(session.refresh_token.encode()).digest()
    assert row["days"] == 30


async def test_a_refresh_token_carries_256_bits_of_chance(sessions: Sessions, session: Session) -> None:
    another = await sessions.begin(ADA_ID, "Ada")
    assert len(session.refresh_token) == len("evr_") + 43
    assert session.refresh_token[:8] != another.refresh_token[:8]


def test_a_session_does_not_show_its_tokens() -> None:
    shown = repr(Session(ADA_ID, "Ada", "access secret", f"evr_{uuid.uuid4()}"))
    assert "secret" not in shown
    assert "evr_" not in shown
