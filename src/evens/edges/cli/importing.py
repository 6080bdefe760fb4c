"""`evens import`: a payments history, unless the first word says that it is something else."""

from typing import Any, Final

import typer

from evens.edges.cli.console_command import ConsoleGroup

HISTORY: Final = "history"
"""What is imported if nothing else is said."""


class ImportGroup(ConsoleGroup):
    """A group whose first command needs no name: whatever is no other command's name belongs to it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments."""
        others = self.commands.keys() - {HISTORY}
        return super().parse_args(ctx, args if args and args[0] in others else [HISTORY, *args])


imports = typer.Typer(cls=ImportGroup, add_completion=False, no_args_is_help=False)
"""Products add what they import."""
