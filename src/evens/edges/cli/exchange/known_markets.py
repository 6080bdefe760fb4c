"""Names of the markets and runners of orders and positions, and the user that a request is for."""

from evens.edges.cli.api import Api, Document
from evens.edges.cli.exchange.markets import market_path


class KnownMarkets:
    """Markets by id, each requested once."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._known: dict[str, Document] = {}

    def of(self, market_id: str) -> Document:
        """Return a market."""
        if market_id not in self._known:
            self._known[market_id] = self._api.get(market_path(market_id))
        return self._known[market_id]

    def runner(self, named: Document) -> str:
        """Return the name of the runner of an order, a trade or a bet."""
        runners: list[Document] = self.of(named["market_id"])["runners"]
        return next((str(one["name"]) for one in runners if one["id"] == named["runner_id"]), named["runner_id"])


def acting_for(user: str, customer: Document) -> str | None:
    """Return the user id to send: an operator names the user, a customer's own key names none."""
    return customer["id"] if user != "me" else None
