"""What other products may hear of customers."""

from typing import Protocol

from evens.core.values.ids import CustomerId


class CustomerFollower(Protocol):
    """A product in which customers have something that ends when they are frozen."""

    def customer_frozen(self, customer: CustomerId) -> None:
        """Hear that a customer was frozen: what they have on offer is to lapse."""
        ...

    def customer_unfrozen(self, customer: CustomerId) -> None:
        """Hear that a customer is no longer frozen."""
        ...
