"""What requests about logins and API keys look like."""

from typing import Annotated

from pydantic import Field

from evens.edges.http.login.shapes import RoleName
from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.names import NewUsername
from evens.edges.http.protocol.texts import Email, UserId

Secret = Annotated[str, Field(min_length=1, max_length=1024)]


class RegisterBody(Body):
    """A new user with a login."""

    email: Email
    username: NewUsername
    password: Annotated[Secret, Field(description="10 to 200 characters.", examples=["correct horse battery"])]


class LoginBody(Body):
    """A username or e-mail address, and its password."""

    login: Annotated[str, Field(min_length=1, max_length=254, examples=["ada"])]
    password: Secret


class RefreshBody(Body):
    """A refresh token, good once."""

    refresh_token: Secret


class ApiKeyBody(Body):
    """A key for a program. A key with role customer acts for `user_id`, by default the caller."""

    model_config = example(role="service", name="billing")

    role: RoleName
    name: Annotated[str | None, Field(description="Give a replacement the same name.", max_length=100)] = None
    user_id: UserId | None = None
