"""`evens watch`: a market's prices as they move."""

from contextlib import closing

from evens.edges.cli.api import connect
from evens.edges.cli.exchange.market_stream import Interruption, follow
from evens.edges.cli.exchange.markets import find_market
from evens.edges.cli.exchange.watch_screen import WatchScreen
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, MarketArgument, UrlOption


def watch(
    market: MarketArgument, data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False
) -> None:
    """Watch a market's prices move, until Ctrl-C or until it is settled.

    Without a terminal a line is printed for each change, and with --json a document. While the server cannot be
    reached, it is tried again and again.
    """
    try:
        with connect(data, url) as api:
            market_id: str = find_market(api, market)["id"]
        screen = WatchScreen(as_json=as_json)
        with closing(follow(lambda: connect(data, url), market_id, pace_s=screen.pace_s)) as updates, screen:
            for update in updates:
                if isinstance(update, Interruption):
                    screen.interrupted(update)
                    continue
                screen.show(update)
                if update.is_over:
                    return
    except KeyboardInterrupt:
        # Ctrl-C is the usual way to end this, and nothing is left half done.
        return
