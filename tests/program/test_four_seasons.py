"""Real seasons of football, through both services, settled to the cent: one of them, or with `make soak` all four.

Every match is published by the line provider with the odds of its day, one customer for each of its three outcomes bets
1.00 on it with Evens, and then it is finished with its real result. The matches of a day are open at the same time.
"""

import asyncio
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests.cli.program import run
from tests.faults.desk import Desk, desk_at
from tests.faults.elsewhere import elsewhere
from tests.faults.intact import listed
from tests.program.both_services import (
    LineDesk,
    bet,
    house_balance,
    line_desk_at,
    offered,
    open_bank,
    providing,
    reading,
)
from tests.waiting import PATIENCE_S

if TYPE_CHECKING:
    from evens.store.database import Wire

SEASONS = Path(__file__).resolve().parents[3] / "shared" / "data" / "epl_results_odds_2019_2023.csv"

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(not SEASONS.exists(), reason="the recorded seasons are not here")]

OUTCOMES = {"H": "home", "D": "draw", "A": "away"}
STAKE = Decimal("1.00")
PURSE = "2000.00"
BANK = "1000.00"


@dataclass(frozen=True, slots=True)
class Match:
    """A match as it was played."""

    event: str
    title: str
    date: str
    odds: Mapping[str, str]
    winner: str


def read_matches() -> list[Match]:
    """Return all matches in date order."""
    with SEASONS.open(newline="") as file:
        return [
            Match(
                event=f"{row['date']}-{row['home']}-{row['away']}".replace(" ", "_"),
                title=f"{row['home']} v {row['away']}",
                date=row["date"],
                odds={name: row[f"odds_{name}"] for name in OUTCOMES.values()},
                winner=OUTCOMES[row["result"]],
            )
            for row in csv.DictReader(file)
        ]


_KNOWN = "SELECT id FROM evens.fixtures WHERE key = $1"
_SETTLED = """
SELECT m.stage = 0 AND (SELECT count(*) FROM evens.singles_settled AS s WHERE s.fixture = m.fixture) = $2
FROM evens.fixture_markets AS m WHERE m.fixture = $1
"""
_PAID = "SELECT customer, returned FROM evens.singles_settled WHERE fixture = $1"
# Customers' cash and escrow, the house's bank and reserves, and what is being settled: of one moment, which no two
# requests see.
_MONEY = "SELECT sum(balance)::bigint FROM evens.balances WHERE account & 15 < 14"


@dataclass(slots=True)
class Season:
    """Both desks, the customer who bets on each outcome, and what all of them have been paid so far.

    ``tables`` is a look into the database, to wait at less cost than by asking over HTTP.
    """

    line: LineDesk
    desk: Desk
    tables: "Wire"
    punters: Mapping[str, str]
    everything_minor: int
    bets: int = 0
    returned: Decimal = Decimal(0)
    is_heard: bool = False
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open_all(self, matches: Sequence[Match]) -> None:
        """Have matches published and bet on, all at once."""
        await asyncio.gather(*[self.open(match) for match in matches])

    async def finish_all(self, matches: Sequence[Match]) -> None:
        """Have matches finished, all at once."""
        await asyncio.gather(*[self.finish(match) for match in matches])

    async def open(self, match: Match) -> None:
        """Have a match published and bet on."""
        await self.line.publish(match.event, match.title, dict(match.odds), starts_at=f"{match.date}T12:00:00Z")
        await self.until(_KNOWN, match.event)
        if not self.is_heard:
            await offered(self.desk, match.event)
            self.is_heard = True
        placed = [bet(self.desk, punter, str(STAKE), (match.event, name)) for name, punter in self.punters.items()]
        for each in await asyncio.gather(*placed):
            (leg,) = each["legs"]
            assert leg["odds"] == f"{Decimal(match.odds[leg['selection']]):.2f}"

    async def finish(self, match: Match) -> None:
        """Have a match finished: each bet on it is paid exactly what it is worth, and all the money is somewhere."""
        fixture = await self.until(_KNOWN, match.event)
        await self.line.finish(match.event, match.winner)
        await self.until(_SETTLED, fixture, len(self.punters))
        paid = dict.fromkeys(self.punters.values(), 0)
        paid[self.punters[match.winner]] = int(STAKE * Decimal(match.odds[match.winner]) * 100)
        async with self.looking:
            assert await self.tables.fetchval(_MONEY) == self.everything_minor, match
            found = await self.tables.fetch(_PAID, fixture)
        assert {f"usr_{row['customer']}": row["returned"] for row in found} == paid, match

    async def check(self, outcome: str, by_event: Mapping[str, Match]) -> None:
        """Check what everybody who bet on an outcome is told of their bets."""
        for settled in await listed(self.desk, "/v1/sportsbook/bets", user_id=self.punters[outcome]):
            (leg,) = settled["legs"]
            match = by_event[leg["event_id"]]
            has_won = outcome == match.winner
            paid = STAKE * Decimal(match.odds[outcome]) if has_won else Decimal(0)
            assert leg["selection"] == outcome
            assert settled["status"] == ("won" if has_won else "lost"), settled
            assert Decimal(settled["payout"]) == paid, settled
            self.bets += 1
            self.returned += paid

    async def until(self, sql: str, *arguments: Any) -> Any:
        """Wait until the tables say so, and return what they say."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with self.looking:
                    found = await self.tables.fetchval(sql, *arguments)
                if found:
                    return found
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("since", "until", "returned"),
    [
        pytest.param("2021-08-01", "2022-08-01", "1057.59", id="a season"),
        pytest.param("2019-08-01", "2023-08-01", "4406.86", id="four seasons", marks=pytest.mark.soak),
    ],
)
async def test_seasons_settle_to_the_cent(tmp_path: Path, since: str, until: str, returned: str) -> None:
    matches = [match for match in read_matches() if since <= match.date < until]
    with elsewhere(tmp_path) as house, providing(house) as provider, house.open(**reading(provider)) as server:
        async with line_desk_at(provider) as line, desk_at(server, connections=8) as desk:
            customers = await desk.customers(len(OUTCOMES), PURSE, "punter")
            await open_bank(desk, BANK)
            tables = await asyncpg.connect(house.dsn)
            punters = dict(zip(OUTCOMES.values(), customers, strict=True))
            season = Season(line, desk, tables, punters, await tables.fetchval(_MONEY))
            days = [list(day) for _, day in groupby(matches, key=lambda match: match.date)]
            await season.open_all(days[0])
            for today, tomorrow in zip(days, (*days[1:], []), strict=True):
                # Tomorrow's matches are bet on while today's end: there are always open stakes.
                async with asyncio.TaskGroup() as both:
                    both.create_task(season.open_all(tomorrow))
                    both.create_task(season.finish_all(today))
            await tables.close()
            by_event = {match.event: match for match in matches}
            for outcome in season.punters:
                await season.check(outcome, by_event)
            balance = await house_balance(desk)
            cash = [Decimal(await desk.cash(customer)) for customer in customers]
        assert (season.bets, season.returned) == (len(OUTCOMES) * len(matches), Decimal(returned))
        lost = season.bets * STAKE - season.returned
        assert sum(cash, Decimal(0)) == len(customers) * Decimal(PURSE) - lost
        assert (balance["bank"], balance["reserved"]) == (Decimal(BANK) + lost, 0)
        audited = run("audit", "--data", str(server.data), "--json", env={"DATABASE_URL": house.dsn})
        assert audited.code == 0, audited
