"""Who leads in the demo: the leaderboard of the day in a few words."""

from typing import Final

from evens.demo.market_opening import CURRENCY
from evens.edges.cli.api import Api
from evens.edges.cli.wording import amount_text

BOARD_PATH: Final = "/v1/leaderboard"
_SHOWN: Final = 3


def read_leaders(api: Api) -> str:
    """Return who won most of what was settled today (UTC), best first; empty if nothing was settled.

    Raises :class:`evens.edges.cli.failures.Unavailable`.
    """
    leaders = api.get(BOARD_PATH, period="day", limit=_SHOWN)["items"]
    return ", ".join([f"{each['username']} {_signed(each['profit'])} {CURRENCY}" for each in leaders])


def _signed(profit: str) -> str:
    return amount_text(profit) if profit.startswith("-") else f"+{amount_text(profit)}"
