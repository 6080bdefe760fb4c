"""How commands and the program itself end: with a sentence and an exit code, never with a traceback for a mishap."""

import sys
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from evens.edges.cli.failures import ExitCode, Failure, Misused, Refused, Unavailable
from evens.edges.cli.operations import OperationFailed, OperationRefused
from evens.edges.cli.screen import print_failure


class ConsoleCommand(TyperCommand):
    """A command whose failures are told as :func:`print_failure` does, in JSON too if the command was asked for it."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises :class:`typer.Exit` with the failure's exit code."""
        try:
            return super().invoke(ctx)
        except Failure as failure:
            told = failure
        except OperationRefused as refusal:
            told = Refused(str(refusal))
        except OperationFailed as failure:
            told = Unavailable(str(failure))
        print_failure(told, as_json=bool(ctx.params.get("as_json")))
        raise typer.Exit(told.exit_code)


class ConsoleGroup(TyperGroup):
    """A group of commands: a mistake in what was typed is told in one line, and Ctrl-C ends it without a word."""

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Run the program and exit."""
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
        except typer.Abort:
            code = ExitCode.INTERRUPTED
        except typer.TyperException as mistake:
            code = _tell(mistake)
        sys.exit(code if isinstance(code, int) else ExitCode.OK)


def _tell(mistake: typer.TyperException) -> ExitCode:
    context = getattr(mistake, "ctx", None)
    command = context.command_path if context is not None else "evens"
    # The library's own word for the kind of mistake says nothing to whoever made it.
    message = " ".join(mistake.format_message().replace("Value error, ", "").split())
    failure = Misused(message, f"Try: {command} --help")
    print_failure(failure, as_json="--json" in sys.argv)
    return failure.exit_code
