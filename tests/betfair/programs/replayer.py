"""Unmodified flumine's simulation of a file of historic data: every book of the market is written as a line of JSON.

It is run by flumine's own environment, as ``replayer.py CONFIGURATION``.
"""

import json
import logging
import sys
from importlib import import_module
from typing import Any

# Neither of them has stubs, and neither is in the environment that checks the types.
flumine: Any = import_module("flumine")
clients: Any = import_module("flumine.clients")
HistoricalStream: Any = import_module("flumine.streams.betfairhistoricalstream").BetfairHistoricalStream

LADDERS = {
    "availableToBack": "available_to_back",
    "availableToLay": "available_to_lay",
    "tradedVolume": "traded_volume",
}


class Reader(flumine.BaseStrategy):
    """Tells of every book, also of the last one."""

    def check_market_book(self, market: Any, market_book: Any) -> bool:
        del market, market_book
        return True

    def process_market_book(self, market: Any, market_book: Any) -> None:
        del market
        told = {
            "stage": "book",
            "status": market_book.status,
            "inplay": market_book.inplay,
            "version": market_book.version,
            "totalMatched": market_book.total_matched,
            "runners": [_runner(runner) for runner in market_book.runners],
        }
        print(json.dumps(told), flush=True)

    def process_closed_market(self, market: Any, market_book: Any) -> None:
        self.process_market_book(market, market_book)


def _runner(runner: Any) -> dict[str, Any]:
    ladders = {name: [dict(level) for level in getattr(runner.ex, known)] for name, known in LADDERS.items()}
    return {"selectionId": runner.selection_id, "status": runner.status, "ex": ladders}


def main(configuration: dict[str, Any]) -> None:
    """Replay the file."""
    logging.basicConfig(level=logging.ERROR)
    framework: Any = flumine.FlumineSimulation(clients.SimulatedClient(username="replayer"))
    framework.add_strategy(Reader(stream=HistoricalStream(configuration["file"])))
    framework.run()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
