"""The sentences about challenges.

::

    ann offers to back Red in Derby for 10.00 USD at 3.00 as c1                         -> offered
    ann offers to lay "Rain on Sunday" for 10.00 USD at 3.00 on the word of rex as c2   -> offered
    bob accepts c1                                                                      -> accepted
    ann takes c2 back                                                                   -> cancelled
    rex says that c3 is won / lost / void                                               -> resolved
    bob disputes c3                                                                     -> disputed
    desk rules that c3 is lost                                                          -> settled
    challenge c3  settled, outcome lost, fee 0.50

A challenge may further be offered with ``fee 5%``, ``dispute window 24 h``, ``resolve within 48 h``,
``expires 2026-01-01T13:00:00Z`` and ``public``. Won or lost is meant as its backer sees it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from tests.scenarios.challenges.deeds import Accept, ChallengeDeed, Dispute, Offer, Rule, Say, TakeBack

STANDINGS: Final = frozenset({"challenge"})
"""The things of which a line can say how they stand."""

_NAME = r"[A-Za-z0-9_.-]+"
_AMOUNT = r"\d+(?:\.\d+)?"
_WHO = rf"(?P<who>{_NAME})"
_CALLED = rf"(?P<name>{_NAME})"
_SIDE = r"(?P<side>back|lay)"
_STAKE = rf"(?P<stake>{_AMOUNT}) (?P<code>[A-Z][A-Z0-9_]*) at (?P<odds>{_AMOUNT})"
_OUTCOME = r"(?P<outcome>won|lost|void)"


def _offer(words: Mapping[str, str], **decided: str) -> Offer:
    offer = Offer(words["who"], words["side"], words["stake"], words["code"], words["odds"], words["name"])
    return replace(offer, **decided)


_DEEDS: tuple[tuple[str, Callable[[Mapping[str, str]], ChallengeDeed]], ...] = (
    (
        rf"{_WHO} offers to {_SIDE} (?P<runner>{_NAME}) in (?P<market>{_NAME}) for {_STAKE} as {_CALLED}",
        lambda w: _offer(w, runner=w["runner"], market=w["market"]),
    ),
    (
        rf'{_WHO} offers to {_SIDE} "(?P<matter>[^"]+)" for {_STAKE} on the word of (?P<resolver>{_NAME}) as {_CALLED}',
        lambda w: _offer(w, matter=w["matter"], resolver=w["resolver"]),
    ),
    (rf"{_WHO} accepts {_CALLED}", lambda w: Accept(**w)),
    (rf"{_WHO} takes {_CALLED} back", lambda w: TakeBack(**w)),
    (rf"{_WHO} says that {_CALLED} is {_OUTCOME}", lambda w: Say(**w)),
    (rf"{_WHO} disputes {_CALLED}", lambda w: Dispute(**w)),
    (rf"desk rules that {_CALLED} is {_OUTCOME}", lambda w: Rule(**w)),
)


def find_deed(clause: str) -> ChallengeDeed | None:
    """Return the deed that a clause describes, if it is one about a challenge."""
    for pattern, make in _DEEDS:
        if match := re.fullmatch(pattern, clause, re.ASCII):
            return make(match.groupdict())
    return None


def find_condition(text: str) -> tuple[str, int | bool] | None:
    """Return the field of an offer that a condition sets, and to what."""
    if match := re.fullmatch(r"fee (\d+(?:\.\d\d?)?)%", text, re.ASCII):
        return "fee_bps", int(Decimal(match[1]) * 100)
    if match := re.fullmatch(r"dispute window ([1-9]\d*) h", text, re.ASCII):
        return "dispute_window_s", int(match[1]) * 3600
    if match := re.fullmatch(r"resolve within ([1-9]\d*) h", text, re.ASCII):
        return "resolve_within_s", int(match[1]) * 3600
    return ("public", True) if text == "public" else None
