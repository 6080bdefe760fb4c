"""The sentences about following.

::

    bob follows ann in USD with 5.00 as f1                   -> following
    bob follows ann in USD with a share of 0.25 as f1        -> following
    bob changes f1, per day 20.00                            -> changed
    bob pauses f1 / bob resumes f1 / bob ends f1             -> paused / active / ended
    copier copies match 1 of a1 for f1 as c1                 -> copied, stake 5.00, risk 5.00
    copier copies bet b1 for f1 as c2                        -> skipped, reason cap
    copier copies stake p1 for f1                            -> skipped, reason market_closed, detail round_locked
    copier skips matches 2 to 3 of a1 for f1 as paused       -> skipped, bets 2
    copier books 4.00 for c1                                 -> booked
    copier books nothing but a risk of 2.00 for c1           -> booked
    copier stops f1 at -61.00                                -> paused
    copier takes the fee of f1                               -> charged
    follow f1  active, used 5.00, today 5.00, result 0.00, mark 0.00, paid 0.00

A follow may further begin with ``allocation 100.00``, ``per bet 10.00``, ``per day 50.00``, ``slippage 2``, ``odds of
at least 2.00``, ``only exchange``, ``only on Derby``, ``stop-loss 40%`` and ``fee 0.1``, and a copy be ``of a copy`` or
``not permitted``.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from tests.scenarios.following.deeds import (
    BookCopy,
    ChangeLimits,
    Charge,
    Copy,
    Follow,
    FollowDeed,
    SkipTogether,
    StopLoss,
    Turn,
)

STANDINGS: Final = frozenset({"follow"})
"""The things of which a line can say how they stand."""

_NAME = r"[A-Za-z0-9_.-]+"
_CALLED = rf"(?P<name>{_NAME})"
_WHO = rf"(?P<who>{_NAME})"
_SIGNED = r"-?\d+\.\d+"
_FOLLOWS = rf"{_WHO} follows (?P<leader>{_NAME}) in (?P<code>[A-Z][A-Z0-9_]*) with"
_FOR = rf"for (?P<follow>{_NAME})(?: as {_CALLED})?"

_SKIPS = r"copier skips matches (?P<first>\d+) to (?P<last>\d+)"

_TURNS: Final = {"pauses": "paused", "resumes": "active", "ends": "ended"}


def _follow(words: Mapping[str, str], *, stake: str | None = None, ratio: str | None = None) -> Follow:
    return Follow(words["who"], words["leader"], words["code"], words["name"], stake, ratio)


_DEEDS: tuple[tuple[str, Callable[[Mapping[str, str]], FollowDeed]], ...] = (
    (rf"{_FOLLOWS} (?P<stake>\d+\.\d+) as {_CALLED}", lambda w: _follow(w, stake=w["stake"])),
    (rf"{_FOLLOWS} a share of (?P<ratio>\d+(?:\.\d+)?) as {_CALLED}", lambda w: _follow(w, ratio=w["ratio"])),
    (rf"{_WHO} changes {_CALLED}", lambda w: ChangeLimits(w["who"], w["name"])),
    (rf"{_WHO} (?P<how>pauses|resumes|ends) {_CALLED}", lambda w: Turn(w["who"], w["name"], _TURNS[w["how"]])),
    (
        rf"copier copies match (?P<place>\d+) of (?P<source>{_NAME}) {_FOR}",
        lambda w: Copy(w["follow"], "match", w["source"], int(w["place"]), w["name"]),
    ),
    (
        rf"copier copies (?P<kind>bet|stake) (?P<source>{_NAME}) {_FOR}",
        lambda w: Copy(w["follow"], w["kind"], w["source"], name=w["name"]),
    ),
    (
        rf"{_SKIPS} of (?P<source>{_NAME}) for (?P<follow>{_NAME}) as (?P<reason>[a-z_]+)",
        lambda w: SkipTogether(w["follow"], w["source"], int(w["first"]), int(w["last"]), w["reason"]),
    ),
    (
        rf"copier books nothing but a risk of (?P<risk>\d+\.\d+) for (?P<copy>{_NAME})",
        lambda w: BookCopy(w["copy"], risk=w["risk"]),
    ),
    (rf"copier books (?P<result>{_SIGNED}) for (?P<copy>{_NAME})", lambda w: BookCopy(**w)),
    (rf"copier stops (?P<follow>{_NAME}) at (?P<gain>{_SIGNED})", lambda w: StopLoss(**w)),
    (rf"copier takes the fee of (?P<follow>{_NAME})", lambda w: Charge(**w)),
)

_CONDITIONS: tuple[tuple[str, Callable[[re.Match[str]], tuple[str, str | int | bool]]], ...] = (
    (r"stake ([0-9.]+)", lambda m: ("stake", m[1])),
    (r"allocation ([0-9.]+)", lambda m: ("allocation", m[1])),
    (r"per bet ([0-9.]+)", lambda m: ("per_bet", m[1])),
    (r"per day ([0-9.]+)", lambda m: ("per_day", m[1])),
    (r"slippage (\d+)", lambda m: ("slippage", int(m[1]))),
    (r"odds of at least ([0-9.]+)", lambda m: ("least_odds", m[1])),
    (r"only (exchange|sportsbook|pools)", lambda m: ("only", m[1])),
    (rf"only on ({_NAME})", lambda m: ("on_market", m[1])),
    (r"stop-loss (\d+)%", lambda m: ("stop_loss", int(m[1]))),
    (r"fee ([0-9.]+)", lambda m: ("fee", m[1])),
    (r"of a copy", lambda _: ("is_copy", True)),
    (r"not permitted", lambda _: ("permitted", False)),
)


def find_deed(clause: str) -> FollowDeed | None:
    """Return the deed that a clause describes, if it is one about following."""
    for pattern, make in _DEEDS:
        if match := re.fullmatch(pattern, clause, re.ASCII):
            return make(match.groupdict())
    return None


def find_condition(text: str) -> tuple[str, str | int | bool] | None:
    """Return the field of a deed that a condition sets, and to what."""
    for pattern, make in _CONDITIONS:
        if match := re.fullmatch(pattern, text, re.ASCII):
            return make(match)
    return None
