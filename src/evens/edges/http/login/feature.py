"""What registering, logging in and API keys export to the HTTP API."""

from typing import Final

from evens.edges.http.login import api_keys, auth, demo, passkeys, passwords, roles, second_factor, sessions
from evens.edges.http.protocol.feature import Feature

FEATURE: Final = Feature(
    endpoints=(
        auth.ENDPOINTS,
        api_keys.ENDPOINTS,
        sessions.ENDPOINTS,
        passwords.ENDPOINTS,
        second_factor.ENDPOINTS,
        roles.ENDPOINTS,
        demo.ENDPOINTS,
        passkeys.ENDPOINTS,
    )
)
