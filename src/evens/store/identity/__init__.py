"""Who is calling: the tables of logins, sessions, API keys, second factors and reset tokens.

:class:`IdentityTables` implements the protocols in :mod:`evens.identity.store_protocol`.
"""

from evens.store.identity.api_keys import ApiKeyRow, ApiKeyTables
from evens.store.identity.logins import LoginRow, LoginTables
from evens.store.identity.passkeys import PasskeyRow, PasskeyTables
from evens.store.identity.reset_tokens import ResetTokenTables
from evens.store.identity.second_factors import SecondFactorTables
from evens.store.identity.sessions import SessionListing, SessionRow, SessionTables

__all__ = ["ApiKeyRow", "IdentityTables", "LoginRow", "PasskeyRow", "SessionListing", "SessionRow"]


class IdentityTables(LoginTables, SessionTables, ApiKeyTables, SecondFactorTables, ResetTokenTables, PasskeyTables):
    """All of identity's tables in PostgreSQL. Every method may raise :class:`StoreUnavailable`."""
