"""Who is calling, and as what."""

from dataclasses import dataclass
from enum import StrEnum


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
    """An authenticated caller. ``customer`` is set for people with an account; ``name`` labels an API key without one."""

    role: Role
    customer: int | None
    name: str

    @property
    def scope(self) -> str:
        """Return the namespace of this caller's idempotency keys: stable over logins and over rotated API keys."""
        return f"customer:{self.customer}" if self.customer is not None else f"{self.role}:{self.name}"
