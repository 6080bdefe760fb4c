"""Twenty strategies bet four real seasons: the leaderboard says what an independent reckoning of the results says."""

import asyncio
import csv
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from math import isqrt
from pathlib import Path

import pytest

from evens.core.commands.fixed_odds import DeclareResults, FundHouse, PlaceBet, PublishLine, WantedLeg
from evens.core.commands.ledger import DefineCurrency
from evens.core.events.fixed_odds import LinePublished
from evens.core.values.fixed_odds import LegResult, Line, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import CustomerId, FixtureId
from evens.core.values.records import Figures, RecordPeriod, RecordProduct, day_number
from evens.store.database import Database
from evens.store.social.queries import Metric
from tests.conftest import Dsns, Stage
from tests.store.social.stands import Stands

SEASONS = Path(__file__).resolve().parents[4] / "shared" / "data" / "epl_results_odds_2019_2023.csv"
OUTCOMES = {"H": "home", "D": "draw", "A": "away"}
STRATEGIES = 20
HOUR_NS = 3_600 * 10**9

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(not SEASONS.exists(), reason="the recorded seasons are not here")]


@dataclass(frozen=True, slots=True)
class Match:
    """A match as it was played, with odds in hundredths."""

    day: date
    odds: dict[str, int]
    winner: str


@dataclass(slots=True)
class Clock:
    """The time, which is set by the test."""

    now: int

    def __call__(self) -> int:
        self.now += 1
        return self.now


def read_matches() -> list[Match]:
    """Return all matches in date order."""
    with SEASONS.open(newline="") as file:
        return [
            Match(
                date.fromisoformat(row["date"]),
                {name: int(Decimal(row[f"odds_{name}"]) * 100) for name in OUTCOMES.values()},
                OUTCOMES[row["result"]],
            )
            for row in csv.DictReader(file)
        ]


def noon_of(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 10**9


def choose(strategy: int, match: Match, chance: random.Random) -> tuple[str, int] | None:
    """Return what a strategy bets on a match, and how many cents: one of four manners, some matches, its own stakes."""
    if chance.random() > 0.3:
        return None
    manner = strategy % 4
    by_odds = sorted(match.odds, key=lambda name: match.odds[name])
    selection = (by_odds[0], by_odds[-1], "home", chance.choice(by_odds))[manner]
    return selection, chance.randrange(1_00, (strategy + 2) * 1_00)


@pytest.fixture
def clock() -> Clock:
    return Clock(noon_of(date(2019, 8, 1)))


@pytest.fixture
async def travelling(dsns: Dsns, database: Database, clock: Clock) -> AsyncIterator[Stands]:
    """Run a house whose time is set by the test, with records."""
    stage = Stage(dsns, clock)
    running = asyncio.create_task(stage.sequencer.run())
    await stage.leads()
    await stage.submit(DefineCurrency("USD", 2))
    await stage.submit(FundHouse("USD", 10**9))
    yield Stands(stage, database)
    stage.sequencer.stop()
    await running


async def publish(stands: Stands, number: int, match: Match, deadline: int) -> FixtureId:
    selections = tuple([LineSelection(name, name.title(), odds) for name, odds in match.odds.items()])
    line = Line(f"match {number}", deadline, markets=(LineMarket("main", "Result", selections),))
    event = (await stands.stage.submit(PublishLine("main", f"m{number}", 1, line))).events[0]
    assert isinstance(event, LinePublished)
    return event.fixture


async def test_the_leaderboard_is_what_the_results_say(travelling: Stands, clock: Clock) -> None:
    chance, stage = random.Random(2019), travelling.stage
    punters = [await stage.customer(f"s{number}", USD=100_000_00) for number in range(STRATEGIES)]
    told: dict[CustomerId, list[tuple[date, list[int], int]]] = {punter: [] for punter in punters}
    numbered = list(enumerate(read_matches()))
    for day, matches in groupby(numbered, lambda each: each[1].day):
        clock.now = noon_of(day)
        today: defaultdict[CustomerId, list[tuple[int, int]]] = defaultdict(list)
        for number, match in matches:
            fixture = await publish(travelling, number, match, clock.now + HOUR_NS)
            chosen = [(who, choose(place, match, chance)) for place, who in enumerate(punters)]
            bets = [(who, *choice) for who, choice in chosen if choice is not None]
            await asyncio.gather(
                *[
                    stage.submit(PlaceBet(who, "USD", stake, (WantedLeg(fixture, "main", selection),)))
                    for who, selection, stake in bets
                ]
            )
            results = [
                SelectionResult("main", name, LegResult.WON if name == match.winner else LegResult.LOST)
                for name in match.odds
            ]
            await stage.submit(DeclareResults(fixture, tuple(results)))
            for who, selection, stake in bets:
                returned = stake * match.odds[selection] // 100 if selection == match.winner else 0
                today[who].append((returned - stake, stake))
        await all_booked(travelling, clock)
        for who, outcomes in today.items():
            told[who].append((day, [profit for profit, _ in outcomes], sum(stake for _, stake in outcomes)))
    await travelling.keep(booked=True)
    last = day_number(clock.now)
    record = RecordProduct.SPORTSBOOK, 1, RecordPeriod.ALL_TIME, last
    leaders = await travelling.queries.leaders(Metric.PROFIT, record, 50)
    assert len(leaders) == STRATEGIES
    profits = {who: sum(sum(day) for _, day, _ in days) for who, days in told.items()}
    assert [row.record.customer for row in leaders] == sorted(punters, key=lambda who: (-profits[who], who))
    for row in leaders:
        compare(row.record.figures, told[row.record.customer])
    months = await travelling.queries.records(punters[0], 1, day_number(noon_of(date(2021, 1, 5))))
    (january,) = [
        row.figures for row in months if row.period is RecordPeriod.MONTH and row.product is RecordProduct.ALL
    ]
    assert january.profit_minor == sum(
        sum(profits) for day, profits, _ in told[punters[0]] if (day.year, day.month) == (2021, 1)
    )


def compare(figures: Figures, days: Sequence[tuple[date, list[int], int]]) -> None:
    """Fail unless figures are those of days, each with the profits of its outcomes and what was staked."""
    all_of = [profit for _, day, _ in days for profit in day]
    turnover = sum(staked for _, _, staked in days)
    assert figures.profit_minor == sum(all_of)
    assert (figures.turnover_minor, figures.settled) == (turnover, len(all_of))
    assert figures.roi_ppm == int(Decimal(sum(all_of)) * 10**6 / turnover)
    assert figures.longest_streak == longest(all_of)
    assert figures.max_drawdown_minor == drawdown([sum(day) for _, day, _ in days])
    assert figures.sharpe == ratio({day: sum(profits) for day, profits, _ in days})


async def all_booked(stands: Stands, clock: Clock) -> None:
    """Let everything be booked that is due by the time of the test."""
    agenda = stands.stage.sequencer.house.agenda
    while (due_at := agenda.next_due_at()) is not None and due_at <= clock.now:
        await stands.stage.submit(DefineCurrency("USD", 2))


def longest(profits: Sequence[int]) -> int:
    """Return the longest run of profits above zero."""
    return max(len(run) for run in "".join(["w" if profit > 0 else "l" for profit in profits]).split("l"))


def drawdown(profits: Sequence[int]) -> int:
    """Return the largest fall of the sum of profits."""
    sums = [sum(profits[:place]) for place in range(len(profits) + 1)]
    return max(max(sums[: place + 1]) - each for place, each in enumerate(sums))


def ratio(profits: dict[date, int]) -> int:
    """Return mean ÷ deviation × √365 in ten-thousandths, towards zero, exactly."""
    days = (max(profits) - min(profits)).days + 1
    mean = Decimal(sum(profits.values())) / days
    square = sum((profit - mean) ** 2 for profit in profits.values()) + (days - len(profits)) * mean**2
    size = isqrt(int(mean**2 * 365 * 10**8 * (days - 1) / square))
    return size if mean > 0 else -size
