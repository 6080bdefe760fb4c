"""What answers about logins and API keys look like."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from evens.edges.http.protocol.shapes import Time, UserIdentity
from evens.edges.http.protocol.users import User

RoleName = Literal["customer", "service", "operator", "admin"]

TokenType = Literal["bearer"]


@dataclass(frozen=True, slots=True)
class Me:
    """The caller. Everything but `role` and `name` is null for an API key without an account of its own."""

    role: RoleName
    name: Annotated[str, Field(description="The username, or the API key's name.", examples=["ada"])]
    id: UserIdentity | None = None
    username: str | None = None
    email: str | None = None
    status: Literal["active", "frozen"] | None = None
    created_at: Time | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session: an access token for now, and a refresh token to get the next pair."""

    user: User
    access_token: str
    refresh_token: Annotated[str, Field(description="Good once.")]
    expires_in: Annotated[int, Field(description="Seconds until the access token expires.", examples=[900])]
    token_type: TokenType


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key without its secret."""

    id: Annotated[str, Field(examples=["key_2b7c"])]
    role: RoleName
    user_id: UserIdentity | None
    name: str
    created_by: str
    created_at: Time
    revoked_at: Time | None


@dataclass(frozen=True, slots=True)
class CreatedApiKey:
    """An API key with its secret, which only this answer shows."""

    id: Annotated[str, Field(examples=["key_2b7c"])]
    role: RoleName
    user_id: UserIdentity | None
    name: str
    created_by: str
    created_at: Time
    revoked_at: Time | None
    key: Annotated[str, Field(description="Send it as `Authorization: Bearer <key>`.", examples=["evk_…"])]
