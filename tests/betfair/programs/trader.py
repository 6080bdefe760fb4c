"""A strategy of unmodified flumine, led here by its configuration: it trades in one market until that is settled.

It is run by flumine's own environment, as ``trader.py CONFIGURATION``. It writes a line of JSON each time that it is
done with a part of its work, and last its books: what flumine knows of every order, of what was cleared, and of errors.
"""

import json
import logging
import sys
from importlib import import_module
from typing import Any

# None of them has stubs, and none is in the environment that checks the types.
betfairlightweight: Any = import_module("betfairlightweight")
BetfairStream: Any = import_module("betfairlightweight.streaming").BetfairStream
flumine: Any = import_module("flumine")
clients: Any = import_module("flumine.clients")
worker: Any = import_module("flumine.worker")
events: Any = import_module("flumine.events.events")
LoggingControl: Any = import_module("flumine.controls.loggingcontrols").LoggingControl
MarketStream: Any = import_module("flumine.streams.betfairmarketstream").BetfairMarketStream
OrderStatus: Any = import_module("flumine.order.order").OrderStatus
Trade: Any = import_module("flumine.order.trade").Trade
LimitOrder: Any = import_module("flumine.order.ordertype").LimitOrder
price_ticks_away: Any = import_module("flumine.utils").price_ticks_away

ORDERS = 200
RUNNERS = 4
MIDDLE = 3.0
SIZE_REDUCTION = 1.25
IN_PLAY = 8
EVERY_S = 0.5
"""How often flumine is to ask for what was cleared. By itself it does once a minute."""
AT_REST = frozenset({OrderStatus.EXECUTABLE, OrderStatus.EXECUTION_COMPLETE})


def tell(**facts: Any) -> None:
    """Write a line for whoever runs this program."""
    print(json.dumps(facts), flush=True)


class Errors(logging.Handler):
    """Keeps what flumine and betfairlightweight complain of."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(f"{record.getMessage()} {record.__dict__.get('response', '')}")


class Cleared(LoggingControl):
    """Hears from flumine what was cleared, and keeps it in its ``cache``."""

    NAME = "CLEARED"
    cache: list[Any]

    def _process_cleared_orders(self, event: Any) -> None:
        self.cache += event.event.orders


class Trader(flumine.BaseStrategy):
    """Places 200 orders around a price; replaces, cancels, reduces and updates some; and bets in-play.

    Its context has who hears what was ``cleared``, and of ``errors``.
    """

    stage = "placing"

    def check_market_book(self, market: Any, market_book: Any) -> bool:
        return market_book.status == "OPEN"

    def process_market_book(self, market: Any, market_book: Any) -> None:
        if self.stage == "placing":
            self.stage = "placed"
            for runner in market_book.runners:
                with market.transaction() as transaction:
                    for number in range(ORDERS // RUNNERS):
                        side = ("BACK", "LAY")[number % 2]
                        self._place(transaction, market, runner.selection_id, number, side, number // 2 + 1)
        elif self.stage == "waiting" and market_book.inplay:
            self.stage = "placed in play"
            with market.transaction() as transaction:
                for place, runner in enumerate(market_book.runners):
                    for number in range(IN_PLAY // RUNNERS):
                        side = ("BACK", "LAY")[place % 2]
                        self._place(transaction, market, runner.selection_id, number, side, 0)

    def _place(self, transaction: Any, market: Any, selection: int, number: int, side: str, ticks: int) -> None:
        price = price_ticks_away(MIDDLE, ticks if side == "BACK" else -ticks)
        trade = Trade(market.market_id, selection, 0, self)
        order = trade.create_order(side=side, order_type=LimitOrder(price, round(5 + number * 0.37, 2)))
        assert transaction.place_order(order), order.violation_msg

    def process_orders(self, market: Any, orders: list[Any]) -> None:
        at_rest = all(order.status in AT_REST and order.bet_id for order in orders)
        if self.stage == "placed" and at_rest and len(orders) == ORDERS:
            self.stage = "changing"
            self._change(market, orders)
        elif self.stage == "changing" and at_rest and self._is_changed(orders):
            self.stage = "waiting"
            tell(stage="changed", orders=len(orders))
        elif self.stage == "placed in play" and at_rest:
            self.stage = "done"
            tell(stage="in play", orders=len(orders))

    def _change(self, market: Any, orders: list[Any]) -> None:
        with market.transaction() as transaction:
            for number, order in enumerate(orders):
                turn = number % 10
                if turn in {0, 1}:
                    further = price_ticks_away(order.order_type.price, 1 if order.side == "BACK" else -1)
                    transaction.replace_order(order, further)
                elif turn in {2, 3}:
                    transaction.cancel_order(order)
                elif turn in {4, 5}:
                    transaction.cancel_order(order, SIZE_REDUCTION)
                elif turn in {6, 7}:
                    transaction.update_order(order, "PERSIST")

    def _is_changed(self, orders: list[Any]) -> bool:
        """Return whether the stream of orders has confirmed what was asked for."""
        reduced = [order for order in orders if order.size_cancelled]
        streamed = [order.responses.current_order for order in orders]
        kept = [order for order in streamed if order and order.persistence_type == "PERSIST"]
        return len(orders) == ORDERS * 6 // 5 and len(reduced) >= ORDERS * 3 // 5 and len(kept) == ORDERS // 5

    def process_closed_market(self, market: Any, market_book: Any) -> None:
        self.stage = "closed"
        tell(stage="closed", runners={runner.selection_id: runner.status for runner in market_book.runners})

    def finish(self, flumine: Any) -> None:
        """Tell all that flumine has booked."""
        (market,) = flumine.markets.markets.values()
        (client,) = flumine.clients
        tell(
            stage="books",
            orders=[_order(order) for order in market.blotter],
            cleared=[_cleared(order) for order in self.context["cleared"].cache],
            funds=client.account_funds._data,
            errors=self.context["errors"].found,
        )


def _order(order: Any) -> dict[str, Any]:
    return {
        "bet_id": order.bet_id,
        "customer_order_ref": order.customer_order_ref,
        "selection_id": order.selection_id,
        "side": order.side,
        "price": order.order_type.price,
        "status": order.status.value,
        "size_matched": order.size_matched,
        "average_price_matched": order.average_price_matched,
        "size_remaining": order.size_remaining,
        "size_cancelled": order.size_cancelled,
        "size_lapsed": order.size_lapsed,
        "profit": order.profit,
    }


def _cleared(order: Any) -> dict[str, Any]:
    names = ("bet_id", "customer_order_ref", "side", "price_matched", "size_settled", "bet_outcome", "profit")
    return {name: getattr(order, name) for name in names}


def settled(context: dict[str, Any], framework: Any, cleared: Cleared) -> None:
    """End flumine once it knows all that was cleared: it does not end by itself."""
    del context
    markets = framework.markets.markets.values()
    if not cleared.cache or not cleared.logging_queue.empty():
        return
    if all(market.orders_cleared and market.market_cleared for market in markets):
        worker.poll_account_balance({}, framework)
        framework.handler_queue.put(events.TerminationEvent(None))


def main(configuration: dict[str, Any]) -> None:
    """Trade."""
    errors = Errors()
    logging.getLogger().addHandler(errors)
    client: Any = betfairlightweight.APIClient(configuration["username"], configuration["password"], app_key="any")
    client.identity_uri = client.identity_cert_uri = configuration["url"] + "/api/"
    client.api_uri = configuration["url"] + "/exchange/"
    BetfairStream.HOSTS = {None: configuration["stream_host"]}
    BetfairStream._BetfairStream__port = configuration["stream_port"]
    framework: Any = flumine.Flumine(clients.BetfairClient(client, interactive_login=True))
    cleared = Cleared()
    framework.add_logging_control(cleared)
    stream = MarketStream(market_filter={"marketIds": [configuration["market"]]})
    framework.add_strategy(
        Trader(
            stream=stream,
            context={"cleared": cleared, "errors": errors},
            max_order_exposure=None,
            max_selection_exposure=None,
            max_live_trade_count=ORDERS,
        )
    )
    for function, arguments in ((worker.poll_market_closure, ()), (settled, (cleared,))):
        framework.add_worker(worker.BackgroundWorker(framework, function, EVERY_S, arguments))
    framework.run()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
