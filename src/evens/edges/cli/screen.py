"""Output: tables and sentences on stdout, progress and errors on stderr; for scripts, one JSON document.

Colours and animation are used at a terminal only, and colours only if NO_COLOR is not set.
"""

import json
import sys
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Protocol

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.markup import escape as escape_markup
from rich.progress import (
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from evens.edges.cli.failures import Failure

WIDTH_WITHOUT_TERMINAL: Final = 240
_BAR_WIDTH: Final = 30
PATIENCE_S: Final = 0.6
"""How long something may take before a progress bar appears."""


def console(*, stderr: bool = False) -> Console:
    """Return a console; if the stream is no terminal, it does not break lines."""
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else WIDTH_WITHOUT_TERMINAL
    return _Console(stderr=stderr, width=width, highlight=False, soft_wrap=False)


class _Console(Console):
    """A console that leaves it to the program what becomes of a command whose output nobody reads."""

    def on_broken_pipe(self) -> None:
        """Raise the error that is being handled."""
        error = sys.exception()
        assert error is not None
        raise error


def printable(text: str) -> str:
    """Return untrusted text without terminal control characters."""
    return "".join(letter if letter.isprintable() else "·" for letter in text)


def escape(text: str) -> str:
    """Return untrusted text so that a console shows it literally: no markup, no control characters."""
    return escape_markup(printable(text))


def print_document(document: object) -> None:
    """Write one JSON document on one line, in ASCII if the stream knows no more."""
    encoding = (sys.stdout.encoding or "utf-8").lower().replace("-", "")
    print(json.dumps(document, ensure_ascii=not encoding.startswith("utf")), flush=True)


def print_failure(failure: Failure, *, as_json: bool) -> None:
    """Print on stderr what went wrong and what to do; for a script, also print it as a document on stdout."""
    if as_json:
        with suppress(OSError):
            print_document(failure.document())
    mark = "[bold red]✗[/]"
    text = f"{mark} {escape(str(failure))}"
    if failure.next_step:
        text = f"{text} {escape(failure.next_step)}"
    with suppress(OSError):
        console(stderr=True).print(text, soft_wrap=True)


def remark(text: str) -> None:
    """Print a remark if stderr is a terminal."""
    if sys.stderr.isatty():
        console(stderr=True).print(f"[dim]{text}[/]")


class Screen:
    """Where a command prints its result: one document if ``as_json``, else text for people."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._out = console()

    def document(self, document: object) -> None:
        """Write the JSON document."""
        print_document(document)

    def done(self, text: str, *, replayed: bool = False) -> None:
        """Print that something was done, now or by an earlier request (``replayed``); ``text`` may have markup."""
        self._out.print(f"[green]✓[/] {text}", soft_wrap=True)
        if replayed:
            self._out.print("  [dim]This had been done before under the same key; nothing was done twice.[/]")

    def failed(self, text: str) -> None:
        """Print in one line what is wrong; ``text`` may have markup."""
        self._out.print(f"[bold red]✗[/] {text}", soft_wrap=True)

    def checks(self, checks: Iterable[tuple[bool, str, str, str | None]]) -> None:
        """Print the results of checks: whether it passed, its name, what was found, and what to do about it."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column()
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold")
        for ok, name, detail, remedy in checks:
            mark = "[green]✓[/]" if ok else "[bold red]✗[/]"
            lines = [escape(line) for line in detail.splitlines()]
            if remedy is not None:
                lines.append(f"[bold]{escape(remedy)}[/]")
            grid.add_row(mark, escape(name), "\n".join(lines))
        self._out.print(grid)

    def say(self, text: str = "") -> None:
        """Print a line; ``text`` may have markup."""
        self._out.print(text, soft_wrap=True)

    def facts(self, facts: Mapping[str, str]) -> None:
        """Print names and values in two columns."""
        width = max(map(len, facts))
        for name, value in facts.items():
            self._out.print(f"  [dim]{name:<{width}}[/]  {escape(value)}", soft_wrap=True)

    def table(
        self,
        columns: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        numbers: Iterable[str] = (),
        whole: Iterable[str] = (),
        names: Iterable[str] = (),
        spare: Iterable[str] = (),
    ) -> None:
        """Write a table.

        The columns in ``numbers`` are aligned to the right and, like those in ``whole``, never wrapped. If there is not
        enough room, those in ``spare`` are left out one after the other, and then those in ``names`` are truncated.
        """
        styles = _ColumnStyles(frozenset(numbers), frozenset(whole), frozenset(names))
        cells = [[printable(cell) for cell in row] for row in rows]
        shown = list(range(len(columns)))
        table = _table(columns, cells, shown, styles)
        unbounded = self._out.options.update(width=sys.maxsize)
        for column in spare:
            if self._out.measure(table, options=unbounded).maximum <= self._out.width:
                break
            shown.remove(columns.index(column))
            table = _table(columns, cells, shown, styles)
        self._out.print(table)


@dataclass(frozen=True, slots=True)
class _ColumnStyles:
    numbers: frozenset[str]
    whole: frozenset[str]
    names: frozenset[str]


def _table(
    columns: Sequence[str], cells: Sequence[Sequence[str]], shown: Sequence[int], styles: _ColumnStyles
) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for place in shown:
        column = columns[place]
        is_number = column in styles.numbers
        is_whole = is_number or column in styles.whole
        head = _cell(column, is_name=column in styles.names)
        table.add_column(head, justify="right" if is_number else "left", no_wrap=is_whole, overflow="fold")
    for row in cells:
        table.add_row(*(_cell(row[place], is_name=columns[place] in styles.names) for place in shown))
    return table


def _cell(text: str, *, is_name: bool) -> Text:
    return Text(text, no_wrap=True, overflow="ellipsis") if is_name else Text(text)


class Advance(Protocol):
    """Updates a progress bar: ``done`` of ``total``, where ``None`` means that the total is unknown."""

    def __call__(self, done: int, total: int | None = None) -> None:
        """Show the progress."""
        ...


@contextmanager
def progress(title: str, total: int | None = None) -> Generator[Advance]:
    """Show a progress bar on stderr, if it is a terminal, after a moment; without a total, a spinner."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), _Bar(), _Count(), TimeRemainingColumn()
    display = Progress(*columns, console=console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    task = display.add_task(title, total=total)
    start = threading.Timer(PATIENCE_S, display.start)
    start.daemon = True
    start.start()
    try:
        yield _advance(display, task)
    finally:
        start.cancel()
        start.join()
        display.stop()


class _Bar(ProgressColumn):
    """A bar if the total is known, else nothing."""

    def render(self, task: Task) -> RenderableType:
        """Return the bar."""
        return ProgressBar(total=task.total, completed=task.completed, width=_BAR_WIDTH) if task.total else Text()


class _Count(ProgressColumn):
    """How many are done, and of how many if the total is known."""

    def render(self, task: Task) -> Text:
        """Return the count as text."""
        done, total = int(task.completed), task.total
        if total:
            return Text(f"{done:,} of {int(total):,}")
        return Text(f"{done:,}" if done else "")


def _advance(display: Progress, task: TaskID) -> Advance:
    def advance(done: int, total: int | None = None) -> None:
        if total is None:
            display.update(task, completed=done)
        else:
            display.update(task, completed=done, total=total)

    return advance
