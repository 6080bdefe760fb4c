"""The audit: sound books pass, and whatever is tampered with is named."""

import asyncpg
import pytest

from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    FreezeCustomer,
    RejectWithdrawal,
    RequestWithdrawal,
    Transfer,
    TransferBatch,
)
from evens.core.values.ids import Rail, TransferId
from evens.store.auditing.audit import audit
from tests.conftest import Stage

pytestmark = pytest.mark.anyio

DAY_NS = 86_400 * 10**9


async def _live(stage: Stage) -> None:
    """Use everything once, so that every table has rows."""
    ann = await stage.customer("ann", USD=100_00, USDC=5)
    bob = await stage.customer("bob")
    await stage.submit(Deposit(bob, "USD", 5_00, Rail.DESK, 1000 * DAY_NS, "older"))
    await stage.submit(Transfer(ann, bob, "USD", 30_00, memo="rent"))
    await stage.submit(Transfer(ann, bob, "USD", 3_00, effective_at=2000 * DAY_NS))
    items = Transfer(ann, bob, "USD", 1), Transfer(ann, bob, "USD", 10**9), Transfer(bob, ann, "USD", 2)
    await stage.submit(TransferBatch(items, atomic=False))
    first = await stage.submit(RequestWithdrawal(ann, "USD", 2_00, destination="IBAN"))
    second = await stage.submit(RequestWithdrawal(ann, "USD", 3_00))
    await stage.submit(RequestWithdrawal(ann, "USD", 4_00))
    await stage.submit(CompleteWithdrawal(TransferId(first.at)))
    await stage.submit(RejectWithdrawal(TransferId(second.at)))
    await stage.submit(FreezeCustomer(bob))


async def test_sound_books_pass(stage: Stage) -> None:
    await _live(stage)
    seen: list[tuple[int, int]] = []

    report = await audit(stage.dsns.app, lambda done, total: seen.append((done, total)))

    assert report.problems == []
    assert report.records == stage.sequencer.house.seq
    assert report.transfers == 12
    assert report.accounts == len(stage.sequencer.house.ledger.balances)
    assert seen == [(report.records, report.records)]


async def test_an_empty_database_passes(stage: Stage) -> None:
    report = await audit(stage.dsns.app)
    assert report.problems == []
    assert report.transfers == 0


_FIRST = "WHERE id = (SELECT min(id) FROM evens.transfers)"
_LAST = "WHERE id = (SELECT max(id) FROM evens.transfers)"
_FORGE = """
INSERT INTO evens.transfers SELECT id + {0}, seq, debit, credit, 1, 0, 0, id + {0}, kind FROM evens.transfers {1}
"""


@pytest.mark.parametrize(
    ("tampering", "named"),
    [
        ("UPDATE evens.journal SET payload = payload || '\\x00' WHERE seq = 6", "journal seq 6"),
        ("UPDATE evens.journal SET at = at + 1 WHERE seq = 6", "journal seq 6"),
        ("DELETE FROM evens.journal WHERE seq = 6", "journal seq 7"),
        ("DELETE FROM evens.journal WHERE seq = (SELECT max(seq) FROM evens.journal)", "head"),
        (f"UPDATE evens.transfers SET amount = amount + 1 {_LAST}", "transfers:"),
        (f"DELETE FROM evens.transfers {_FIRST}", "transfers:"),
        (_FORGE.format(-(10**15), _FIRST), "transfers:"),
        (_FORGE.format(1, _FIRST), "transfers:"),
        (_FORGE.format(5_000, _LAST), "transfers:"),
        (_FORGE.format(10**15, _LAST), "transfers"),
        ("UPDATE evens.transfer_notes SET memo = 'gift' WHERE memo = 'rent'", "transfer_notes:"),
        ("UPDATE evens.withdrawals SET status = 'rejected' WHERE status = 'completed'", "withdrawals:"),
        ("UPDATE evens.effective_sums SET net = net + 1 WHERE level = 3", "effective_sums:"),
        ("UPDATE evens.balances SET balance = balance + 1 WHERE balance > 0", "house:"),
        ("UPDATE evens.customers SET username = 'eve' WHERE username = 'bob'", "customers: the journal says"),
        ("UPDATE evens.customers SET frozen = NOT frozen WHERE username = 'bob'", "house:"),
        ("UPDATE evens.currencies SET scale = 3 WHERE code = 'USD'", "house: the journal says currency"),
    ],
)
async def test_tampering_is_named(stage: Stage, tampering: str, named: str) -> None:
    await _live(stage)
    owner = await asyncpg.connect(stage.dsns.owner)
    await owner.execute(f"SET session_replication_role = replica; {tampering}")
    await owner.close()

    report = await audit(stage.dsns.app)

    assert report.problems
    assert report.problems[0].startswith(named), report.problems
