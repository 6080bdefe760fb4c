"""An HTTP session for betfairlightweight that has betfair-parser decode every answer, which forbids unknown fields."""

import json
from typing import Any

import requests
from betfair_parser.spec import accounts, betting, heartbeat
from betfair_parser.spec.common import decode
from betfair_parser.spec.identity import CertLoginResponse, KeepAliveLogoutResponse, LoginResponse
from betfair_parser.spec.navigation import Navigation

_IDENTITY = {
    "/api/login": LoginResponse,
    "/api/certlogin": CertLoginResponse,
    "/api/keepAlive": KeepAliveLogoutResponse,
    "/api/logout": KeepAliveLogoutResponse,
}


class Oracle(requests.Session):
    """Sends requests, and has the strict types look at what comes back; ``decoded`` is the last of it."""

    decoded: Any = None

    def get(self, url: str | bytes, **options: Any) -> requests.Response:
        """Ask for the menu."""
        answer = super().get(url, **options)
        self.decoded = decode(answer.content, type=Navigation)
        return answer

    def post(self, url: str | bytes, data: Any = None, json: Any = None, **options: Any) -> requests.Response:
        """Make a call, or log in."""
        answer = super().post(url, data=data, json=json, **options)
        assert answer.status_code == 200, answer.text
        identity = next((kind for path, kind in _IDENTITY.items() if str(url).endswith(path)), None)
        self.decoded = decode(answer.content, type=identity or type_of(data))
        return answer


def type_of(body: str | bytes) -> Any:
    """Return the type of the answer to a call."""
    name = str(json.loads(body)["method"]).rpartition("/")[2]
    module = next(module for module in (betting, accounts, heartbeat) if hasattr(module, name[0].upper() + name[1:]))
    return getattr(module, name[0].upper() + name[1:]).return_type
