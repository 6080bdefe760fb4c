"""Which round of a pool is opened next.

Codes rise, and the next round is the first one by the calendar after the last. But an operator may have opened one with
a code that no round of the calendar has, or with one of next year: rounds before it go on being opened all the same,
*beside* it. Otherwise a slip of the pen would end the pool.
"""

from evens.feeds.rounds.calendar import Calendar, Session
from evens.feeds.rounds.exchange_days import NoSession

AHEAD_MAX = 10
"""How many rounds ahead a pool's may be opened. A round farther ahead is nothing that others wait for."""


def next_round(calendar: Calendar, last_code: str, now: int) -> tuple[Session, bool]:
    """Return the session to open next, and whether it is opened beside one with a later code.

    Raises :class:`NoSession` if the calendar has no further one.
    """
    if not last_code or is_foreseen(calendar, last_code, now):
        return calendar.next_after(last_code or None, now), False
    following = calendar.next_after(None, now)
    return following, following.code <= last_code


def is_foreseen(calendar: Calendar, code: str, now: int) -> bool:
    """Return whether a code is one of the calendar's, and not later than the next few."""
    try:
        return calendar.session(code).locks_at <= last_foreseen(calendar, now).locks_at
    except NoSession:
        # A day that was closed after its round had been opened has a code of the calendar's, too.
        return calendar.is_closed(code)


def last_foreseen(calendar: Calendar, now: int) -> Session:
    """Return the last session that may be opened at this moment: the tenth, or as many as are announced."""
    last = calendar.next_after(None, now)
    for _ in range(AHEAD_MAX - 1):
        try:
            last = calendar.next_after(last.code, now)
        except NoSession:
            break
    return last
