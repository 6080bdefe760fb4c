"""Callers and their roles."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from evens.core.values.ids import CustomerId


class Role(StrEnum):
    """What a caller may do. A later role in this list includes what the earlier ones may do on behalf of others."""

    CUSTOMER = "customer"
    SERVICE = "service"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Position in the list; a caller can hand out roles up to their own rank."""
        return list(Role).index(self)


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated caller.

    ``customer`` is set for people with an account, and ``name`` is then their username; else it labels an API key.
    ``session`` or ``key_id`` names the credential that was presented; the same caller may have several. ``bound_to`` is
    the session with which the credential ends, if it does.
    """

    role: Role
    customer: CustomerId | None
    name: str
    session: UUID | None = field(default=None, compare=False)
    key_id: str | None = field(default=None, compare=False)
    bound_to: UUID | None = field(default=None, compare=False)

    @property
    def scope(self) -> str:
        """Return the namespace of this caller's idempotency keys: stable over logins and over rotated API keys."""
        return f"customer:{self.customer}" if self.customer is not None else f"{self.role}:{self.name}"

    def may_open(self, login_role: Role) -> bool:
        """Return whether this caller may give somebody a way into a login of that role.

        Whoever holds the way in can do what the login can, so the role must be below the caller's own. Admins can do
        everything already.
        """
        return self.role is Role.ADMIN or login_role.rank < self.role.rank


CONSOLE: Final = Principal(Role.ADMIN, None, "console")
"""A person with access to the server's data, such as one who runs `evens api-key create`. Needs no key."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A customer's username and e-mail address."""

    customer: CustomerId
    username: str
    email: str | None
