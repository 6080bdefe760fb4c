"""Instructions of one request that would be matched with each other are found before the house is asked."""

from hypothesis import given
from hypothesis import strategies as st

from evens.core.commands.exchange import PlaceOrder
from evens.core.values.betting import Side, TimeInForce
from evens.core.values.ids import CustomerId, MarketId, RunnerId
from evens.edges.betfair.instructions import find_crossing

ORDERS = st.builds(
    PlaceOrder,
    st.just(CustomerId(1)),
    st.just(MarketId(2)),
    st.builds(RunnerId, st.integers(1, 3)),
    st.sampled_from(list(Side)),
    st.sampled_from([101, 200, 202, 100_000]),
    st.just(100),
    st.sampled_from(list(TimeInForce)),
)


def _meet(order: PlaceOrder, waiting: PlaceOrder) -> bool:
    """Return whether an order would be matched with one that waits."""
    if order.runner != waiting.runner or {order.side, waiting.side} != set(Side):
        return False
    back, lay = (order, waiting) if order.side is Side.BACK else (waiting, order)
    return waiting.time_in_force is TimeInForce.GOOD_TILL_CANCELLED and lay.odds >= back.odds


@given(st.lists(st.none() | ORDERS, max_size=12))
def test_those_are_found_that_would_meet_an_earlier_one(orders: list[PlaceOrder | None]) -> None:
    expected = {
        place
        for place, order in enumerate(orders)
        if order is not None and any(_meet(order, earlier) for earlier in orders[:place] if earlier is not None)
    }
    assert find_crossing(orders) == expected
