"""A file of anchors: what earlier audits printed, a line each, kept where the database's writers cannot change it."""

from pathlib import Path
from typing import Annotated

import typer

from evens.edges.cli.failures import Misused

AnchorOption = Annotated[
    Path | None,
    typer.Option(
        "--anchor",
        metavar="FILE",
        help="Check the anchors in this file, and add the one of now. Keep it on another machine.",
    ),
]


def read_anchors(file: Path) -> list[str]:
    """Return the anchors of a file, the earliest first; none if there is no file yet. Raises :class:`Misused`."""
    try:
        return file.read_text("ascii").split()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise Misused(f"{file} cannot be read as anchors: {error}.", "Name a file that evens audit wrote.") from error


def add_anchor(file: Path, anchor: str) -> None:
    """Add an anchor to the file. Raises :class:`Misused`."""
    try:
        with file.open("a", encoding="ascii") as anchors:
            anchors.write(f"{anchor}\n")
    except OSError as error:
        raise Misused(f"{file} cannot be written: {error.strerror}.", "Name a file that you may write.") from error
