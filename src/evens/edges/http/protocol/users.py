"""Users as every room shows them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from evens.core.values.moments import format_time
from evens.core.values.public_ids import format_user_id
from evens.edges.http.protocol.shapes import Time, UserIdentity
from evens.store.wallets.queries import Customer


@dataclass(frozen=True, slots=True)
class User:
    """A user with an account."""

    id: UserIdentity
    username: Annotated[str, Field(examples=["ada"])]
    email: Annotated[str | None, Field(examples=["ada@example.com"])]
    status: Annotated[Literal["active", "frozen"], Field(description="A frozen user cannot move money out.")]
    created_at: Time


def present_customer(customer: Customer) -> User:
    """Return a recorded customer as a user."""
    return User(
        id=format_user_id(customer.id),
        username=customer.username,
        email=customer.email,
        status="frozen" if customer.frozen else "active",
        created_at=format_time(customer.registered_at),
    )
