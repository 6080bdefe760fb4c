"""An answer before it is written."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Presented:
    """A status, and what the body is made of."""

    status: int
    body: Any

    @property
    def is_problem(self) -> bool:
        """Whether the body is a problem document."""
        return self.status >= 400
