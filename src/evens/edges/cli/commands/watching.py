"""`evens watch`: a market's prices as they move."""

import time
from collections.abc import Iterator
from typing import Final

from evens.edges.cli.api import Api, connect
from evens.edges.cli.market_feed import TRADES_SHOWN, View
from evens.edges.cli.markets import find_market, market_path
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, MarketArgument, UrlOption
from evens.edges.cli.watch_screen import WatchScreen

_POLL_S: Final = 0.5


def watch(
    market: MarketArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Watch a market's prices move, until Ctrl-C or until it is settled.

    Without a terminal there is a line for each change, and with --json a document for each.
    """
    try:
        with connect(data, url) as api:
            found = find_market(api, market)
            with WatchScreen(as_json=as_json) as screen:
                for view in _views(api, found["id"]):
                    screen.show(view)
                    if view.is_over:
                        return
    except KeyboardInterrupt:
        # Whoever watches ends it like this, and nothing was left half done.
        return


def _views(api: Api, market_id: str) -> Iterator[View]:
    trades_path = market_path(market_id, "trades")
    view = View({})
    while True:
        market = api.get(market_path(market_id))
        view = View(market, view.trades).traded(api.get(trades_path, limit=TRADES_SHOWN)["items"])
        yield view
        time.sleep(_POLL_S)
