"""`evens chain-signer`: the process that has the key of the chain rail's account, until Ctrl-C."""

import os
import re
from pathlib import Path
from typing import Annotated, Final

import typer

from evens.core.values.money import SCALE_MAX, AmountInvalid, split_amount
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.operations import Operations, Signing
from evens.edges.cli.operator.serve_commands import RUN_PANEL
from evens.edges.cli.options import JsonOption
from evens.edges.cli.screen import Screen

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_DECIMALS: Final = 6
_DECIMALS_MAX: Final = 36
_GWEI: Final = 10**9
_FEE_GWEI: Final = 300


def register(app: typer.Typer, operations: Operations) -> None:
    """Add the command to the program."""

    @app.command("chain-signer", cls=ConsoleCommand, rich_help_panel=RUN_PANEL)
    def chain_signer(
        key_file: Annotated[Path, typer.Option("--key-file", metavar="FILE", help="The private key, yours alone.")],
        make_key: Annotated[bool, typer.Option("--make-key", help="Write a new key there, say its address.")] = False,
        socket: Annotated[
            Path, typer.Option("--socket", metavar="FILE", help="The Unix socket to listen on (EVENS_CHAIN_SIGNER).")
        ] = Path("chain-signer.sock"),
        group: Annotated[str | None, typer.Option("--group", help="Whose members may connect, besides you.")] = None,
        chain_id: Annotated[int | None, typer.Option("--chain-id", min=1, help="The chain's number.")] = None,
        token: Annotated[str | None, typer.Option("--token", metavar="ADDRESS", help="The token's contract.")] = None,
        decimals: Annotated[
            int, typer.Option("--decimals", min=0, max=_DECIMALS_MAX, help="The token's digits behind the point.")
        ] = _DECIMALS,
        most: Annotated[str | None, typer.Option("--most", metavar="AMOUNT", help="The most of one payment.")] = None,
        most_per_day: Annotated[
            str | None, typer.Option("--most-per-day", metavar="AMOUNT", help="The most of 24 hours.")
        ] = None,
        fee_gwei_max: Annotated[int, typer.Option("--fee-gwei-max", min=1, help="The most per gas.")] = _FEE_GWEI,
        as_json: JsonOption = False,
    ) -> None:
        """Sign payments of one token that a server of this house asks for, within limits, until Ctrl-C."""
        screen = Screen(as_json=as_json)
        if make_key:
            _announce(screen, operations.make_signer_key(key_file), None)
            raise typer.Exit(0)
        if chain_id is None or token is None or most is None or most_per_day is None:
            raise typer.BadParameter("--chain-id, --token, --most and --most-per-day are needed to sign")
        if _ADDRESS.fullmatch(token) is None:
            raise typer.BadParameter("must be 0x and 40 hexadecimal digits", param_hint="--token")
        signing = Signing(
            key_file=key_file,
            socket=socket,
            group=group,
            chain_id=chain_id,
            token=token.lower(),
            amount_max=_units(most, decimals, "--most"),
            day_max=_units(most_per_day, decimals, "--most-per-day"),
            fee_wei_max=fee_gwei_max * _GWEI,
        )
        raise typer.Exit(operations.serve_signer(signing, ready=lambda address: _announce(screen, address, socket)))


def _units(text: str, decimals: int, option: str) -> int:
    """Return the token's units of a decimal amount, however many digits the token has."""
    try:
        whole, fraction = split_amount(text)
    except AmountInvalid as error:
        raise typer.BadParameter(str(error), param_hint=option) from error
    if len(fraction) > min(decimals, SCALE_MAX):
        raise typer.BadParameter(f"has more than {min(decimals, SCALE_MAX)} fraction digits", param_hint=option)
    return int(whole + fraction.ljust(decimals, "0"))


def _announce(screen: Screen, address: str, socket: Path | None) -> None:
    if screen.as_json:
        screen.document({"address": address, "socket": socket and str(socket), "pid": os.getpid()})
        return
    screen.done("[bold]The signer[/] is ready" if socket else "The key is written")
    screen.say()
    facts = {"Address": address}
    if socket is not None:
        facts |= {"Socket": str(socket), "Stop": "Ctrl-C"}
    screen.facts(facts)
