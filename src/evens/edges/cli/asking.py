"""Asks whoever is at the terminal: before something is done that cannot be taken back, and which of several is meant.

Questions go to stderr, so that stdout has nothing but the result. Where nobody can answer, nothing is assumed.
"""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from evens.edges.cli.failures import Misused, Refused
from evens.edges.cli.screen import console, escape

YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether it is meant.")]
"""For commands that call :func:`confirm`."""


def confirm(what: str, *, yes: bool, otherwise: str = "Add --yes if it is meant.") -> None:
    """Go on if ``yes``, or if somebody at the terminal says that ``what`` is meant: a sentence that says what follows.

    Raises :class:`Refused` if they do not, and :class:`Misused` if nobody can be asked; ``otherwise`` says what to do
    then.
    """
    if yes:
        return
    if not _can_ask():
        raise Misused(f"{what} This is not done without being asked about.", otherwise)
    answer = _ask(f"{escape(what)} Go on? [dim]\\[y/N][/] ")
    if answer.strip().lower() not in {"y", "yes"}:
        raise Refused("Nothing was done.")


def choose(question: str, options: Sequence[str], otherwise: Misused) -> int:
    """Return the position of the option that somebody at the terminal chooses by its number.

    Raises ``otherwise`` if nobody can be asked, or the answer is none of the numbers.
    """
    if not _can_ask():
        raise otherwise
    out = console(stderr=True)
    out.print(escape(question), soft_wrap=True)
    for number, option in enumerate(options, 1):
        out.print(f"  {number}  {escape(option)}", soft_wrap=True)
    answer = _ask(f"Which one? [dim]\\[1-{len(options)}][/] ").strip()
    if not (answer.isascii() and answer.isdecimal() and 1 <= int(answer) <= len(options)):
        raise otherwise
    return int(answer) - 1


def _can_ask() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _ask(prompt: str) -> str:
    console(stderr=True).print(prompt, end="", soft_wrap=True)
    try:
        return input()
    except EOFError:
        return ""
