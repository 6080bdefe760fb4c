"""Whose session a token is: the house's own sessions and API keys, and nothing besides them."""

from evens.core.values.ids import CustomerId
from evens.identity.cookies import COOKIE_PREFIX
from evens.identity.errors import NotAuthenticated
from evens.identity.principal import Principal
from evens.identity.service import Identity


async def check_session(identity: Identity, token: str) -> Principal:
    """Return whose session a token stands for; it may be an API key. A browser's cookie is none.

    Raises :class:`NotAuthenticated`, and the store's own error if it cannot be asked.
    """
    if token.startswith(COOKIE_PREFIX):
        raise NotAuthenticated
    return await identity.authenticate(token)


def bettor_of(principal: Principal) -> CustomerId:
    """Return the customer who bets in a session. Raises :class:`NotAuthenticated` for a key that acts for nobody."""
    if principal.customer is None:
        raise NotAuthenticated
    return principal.customer
