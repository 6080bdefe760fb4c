"""What an operator can choose about who is calling."""

from dataclasses import dataclass

from evens.identity.api_keys import LIVE_MAX as API_KEYS_MAX
from evens.identity.sessions import LIVE_MAX as SESSIONS_MAX


@dataclass(frozen=True, slots=True)
class IdentityLimits:
    """Most live API keys and sessions of a customer, and whether operators must have a second factor."""

    api_keys_max: int = API_KEYS_MAX
    sessions_max: int = SESSIONS_MAX
    operators_need_second_factor: bool = False
