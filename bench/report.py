"""The figures of benchmarks with their targets, as a table and as Markdown."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.table import Table

Judge = Callable[[float, float], bool]

AT_LEAST: Final[Judge] = float.__ge__
AT_MOST: Final[Judge] = float.__le__


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; ``target`` is the project's target, if there is one."""

    name: str
    value: float
    unit: str
    target: float | None = None
    judge: Judge = AT_LEAST

    @property
    def met(self) -> bool | None:
        """Whether the target is met; ``None`` without one."""
        return None if self.target is None else self.judge(float(self.value), float(self.target))

    @property
    def wanted(self) -> str:
        """The target in words."""
        if self.target is None:
            return ""
        return f"{'≥' if self.judge is AT_LEAST else '≤'} {_number(self.target)}"

    @property
    def verdict(self) -> str:
        """Whether the target is met, as a word."""
        return {None: "", True: "yes", False: "NO"}[self.met]


@dataclass(slots=True)
class Report:
    """Collects figures; prints each when it is added, and all of them as a table at the end."""

    console: Console
    figures: list[Figure] = field(default_factory=list[Figure])

    def add(self, name: str, value: float, unit: str, target: float | None = None, judge: Judge = AT_LEAST) -> None:
        """Add a figure and print it."""
        figure = Figure(name, value, unit, target, judge)
        self.figures.append(figure)
        self.console.print(f"  {name}: [bold]{_number(value)}[/] {unit}  {figure.wanted} {figure.verdict}")

    def show(self) -> None:
        """Print all figures as a table."""
        table = Table("figure", "measured", "unit", "target", "met", title="Evens, measured")
        for figure in self.figures:
            table.add_row(figure.name, _number(figure.value), figure.unit, figure.wanted, figure.verdict)
        self.console.print(table)

    def markdown(self) -> str:
        """Return all figures as a Markdown table."""
        rows = ["| figure | measured | unit | target | met |", "|---|---:|---|---|---|"]
        rows += [f"| {f.name} | {_number(f.value)} | {f.unit} | {f.wanted} | {f.verdict} |" for f in self.figures]
        return "\n".join(rows)


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if value < 100 else f"{value:.0f}"
