"""The audit of the chain rail: sound tables pass, whatever is tampered with is named, and no column is forgotten."""

import asyncpg
import pytest

from evens.core.commands.wallets import CompleteWithdrawal, Deposit, ReverseTransaction
from evens.core.events.ledger import TransferKind
from evens.core.values.ids import AccountClass, Rail, account_id
from evens.store.auditing.audit import audit
from evens.store.chain import audit as auditing
from evens.store.database import Database
from tests.conftest import Stage
from tests.store.auditing.test_every_column import OTHERWISE, drop_checks
from tests.store.chain.harbour import Harbour, busy_harbour

pytestmark = pytest.mark.anyio


@pytest.fixture
async def harbour(stage: Stage, database: Database) -> Harbour:
    return await busy_harbour(stage, database)


async def problems(stage: Stage, tampering: str = "") -> list[str]:
    """Return what the audit says after the tables were changed, whether the database would allow it or not."""
    owner = await asyncpg.connect(stage.dsns.owner)
    await owner.execute(f"SET session_replication_role = replica; {tampering}")
    await owner.close()
    return (await audit(stage.dsns.app)).problems


async def test_what_the_rail_leaves_at_any_step_is_sound(stage: Stage, harbour: Harbour) -> None:
    """Pools 5: evens audit covers every table of the chain."""
    assert await problems(stage) == []


_CREDITED = "WHERE id = (SELECT min(id) FROM evens.chain_deposits WHERE status = 'credited')"
_DEPOSITS, _PAYOUTS = "UPDATE evens.chain_deposits SET", "UPDATE evens.chain_withdrawals SET"
_AGAIN = """
INSERT INTO evens.chain_deposits (rail, tx_hash, ordinal, block_number, block_hash, token, sender, address, customer,
    units, amount, status, transfer)
SELECT rail, {0}, ordinal, block_number, block_hash, token, sender, address, customer, units, amount, status, transfer
FROM evens.chain_deposits WHERE status = 'credited'
"""

TAMPERINGS: dict[str, tuple[str, ...]] = {
    "deposits_known_twice": (
        "ALTER TABLE evens.chain_deposits DROP CONSTRAINT chain_deposits_rail_tx_hash_ordinal_key;"
        + _AGAIN.format("tx_hash"),
        _AGAIN.format("upper(tx_hash)"),
    ),
    "deposits_out_of_shape": (
        f"{_DEPOSITS} status = 'refused' {_CREDITED}",
        f"{_DEPOSITS} dust = units + 1 {_CREDITED}",
        f"{_DEPOSITS} reason = NULL WHERE status = 'ignored'",
        f"{_DEPOSITS} amount = 7 WHERE status = 'ignored'",
    ),
    "deposits_otherwise_in_the_ledger": (
        f"{_DEPOSITS} amount = amount + 1 {_CREDITED}",
        f"{_DEPOSITS} customer = customer + 2, address = '0x{'b2' * 20}' {_CREDITED}",
        f"{_DEPOSITS} transfer = transfer + 1 {_CREDITED}",
        f"{_DEPOSITS} transfer = (SELECT max(id) FROM evens.transfers) {_CREDITED}",
        f"{_DEPOSITS} tx_hash = '0x77' {_CREDITED}",
    ),
    "transfers_credited_twice": (_AGAIN.format("tx_hash || 'f'"),),
    "transfers_without_an_arrival": (
        f"DELETE FROM evens.chain_deposits {_CREDITED}",
        "DELETE FROM evens.chain_deposits WHERE status = 'found'",
        f"{_DEPOSITS} status = 'refused', reason = 'x', transfer = NULL {_CREDITED}",
    ),
    "deposits_at_strange_addresses": (
        f"{_DEPOSITS} address = '0x{'b2' * 20}' {_CREDITED}",
        "DELETE FROM evens.chain_addresses WHERE address ~ '^0xA1'",
    ),
    "addresses_known_twice": (
        (
            "DROP INDEX evens.chain_addresses_by_address; "
            "UPDATE evens.chain_addresses SET address = (SELECT max(address) FROM evens.chain_addresses)"
        ),
    ),
    "cursors_with_gaps": (
        "DELETE FROM evens.chain_cursors WHERE number = 7",
        "UPDATE evens.chain_cursors SET hash = 'x'",
    ),
    "cursors_behind_deposits": (
        "DELETE FROM evens.chain_cursors WHERE number = 8",
        "DELETE FROM evens.chain_cursors",
        "UPDATE evens.chain_cursors SET hash = hash || 'x' WHERE number = 7",
        f"{_DEPOSITS} block_number = 8 {_CREDITED}",
        f"{_DEPOSITS} block_hash = block_hash || 'x' {_CREDITED}",
    ),
    "withdrawals_otherwise_in_the_ledger": (
        f"{_PAYOUTS} amount = amount + 1 WHERE status = 'confirmed'",
        f"{_PAYOUTS} amount = amount + 1 WHERE status = 'sent' AND nonce = 1",
        f"{_PAYOUTS} amount = amount + 1 WHERE status = 'returned'",
        f"{_PAYOUTS} customer = customer + 2 WHERE status = 'waiting'",
        f"{_PAYOUTS} destination = '0x{'ee' * 20}' WHERE status = 'approved'",
        f"{_PAYOUTS} id = id + 1 WHERE status = 'by_hand'",
    ),
    "withdrawals_otherwise_decided": (
        f"{_PAYOUTS} status = 'confirmed', tx_hash = '0x{1:064x}', block_number = 5 WHERE nonce = 1",
        f"{_PAYOUTS} status = 'returned', reason = 'x' WHERE nonce = 2",
        (
            f"{_PAYOUTS} status = 'sent', approved_by = 'x', approved_at = now(), account = 'x', nonce = 9 "
            "WHERE status = 'by_hand'"
        ),
        f"{_PAYOUTS} status = 'by_hand', tx_hash = NULL, block_number = NULL WHERE nonce = 2",
    ),
    "withdrawals_without_a_payout": (
        "DELETE FROM evens.chain_withdrawals WHERE status = 'confirmed'",
        f"{_PAYOUTS} status = 'waiting' WHERE nonce = 4; DELETE FROM evens.chain_sendings WHERE nonce = 4",
    ),
    "withdrawals_out_of_shape": (
        f"{_PAYOUTS} approved_by = NULL WHERE nonce = 1",
        f"{_PAYOUTS} status = 'waiting' WHERE nonce = 1",
        f"{_PAYOUTS} block_number = NULL WHERE nonce = 2",
        f"{_PAYOUTS} reason = NULL WHERE status = 'returned'",
    ),
    "withdrawals_without_their_transaction": (
        f"{_PAYOUTS} nonce = 9 WHERE nonce = 1",
        f"{_PAYOUTS} account = 'x' WHERE nonce = 1",
        f"{_PAYOUTS} tx_hash = '0x{1:064x}' WHERE nonce = 2",
        "DELETE FROM evens.chain_sendings WHERE nonce = 3",
    ),
    "sendings_to_somebody_else": (
        "UPDATE evens.chain_sendings SET raw = replace(raw, 'b0b0', 'eeee') WHERE nonce = 1",
        "UPDATE evens.chain_sendings SET withdrawal = 5 WHERE nonce = 1",
    ),
    "sendings_of_one_nonce": ("UPDATE evens.chain_sendings SET nonce = 1 WHERE nonce = 2",),
}
"""Ways to tamper with the tables, by the check that has to see each."""


def test_each_check_is_tried_with_something_wrong() -> None:
    assert set(TAMPERINGS) == set(auditing.CHECKS)


@pytest.mark.parametrize(
    ("check", "tampering"), [(check, tampering) for check, each in TAMPERINGS.items() for tampering in each]
)
async def test_tampering_is_named(stage: Stage, harbour: Harbour, check: str, tampering: str) -> None:
    """Pools 5: each check of the audit sees a tampered row."""
    owner = await asyncpg.connect(stage.dsns.owner)
    await owner.execute(f"SET session_replication_role = replica; {tampering}")
    assert await owner.fetchval(auditing.statement(check)) is not None
    await owner.close()
    assert any(each.startswith(f"{auditing.CHECKS[check]}: ") for each in await problems(stage))


async def test_money_that_came_or_went_over_the_chain_without_the_rail_is_named(stage: Stage, harbour: Harbour) -> None:
    await stage.submit(Deposit(harbour.ann, "USDC", 5, Rail.CHAIN, None, "0x99"))
    await stage.submit(CompleteWithdrawal(await harbour.asked(3), Rail.CHAIN))
    first, second = await problems(stage)
    assert first.startswith("chain_deposits: transfer ")
    assert second.startswith("chain_withdrawals: withdrawal ")


async def test_a_returned_payout_that_was_booked_as_paid_is_sound_once_it_is_reversed(
    stage: Stage, harbour: Harbour
) -> None:
    """Pools 5: a payout that a reorganisation undid, and that then failed, is given back by an operator."""
    asked = await harbour.asked(3)
    await harbour.confirmed(asked, 8)
    await harbour.withdrawals.close(asked, "returned", reason="reverted")
    (problem,) = await problems(stage)
    assert problem.startswith(f"chain_withdrawals: {asked} is returned, and in the ledger completed")
    number = stage.sequencer.house.ledger.currencies["USDC"].number
    kept = AccountClass.CASH, AccountClass.WITHDRAWING
    cash, aside = (account_id(harbour.ann, number, each) for each in kept)
    await stage.submit(ReverseTransaction(asked, "failed", TransferKind.WITHDRAWAL, cash, aside, 3, Rail.CHAIN))
    assert await problems(stage) == []


WHICH = {
    "chain_deposits": "status = 'credited'",
    "chain_addresses": "address ~ '^0xA1'",
    "chain_cursors": "number = 8",
    "chain_withdrawals": "nonce = 2",
    "chain_sendings": "nonce = 2",
}
"""A row of each table: an arrival that was credited, its address and block, a payout that was confirmed."""

NOT_SAID = {
    "chain_deposits": {"id", "ordinal", "found_at", "token", "sender", "units", "dust"},
    "chain_addresses": {"made_at"},
    "chain_cursors": {"read_at"},
    "chain_withdrawals": {"rail", "approved_by", "approved_at", "claimed_at", "taken_at", "reason", "block_number"},
    "chain_sendings": {"raw", "fee_wei", "tip_wei", "sent_at"},
}
"""Columns that are nobody's money, or that only the chain itself could contradict."""


async def test_a_change_of_any_other_column_is_noticed(stage: Stage, harbour: Harbour) -> None:
    """Pools 5: evens audit covers every table of the chain, column by column."""
    owner = await asyncpg.connect(stage.dsns.owner)
    await owner.execute("SET session_replication_role = replica")
    await drop_checks(owner)
    columns = await owner.fetch(
        "SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, a.atttypmod) AS kind "
        "FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid WHERE a.attnum > 0 AND c.relkind = 'r' "
        "AND c.relnamespace = 'evens'::regnamespace AND c.relname LIKE 'chain\\_%'"
    )
    assert {each["table"] for each in columns} == set(WHICH)
    otherwise = {**OTHERWISE, "bigint": "coalesce({0}, 0) + 1000"}  # a number that no other row has
    silent: set[tuple[str, str]] = set()
    for table, column, kind in columns:
        if kind == "timestamp with time zone":
            silent.add((table, column))
            continue
        which = f"evens.{table} WHERE {WHICH[table]}"
        place, old = await owner.fetchrow(f"SELECT ctid::text, {column}::text FROM {which} LIMIT 1") or ("", "")
        await owner.execute(f"ALTER TABLE evens.{table} ALTER COLUMN {column} DROP IDENTITY IF EXISTS")
        change = f"UPDATE evens.{table} SET {column} = {{}} WHERE ctid = '{{}}' RETURNING ctid::text"
        place = await owner.fetchval(change.format(otherwise[kind].format(column), place))
        if not (await audit(stage.dsns.app)).problems:
            silent.add((table, column))
        assert await owner.fetchval(change.format(f"$1::text::{kind}", place), old)
    await owner.close()
    assert silent == {(table, column) for table, names in NOT_SAID.items() for column in names}
    assert await problems(stage) == []
