"""Usernames by id, for tables: each is requested once. A caller who may not see others' names gets ids."""

from evens.edges.cli.api import Api, user_path
from evens.edges.cli.failures import Refused


class KnownUsers:
    """Users by id."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, str] = {}

    def name(self, user_id: str) -> str:
        """Return a user's name, or the id if the name is not ours to see."""
        if user_id not in self._known:
            try:
                self._known[user_id] = self._api.get(user_path(user_id))["username"]
            except Refused:
                self._known[user_id] = user_id
        return self._known[user_id]
