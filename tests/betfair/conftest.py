"""One real server for all tests of the dialect, programs that speak it, and the desk that runs the markets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from itertools import count
from typing import Any

import httpx2
import pytest

from tests.betfair.oracle import Oracle
from tests.cli.program import Server, running
from tests.folders import passable_folder

# It has no stubs.
betfairlightweight: Any = import_module("betfairlightweight")
exceptions: Any = import_module("betfairlightweight.exceptions")
APIError: type[Exception] = exceptions.APIError
LoginError: type[Exception] = exceptions.LoginError
KeepAliveError: type[Exception] = exceptions.KeepAliveError

PASSWORD = "long and never seen before 17"


@dataclass
class Program:
    """A program of somebody's: unmodified betfairlightweight, pointed here. ``api`` is its client, logged in."""

    name: str
    key: str
    url: str
    user_id: str
    api: Any = None

    def call(self, method: str, params: Any, **headers: str) -> dict[str, Any]:
        """Make a call by JSON-RPC, and return the whole answer."""
        api = method.partition("APING")[0]
        path = {"Sports": "betting", "Account": "account", "Heartbeat": "heartbeat"}[api]
        body = {"jsonrpc": "2.0", "method": method, "params": params, "id": 1}
        answer = self.post(f"/exchange/{path}/json-rpc/v1", body, **headers)
        assert answer.status_code == 200
        return answer.json()

    def post(self, path: str, body: Any, **headers: str) -> httpx2.Response:
        """Send a body with the headers of a login."""
        known = {"X-Application": "tests", "X-Authentication": self.key}
        return httpx2.post(self.url + path, json=body, headers=known | headers, timeout=60)

    def funds(self) -> tuple[float, float]:
        """Return what there is to bet with, and what is held for bets."""
        funds = self.api.account.get_account_funds(lightweight=True)
        return funds["availableToBetBalance"], funds["exposure"]


@dataclass
class Floor:
    """The server, and whoever runs it."""

    server: Server
    desk: httpx2.Client
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    sessions: list[Oracle] = field(default_factory=list[Oracle])

    def post(self, path: str, body: Any = None) -> Any:
        """Do something at the desk."""
        answer = self.desk.post(path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def market(self, *runners: str, **terms: Any) -> str:
        """Open a market, and return its id as Betfair writes it."""
        body: Mapping[str, Any] = {
            "name": f"Market {next(self.numbers)}",
            "starts_at": "2030-01-01T12:00:00Z",
            "runners": [{"name": name} for name in runners or ("Ann", "Bo")],
            **terms,
        }
        return "1." + self.post("/v1/exchange/markets", body)["id"].removeprefix("mkt_")

    def operate(self, market: str, what: str, body: Any = None) -> None:
        """Suspend a market, and so on, and wait until it has."""
        path = "/v1/exchange/markets/mkt_" + market.removeprefix("1.")
        self.post(f"{path}/{what}", body)
        for _ in range(1000):
            shown = self.desk.get(path).json()
            if not shown["working"]:
                return
        raise AssertionError("the market is still busy")

    def program(self, cash: str = "1000.00", **options: Any) -> Program:
        """Make a customer with money and an API key, and log a program of theirs in with it."""
        name = f"trader{next(self.numbers)}"
        user_id = self.server.customer(name, USD=cash)
        made = self.post("/v1/api-keys", {"role": "customer", "user_id": user_id, "name": name})
        program = Program(name, made["key"], self.server.url, user_id)
        program.api = self.client(name, made["key"])
        program.api.login_interactive()
        return program

    def client(self, username: str, password: str) -> Any:
        """Return an unmodified client that is pointed here by its attributes alone."""
        url, session = self.server.url, Oracle()
        self.sessions.append(session)
        client: Any = betfairlightweight.APIClient(username, password, app_key="tests", session=session)
        client.identity_uri = client.identity_cert_uri = f"{url}/api/"
        client.api_uri = f"{url}/exchange/"
        client.navigation_uri = f"{url}/exchange/betting/rest/v1/en/navigation/menu.json"
        return client


def limit(selection: int, side: str, price: float, size: float, **more: Any) -> dict[str, Any]:
    """Return an instruction to place a limit order; ``more`` are members of the order, or a customerOrderRef."""
    order: dict[str, Any] = {"price": price, "size": size, "persistenceType": "LAPSE"}
    reference = {"customerOrderRef": more.pop("customerOrderRef")} if "customerOrderRef" in more else {}
    return {
        "selectionId": selection,
        "handicap": 0,
        "side": side,
        "orderType": "LIMIT",
        "limitOrder": order | more,
        **reference,
    }


@pytest.fixture(scope="session")
def floor() -> Iterator[Floor]:
    """Run the one server."""
    with passable_folder() as folder, running(["serve", "--port", "0"], folder / "data") as server:
        headers = {"Authorization": f"Bearer {server.key}"}
        with httpx2.Client(base_url=server.url, headers=headers, timeout=30) as desk:
            floor = Floor(server, desk)
            yield floor
            for session in floor.sessions:
                session.close()
        assert server.end() == 0


@pytest.fixture(scope="session")
def ann(floor: Floor) -> Program:
    """A program of a customer with much money, who bets in many markets."""
    return floor.program("100000.00")


@pytest.fixture(scope="session")
def bob(floor: Floor) -> Program:
    """Another one."""
    return floor.program("100000.00")
