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

    Without a terminal there is a line for each change, and with --json a document for each. While the server is away,
    it is tried again and again.
    """
    try:
        with connect(data, url) as api:
            market_id: str = find_market(api, market)["id"]
        screen = WatchScreen(as_json=as_json)
        with closing(follow(lambda: connect(data, url), market_id, pace_s=screen.pace_s)) as news, screen:
            for told in news:
                if isinstance(told, Interruption):
                    screen.interrupted(told)
                    continue
                screen.show(told)
                if told.is_over:
                    return
    except KeyboardInterrupt:
        # Whoever watches ends it like this, and nothing was left half done.
        return
