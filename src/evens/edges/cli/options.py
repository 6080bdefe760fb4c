"""The options and arguments that several commands share."""

from pathlib import Path
from typing import Annotated, Final

import typer

DATA_DIR: Final = Path("evens-data")
HOST: Final = "127.0.0.1"
PORT: Final = 8000

DataOption = Annotated[
    Path, typer.Option("--data", envvar="EVENS_DATA", metavar="DIR", help="Folder of the server on this machine.")
]
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="EVENS_URL", metavar="URL", help="Address of a server elsewhere; its key in EVENS_API_KEY."
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        envvar="DATABASE_URL",
        metavar="URL",
        show_default=False,
        help="A PostgreSQL of your own, instead of the private one in the folder.",
    ),
]
PortOption = Annotated[int, typer.Option("--port", envvar="EVENS_PORT", min=0, max=65535, help="Port to listen on.")]
HostOption = Annotated[str, typer.Option("--host", envvar="EVENS_HOST", help="Address to listen on.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document, for scripts.")]

UserArgument = Annotated[
    str,
    typer.Argument(
        metavar="USER", help="A usr_… id, `me` for the key's own user, or a username; @name is always a name."
    ),
]
MarketArgument = Annotated[
    str, typer.Argument(metavar="MARKET", help="Its id, or as much of its name as no other open market has.")
]
RunnerArgument = Annotated[
    str, typer.Argument(metavar="RUNNER", help="As much of its name as no other has, or its number in the market.")
]
AmountArgument = Annotated[str, typer.Argument(metavar="AMOUNT", help="A decimal such as 10.50.")]
CurrencyOption = Annotated[
    str | None, typer.Option("--currency", metavar="CODE", help="USD, EUR…  Default: the server's own.")
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="TEXT",
        help="Idempotency key: the same key again books nothing twice. Default: a new one each time.",
    ),
]
EffectiveOption = Annotated[
    str | None,
    typer.Option("--effective-at", metavar="WHEN", help="Value date: a day (2026-11-20) or a time (…T09:30:00Z)."),
]
ReferenceOption = Annotated[str | None, typer.Option("--reference", metavar="TEXT", help="Your own reference.")]
