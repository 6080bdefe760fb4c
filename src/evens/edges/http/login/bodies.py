"""What requests about logins and API keys look like."""

from typing import Annotated, Any, Literal

from pydantic import Field

from evens.edges.http.login.services import DemoGuest
from evens.edges.http.login.shapes import RoleName
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.names import NewUsername
from evens.edges.http.protocol.texts import Email, Text, UserId

Secret = Annotated[str, Field(min_length=1, max_length=1024)]


NewPassword = Annotated[
    Secret,
    Field(description="10 to 200 characters; not a common password.", examples=["correct horse battery"]),
]

Code = Annotated[
    str, Field(description="Six digits, or a recovery code.", min_length=1, max_length=64, examples=["492039"])
]


KeepsCookie = Annotated[
    bool,
    Field(
        description="For our own pages: set an HttpOnly cookie in place of answering with tokens. Takes the header "
        "`X-Evens-App: 1`."
    ),
]


class RegisterBody(Body):
    """A new user with a login."""

    email: Email
    username: NewUsername
    password: NewPassword
    cookie: KeepsCookie = False


class LoginBody(Body):
    """A username or e-mail address, and its password."""

    login: Annotated[str, Field(min_length=1, max_length=254, examples=["ada"])]
    password: Secret
    code: Annotated[Code | None, Field(description="For those who have a second factor.")] = None
    end_oldest: Annotated[
        bool, Field(description="If there is no room for another session, end the one not used for longest.")
    ] = False
    cookie: KeepsCookie = False


PasskeyAnswer = Annotated[
    dict[str, Any],
    Field(
        description="What the browser answered: `PublicKeyCredential.toJSON()`.",
        examples=[{"id": "…", "rawId": "…", "type": "public-key", "response": {"clientDataJSON": "…"}}],
    ),
]

PasskeyName = Annotated[Text, Field(description="What you call it.", max_length=100, examples=["Ada's phone"])]


class PasskeyBody(Body):
    """A new passkey."""

    credential: PasskeyAnswer
    name: PasskeyName = "Passkey"


class PasskeyNameBody(Body):
    """Another name for a passkey."""

    name: PasskeyName


class PasskeyLoginBody(Body):
    """The answer of a passkey to the options that this browser got."""

    credential: PasskeyAnswer
    end_oldest: Annotated[
        bool, Field(description="If there is no room for another session, end the one not used for longest.")
    ] = False
    cookie: KeepsCookie = False


class EnterBody(Body):
    """As whom to look around in a demo."""

    guest: Annotated[DemoGuest, Field(alias="as", examples=["customer"])]


class RefreshBody(Body):
    """A refresh token, good once."""

    refresh_token: Secret


class ApiKeyBody(Body):
    """A key for a program. A key with role customer acts for `user_id`, by default the caller."""

    model_config = example(role="service", name="billing")

    role: RoleName
    name: Annotated[str | None, Field(description="Give a replacement the same name.", max_length=100)] = None
    user_id: UserId | None = None
    bound_to_session: Annotated[bool, Field(description="Whether it ends with the session that makes it.")] = False


class PasswordBody(Body):
    """The present password, and the one to replace it."""

    current: Secret
    new: NewPassword
    revoke_api_keys: Annotated[bool, Field(description="Whether every API key that acts for you is revoked too.")] = (
        False
    )


class ResetTokenBody(Body):
    """How the token gets to its user."""

    delivery: Annotated[
        Literal["answer", "mail"], Field(description="`answer`: you hand it out. `mail`: this server mails it.")
    ] = "answer"


class ResetBody(Body):
    """A reset token, good once, and the new password."""

    token: Secret
    new: NewPassword


class CodeBody(Body):
    """A code of an authenticator app."""

    code: Code


class RemovalBody(Body):
    """A code of the second factor that is to go."""

    code: Annotated[
        Code | None, Field(description="Of the app, or a recovery code; needed unless it was never confirmed.")
    ] = None


class RoleBody(Body):
    """As what a user logs in."""

    role: RoleName
