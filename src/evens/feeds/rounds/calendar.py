"""When a pool's rounds are: the days of an exchange, or intervals that follow each other round the clock.

A round of an exchange's day closes when the exchange does, in its own time zone, early closes included. Its code is the
date on which it closes there. What was announced too late for the library to know stands in the pool's own terms: days
on which the exchange does not open, and earlier closes.

Rounds of ``every:60`` close at the whole multiples of 60 seconds since 1970 (UTC), so where that divides a day, one
closes at each midnight. Their code is the moment at which they lock, in UTC: ``20261128T095959``.

All moments are nanoseconds since 1970 (UTC). Nothing here looks at a clock.

Example: the round ``20210312`` of ``XNAS`` locks at 2021-03-12T20:59:59Z, the next one, ``20210315``, at 19:59:59Z,
because New York changed its clocks on the Sunday in between.
"""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol

from evens.core.values.moments import DAY_NS, SECOND_NS, format_time
from evens.core.values.pool_running import PoolRunning
from evens.feeds.rounds.exchange_days import YEAR_MAX, YEAR_MIN, ExchangeYear, NoSession, exchange_year

_EXAMPLE_AT: Final = 1_795_860_000 * SECOND_NS
"""A moment in 2026, for examples in what is said of a code that is none."""

_DAY_CODE: Final = re.compile(r"[0-9]{8}", re.ASCII)
_MOMENT_CODE: Final = re.compile(r"[0-9]{8}T[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Session:
    """What a round is about, and when: it locks, the price is taken at the close, and sources are asked from then on.

    ``observed_on`` is what a price of this session is dated by its source: a day such as ``2021-03-12`` in the time
    zone ``zone``, or for rounds of intervals the moment of the close. ``is_daily`` tells which.
    """

    code: str
    locks_at: int
    closes_at: int
    settles_at: int
    observed_on: str
    zone: str
    is_daily: bool


class Calendar(Protocol):
    """The sessions of a pool, in their order."""

    def session(self, code: str) -> Session:
        """Return a session. Raises :class:`NoSession` if there is none of this code."""
        ...

    def next_after(self, code: str | None, at: int) -> Session:
        """Return the first session after ``code`` that locks after ``at``. Raises :class:`NoSession`.

        A code that is none of this calendar's (a round with times of an operator's own) is as if there were none.
        """
        ...

    def previous(self, code: str) -> Session:
        """Return the last session before ``code``. Raises :class:`NoSession`."""
        ...

    def is_closed(self, code: str) -> bool:
        """Return whether it was announced late that there is no session of this code: an open round of it is void."""
        ...


def calendar_of(running: PoolRunning) -> Calendar:
    """Return the calendar by which a pool is run. Cheap: what is read of an exchange is kept for all of its pools."""
    return ExchangeCalendar(running) if running.interval_s is None else IntervalCalendar(running, running.interval_s)


async def prepare(running: PoolRunning, at: int) -> None:
    """Read what is known of the exchange's days around a moment, on a thread. Raises :class:`NoSession`.

    Without it the first question would hold up everything else on the event loop for a second or two.
    """
    if running.interval_s is None:
        year = datetime.fromtimestamp(at // SECOND_NS, UTC).year
        for each in (year, year + 1):
            await asyncio.to_thread(exchange_year, running.calendar, each)


class ExchangeCalendar:
    """The days on which an exchange opens, with what was announced late."""

    def __init__(self, running: PoolRunning) -> None:
        self._running = running
        self._closed = frozenset(map(date.fromisoformat, running.closed))

    def session(self, code: str) -> Session:
        """Return the session that closes on this day, such as ``20210312``."""
        day = _day_of(code)
        if day is None:
            raise NoSession("must be a day such as 20210312")
        year = self._year(day)
        if day not in year.closes:
            raise NoSession(f"is a day on which {self._running.calendar} does not open")
        if day in self._closed:
            raise NoSession(f"is a day on which {self._running.calendar} is closed, as was announced")
        return self._session(year, day)

    def next_after(self, code: str | None, at: int) -> Session:
        """Return the first session after a day that locks after a moment."""
        after = None if code is None else _day_of(code)
        # A zone can be a day ahead of or behind UTC; which session comes first is decided by when it locks.
        first = _day_at(at) - timedelta(days=1)
        for session in self._forward(first if after is None else max(first, after)):
            if session.locks_at > at and (after is None or _day_of(session.code) != after):
                return session
        raise NoSession(f"{self._running.calendar} has announced no further day")

    def previous(self, code: str) -> Session:
        """Return the session before a day, which need not be one itself."""
        day = _day_of(code)
        if day is None:
            raise NoSession("must be a day such as 20210312")
        for number in range(day.year, max(day.year - 2, YEAR_MIN - 1), -1):
            year = self._year(date(number, 1, 1))
            days = [each for each in year.closes if each < day and each not in self._closed]
            if days:
                return self._session(year, days[-1])
        raise NoSession(f"{self._running.calendar} has no earlier day")

    def is_closed(self, code: str) -> bool:
        """Return whether the exchange announced late that it does not open on this day."""
        return _day_of(code) in self._closed

    def _forward(self, first: date) -> Iterator[Session]:
        for number in range(first.year, min(first.year + 2, YEAR_MAX + 1)):
            year = self._year(date(number, 1, 1))
            yield from (self._session(year, day) for day in year.closes if day >= first and day not in self._closed)

    def _year(self, day: date) -> ExchangeYear:
        return exchange_year(self._running.calendar, day.year)

    def _session(self, year: ExchangeYear, day: date) -> Session:
        running, closes_at = self._running, year.closes[day]
        early = running.early.get(day.isoformat())
        if early is not None:
            # What is written as an early close never makes a day longer than the exchange's own.
            announced = datetime.combine(day, time.fromisoformat(early), year.zone).timestamp()
            closes_at = min(closes_at, int(announced) * SECOND_NS)
        locks_at, settles_at = _around(running, closes_at)
        code = f"{day:%Y%m%d}"
        return Session(code, locks_at, closes_at, settles_at, day.isoformat(), year.zone.key, is_daily=True)


class IntervalCalendar:
    """Sessions of the same length, one after the other. On days in ``closed`` (UTC, of the lock) there are none."""

    def __init__(self, running: PoolRunning, interval_s: int) -> None:
        self._running = running
        self._interval = interval_s * SECOND_NS
        self._before = running.lock_before_close_s * SECOND_NS
        self._closed = frozenset(map(date.fromisoformat, running.closed))

    def session(self, code: str) -> Session:
        """Return the session that locks at this moment, such as ``20261128T095959``."""
        locks_at = _moment_of(code)
        if locks_at is None or (locks_at + self._before) % self._interval:
            raise NoSession(f"must be when a round locks, such as {self.next_after(None, _EXAMPLE_AT).code}")
        if _day_at(locks_at) in self._closed:
            raise NoSession("is on a day without rounds, as was announced")
        return self._session(locks_at)

    def next_after(self, code: str | None, at: int) -> Session:
        """Return the first session that locks after a moment and after that of the code."""
        after = None if code is None else _moment_of(code)
        moment = at if after is None else max(at, after)
        for _ in range(len(self._closed) + 1):
            locks_at = (moment + self._before) // self._interval * self._interval + self._interval - self._before
            if _day_at(locks_at) not in self._closed:
                return self._session(locks_at)
            moment = (locks_at // DAY_NS + 1) * DAY_NS - 1
        raise AssertionError("each closed day is passed over once")

    def previous(self, code: str) -> Session:
        """Return the session that locks before a moment, which need not be one itself."""
        moment = _moment_of(code)
        if moment is None:
            raise NoSession(f"must be when a round locks, such as {self.next_after(None, _EXAMPLE_AT).code}")
        for _ in range(len(self._closed) + 1):
            locks_at = (moment + self._before - 1) // self._interval * self._interval - self._before
            if _day_at(locks_at) not in self._closed:
                return self._session(locks_at)
            moment = locks_at // DAY_NS * DAY_NS
        raise AssertionError("each closed day is passed over once")

    def is_closed(self, code: str) -> bool:
        """Return whether it was announced late that there are no rounds on this day."""
        moment = _moment_of(code)
        return moment is not None and _day_at(moment) in self._closed

    def _session(self, locks_at: int) -> Session:
        closes_at = locks_at + self._before
        settles_at = closes_at + self._running.settle_after_close_s * SECOND_NS
        code = datetime.fromtimestamp(locks_at // SECOND_NS, UTC).strftime("%Y%m%dT%H%M%S")
        return Session(code, locks_at, closes_at, settles_at, format_time(closes_at), "UTC", is_daily=False)


def _around(running: PoolRunning, closes_at: int) -> tuple[int, int]:
    return closes_at - running.lock_before_close_s * SECOND_NS, closes_at + running.settle_after_close_s * SECOND_NS


def _day_of(code: str) -> date | None:
    """Return the day that a code is, if it is one. Text that has the form of a day but is none is none."""
    try:
        return date.fromisoformat(code) if _DAY_CODE.fullmatch(code) else None
    except ValueError:
        return None


def _moment_of(code: str) -> int | None:
    try:
        moment = datetime.fromisoformat(code) if _MOMENT_CODE.fullmatch(code) else None
    except ValueError:
        return None
    return None if moment is None else int(moment.replace(tzinfo=UTC).timestamp()) * SECOND_NS


def _day_at(at: int) -> date:
    return datetime.fromtimestamp(at // SECOND_NS, UTC).date()
