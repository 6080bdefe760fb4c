"""An HTTP session for betfairlightweight that has betfair-parser decode every answer, which forbids unknown fields."""

import json
from importlib import import_module
from typing import Any

import requests

# They have no stubs.
_SPEC = "betfair_parser.spec"
_identity: Any = import_module(f"{_SPEC}.identity")
_MODULES = [import_module(f"{_SPEC}.{name}") for name in ("betting", "accounts", "heartbeat")]
_NAVIGATION: Any = import_module(f"{_SPEC}.navigation").Navigation
decode: Any = import_module(f"{_SPEC}.common").decode

_IDENTITY: dict[str, Any] = {
    "/api/login": _identity.LoginResponse,
    "/api/certlogin": _identity.CertLoginResponse,
    "/api/keepAlive": _identity.KeepAliveLogoutResponse,
    "/api/logout": _identity.KeepAliveLogoutResponse,
}


class Oracle(requests.Session):
    """Sends requests, and has the strict types look at what comes back; ``decoded`` is the last of it."""

    decoded: Any = None

    def request(self, method: Any, url: Any, *arguments: Any, **options: Any) -> requests.Response:
        """Send a request; the only one by GET is for the menu."""
        answer = super().request(method, url, *arguments, **options)
        if method == "GET":
            self.decoded = decode(answer.content, type=_NAVIGATION)
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
    module = next(module for module in _MODULES if hasattr(module, name[0].upper() + name[1:]))
    return getattr(module, name[0].upper() + name[1:]).return_type
