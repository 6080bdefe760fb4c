"""Whose login a caller may act on: one below their own, so that nobody gains a role or takes one away by it."""

from evens.core.values.ids import CustomerId
from evens.identity.errors import CustomerUnknown, RoleNotBelowOwn
from evens.identity.principal import Principal, Role
from evens.identity.records import LoginRecord
from evens.identity.store_protocol import LoginStore


async def find_openable(store: LoginStore, actor: Principal, customer: CustomerId) -> LoginRecord:
    """Return the login of a customer that the actor may open (:meth:`Principal.may_open`).

    Raises :class:`CustomerUnknown`, and :class:`RoleNotBelowOwn` if the actor may not.
    """
    known = await store.login_of(customer)
    if known is None:
        raise CustomerUnknown
    if not actor.may_open(Role(known.role)):
        raise RoleNotBelowOwn(known.role, actor.role)
    return known
