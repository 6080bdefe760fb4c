"""What the store returns to identity, as protocols. Secrets are in it as hashes or encrypted."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from evens.core.values.ids import CustomerId


class LoginRecord(Protocol):
    """A customer, and how they log in. ``email`` and ``password_hash`` are ``None`` where nothing was recorded."""

    @property
    def customer(self) -> CustomerId:
        """The customer's id."""
        ...

    @property
    def username(self) -> str:
        """The username as registered."""
        ...

    @property
    def email(self) -> str | None:
        """The e-mail address as given."""
        ...

    @property
    def password_hash(self) -> str | None:
        """The argon2id hash."""
        ...

    @property
    def role(self) -> str:
        """What they may do once logged in: a value of :class:`~evens.identity.principal.Role`."""
        ...


class SessionRecord(Protocol):
    """The session of a refresh token or cookie. ``reused``: the token was used before, and the session has ended."""

    @property
    def family(self) -> UUID:
        """The id that all tokens of the session share."""
        ...

    @property
    def customer(self) -> CustomerId:
        """Whose session it is."""
        ...

    @property
    def username(self) -> str:
        """Their username."""
        ...

    @property
    def role(self) -> str:
        """Their role: a value of :class:`~evens.identity.principal.Role`."""
        ...

    @property
    def second_factor(self) -> bool:
        """Whether the session was begun with a second factor."""
        ...

    @property
    def reused(self) -> bool:
        """Whether the token had been used before."""
        ...


class LiveSession(Protocol):
    """A session that has neither ended nor expired."""

    @property
    def id(self) -> UUID:
        """The id that all its tokens share."""
        ...

    @property
    def begun_at(self) -> datetime:
        """When somebody logged in."""
        ...

    @property
    def used_at(self) -> datetime:
        """When it was last given tokens, or asked about by its cookie."""
        ...

    @property
    def expires_at(self) -> datetime:
        """When it ends if it is not used before."""
        ...

    @property
    def second_factor(self) -> bool:
        """Whether it was begun with a second factor."""
        ...

    @property
    def address(self) -> str | None:
        """The client's address when it began."""
        ...

    @property
    def client(self) -> str | None:
        """What the client called itself then."""
        ...


class SecondFactorRecord(Protocol):
    """A customer's second factor; the secret is encrypted."""

    @property
    def sealed_secret(self) -> bytes:
        """The secret, encrypted."""
        ...

    @property
    def confirmed(self) -> bool:
        """Whether it counts."""
        ...

    @property
    def last_step(self) -> int:
        """The time step of the last code that was taken."""
        ...

    @property
    def recovery_codes_left(self) -> int:
        """How many recovery codes are unused."""
        ...


class ApiKeyRecord(Protocol):
    """An API key. ``username`` is that of ``customer``, if it has one."""

    @property
    def id(self) -> str:
        """The public id."""
        ...

    @property
    def role(self) -> str:
        """A value of :class:`~evens.identity.principal.Role`."""
        ...

    @property
    def customer(self) -> CustomerId | None:
        """The customer it acts for, if any."""
        ...

    @property
    def username(self) -> str | None:
        """Their username."""
        ...

    @property
    def name(self) -> str:
        """The label it was given."""
        ...

    @property
    def created_by(self) -> str:
        """The scope of whoever made it."""
        ...

    @property
    def request(self) -> str:
        """What was asked for, as canonical JSON."""
        ...

    @property
    def created_at(self) -> datetime:
        """When it was made."""
        ...

    @property
    def revoked_at(self) -> datetime | None:
        """When it was revoked, if it was."""
        ...

    @property
    def session(self) -> UUID | None:
        """The session that it ends with, if it is bound to one."""
        ...
