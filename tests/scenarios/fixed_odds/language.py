"""The sentences about the sportsbook.

::

    owner pays 1000.00 USD into the bank                                    -> deposited
    owner draws 100.00 USD from the bank                                    -> withdrawn
    line publishes main of Final with home 2.00 | draw 3.50 | away 4.00     -> published
    ann bets 10.00 USD on home in main of Final as b1                       -> placed
    ann bets 10.00 USD on home in main of Final @ 2.00 & red in main of Race as b2  -> placed
    ann cashes b1 out for 9.50                                              -> cashed_out
    line takes red out of main of Race, reduction 25%                       -> removed
    line says home won | away lost in main of Final                         -> decided
    line takes the results of Final back / desk takes the results of Final back  -> taken_back
    line contradicts itself about Final                                     -> disputed
    line cancels bets on Final since 2026-01-01T12:00:00Z                   -> cancelled
    line falls silent / line is heard again                                 -> noted
    desk holds Final / desk releases Final                                  -> held / released
    desk voids the event Final                                              -> void
    desk keeps the result of main of Final                                  -> kept
    desk gives b1 back                                                      -> given_back
    desk limits bets in USD, least 1.00, most 50.00, payout 500.00, liability 100.00, margin 5%   -> limited
    desk lets ann stake 50%                                                 -> limited
    bet b1  open / settled, returned 20.00

A line may further be published with ``deadline 2026-01-01T13:00:00Z``, ``suspended``, ``version 3``, ``2 may win`` and
``group finals``, a bet placed with ``accept any``, a result said with ``correction``.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

from tests.scenarios.fixed_odds.deeds import (
    Bet,
    CancelSince,
    CashOut,
    Decide,
    Dispute,
    DrawFromBank,
    Factor,
    FixedOddsDeed,
    GiveBack,
    Hear,
    Hold,
    LimitBets,
    PayIntoBank,
    Publish,
    SayResults,
    TakeOut,
    TakeResultsBack,
    VoidEvent,
)

STANDINGS: Final = frozenset({"bet", "bank"})
"""The things of which a line can say how they stand."""

_NAME = r"[A-Za-z0-9_.-]+"
_AMOUNT = r"(?P<amount>\d+(?:\.\d+)?)"
_CODE = r"(?P<code>[A-Z][A-Z0-9_]*)"
_WHO = rf"(?P<who>{_NAME})"
_CALLED = rf"(?P<name>{_NAME})"
_WHERE = rf"(?P<market>{_NAME}) of (?P<fixture>{_NAME})"
_TIME = r"[0-9T:Z.-]+"


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, _, value in (part.strip().partition(" ") for part in text.split("|")))


def _legs(text: str) -> tuple[tuple[str, str, str, str | None], ...]:
    legs: list[tuple[str, str, str, str | None]] = []
    for part in text.split("&"):
        match = re.fullmatch(rf"({_NAME}) in ({_NAME}) of ({_NAME})(?: @ ([0-9.]+))?", part.strip(), re.ASCII)
        assert match is not None, part
        legs.append((match[1], match[2], match[3], match[4]))
    return tuple(legs)


_DEEDS: tuple[tuple[str, Callable[[Mapping[str, str]], FixedOddsDeed]], ...] = (
    (rf"owner pays {_AMOUNT} {_CODE} into the bank", lambda w: PayIntoBank(**w)),
    (rf"owner draws {_AMOUNT} {_CODE} from the bank", lambda w: DrawFromBank(**w)),
    (
        rf"line publishes {_WHERE} with (?P<selections>.+)",
        lambda w: Publish(w["fixture"], w["market"], _pairs(w["selections"])),
    ),
    (
        rf"line takes (?P<selection>{_NAME}) out of {_WHERE}",
        lambda w: TakeOut(w["selection"], w["market"], w["fixture"]),
    ),
    (
        rf"(?P<who>line|desk) says (?P<results>.+) in {_WHERE}",
        lambda w: SayResults(_pairs(w["results"]), w["market"], w["fixture"], by_desk=w["who"] == "desk"),
    ),
    (
        rf"(?P<who>line|desk) takes the results of (?P<fixture>{_NAME}) back",
        lambda w: TakeResultsBack(w["fixture"], by_desk=w["who"] == "desk"),
    ),
    (rf"line contradicts itself about (?P<fixture>{_NAME})", lambda w: Dispute(**w)),
    (
        rf"line cancels bets on (?P<fixture>{_NAME}) since (?P<since_at>{_TIME})(?: until (?P<until_at>{_TIME}))?",
        lambda w: CancelSince(w["fixture"], w["since_at"], w["until_at"]),
    ),
    (r"line falls silent", lambda _: Hear(silent=True)),
    (r"line is heard again", lambda _: Hear(silent=False)),
    (rf"desk holds (?P<fixture>{_NAME})", lambda w: Hold(w["fixture"], held=True)),
    (rf"desk releases (?P<fixture>{_NAME})", lambda w: Hold(w["fixture"], held=False)),
    (rf"desk voids the event (?P<fixture>{_NAME})", lambda w: VoidEvent(**w)),
    (rf"desk keeps the result of {_WHERE}", lambda w: Decide(**w)),
    (
        rf"{_WHO} bets {_AMOUNT} {_CODE} on (?P<legs>.+) as {_CALLED}",
        lambda w: Bet(w["who"], w["amount"], w["code"], _legs(w["legs"]), w["name"]),
    ),
    (rf"{_WHO} cashes {_CALLED} out for {_AMOUNT}", lambda w: CashOut(w["who"], w["name"], w["amount"])),
    (rf"desk gives {_CALLED} back", lambda w: GiveBack(**w)),
    (rf"desk limits bets in {_CODE}", lambda w: LimitBets(w["code"])),
    (rf"desk lets {_WHO} stake (?P<percent>\d+)%", lambda w: Factor(w["who"], int(w["percent"]))),
)

_CONDITIONS: tuple[tuple[str, Callable[[re.Match[str]], tuple[str, str | int | bool]]], ...] = (
    (r"suspended", lambda _: ("suspended", True)),
    (r"restored", lambda _: ("restored", True)),
    (r"line version (\d+)", lambda m: ("version", int(m[1]))),
    (r"(\d+) may win", lambda m: ("winners", int(m[1]))),
    (rf"group ({_NAME})", lambda m: ("group", m[1])),
    (r"accept (any|better|none)", lambda m: ("accept", m[1])),
    (r"least ([0-9.]+)", lambda m: ("min_stake", m[1])),
    (r"most ([0-9.]+)", lambda m: ("max_stake", m[1])),
    (r"payout ([0-9.]+)", lambda m: ("max_payout", m[1])),
    (r"liability ([0-9.]+)", lambda m: ("liability", m[1])),
    (r"margin (\d+(?:\.\d\d?)?)%", lambda m: ("margin_bps", int(Decimal(m[1]) * 100))),
)


def find_deed(clause: str) -> FixedOddsDeed | None:
    """Return the deed that a clause describes, if it is one about the sportsbook."""
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
