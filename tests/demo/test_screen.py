"""What the demo prints first: where everything is, and where the app is or how to get it."""

import json
from pathlib import Path
from typing import Any

import pytest

from evens.demo.market_series import MarketState
from evens.demo.markets import MarketsOverview
from evens.demo.screen import DemoScreen
from evens.edges.cli.operations import Serving

URL = "http://127.0.0.1:8000"
MARKET: dict[str, Any] = {
    "id": "mkt_1",
    "name": "Cup",
    "runners": [{"id": "1", "name": "Ann", "status": "active", "to_back": [], "to_lay": []}],
}


def welcome(tmp_path: Path, *, as_json: bool, has_app: bool) -> None:
    serving = Serving(URL, tmp_path, "evk_1", first_start=True, startup_s=1.0, betfair_stream="127.0.0.1:2")
    screen = DemoScreen(as_json=as_json)
    screen.welcome(serving, ["ada", "bo"], MarketsOverview([MarketState(MARKET, 0.0)]), None, has_app=has_app)


def test_it_says_where_the_app_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    welcome(tmp_path, as_json=False, has_app=True)
    said = capsys.readouterr().out
    (line,) = [line for line in said.splitlines() if line.split()[:1] == ["App"]]
    assert line.split()[1] == URL
    assert f"{URL}/docs" in said


def test_without_the_app_it_says_how_to_get_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    welcome(tmp_path, as_json=False, has_app=False)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.split()[:1] == ["App"]]
    assert line.split(maxsplit=1)[1] == "not built: stop this, run make web, and start again"


@pytest.mark.parametrize("has_app", [True, False])
def test_scripts_hear_of_the_app_if_there_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], has_app: bool
) -> None:
    welcome(tmp_path, as_json=True, has_app=has_app)
    assert json.loads(capsys.readouterr().out)["app"] == (URL if has_app else None)
