"""Commands that end with a sentence and an exit code when something expected goes wrong, never with a traceback."""

import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from evens.edges.cli.failures import ExitCode, Failure, Misused, Refused, Unavailable
from evens.edges.cli.operations import OperationFailed, OperationRefused
from evens.edges.cli.screen import print_failure


class ConsoleCommand(TyperCommand):
    """A command whose failures :func:`print_failure` prints, as JSON too if the command has that option."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises :class:`typer.Exit` with the failure's exit code."""
        try:
            return super().invoke(ctx)
        except Failure as failure:
            reported = failure
        except OperationRefused as refusal:
            reported = Refused(str(refusal))
        except OperationFailed as failure:
            reported = Unavailable(str(failure))
        print_failure(reported, as_json=bool(ctx.params.get("as_json")))
        raise typer.Exit(reported.exit_code)


class ConsoleGroup(TyperGroup):
    """A group of commands: a mistake in the arguments is printed in one line, and Ctrl-C ends it silently."""

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Run the program and exit."""
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
        except typer.Abort:
            code = ExitCode.INTERRUPTED
        except typer.TyperException as mistake:
            code = _print_mistake(mistake)
        sys.exit(code if isinstance(code, int) else ExitCode.OK)


def _print_mistake(mistake: typer.TyperException) -> ExitCode:
    context = getattr(mistake, "ctx", None)
    command = context.command_path if context is not None else "evens"
    # The library's prefix for the kind of mistake does not help the user.
    message = " ".join(mistake.format_message().replace("Value error, ", "").split())
    failure = Misused(message, f"Try: {command} --help")
    print_failure(failure, as_json="--json" in sys.argv)
    return failure.exit_code
