"""The scenario language: how a file reads, and a strict parser that names the line it cannot read.

::

    levels      kernel, sequencer                  # only where not every level can play it
    currencies  USD 2, EUR 2                       # what there is at first
    customers   ann, bob                           # registered in this order

    ann pays 80.00 USD to bob                      -> insufficient_funds, needed 80.00, available 75.00
    again with key k1                              -> same answer
    restart
    house idles                                    # from here on it does nothing of itself,
    house works                                    # until here
    balances USD  ann 73.00 | bob 1.00 | withdrawing ann 0.00 | escrow bob 5.00 | owing bob 0.00
    balances USD as of 2024-01-31  nothing

A deed may carry, after commas: ``effective 2024-01-31`` (midnight UTC) or ``effective 2024-01-31T10:00:00Z``,
``expires`` likewise, ``with key k1``, and last ``9 times``, in which ``{n}`` counts from one. A refusal is its reason
and may show its facts. ``#`` begins a comment. What can be done, and under which further conditions, stands in the
``language`` of each product, which are joined here: :data:`PRODUCTS`. The house opens on 2026-01-01 at twelve.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from tests.scenarios.challenges import language as challenges
from tests.scenarios.deeds import (
    ASIDE,
    SAME_ANSWER,
    Act,
    Deed,
    Expected,
    Idle,
    Look,
    Restart,
    Scenario,
    StateLook,
    Step,
)
from tests.scenarios.exchange import language as exchange
from tests.scenarios.exchange.language import TableWrong, begins_table, find_table, find_wait
from tests.scenarios.fixed_odds import language as fixed_odds
from tests.scenarios.following import language as following
from tests.scenarios.pools import language as pools
from tests.scenarios.wallets import language as wallets
from tests.scenarios.wallets.deeds import Batch, Money, Pay, Register
from tests.scenarios.wallets.language import MONEY, money_of

PRODUCTS = (wallets, exchange, challenges, fixed_odds, pools, following)
"""The languages that are joined here, each a module with ``find_deed``, ``find_condition`` and ``STANDINGS``."""

STANDINGS = frozenset[str]().union(*(product.STANDINGS for product in PRODUCTS))

FILES = sorted(Path(__file__).parent.glob("*/*.txt"))
"""Every scenario there is."""

LEVELS = frozenset({"kernel", "sequencer", "http"})
ALL_OR_NONE = "all or none"
EACH_ON_ITS_OWN = "each on its own"

_NAME = r"[A-Za-z0-9_.-]+"
_FACT = r'(?P<name>[a-z_0-9]+) (?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))'
_BALANCE = rf"(?:(?P<aside>{'|'.join(ASIDE)}) )?(?P<who>{_NAME}) (?P<amount>\d+(?:\.\d+)?)"
_OUTSIDE_QUOTES = r'(?=(?:[^"]*"[^"]*")*[^"]*$)'


class Unreadable(Exception):
    """A line that is not of the language; says which, and why."""

    def __init__(self, source: str, line: int, why: str) -> None:
        super().__init__(f"{source}:{line}: {why}")


class _Problem(Exception):
    """Why the line at hand cannot be read."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without its comment: its number, whether it is indented, and the texts before and after the arrow."""

    number: int
    indented: bool
    text: str
    outcome: str | None


def read(path: Path) -> Scenario:
    """Return the scenario in a file. Raises :class:`Unreadable`."""
    return parse(path.read_text("utf-8"), path.name)


def parse(text: str, source: str) -> Scenario:
    """Return the scenario that a text describes. Raises :class:`Unreadable`, naming ``source`` and the line."""
    reader = _Reader()
    try:
        for line in _lines(text):
            reader.take(line)
        reader.close_block()
    except _Problem as problem:
        raise Unreadable(source, reader.number, str(problem)) from None
    return Scenario(source, reader.levels, reader.currencies, tuple(reader.steps))


def _lines(text: str) -> Iterator[_Line]:
    for number, raw in enumerate(text.splitlines(), 1):
        bare = re.split("#" + _OUTSIDE_QUOTES, raw, maxsplit=1)[0].rstrip()
        if bare:
            before, arrow, after = bare.partition("->")
            yield _Line(number, bare[0].isspace(), before.strip(), after.strip() if arrow else None)


class _Reader:
    """Takes line after line; a block stays open until a line that is not indented. ``number`` is the line at hand."""

    def __init__(self) -> None:
        self.number = 0
        self.levels = LEVELS
        self.currencies: dict[str, int] = {}
        self.steps: list[Step] = []
        self._by_key: dict[str, Deed] = {}
        self._block: list[_Line] = []

    def take(self, line: _Line) -> None:
        """Read a line."""
        if line.indented:
            self.number = line.number
            if not self._block:
                raise _Problem("an indented line belongs to a batch or a table, and there is none above it")
            self._block.append(line)
            return
        self.close_block()
        self.number = line.number
        word, _, rest = line.text.partition(" ")
        headers = {"levels": self._read_levels, "currencies": self._read_currencies, "customers": self._read_customers}
        if line.outcome is None and line.text == "restart":
            self.steps.append(Restart(line.number))
        elif line.outcome is None and line.text in {"house idles", "house works"}:
            self.steps.append(Idle(line.number, line.text == "house idles"))
        elif line.outcome is None and word == "balances":
            self.steps.append(_look(line.number, rest.strip()))
        elif line.outcome is None and word in STANDINGS:
            self.steps.append(_state_look(line.number, word, rest.strip()))
        elif line.outcome is None and (wait := find_wait(line.number, line.text)) is not None:
            self.steps.append(wait)
        elif line.outcome is None and word in headers:
            headers[word](_items(rest))
        elif word == "batch," or (line.outcome is None and begins_table(line.text)):
            self._block = [line]
        else:
            self._read_act(line)

    def close_block(self) -> None:
        """Read the batch or the table that has come to its end, if there is one."""
        if not self._block:
            return
        (head, *lines), self._block = self._block, []
        self.number = head.number
        if head.text.startswith("batch,"):
            self._read_batch(head, lines)
        else:
            self._read_table(head, lines)

    def _read_table(self, head: _Line, lines: list[_Line]) -> None:
        try:
            table = find_table(head.number, head.text, [line.text for line in lines])
        except TableWrong as wrong:
            self.number = lines[wrong.row].number if lines else head.number
            raise _Problem(str(wrong)) from None
        if table is None:
            raise _Problem(f"nobody knows the table {head.text!r}")
        self.steps.append(table)

    def _read_batch(self, head: _Line, lines: list[_Line]) -> None:
        clause, *modifiers = _items(head.text.removeprefix("batch,"))
        if clause not in {ALL_OR_NONE, EACH_ON_ITS_OWN}:
            raise _Problem(f'a batch is "{ALL_OR_NONE}" or "{EACH_ON_ITS_OWN}", not {clause!r}')
        if not lines:
            raise _Problem("a batch has payments, indented, in the lines below it")
        payments: list[Pay] = []
        parts: list[Expected] = []
        for line in lines:
            self.number = line.number
            payments.append(_payment(line))
            if clause == EACH_ON_ITS_OWN:
                parts.append(_expected(_outcome(line)))
            elif line.outcome is not None:
                raise _Problem("where all or none is paid, the outcome stands in the first line")
        self.number = head.number
        deed, key = _modified(Batch(tuple(payments), atomic=clause == ALL_OR_NONE), modifiers)
        self._add(head.number, deed, key, replace(_expected(_outcome(head)), parts=tuple(parts)))

    def _read_levels(self, items: list[str]) -> None:
        if self.steps or not LEVELS.issuperset(items):
            raise _Problem(f"levels come first and are of {', '.join(sorted(LEVELS))}")
        self.levels = frozenset(items)

    def _read_currencies(self, items: list[str]) -> None:
        if self.steps:
            raise _Problem("what currencies there are at first is said before anything happens")
        for item in items:
            match = _match(rf"(?P<code>{_NAME}) (?P<scale>\d+)", item, 'a currency is written like "USD 2"')
            self.currencies[match["code"]] = int(match["scale"])

    def _read_customers(self, items: list[str]) -> None:
        for item in items:
            who = _match(rf"(?P<who>{_NAME})", item, "a customer is one word")["who"]
            self._add(self.number, Register(who), None, Expected("registered"))

    def _read_act(self, line: _Line) -> None:
        clause, *modifiers = _items(line.text)
        again = re.fullmatch(rf"again with key (?P<key>{_NAME})", clause)
        if again is not None:
            if again["key"] not in self._by_key or modifiers:
                raise _Problem("again needs a key that was used before, and nothing else")
            self._add(line.number, self._by_key[again["key"]], again["key"], _expected(_outcome(line)))
            return
        times = 1
        if modifiers and (repeated := re.fullmatch(r"([1-9]\d*) times", modifiers[-1])):
            times = int(repeated[1])
            modifiers.pop()
        for count in range(1, times + 1):
            counted = [text.replace("{n}", str(count)) for text in (clause, *modifiers)]
            deed, key = _modified(_deed(counted[0]), counted[1:])
            self._add(line.number, deed, key, _expected(_outcome(line)))

    def _add(self, number: int, deed: Deed, key: str | None, expected: Expected) -> None:
        if key is not None:
            self._by_key.setdefault(key, deed)
        self.steps.append(Act(number, deed, key, expected))


def _items(text: str) -> list[str]:
    return [item.strip() for item in re.split("," + _OUTSIDE_QUOTES, text)]


def _match(pattern: str, text: str, otherwise: str) -> re.Match[str]:
    match = re.fullmatch(pattern, text, re.ASCII)
    if match is None:
        raise _Problem(f"{otherwise}, not {text!r}")
    return match


def _outcome(line: _Line) -> str:
    if not line.outcome:
        raise _Problem('a deed needs "-> " and what comes of it')
    return line.outcome


def _deed(clause: str) -> Deed:
    for product in PRODUCTS:
        if (deed := product.find_deed(clause)) is not None:
            return deed
    raise _Problem(f"nobody knows how to do {clause!r}")


def _payment(line: _Line) -> Pay:
    clause, *modifiers = _items(line.text)
    deed, key = _modified(_deed(clause), modifiers)
    if not isinstance(deed, Pay) or key is not None:
        raise _Problem(f"a batch holds payments without keys of their own, not {line.text!r}")
    return deed


def _modified(deed: Deed, modifiers: list[str]) -> tuple[Deed, str | None]:
    """Return the deed with what follows it after commas, and its key."""
    key = None
    for modifier in modifiers:
        if match := re.fullmatch(rf"with key ({_NAME})", modifier):
            key = match[1]
        elif match := re.fullmatch(r"(effective|expires|deadline) (\S+)", modifier):
            deed = _with_field(deed, f"{match[1]}_at", _nanoseconds(match[2]))
        else:
            deed = _with_field(deed, *_condition(modifier))
    return deed, key


def _condition(text: str) -> tuple[str, str | int | bool]:
    for product in PRODUCTS:
        if (field := product.find_condition(text)) is not None:
            return field
    raise _Problem(f"nobody knows the condition {text!r}")


def _with_field(deed: Deed, name: str, value: str | int | bool) -> Deed:
    if name not in deed.__slots__:
        raise _Problem(f"a {type(deed).__name__} has no {name.removesuffix('_at')}")
    return replace(deed, **{name: value})


def _expected(text: str) -> Expected:
    result, *checks = _items(text)
    if result != SAME_ANSWER:
        _match(r"[a-z_]+", result, "a result is one word")
    facts: dict[str, str] = {}
    holdings: list[tuple[str, Money]] = []
    for check in checks:
        if match := re.fullmatch(rf"(?P<who>{_NAME}) has {MONEY}", check):
            holdings.append((match["who"], money_of(match.groupdict())))
        else:
            fact = _match(
                r'(?P<name>[a-z_0-9]+) (?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))', check, "a fact is a name and a value"
            )
            facts[fact["name"]] = fact["bare"] if fact["quoted"] is None else fact["quoted"]
    return Expected(result, facts, tuple(holdings))


def _look(number: int, text: str) -> Look:
    match = _match(r"(?P<code>\S+)(?: as of (?P<at>\S+))? +(?P<rows>.+)", text, "balances need a currency and amounts")
    amounts: dict[str | None, dict[str, str]] = {kept: {} for kept in (None, *ASIDE)}
    for row in [] if match["rows"] == "nothing" else match["rows"].split("|"):
        found = _match(_BALANCE, row.strip(), "a balance is a name and an amount")
        amounts[found["aside"]][found["who"]] = found["amount"]
    at = _nanoseconds(match["at"]) if match["at"] else None
    return Look(number, match["code"], at, amounts[None], {kept: amounts[kept] for kept in ASIDE})


def _state_look(number: int, kind: str, text: str) -> StateLook:
    match = _match(rf"(?P<name>{_NAME}) +(?P<state>.+)", text, f"{kind} needs a name and how it stands")
    return StateLook(number, kind, match["name"], _expected(match["state"]))


def _nanoseconds(text: str) -> int:
    try:
        if len(text) == len("2024-01-31"):
            moment = datetime.combine(date.fromisoformat(text), time(), UTC)
        else:
            moment = datetime.fromisoformat(text)
        since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, TypeError):
        raise _Problem(f"a date is written like 2024-01-31 or 2024-01-31T10:00:00Z, not {text!r}") from None
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1000
