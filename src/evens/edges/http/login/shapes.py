"""What answers about logins and API keys look like."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field

from evens.edges.http.protocol.shapes import Time, UserIdentity
from evens.edges.http.protocol.users import User

RoleName = Literal["customer", "service", "operator", "admin"]

SessionId = Annotated[str, Field(examples=["ses_0f8e2b6c3d5a4e7f9b1c2d3e4f5a6b7c"])]

BoundSession = Annotated[str | None, Field(description="The session that it ends with, if it is bound to one.")]

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
class WhoIsThere:
    """Who is logged in on a page, if anybody."""

    me: Annotated[Me | None, Field(description="`null`: a visitor.")]


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session: an access token for now, and a refresh token to get the next pair."""

    user: User
    access_token: str
    refresh_token: Annotated[str, Field(description="Good once.")]
    expires_in: Annotated[int, Field(description="Seconds until the access token expires.", examples=[900])]
    token_type: TokenType


@dataclass(frozen=True, slots=True)
class Welcome:
    """A session whose credential is the cookie that came with this answer: sent by the browser, and seen by no page."""

    user: User


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key with which one logs in, kept by an authenticator."""

    id: Annotated[str, Field(examples=["psk_0f8e2b6c3d5a4e7f9b1c2d3e4f5a6b7c"])]
    name: Annotated[str, Field(examples=["Ada's phone"])]
    created_at: Time
    used_at: Annotated[str | None, Field(description="When it last logged its owner in.", examples=[None])]


@dataclass(frozen=True, slots=True)
class PasskeyOptions:
    """What a browser has to be asked, within five minutes, and once."""

    options: Annotated[
        dict[str, Any],
        Field(
            description="For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.",
            examples=[{"challenge": "…"}],
        ),
    ]


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
    session_id: BoundSession = None


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
    session_id: BoundSession = None


@dataclass(frozen=True, slots=True)
class OwnSession:
    """Where one is logged in: a device or program that has not been logged out of."""

    id: SessionId
    current: Annotated[bool, Field(description="Whether this request belongs to it.")]
    begun_at: Time
    used_at: Annotated[
        str,
        Field(
            description="When it last got tokens or, of a cookie, about when it was used.",
            examples=["2026-11-20T09:30:00Z"],
        ),
    ]
    expires_at: Annotated[str, Field(description="When it ends if unused.", examples=["2026-12-20T09:30:00Z"])]
    second_factor: Annotated[bool, Field(description="Whether it was begun with one.")]
    address: Annotated[str | None, Field(description="From where it was begun.", examples=["192.0.2.1"])]
    client: Annotated[str | None, Field(description="What the program called itself.")]


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """Whether a code is needed besides the password."""

    enabled: bool
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class ProposedSecret:
    """What to put into an authenticator app."""

    secret: Annotated[str, Field(description="To type into the app.", examples=["JBSWY3DPEHPK3PXP"])]
    uri: Annotated[str, Field(description="To show as a QR code.", examples=["otpauth://totp/…"])]


@dataclass(frozen=True, slots=True)
class RecoveryCodes:
    """What to use in place of a code if the app is lost. Each is good once."""

    recovery_codes: list[str]


@dataclass(frozen=True, slots=True)
class ResetToken:
    """A token with which a user sets a new password."""

    user_id: UserIdentity
    token: Annotated[str | None, Field(description="For `/v1/auth/reset`; null if it was mailed.", examples=["evp_…"])]
    mailed_to: str | None
    expires_at: Time


@dataclass(frozen=True, slots=True)
class UserRole:
    """As what a user logs in."""

    user_id: UserIdentity
    role: RoleName
