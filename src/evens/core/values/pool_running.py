"""How a pool is run: its calendar, when its rounds lock and settle, and where prices come from.

The house's rules depend on none of this. It is kept in the terms as canonical JSON (``PoolTerms.running``), because a
round commits to it: whoever checks a round sees by which clock and which sources it was run.

Example::

    {"calendar": "XNAS", "form": 2, "grace_s": 1800, "jump_bps": 2000, "lock_before_close_s": 1, "quorum": 1,
     "settle_after_close_s": 300, "sources": [{"kind": "manual", "name": "desk"}], "tolerance_bps": 10}
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from evens.core.values.moments import TimeInvalid, parse_date

FORM: Final = 2
"""The form in which terms are written. It stands in them, so that a round commits to what its proof has to tell.

Since form 2, which the first ones did not name, proofs say where a reference is from, and who made a round void.
"""

KINDS: Final = ("http_json", "http_csv", "file", "manual", "simulated")
SOURCES_MAX: Final = 10
_CALENDAR: Final = re.compile(r"[A-Z][A-Z0-9]{1,9}|every:[1-9][0-9]{0,4}", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}", re.ASCII)
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_URL: Final = re.compile(r"https?://[^\s/?#@]+([/?][^\s#]*)?", re.ASCII)
_PLACE: Final = re.compile(r"\{([^{}]*)\}")
_SECRET: Final = re.compile(r"@[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", re.ASCII)
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}", re.ASCII)
_HEADER_VALUE: Final = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,200}[\x21-\x7e])?", re.ASCII)
_DAY_S: Final = 86_400


class RunningInvalid(ValueError):
    """A pool cannot be run like this. ``field`` names what is wrong, ``str()`` says why."""

    def __init__(self, wrong: str, why: str) -> None:
        super().__init__(f"{wrong} {why}")
        self.field = wrong
        self.why = why


@dataclass(frozen=True, slots=True)
class PriceSource:
    """Where closing prices come from. ``price`` and ``date`` are paths in a JSON document, or columns of a CSV file.

    ``url`` may hold ``{symbol}``, ``{date}`` and ``{code}`` of the round. A file has its path in ``url``. ``seed`` is
    that of a simulated price. ``{@NAME}`` in a URL or a header stands for what is in the server's file of secrets
    ``NAME``: the terms are public, so no secret is ever written into them.
    """

    name: str
    kind: str
    url: str | None = None
    price: str | None = None
    date: str | None = None
    seed: int | None = None
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class PoolRunning:
    """How a pool is run. Seconds count from the close of a session; a fraction is in basis points.

    ``calendar`` is the code of an exchange such as ``XNAS``, or ``every:60`` for rounds that follow each other every 60
    seconds round the clock. ``grace_s`` is how long after settling is due the sources are asked before a round is void.
    ``quorum`` sources have to agree within ``tolerance_bps``. A move of more than ``jump_bps`` waits for an operator; 0
    is no limit. ``closed`` and ``early`` are days announced late on which the exchange does not open, or closes early
    (date to local time). ``from_file`` says that the pool is one of a file's, ``stopped`` who had no further rounds
    opened: ``operator``, ``file`` (which no longer names it), or nobody.
    """

    calendar: str = "XNAS"
    lock_before_close_s: int = 1
    settle_after_close_s: int = 300
    grace_s: int = 1_800
    quorum: int = 1
    tolerance_bps: int = 10
    jump_bps: int = 2_000
    closed: tuple[str, ...] = ()
    early: Mapping[str, str] = field(default_factory=dict[str, str])
    sources: tuple[PriceSource, ...] = (PriceSource("desk", "manual"),)
    from_file: bool = False
    stopped: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be run. Raises :class:`RunningInvalid`."""
        if not _CALENDAR.fullmatch(self.calendar):
            raise RunningInvalid("calendar", "must be an exchange's code such as XNAS, or every:SECONDS")
        bounds = {
            "lock_before_close_s": (self.lock_before_close_s, 0, _DAY_S),
            "settle_after_close_s": (self.settle_after_close_s, 0, _DAY_S),
            "grace_s": (self.grace_s, 0, 30 * _DAY_S),
            "quorum": (self.quorum, 1, max(len(self.sources), 1)),
            "tolerance_bps": (self.tolerance_bps, 0, 10_000),
            "jump_bps": (self.jump_bps, 0, 1_000_000),
        }
        for name, (value, least, most) in bounds.items():
            if not least <= value <= most:
                raise RunningInvalid(name, f"must be from {least} to {most}")
        if self.interval_s is not None and self.lock_before_close_s >= self.interval_s:
            raise RunningInvalid("lock_before_close_s", "must be less than the rounds are long")
        _check_days("closed", self.closed)
        _check_days("early", self.early)
        if not all(_TIME.fullmatch(each) for each in self.early.values()):
            raise RunningInvalid("early", "must give times such as 13:00")
        _check_sources(self.sources)
        if self.stopped not in ("", "operator", "file"):
            raise RunningInvalid("stopped", "must be operator or file")

    @property
    def interval_s(self) -> int | None:
        """How long each round is, for rounds that follow each other; ``None`` for those of an exchange's days."""
        kind, colon, seconds = self.calendar.partition(":")
        return int(seconds) if kind == "every" and colon else None


def _check_days(name: str, days: Any) -> None:
    for day in days:
        try:
            parse_date(day)
        except (TimeInvalid, TypeError) as error:
            raise RunningInvalid(name, "must hold days such as 2025-01-09") from error


def _check_sources(sources: tuple[PriceSource, ...]) -> None:
    if not 1 <= len(sources) <= SOURCES_MAX:
        raise RunningInvalid("sources", f"must be 1 to {SOURCES_MAX}")
    if len({source.name for source in sources}) != len(sources):
        raise RunningInvalid("sources", "must have different names")
    for place, source in enumerate(sources):
        where = f"sources[{place}]"
        if not _NAME.fullmatch(source.name):
            raise RunningInvalid(f"{where}.name", "must be small letters, digits, - and _")
        if source.kind not in KINDS:
            raise RunningInvalid(f"{where}.kind", f"must be one of {', '.join(KINDS)}")
        if source.kind in ("http_json", "http_csv", "file") and not source.url:
            raise RunningInvalid(f"{where}.url", "must say where prices are read")
        _check_address(source, where)
        if source.kind in ("http_json", "http_csv") and not (source.price and source.date):
            raise RunningInvalid(f"{where}.price", "and date must say where price and date stand")
        if "adj" in (source.price or "").lower():
            raise RunningInvalid(f"{where}.price", "must be the close itself: an adjusted price is no close")


def _check_address(source: PriceSource, where: str) -> None:
    """Refuse an address that cannot be asked, and whatever would show a secret to all who read the terms."""
    is_http = source.kind in ("http_json", "http_csv")
    url = source.url or ""
    if is_http and not url.startswith(("http://", "https://")):
        raise RunningInvalid(f"{where}.url", "must begin with https:// or http://")
    if is_http and not _URL.fullmatch(url):
        raise RunningInvalid(f"{where}.url", "must be an address without user name, password, blanks and #")
    for place in _PLACE.findall(url):
        if place not in ("symbol", "date", "code") and not (is_http and _SECRET.fullmatch(place)):
            raise RunningInvalid(f"{where}.url", "can hold {symbol}, {date} and {code}, and over HTTP {@NAME}")
    for name, value in (source.headers or {}).items():
        if not is_http:
            raise RunningInvalid(f"{where}.headers", "can only be sent over HTTP")
        places = _PLACE.findall(value)
        if not _HEADER.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise RunningInvalid(f"{where}.headers", "must be names and texts of ASCII")
        if not places or not all(map(_SECRET.fullmatch, places)):
            raise RunningInvalid(f"{where}.headers", "must name a file of secrets, such as Bearer {@prices}")


def format_running(running: PoolRunning) -> str:
    """Return the canonical JSON: keys in order, no blanks, nothing that is empty, and the form of it."""
    written: dict[str, Any] = {name: getattr(running, name) for name in PoolRunning.__slots__}
    written["closed"] = list(running.closed)
    written["early"] = dict(running.early)
    written["sources"] = [
        {
            name: value if name != "headers" else dict(value)
            for name in PriceSource.__slots__
            if (value := getattr(source, name)) is not None
        }
        for source in running.sources
    ]
    for name in ("from_file", "stopped"):
        if not written[name]:
            del written[name]
    said = {name: value for name, value in written.items() if value not in ([], {})} | {"form": FORM}
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def parse_running(text: str) -> PoolRunning:
    """Return what canonical JSON, or any JSON with these names, says. Raises :class:`RunningInvalid`."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise RunningInvalid("running", "must be JSON") from error
    return running_of(said)


def running_of(said: Any) -> PoolRunning:
    """Return how a pool is run from a mapping of names, as read from JSON or TOML. Raises :class:`RunningInvalid`."""
    known = _known(said, (*PoolRunning.__slots__, "form"), "running")
    # It says how the terms are written, not how the pool is run: what is written anew is of this program's form.
    form = known.pop("form", FORM)
    sources = known.pop("sources", None)
    if sources is not None:
        if not isinstance(sources, list):
            raise RunningInvalid("sources", "must be a list")
        listed = cast("list[Any]", sources)
        known["sources"] = tuple([_source(each, f"sources[{place}]") for place, each in enumerate(listed)])
    numbers = "lock_before_close_s", "settle_after_close_s", "grace_s", "quorum", "tolerance_bps", "jump_bps"
    for name, value in {"form": form, **{name: known[name] for name in numbers if name in known}}.items():
        if type(value) is not int:
            raise RunningInvalid(name, "must be a whole number")
    if "calendar" in known and not isinstance(known["calendar"], str):
        raise RunningInvalid("calendar", "must be a text")
    if type(known.get("from_file", False)) is not bool:
        raise RunningInvalid("from_file", "must be true or false")
    if "closed" in known:
        closed: Any = known["closed"]
        if not isinstance(closed, list):
            raise RunningInvalid("closed", "must be a list of days")
        known["closed"] = tuple(cast("list[Any]", closed))
    if "early" in known and not _is_texts(known["early"]):
        raise RunningInvalid("early", "must be days with times")
    return PoolRunning(**known)


def _source(said: Any, where: str) -> PriceSource:
    known = _known(said, PriceSource.__slots__, where)
    headers: Any = known.pop("headers", None)
    if headers is not None and not _is_texts(headers):
        raise RunningInvalid(f"{where}.headers", "must be names with texts")
    for name, value in known.items():
        wanted = int if name == "seed" else str
        if type(value) is not wanted:
            raise RunningInvalid(f"{where}.{name}", f"must be a {'whole number' if wanted is int else 'text'}")
    missing = [name for name in ("name", "kind") if name not in known]
    if missing:
        raise RunningInvalid(f"{where}.{missing[0]}", "is missing")
    return PriceSource(**known, headers=headers)


def _is_texts(said: Any) -> bool:
    return isinstance(said, dict) and all(isinstance(value, str) for value in cast("dict[Any, Any]", said).values())


def _known(said: Any, names: Iterable[str], where: str) -> dict[str, Any]:
    if not isinstance(said, dict):
        raise RunningInvalid(where, "must be names with values")
    told = cast("dict[Any, Any]", said)
    unknown = [name for name in told if name not in names]
    if unknown:
        raise RunningInvalid(f"{where}.{unknown[0]}", "is not known")
    return dict(told)
