"""`evens tvl`: what is locked in pools, and what users hold altogether."""

from typing import Final

from evens.edges.cli.api import connect
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, UrlOption
from evens.edges.cli.screen import Screen
from evens.edges.cli.wording import amount_text

TVL_PATH: Final = "/v1/tvl"
_COLUMNS: Final = ("What", "Up", "Down", "Locked", "")


def tvl(data: DataOption = DATA_DIR, url: UrlOption = None, as_json: JsonOption = False) -> None:
    """Show what is locked: in each pool, and in each currency in bets of every kind, beside what lies in cash."""
    screen = Screen(as_json=as_json)
    with connect(data, url) as api:
        found = api.get(TVL_PATH)["items"]
    if as_json:
        screen.document({"items": found})
        return
    rows: list[tuple[str, ...]] = []
    for each in found:
        code = each["currency"]
        rows += [
            (pool["pool"], amount_text(pool["up"]), amount_text(pool["down"]), amount_text(pool["staked"]), code)
            for pool in each["pools"]
        ]
        rows.append(("all bets", "", "", amount_text(each["locked"]), code))
        rows.append(("cash", "", "", amount_text(each["total_cash"]), code))
        rows.append(("withdrawals", "", "", amount_text(each["pending_withdrawals"]), code))
    screen.table(_COLUMNS, rows, numbers=("Up", "Down", "Locked"), whole=("What",), spare=("Up", "Down"))
