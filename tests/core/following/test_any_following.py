"""Any history of follows, against a naive twin: limits are never exceeded, and every match has the outcome it should.

The twin keeps a list of copies and adds it up each time; it looks for orders one by one and walks the ladder step by
step.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction
from random import Random
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from evens.core.commands.exchange import CancelOrder
from evens.core.commands.following import (
    ChangeFollow,
    CopyMatch,
    FollowLeader,
    PauseFollow,
    ResumeFollow,
    SettleCopy,
)
from evens.core.events.exchange import Matched, OrderPlaced
from evens.core.events.following import BetCopied, CopySkipped, FollowStarted
from evens.core.values.betting import Side
from evens.core.values.following import FollowMode, FollowTerms, SkipReason
from evens.core.values.ids import CustomerId, FollowId, RunnerId
from evens.core.values.odds import CLASSIC
from evens.core.values.records import RecordProduct
from tests.core.exchange.floor import SECOND_NS, Floor

DAY_NS: Final = 24 * 3600 * SECOND_NS
ODDS: Final = ("1.90", "1.95", "2.00", "2.02", "2.04", "2.10")
FOLLOWERS: Final = ("bob", "cid")


@dataclass
class Copy:
    """A copy as the twin remembers it."""

    copy: int
    day: int
    risk_minor: int
    settlements: int = 0
    result_minor: int | None = None


@dataclass
class Twin:
    """A follow as the twin remembers it."""

    id: FollowId
    customer: CustomerId
    terms: FollowTerms
    active_from: int
    is_paused: bool = False
    copies: list[Copy] = field(default_factory=list[Copy])

    def used_minor(self) -> int:
        return sum(copy.risk_minor for copy in self.copies if copy.result_minor is None)

    def today_minor(self, day: int) -> int:
        return sum(copy.risk_minor for copy in self.copies if copy.day == day)

    def left_minor(self) -> int:
        return self.terms.allocation_minor + sum(copy.result_minor or 0 for copy in self.copies)

    def has_stopped(self) -> bool:
        percent = self.terms.stop_loss_percent
        return percent is not None and 100 * self.left_minor() <= percent * self.terms.allocation_minor

    def portion_minor(self, match: "LeaderMatch") -> int:
        def whole(matched: int) -> int:
            if self.terms.stake_minor is not None:
                return int(Fraction(self.terms.stake_minor * matched, match.order_minor))
            assert self.terms.ratio_ppm is not None
            return int(Fraction(self.terms.ratio_ppm, 10**6) * matched)

        return whole(match.before_minor + match.stake_minor) - whole(match.before_minor)


@dataclass(frozen=True)
class LeaderMatch:
    """A match of the leader, with the order it is of."""

    event: Matched
    side: Side
    order_minor: int
    before_minor: int

    @property
    def stake_minor(self) -> int:
        return self.event.stake_minor

    def command(self, follow: FollowId, *, is_copy: bool) -> CopyMatch:
        event = self.event
        return CopyMatch(
            follow,
            event.match,
            event.market,
            event.runner,
            self.side,
            event.odds,
            event.stake_minor,
            self.order_minor,
            self.before_minor,
            event.match,
            is_copy,
        )


_AMOUNTS: Final = {
    "allocation_minor": st.sampled_from((40, 300, 700, 3_000)),
    "per_bet_cap_minor": st.sampled_from((30, 500, 10_000)),
    "daily_cap_minor": st.sampled_from((90, 800, 10_000)),
    "max_slippage_ticks": st.integers(0, 5),
    "min_odds": st.none(),
    "products": st.just((RecordProduct.EXCHANGE,)),
    "stop_loss_percent": st.sampled_from((None, None, 60)),
}
_FIXED: Final = st.builds(
    FollowTerms,
    mode=st.just(FollowMode.FIXED),
    stake_minor=st.sampled_from((1, 50, 200, 900)),
    ratio_ppm=st.none(),
    **_AMOUNTS,
)
_SHARE: Final = st.builds(
    FollowTerms,
    mode=st.just(FollowMode.PROPORTIONAL),
    stake_minor=st.none(),
    ratio_ppm=st.sampled_from((7_000, 333_333, 1_000_000, 2_500_000)),
    **_AMOUNTS,
)
_TERMS: Final = _FIXED | _SHARE


class Play:
    """A market in which a leader is matched and others copy, with the twin beside."""

    def __init__(self) -> None:
        self.floor = Floor()
        self.floor.define("USD", 2)
        for name in ("ann", "sue", *FOLLOWERS):
            self.floor.join(name, USD=10**9)
        self.floor.market = self.floor.create()
        self.twins: list[Twin] = []

    def follow(self, name: str, terms: FollowTerms) -> None:
        people = self.floor.people
        (started,) = self.floor.do(FollowLeader(people[name], people["ann"], "USD", terms))
        assert isinstance(started, FollowStarted)
        self.twins.append(Twin(started.follow, people[name], terms, self.floor.house.at))

    def matched(self, side: Side, odds: str, stakes: list[int]) -> list[LeaderMatch]:
        """Let the leader's order wait, and be matched by parts."""
        words, other = ("back", "lay") if side is Side.BACK else ("lay", "back")
        size_minor = sum(stakes) + 7
        happened = [*self.floor.do(self.floor.order(f"ann {words} {size_minor} @ {odds}", RunnerId(2)))]
        placed = happened[0]
        if not isinstance(placed, OrderPlaced):
            return []
        for stake_minor in stakes:
            happened += self.floor.do(self.floor.order(f"sue {other} {stake_minor} @ {odds}", RunnerId(2)))
        self.floor.do(CancelOrder(self.floor.people["ann"], placed.order))
        before_minor, found = 0, list[LeaderMatch]()
        for event in happened:
            if isinstance(event, Matched) and placed.order in (event.maker, event.taker):
                found.append(LeaderMatch(event, side, size_minor, before_minor))
                before_minor += event.stake_minor
        return found

    def expected(self, twin: Twin, match: LeaderMatch, at: int, *, is_copy: bool) -> tuple[SkipReason | None, int]:
        """Return why the twin would skip a match, and the worst odds that it would take."""
        place = CLASSIC.odds.index(match.event.odds)
        ticks = -twin.terms.max_slippage_ticks if match.side is Side.BACK else twin.terms.max_slippage_ticks
        limit = CLASSIC.odds[max(place + ticks, 0)]
        stake_minor = twin.portion_minor(match)
        risk_minor = stake_minor if match.side is Side.BACK else -(-stake_minor * (limit - 100) // 100)
        day = at // DAY_NS
        checks = (
            (twin.is_paused, SkipReason.PAUSED),
            (twin.has_stopped(), SkipReason.STOP_LOSS),
            (match.event.match <= twin.active_from, SkipReason.PAUSED),
            (at > match.event.match + 60 * SECOND_NS, SkipReason.EXPIRED),
            (is_copy, SkipReason.LOOP),
            (stake_minor < 1, SkipReason.BELOW_MINIMUM),
            (risk_minor > twin.terms.per_bet_cap_minor, SkipReason.CAP),
            (twin.today_minor(day) + risk_minor > twin.terms.daily_cap_minor, SkipReason.DAILY_CAP),
            (twin.used_minor() + risk_minor > twin.left_minor(), SkipReason.ALLOCATION),
            (not self._waits(match.side, limit, match.event.runner), SkipReason.SLIPPAGE),
        )
        return next((reason for is_so, reason in checks if is_so), None), limit

    def _waits(self, side: Side, limit: int, runner: RunnerId) -> bool:
        orders = [order for order in self.floor.house.exchange.orders.values() if order.runner == runner]
        if side is Side.BACK:
            return any(order.side is Side.LAY and order.odds >= limit for order in orders)
        return any(order.side is Side.BACK and order.odds <= limit for order in orders)

    def copy(self, twin: Twin, match: LeaderMatch, *, is_copy: bool) -> None:
        at = self.floor.next_at
        reason, limit = self.expected(twin, match, at, is_copy=is_copy)
        events = self.floor.do(match.command(twin.id, is_copy=is_copy))
        outcome = events[-1]
        if reason is not None:
            assert events == (CopySkipped(twin.id, RecordProduct.EXCHANGE, match.event.match, reason),)
            return
        assert isinstance(outcome, BetCopied), (outcome, twin)
        got = [event for event in events if isinstance(event, Matched)]
        assert got
        assert all(event.odds >= limit if match.side is Side.BACK else event.odds <= limit for event in got)
        cents = sum(event.stake_minor * (100 if match.side is Side.BACK else event.odds - 100) for event in got)
        assert outcome.risk_minor == -(-cents // 100)
        twin.copies.append(Copy(outcome.copy, at // DAY_NS, outcome.risk_minor))
        assert outcome.risk_minor <= twin.terms.per_bet_cap_minor
        assert twin.today_minor(at // DAY_NS) <= twin.terms.daily_cap_minor
        assert twin.used_minor() <= twin.left_minor()

    def settle(self, twin: Twin, copy: Copy, result_minor: int) -> None:
        risk_before = copy.risk_minor if copy.result_minor is None else 0
        command = SettleCopy(
            twin.id,
            copy.copy,
            copy.settlements + 1,
            risk_before,
            0,
            copy.result_minor,
            max(result_minor, -copy.risk_minor),
        )
        self.floor.do(command)
        copy.settlements, copy.result_minor = command.number, command.result_minor

    def check(self) -> None:
        self.floor.house.check()
        for twin in self.twins:
            live = self.floor.house.following.by_id[twin.id]
            assert (live.used_minor, live.left_minor()) == (twin.used_minor(), twin.left_minor())


@given(terms=st.tuples(_TERMS, _TERMS), chance=st.randoms(use_true_random=True))
def test_limits_hold_and_every_match_has_the_outcome_it_should(terms: tuple[FollowTerms, ...], chance: Random) -> None:
    play = Play()
    for name, wanted in zip(FOLLOWERS, terms, strict=True):
        play.follow(name, wanted)
    for _ in range(30):
        chance.choices((_copy, _settle, _change, _pause, _wait), (6, 4, 2, 1, 2))[0](play, chance)
        play.check()
    assert play.floor.replayed().digest() == play.floor.house.digest()


def _copy(play: Play, chance: Random) -> None:
    side = chance.choice(list(Side))
    stakes = [chance.randint(1, 500) for _ in range(chance.randint(1, 3))]
    matches = play.matched(side, chance.choice(ODDS), stakes)
    word = "lay" if side is Side.BACK else "back"
    for _ in range(chance.randint(0, 3)):
        play.floor.do(play.floor.order(f"sue {word} {chance.randint(1, 400)} @ {chance.choice(ODDS)}", RunnerId(2)))
    if chance.random() < 1 / 20:
        play.floor.wait(61 * SECOND_NS)
    for match in matches:
        for twin in play.twins:
            play.copy(twin, match, is_copy=chance.random() < 1 / 20)


def _settle(play: Play, chance: Random) -> None:
    copies = [(twin, copy) for twin in play.twins for copy in twin.copies]
    for twin, copy in chance.sample(copies, min(2, len(copies))):
        play.settle(twin, copy, chance.choice((-1_000, -7, 0, 90, 1_000)))


def _change(play: Play, chance: Random) -> None:
    twin = chance.choice(play.twins)
    name = chance.choice(("allocation_minor", "daily_cap_minor", "per_bet_cap_minor"))
    terms = replace(twin.terms, **{name: chance.choice((60, 400, 2_000))})
    play.floor.do(ChangeFollow(twin.customer, twin.id, terms))
    twin.terms = terms


def _pause(play: Play, chance: Random) -> None:
    twin = chance.choice(play.twins)
    play.floor.do((ResumeFollow if twin.is_paused else PauseFollow)(twin.customer, twin.id))
    twin.is_paused = not twin.is_paused
    twin.active_from = twin.active_from if twin.is_paused else play.floor.house.at


def _wait(play: Play, chance: Random) -> None:
    play.floor.wait(chance.randint(1, 20) * 3600 * SECOND_NS)


@given(terms=_TERMS, parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_the_portions_of_a_whole_order_are_together_the_copy_of_the_whole(terms: FollowTerms, parts: list[int]) -> None:
    size_minor, before_minor, portions = sum(parts), 0, list[int]()
    for part in parts:
        portions.append(terms.portion_minor(size_minor, before_minor, part))
        before_minor += part
    assert all(portion >= 0 for portion in portions)
    assert sum(portions) == terms.portion_minor(size_minor, 0, size_minor)
    if terms.stake_minor is not None:
        assert sum(portions) == terms.stake_minor
