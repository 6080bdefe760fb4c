"""Who may have wallets: registering, freezing and unfreezing customers, and what marks them.

Freezing is one path, whoever asks for it: an operator, or the customer, who excludes themselves until a moment. What a
customer has on offer lapses in the products that follow (:mod:`evens.core.wallets.customer_follower`). An exclusion
that is over lifts nothing by itself: an operator unfreezes, so that nobody is back before they have asked to be.
"""

from collections.abc import Iterator

from evens.core.commands.wallets import (
    ExcludeCustomer,
    FreezeCustomer,
    RegisterCustomer,
    TagCustomer,
    UnfreezeCustomer,
)
from evens.core.events.ledger import Rejected
from evens.core.events.wallets import (
    CustomerExcluded,
    CustomerFrozen,
    CustomerRegistered,
    CustomerTagged,
    CustomerUnfrozen,
)
from evens.core.ledger.reasons import SharedReason
from evens.core.values.ids import CustomerId
from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.state import Wallets


def register_customer(
    wallets: Wallets, command: RegisterCustomer, seq: int, at: int
) -> Iterator[CustomerRegistered | Rejected]:
    """Open a customer unless the username is taken in any spelling of case."""
    if command.username.lower() in wallets.ids_by_username:
        yield Rejected(WalletReason.USERNAME_TAKEN, (("username", command.username),))
    else:
        yield CustomerRegistered(CustomerId(seq), command.username)


def apply_customer_registered(wallets: Wallets, event: CustomerRegistered) -> None:
    """Make the customer known."""
    wallets.add_customer(event.customer, event.username)


def freeze_customer(
    wallets: Wallets, command: FreezeCustomer, seq: int, at: int
) -> Iterator[CustomerFrozen | Rejected]:
    """Freeze a customer who is not frozen yet."""
    if command.customer not in wallets.customers:
        yield Rejected(SharedReason.CUSTOMER_UNKNOWN)
    elif command.customer in wallets.frozen:
        yield Rejected(SharedReason.CUSTOMER_FROZEN)
    else:
        yield CustomerFrozen(command.customer)


def apply_customer_frozen(wallets: Wallets, event: CustomerFrozen) -> None:
    """Mark the customer as frozen; what they have on offer lapses."""
    wallets.frozen[event.customer] = None
    for follower in wallets.followers:
        follower.customer_frozen(event.customer)


def unfreeze_customer(
    wallets: Wallets, command: UnfreezeCustomer, seq: int, at: int
) -> Iterator[CustomerUnfrozen | Rejected]:
    """Unfreeze a customer who is frozen, unless they have excluded themselves for longer."""
    if command.customer not in wallets.customers:
        yield Rejected(SharedReason.CUSTOMER_UNKNOWN)
    elif command.customer not in wallets.frozen:
        yield Rejected(WalletReason.CUSTOMER_NOT_FROZEN)
    elif wallets.excluded.get(command.customer, at) > at:
        yield _self_excluded(wallets, command.customer)
    else:
        yield CustomerUnfrozen(command.customer)


def apply_customer_unfrozen(wallets: Wallets, event: CustomerUnfrozen) -> None:
    """Clear the marks."""
    del wallets.frozen[event.customer]
    wallets.excluded.pop(event.customer, None)
    for follower in wallets.followers:
        follower.customer_unfrozen(event.customer)


def exclude_customer(
    wallets: Wallets, command: ExcludeCustomer, seq: int, at: int
) -> Iterator[CustomerFrozen | CustomerExcluded | Rejected]:
    """Freeze a customer until a moment in the future that is not before the one they have chosen already."""
    customer = command.customer
    if customer not in wallets.customers:
        yield Rejected(SharedReason.CUSTOMER_UNKNOWN)
    elif command.until <= at:
        yield Rejected(WalletReason.EXCLUSION_OVER)
    elif command.until < wallets.excluded.get(customer, command.until):
        yield _self_excluded(wallets, customer)
    else:
        if customer not in wallets.frozen:
            yield CustomerFrozen(customer)
        yield CustomerExcluded(customer, command.until)


def _self_excluded(wallets: Wallets, customer: CustomerId) -> Rejected:
    return Rejected(WalletReason.SELF_EXCLUDED, (("until", wallets.excluded[customer]),))


def apply_customer_excluded(wallets: Wallets, event: CustomerExcluded) -> None:
    """Remember until when the customer stays frozen."""
    wallets.excluded[event.customer] = event.until


def tag_customer(wallets: Wallets, command: TagCustomer, seq: int, at: int) -> Iterator[CustomerTagged | Rejected]:
    """Give a customer these tags and no others."""
    if command.customer not in wallets.customers:
        yield Rejected(SharedReason.CUSTOMER_UNKNOWN)
    else:
        yield CustomerTagged(command.customer, command.tags)


def apply_customer_tagged(wallets: Wallets, event: CustomerTagged) -> None:
    """Remember the tags, if there are any."""
    old_tags, new_tags = wallets.tags.pop(event.customer, frozenset[str]()), frozenset(event.tags)
    if new_tags:
        wallets.tags[event.customer] = new_tags
    if wallets.tag_follower is not None:
        wallets.tag_follower(event.customer, old_tags, new_tags)
