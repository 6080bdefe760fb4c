"""Commands that end with a sentence and an exit code when something expected goes wrong, never with a traceback."""

import sys
import traceback
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from evens.edges.cli.failures import ExitCode, Failure, Misused, Refused, Unavailable
from evens.edges.cli.operations import OperationFailed, OperationRefused
from evens.edges.cli.output import Unprinted, begin, finish, has_changed, is_lost
from evens.edges.cli.screen import print_failure
from evens.edges.cli.wording import show_times_in_utc

UTC_OPTION: Final = "--utc"
"""Understood by every command: times are shown in UTC, and not in the terminal's zone."""


class ConsoleCommand(TyperCommand):
    """A command whose failures :func:`print_failure` prints, as JSON too if the command has that option."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # The library keeps the line breaks of a docstring's later paragraphs, which no terminal's width asks for.
        self.help = "\n\n".join(" ".join(paragraph.split()) for paragraph in (self.help or "").split("\n\n"))

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments, among which ``--utc`` may be anywhere."""
        begin_of_rest = args.index("--") if "--" in args else len(args)
        if UTC_OPTION in args[:begin_of_rest]:
            args.remove(UTC_OPTION)
            show_times_in_utc()
        return super().parse_args(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command. Raises :class:`typer.Exit` with the failure's exit code, or :class:`Unprinted`."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if not is_lost(error):
                raise
            # The library would end the program with a code of its own.
            raise Unprinted(error.strerror or str(error)) from error
        except UnicodeEncodeError:
            if has_changed():
                raise
            # The request was never made. What is printed, any encoding can take.
            reported = Misused("An argument is not text in UTF-8.", "Write it once more.")
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
        begin()
        show_times_in_utc(wanted=False)
        lost: str | None = None
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
        except typer.Abort:
            code = ExitCode.INTERRUPTED
        except typer.TyperException as mistake:
            code = _print_mistake(mistake)
        except Unprinted as error:
            code, lost = ExitCode.OK, str(error)
        except Exception:
            if not has_changed():
                raise
            traceback.print_exc()
            code, lost = ExitCode.OK, "this is a bug"
        sys.exit(finish(code if isinstance(code, int) else ExitCode.OK, lost))


def _print_mistake(mistake: typer.TyperException) -> ExitCode:
    context = getattr(mistake, "ctx", None)
    command = context.command_path if context is not None else "evens"
    # The library's prefix for the kind of mistake does not help the user.
    message = " ".join(mistake.format_message().replace("Value error, ", "").split())
    failure = Misused(message, f"Try: {command} --help")
    print_failure(failure, as_json="--json" in sys.argv)
    return failure.exit_code
