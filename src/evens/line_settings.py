"""The settings about line providers: where each is, in which dialect it speaks, and with which key."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast
from urllib.parse import parse_qsl, urlsplit

Dialect = Literal["evens", "oddsapi", "uof"]

_SOURCE: Final = re.compile(r"([a-z][a-z0-9_-]{0,63})=(evens|oddsapi|uof)\+(https?://\S+)", re.ASCII)
_KEY: Final = re.compile(r"([a-z][a-z0-9_-]{0,63})=(\S+)", re.ASCII)
_OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "evens": frozenset(),
    "oddsapi": frozenset({"sport", "regions", "bookmaker"}),
    "uof": frozenset({"product"}),
}


@dataclass(frozen=True, slots=True)
class LinePlace:
    """Where a provider is: its address without a query, and what the query chose, each option with its values."""

    dialect: Dialect
    url: str
    options: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class LineKey:
    """A provider's key, or the file that it is in. A file is read whenever the key is needed: it may come later."""

    text: str | None = None
    file: Path | None = None

    def read(self) -> str:
        """Return the key. Raises ``OSError`` or ``ValueError`` naming the file if it is not there or is empty."""
        if self.file is None:
            return self.text or ""
        key = self.file.read_text("utf-8").strip()
        if not key:
            raise ValueError(f"{self.file} is empty")
        return key


def parse_line_sources(text: str) -> dict[str, LinePlace]:
    """Return places by name from ``"main=evens+http://127.0.0.1:8001"``. Raises ``ValueError`` naming a wrong part.

    ``oddsapi`` takes ``?sport=…`` (several times, too), ``regions`` and ``bookmaker``; ``uof`` takes ``product``.
    """
    places: dict[str, LinePlace] = {}
    for part in _parts(text):
        match = _SOURCE.fullmatch(part)
        if match is None or match[1] in places:
            raise ValueError(
                f"{part!r} is not NAME=DIALECT+URL with a name of its own, such as main=evens+http://127.0.0.1:8001; "
                "dialects are evens, oddsapi and uof"
            )
        places[match[1]] = _place(part, cast("Dialect", match[2]), match[3])
    return places


def parse_line_keys(text: str) -> dict[str, LineKey]:
    """Return keys by name from ``"main=<key>"`` or ``"main=@FILE"``. Raises ``ValueError``, which shows no key."""
    keys: dict[str, LineKey] = {}
    for number, part in enumerate(_parts(text), 1):
        match = _KEY.fullmatch(part)
        if match is None or match[1] in keys or match[2] == "@":
            raise ValueError(f"part {number} is not NAME=KEY or NAME=@FILE with a name of its own")
        keys[match[1]] = LineKey(file=Path(match[2][1:])) if match[2].startswith("@") else LineKey(match[2])
    return keys


def check_line_sources(text: str) -> str:
    """Return the text. Raises ``ValueError`` if it is wrong."""
    parse_line_sources(text)
    return text


def check_line_keys(text: str) -> str:
    """Return the text. Raises ``ValueError`` if it is wrong."""
    parse_line_keys(text)
    return text


def check_line(sources: str, keys: str) -> None:
    """Raise ``ValueError`` for a key of no source, and for a source that needs a key and has none."""
    places, given = parse_line_sources(sources), parse_line_keys(keys)
    for name in given:
        if name not in places:
            raise ValueError(f"EVENS_LINE_KEYS: {name!r} is no source in EVENS_LINE_SOURCES; add it there")
    for name, place in places.items():
        if place.dialect != "evens" and name not in given:
            raise ValueError(f"EVENS_LINE_KEYS: {name!r} is missing; {place.dialect} needs a key, as {name}=KEY")


def _parts(text: str) -> list[str]:
    return [part for part in map(str.strip, text.split(",")) if part]


def _place(part: str, dialect: Dialect, url: str) -> LinePlace:
    parts = urlsplit(url)
    options: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(parts.query):
        if name not in _OPTIONS[dialect]:
            raise ValueError(f"{part!r}: {dialect} has no option {name!r}")
        options[name] = (*options.get(name, ()), value)
    return LinePlace(dialect, parts._replace(query="", fragment="").geturl().rstrip("/"), options)
