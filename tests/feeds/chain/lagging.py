"""A node behind a proxy that answers as nodes do that lag, or that several share an address."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from tests.feeds.chain.chain import Chain

Twist = Callable[[str, list[Any], Any], Any]
"""Changes an answer, given its method and parameters."""


class Refusal(Exception):
    """What a twist raises to have the node refuse."""


class LaggingNode:
    """Passes requests on to a chain; ``twist`` changes the answers, and may raise ``ConnectionError`` to give none."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self.twist: Twist = lambda method, params, result: result
        self.asked: list[str] = []
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        asked = await request.json()
        method, params = asked["method"], asked["params"]
        self.asked.append(method)
        answer = self._chain.http.post(self._chain.url, json=asked).json()
        if "result" in answer:
            try:
                answer["result"] = self.twist(method, params, answer["result"])
            except ConnectionError:
                return web.Response(status=502)
            except Refusal as refusal:
                del answer["result"]
                answer["error"] = {"code": -32000, "message": str(refusal)}
        return web.json_response(answer)
