"""Sets up markets and bets through the API, for tests of the commands that show them."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from evens.edges.cli.api import Api
from evens.edges.cli.exchange.markets import MARKETS_PATH, ORDERS_PATH, OVER, market_path
from evens.edges.cli.server_file import Target
from tests.cli.program import Server, eventually


@contextmanager
def api_of(server: Server) -> Generator[Api]:
    with Api(Target(server.url, server.key)) as api:
        yield api


def open_market(server: Server, name: str, *runners: str, **terms: Any) -> str:
    """Open a market that starts in a day, and return its id."""
    starts_at = datetime.now(UTC) + timedelta(days=1)
    body = {
        "name": name,
        "runners": [{"name": runner} for runner in runners],
        "starts_at": f"{starts_at:%Y-%m-%dT%H:%M:%S}Z",
        **terms,
    }
    with api_of(server) as api:
        return api.post(MARKETS_PATH, body).document["id"]


def place(server: Server, user: str, market_id: str, runner_id: str, side: str, odds: str, stake: str) -> Any:
    """Place an order and return it."""
    with api_of(server) as api:
        body = {"market_id": market_id, "runner_id": runner_id, "side": side, "odds": odds, "stake": stake}
        return api.post(ORDERS_PATH, {**body, "user_id": api.find_user(user)["id"]}).document


def match(server: Server, market_id: str, backer: str, layer: str) -> None:
    """Match ten at 3.0 on the first runner."""
    place(server, layer, market_id, "1", "lay", "3.0", "10")
    assert place(server, backer, market_id, "1", "back", "3.0", "10")["status"] == "complete"


def take_step(server: Server, market_id: str, step: str, **body: Any) -> None:
    """Suspend, settle… a market."""
    with api_of(server) as api:
        api.post(market_path(market_id, step), body)


def show(server: Server, market_id: str) -> Any:
    """Return a market as it is now."""
    with api_of(server) as api:
        return api.get(market_path(market_id))


def at_rest(server: Server, market_id: str) -> None:
    """Wait until a market has nothing under way."""
    with api_of(server) as api:
        assert eventually(lambda: not api.get(market_path(market_id))["working"])


def ended(server: Server, market_id: str) -> Any:
    """Wait until a market's result is booked for everybody, and return the market."""
    with api_of(server) as api:

        def is_over() -> bool:
            market = api.get(market_path(market_id))
            return market["status"] in OVER and not market["working"]

        assert eventually(is_over)
        return api.get(market_path(market_id))
