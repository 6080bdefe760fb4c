"""The sentences about the exchange.

::

    desk opens Derby in USD for Red | Blue | Green, 2 winners, commission 5%    -> open
    ann backs Red in Derby for 10.00 at 2.50 as a1         -> executable, matched 4.00, average 2.60, remaining 6.00
    bob lays Red in Derby for 10.00 at 2.60, fill or kill  -> lapsed
    ann asks for all of: backs Red in Derby for 10.00 at 2.50; lays Blue in Derby for 2.00 at 4.00    -> admitted
    ann changes a1 to 8.00 / to odds 2.60 / to 8.00 at 2.60                     -> changed
    ann cancels a1 / 2.00 of a1 / all orders / all orders in Derby              -> cancelled
    desk suspends Derby / resumes Derby / turns Derby in-play / closes Derby    -> suspended
    desk removes Green from Derby, reduction 20%                                -> removed
    desk settles Derby for Red / for Red | Blue, dead heat                      -> settled
    desk voids Derby, correction                                                -> void
    ann lets a1 persist / lapse                                                 -> changed
    desk gives ann a discount of 40%                                            -> discounted
    wait 5 s / 7 days
    order a1      complete, matched 10.00, average 2.55
    market Derby  in_play, version 3
    book of Derby
        runner | to back                  | to lay
        Red    | 2.50 x 6.00, 2.40 x 1.00 | 2.60 x 3.00
    positions in Derby
        who | runner | if it wins | if it loses
        ann | Red    | 15.00      | -10.00

A market may further be opened with ``bet delay 5 s``, ``least stake 2.00`` and ``finest ladder``, and be ``of Tennis``,
``part of Open``, ``in country GB``, ``at Ascot`` and ``asking MATCH_ODDS``; an order may be ``for strategy s1``,
``persisting``, take ``at least 5.00`` of what it fills or kills, and be placed ``knowing version 2``. What can be
backed is what others wait to lay, and the other way round; the best odds stand first.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from tests.scenarios.exchange.deeds import (
    Admit,
    Annul,
    Bet,
    BookLook,
    Cancel,
    CancelAll,
    Cells,
    Change,
    Close,
    Discount,
    ExchangeDeed,
    OpenMarket,
    Persist,
    PositionsLook,
    Reinstate,
    Remove,
    Resume,
    Settle,
    Suspend,
    TurnInPlay,
    Wait,
)

STANDINGS: Final = frozenset({"order", "market"})
"""The things of which a line can say how they stand."""

_NAME = r"[A-Za-z0-9_.-]+"
_AMOUNT = r"\d+(?:\.\d+)?"
_RUNNERS = rf"(?P<runners>{_NAME}(?: \| {_NAME})*)"
_SIDE = r"(?P<side>backs|lays)"
_STAKE_AT_ODDS = rf"(?P<stake>{_AMOUNT}) at (?P<odds>{_AMOUNT})"
_CALLED = rf"(?: as (?P<name>{_NAME}))?"
_BET = rf"(?P<who>{_NAME}) {_SIDE} (?P<runner>{_NAME}) in (?P<market>{_NAME}) for {_STAKE_AT_ODDS}{_CALLED}"
_UNNAMED = rf"(?:backs|lays) {_NAME} in {_NAME} for {_AMOUNT} at {_AMOUNT}"
_PERCENT = r"(\d+(?:\.\d\d?)?)%"
_SECONDS = {"s": 1, "min": 60, "h": 3600, "days": 24 * 3600}
_BOOK_HEAD = ("runner", "to back", "to lay")
_POSITIONS_HEAD = ("who", "runner", "if it wins", "if it loses")
_Words = Mapping[str, str]
_Field = tuple[str, str | int | bool | tuple[str, ...]]


class TableWrong(Exception):
    """A line of a table is not as it should be; ``row`` counts from 0."""

    def __init__(self, row: int, why: str) -> None:
        super().__init__(why)
        self.row = row


def _bps(percent: str) -> int:
    return int(Decimal(percent) * 100)


def _runners(words: _Words) -> tuple[str, ...]:
    return tuple(words["runners"].split(" | "))


def _bet(words: _Words) -> Bet:
    side = words["side"].removesuffix("s")
    return Bet(words["who"], side, words["runner"], words["market"], words["stake"], words["odds"], words["name"])


def _admit(words: _Words) -> Admit:
    who, several = words["who"], words["bets"].split("; ")
    bets = [re.fullmatch(_BET, f"{who} {bet}", re.ASCII) for bet in several]
    return Admit(who, tuple([_bet(bet.groupdict()) for bet in bets if bet is not None]))


_DEEDS: tuple[tuple[str, Callable[[_Words], ExchangeDeed]], ...] = (
    (
        rf"desk opens (?P<name>{_NAME}) in (?P<code>[A-Z][A-Z0-9_]*) for {_RUNNERS}",
        lambda w: OpenMarket(w["name"], w["code"], _runners(w)),
    ),
    (rf"desk suspends (?P<market>{_NAME})", lambda w: Suspend(w["market"])),
    (rf"desk resumes (?P<market>{_NAME})", lambda w: Resume(w["market"])),
    (rf"desk turns (?P<market>{_NAME}) in-play", lambda w: TurnInPlay(w["market"])),
    (rf"desk closes (?P<market>{_NAME})", lambda w: Close(w["market"])),
    (rf"desk removes (?P<runner>{_NAME}) from (?P<market>{_NAME})", lambda w: Remove(w["market"], w["runner"])),
    (rf"desk reinstates (?P<runner>{_NAME}) in (?P<market>{_NAME})", lambda w: Reinstate(w["market"], w["runner"])),
    (rf"desk settles (?P<market>{_NAME}) for nobody", lambda w: Settle(w["market"], ())),
    (rf"desk settles (?P<market>{_NAME}) for {_RUNNERS}", lambda w: Settle(w["market"], _runners(w))),
    (rf"desk voids (?P<market>{_NAME})", lambda w: Annul(w["market"])),
    (
        rf"desk gives (?P<who>{_NAME}) a discount of {_PERCENT.replace('(', '(?P<percent>', 1)}",
        lambda w: Discount(w["who"], _bps(w["percent"])),
    ),
    (_BET, _bet),
    (rf"(?P<who>{_NAME}) asks for all of: (?P<bets>{_UNNAMED}(?:; {_UNNAMED})*)", _admit),
    (
        rf"(?P<who>{_NAME}) changes (?P<name>{_NAME}) to (?P<stake>{_AMOUNT})(?: at (?P<odds>{_AMOUNT}))?",
        lambda w: Change(w["who"], w["name"], w["stake"], w["odds"]),
    ),
    (
        rf"(?P<who>{_NAME}) changes (?P<name>{_NAME}) to odds (?P<odds>{_AMOUNT})",
        lambda w: Change(w["who"], w["name"], None, w["odds"]),
    ),
    (
        rf"(?P<who>{_NAME}) lets (?P<name>{_NAME}) (?P<persistence>persist|lapse)",
        lambda w: Persist(w["who"], w["name"], w["persistence"]),
    ),
    (
        rf"(?P<who>{_NAME}) cancels all orders(?: in (?P<market>{_NAME}))?",
        lambda w: CancelAll(w["who"], w["market"]),
    ),
    (
        rf"(?P<who>{_NAME}) cancels (?:(?P<amount>{_AMOUNT}) of )?(?P<name>{_NAME})",
        lambda w: Cancel(w["who"], w["name"], w["amount"]),
    ),
)

_CONDITIONS: tuple[tuple[str, Callable[[re.Match[str]], _Field]], ...] = (
    (r"([1-9]\d*) winners", lambda m: ("winners", int(m[1]))),
    (rf"commission {_PERCENT}", lambda m: ("commission_bps", _bps(m[1]))),
    (rf"reduction {_PERCENT}", lambda m: ("reduction_bps", _bps(m[1]))),
    (r"bet delay (\d+) s", lambda m: ("bet_delay_s", int(m[1]))),
    (rf"least stake ({_AMOUNT})", lambda m: ("least_stake", m[1])),
    (r"finest ladder", lambda m: ("ladder", "finest")),
    (r"fewest (\d+)", lambda m: ("winners_min", int(m[1]))),
    (r"covering removals", lambda m: ("covers", True)),
    (r"cross-matching", lambda m: ("crosses", True)),
    (rf"tied ({_NAME}(?: \| {_NAME})*)", lambda m: ("tied", tuple(m[1].split(" | ")))),
    (r"dead heat", lambda m: ("dead_heat", True)),
    (r"correction", lambda m: ("correction", True)),
    (r"fill or kill", lambda m: ("fill_or_kill", True)),
    (rf"at least ({_AMOUNT})", lambda m: ("min_fill", m[1])),
    (r"persisting", lambda m: ("persisting", True)),
    (rf"for strategy ({_NAME})", lambda m: ("strategy", m[1])),
    (rf"of ({_NAME})", lambda m: ("event_type", m[1])),
    (rf"part of ({_NAME})", lambda m: ("competition", m[1])),
    (r"in country ([A-Z]{2})", lambda m: ("country", m[1])),
    (r"at ([A-Z][a-z]+)", lambda m: ("venue", m[1])),
    (r"asking ([A-Z_]+)", lambda m: ("market_type", m[1])),
    (r"knowing version (\d+)", lambda m: ("market_version", int(m[1]))),
)


def find_deed(clause: str) -> ExchangeDeed | None:
    """Return the deed that a clause describes, if it is one on the exchange."""
    for pattern, make in _DEEDS:
        if match := re.fullmatch(pattern, clause, re.ASCII):
            return make(match.groupdict())
    return None


def find_condition(text: str) -> _Field | None:
    """Return the field of a deed that a condition sets, and to what."""
    for pattern, make in _CONDITIONS:
        if match := re.fullmatch(pattern, text, re.ASCII):
            return make(match)
    return None


def find_wait(number: int, text: str) -> Wait | None:
    """Return how long to wait, if that is what a line says."""
    match = re.fullmatch(r"wait ([1-9]\d*) (s|min|h|days)", text, re.ASCII)
    return Wait(number, int(match[1]) * _SECONDS[match[2]] * 10**9) if match else None


def find_table(number: int, head: str, lines: Sequence[str]) -> BookLook | PositionsLook | None:
    """Return what a table under a head line says. Raises :class:`TableWrong`."""
    if match := re.fullmatch(rf"book of ({_NAME})", head, re.ASCII):
        return BookLook(number, match[1], {row[0]: (row[1], row[2]) for row in _rows(lines, _BOOK_HEAD)})
    if match := re.fullmatch(rf"positions in ({_NAME})", head, re.ASCII):
        rows: dict[tuple[str, str], Cells] = {
            (row[0], row[1]): (row[2], row[3]) for row in _rows(lines, _POSITIONS_HEAD)
        }
        return PositionsLook(number, match[1], rows)
    return None


def begins_table(text: str) -> bool:
    """Return whether a line is the head of a table."""
    return text.startswith(("book of ", "positions in "))


def _rows(lines: Sequence[str], head: tuple[str, ...]) -> list[tuple[str, ...]]:
    rows = [tuple(" ".join(cell.split()) for cell in line.split("|")) for line in lines]
    if not rows or rows[0] != head:
        raise TableWrong(0, f"the table begins with {' | '.join(head)}")
    for place, row in enumerate(rows[1:], 1):
        if len(row) != len(head):
            raise TableWrong(place, f"a row has {len(head)} cells, not {len(row)}")
        if not row[0] or row[:-2] in [above[:-2] for above in rows[1:place]]:
            raise TableWrong(place, "each row is about something else")
    return rows[1:]
