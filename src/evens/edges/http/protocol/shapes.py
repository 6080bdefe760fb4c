"""What answers are made of. Each class is at once the shape that is rendered and the one that is documented."""

from dataclasses import dataclass
from typing import Annotated, Generic, TypeVar

from pydantic import Field

T = TypeVar("T")

Time = Annotated[str, Field(description="RFC 3339, in UTC.", examples=["2026-11-20T09:30:00.123456789Z"])]

Amount = Annotated[str, Field(description="A decimal with the currency's number of digits.", examples=["10.50"])]

SignedAmount = Annotated[str, Field(description="A decimal; below zero it is a loss.", examples=["-10.00"])]

Code = Annotated[str, Field(description="A currency's code.", examples=["USD"])]

UserIdentity = Annotated[str, Field(description="A user's id.", examples=["usr_42"])]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, newest first."""

    items: list[T]
    next: Annotated[
        str | None,
        Field(description="Give it as `after` to get what follows; null when nothing does.", examples=["MTIz"]),
    ] = None
