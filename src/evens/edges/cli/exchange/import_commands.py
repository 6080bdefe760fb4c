"""`evens import betfair`: a recorded market, played into one of the server's at any speed."""

import bz2
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from evens.core.values.money import AmountInvalid, parse_amount
from evens.edges.cli.api import connect
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.exchange.recorded_market import CONNECTIONS, RecordedMarket
from evens.edges.cli.exchange.recording import Recording, RecordingInvalid
from evens.edges.cli.failures import Misused
from evens.edges.cli.importing import imports
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, UrlOption
from evens.edges.cli.screen import Screen, escape, progress
from evens.edges.cli.wording import count_text


def register() -> None:
    """Add the command to those that import."""

    @imports.command(cls=ConsoleCommand)
    def betfair(
        file: Annotated[Path, typer.Argument(metavar="FILE", help="Betfair's historic data; it may end with .bz2.")],
        speed: Annotated[
            float, typer.Option("--speed", min=0, metavar="TIMES", help="How many times as fast; 0 does not wait.")
        ] = 1.0,
        currency: Annotated[
            str, typer.Option("--currency", metavar="CODE", help="One with two fraction digits.")
        ] = "USD",
        cash: Annotated[
            str,
            typer.Option("--cash", metavar="AMOUNT", help="What each of the two customers is given who quote prices."),
        ] = "10000000.00",
        data: DataOption = DATA_DIR,
        url: UrlOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Play a recorded market into a new one, where others can bet against its prices.

        Two customers quote every price of the recording, one by backing and one by laying. The market is suspended,
        turned in-play and settled as it was.
        """
        _check_cash(cash)
        lines = _lines(file)
        recording, played = Recording(), 0
        with connect(data, url, connections_max=CONNECTIONS) as api, progress("Playing", len(lines)) as advance:
            market = RecordedMarket(api, currency, cash)
            for number, text in enumerate(lines, 1):
                before_ms = recording.at_ms
                try:
                    recording.take(text)
                except RecordingInvalid as invalid:
                    raise Misused(f"Line {number} of {file}: {invalid}.") from invalid
                if not recording.definition:
                    continue
                if not market.market:
                    market.open(recording)
                elif speed:
                    time.sleep(max(0.0, (recording.at_ms - before_ms) / 1000 / speed))
                played += 1
                advance(number, len(lines))
                if not market.follow(recording):
                    break
        if not played:
            raise Misused(f"{file} has no market's definition; take a file of Betfair's historic data.")
        _show(Screen(as_json=as_json), file, market, played)


def _check_cash(cash: str) -> None:
    """Raise :class:`Misused` for what cannot be deposited, before there is a market."""
    try:
        parse_amount(cash, 2)
    except AmountInvalid as invalid:
        raise Misused(f"--cash {invalid}.") from invalid


def _lines(file: Path) -> list[bytes]:
    try:
        with bz2.open(file) if file.suffix == ".bz2" else file.open("rb") as opened:
            return list(_not_empty(opened))
    except OSError as error:
        raise Misused(f"{file} cannot be read: {error.strerror or error}.") from error


def _not_empty(opened: "Iterator[bytes]") -> Iterator[bytes]:
    for text in opened:
        if text.strip():
            yield text


def _show(screen: Screen, file: Path, market: RecordedMarket, played: int) -> None:
    if screen.as_json:
        screen.document(
            {
                "market_id": market.market["id"],
                "status": market.market["status"],
                "lines": played,
                "placed": market.placed,
                "refused": market.refused.total(),
            }
        )
        return
    why = ", ".join(f"{count} {code}" for code, count in market.refused.most_common())
    screen.done(
        f"{count_text(played, 'line')} of {escape(str(file))} played into {market.market['id']}: "
        f"{count_text(market.placed, 'order')} placed, {market.refused.total()} refused{why and f' ({why})'}."
    )
