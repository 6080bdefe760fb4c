"""Data of an earlier build: this one takes it over, reads every record of it, and goes on writing."""

import asyncio
import hashlib
from typing import cast

import asyncpg
import pytest

from evens.core.challenges.challenge import Challenge
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import Deposit, RegisterCustomer, Transfer
from evens.core.events.ledger import Transferred
from evens.core.exchange.recalling import PositionsBooked
from evens.core.kernel import apply
from evens.core.ledger.booking import Result
from evens.core.state import House
from evens.core.values.betting import BookedPosition, ChallengeStatus
from evens.core.values.ids import CustomerId, Rail
from evens.store.auditing.audit import audit
from evens.store.challenges.rows import read_offered, read_settled
from evens.store.encoding.codec import decode, encode
from evens.store.encoding.command_tags import COMMAND_TAGS
from evens.store.encoding.event_tags import EVENT_TAGS
from evens.store.journal import PostgresJournal, connect
from evens.store.migrate import bundled, check_schema, migrate
from evens.store.recalling import recall
from tests.conftest import Dsns, Stage
from tests.store.old_data import DIGEST, RECORDS, known_migrations, read_dump

pytestmark = pytest.mark.anyio

_SETTLED_ON_MARKET = """
SELECT c.*, s.settlement, s.outcome AS booked, s.backer_profit, s.layer_profit, s.fee
FROM evens.challenges AS c CROSS JOIN LATERAL (
    SELECT * FROM evens.challenge_settlements AS each WHERE each.challenge = c.id ORDER BY each.settlement DESC LIMIT 1
) AS s
WHERE c.market = $1 AND c.status = 5
"""


async def _journal(dsns: Dsns) -> list[asyncpg.Record]:
    owner = await asyncpg.connect(dsns.owner)
    rows = await owner.fetch("SELECT seq, at, command_id, payload FROM evens.journal ORDER BY seq")
    await owner.close()
    return rows


async def _load(dsns: Dsns) -> House:
    journal = PostgresJournal(dsns.app)
    await journal.lead(lambda: None)
    house = await journal.load()
    await journal.resign()
    return house


async def _digest_with_the_past(dsns: Dsns, house: House) -> str:
    """Return the digest that the earlier build had, which remembered what was booked until a market was archived."""
    wire = await connect(dsns.app, "test")
    booked = [market for market in house.exchange.markets.values() if market.settled_at is not None]
    for market in booked:
        wanted = PositionsBooked(market.id, market.settlement, CustomerId(0), 10**6)
        for position in cast("tuple[BookedPosition, ...]", await recall(wire, wanted)):
            for runner, stake_minor, value_cents in position.stands:
                stand = market.position(position.customer).stand(runner)
                stand.stake_minor, stand.value_cents = stake_minor, value_cents
            market.position(position.customer)
            market.results[position.customer] = Result(position.profit_minor, position.commission_minor)
    challenges = {number: challenge.text() for number, challenge in house.challenges.by_id.items()}
    for market in booked:
        for row in await wire.fetch(_SETTLED_ON_MARKET, market.id):
            settled = read_settled(row)
            assert settled is not None
            past = Challenge(
                read_offered(row), ChallengeStatus.SETTLED, row["acceptor"], settled.outcome, None, settled
            )
            challenges[past.id] = past.text()
    await wire.close()
    digest = hashlib.sha256()
    lines = [line for line in house.lines() if not line.startswith("challenge ")]
    for line in [*lines, *[challenges[number] for number in sorted(challenges)]]:
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


async def test_migrating_applies_what_is_new_and_the_house_is_the_same(old: Dsns) -> None:
    known = known_migrations(read_dump())

    applied = await migrate(old.owner)

    assert [each.number for each in applied] == [each.number for each in bundled() if each.number not in known]
    await check_schema(old.app)
    house = await _load(old)
    house.check()
    assert (house.seq, await _digest_with_the_past(old, house)) == (RECORDS, DIGEST)


async def test_replaying_the_journal_gives_the_same_house_and_the_same_bytes(upgraded: Dsns) -> None:
    house = House()
    commands: set[type] = set()
    events: set[type] = set()
    for row in await _journal(upgraded):
        actor, command, happened = decode(row["payload"])
        assert encode(actor, command, happened) == row["payload"]
        apply(house, happened, row["seq"], row["at"])
        commands.add(type(command))
        events.update(map(type, happened))
    house.check()
    assert house.digest() == (await _load(upgraded)).digest()
    assert await _digest_with_the_past(upgraded, house) == DIGEST
    # What came later than this data has no record in it.
    assert {COMMAND_TAGS[kind] for kind in commands} == set(range(1, 37))
    assert {EVENT_TAGS[kind] for kind in events} == set(range(1, 30))


async def test_the_audit_finds_nothing(upgraded: Dsns) -> None:
    report = await audit(upgraded.app)
    assert report.problems == []
    assert report.records == RECORDS


async def test_a_digest_or_a_payload_that_differs_is_found(upgraded: Dsns) -> None:
    owner = await asyncpg.connect(upgraded.owner)
    await owner.execute("UPDATE evens.customers SET frozen = NOT frozen WHERE id = 4")
    await owner.close()
    assert await _digest_with_the_past(upgraded, await _load(upgraded)) != DIGEST
    assert (await audit(upgraded.app)).problems


async def test_a_sequencer_goes_on_writing(upgraded: Dsns) -> None:
    before = await _journal(upgraded)
    stage = Stage(upgraded)
    running = asyncio.create_task(stage.sequencer.run())
    await stage.leads()

    ann = await stage.customer("ann_of_today", USD=10_00)
    s0bob = next(customer for customer, name in stage.sequencer.house.wallets.customers.items() if name == "s0bob")
    again = await stage.submit(DefineCurrency("USD", 2))
    paid = await stage.submit(Transfer(ann, s0bob, "USD", 4_00))
    taken = await stage.submit(RegisterCustomer("S0Bob"))
    await stage.submit(Deposit(s0bob, "USD", 1, Rail.DESK, 1_000))

    stage.sequencer.stop()
    await running
    assert again.seq > RECORDS
    assert isinstance(paid.events[0], Transferred)
    assert type(taken.events[0]).__name__ == "Rejected"
    assert (await _journal(upgraded))[:RECORDS] == before
    assert (await audit(upgraded.app)).problems == []
    assert (await _load(upgraded)).digest() == stage.sequencer.house.digest()
