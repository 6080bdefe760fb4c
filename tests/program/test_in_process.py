"""The gateway to a sequencer in the same process: receipts come back, and followers hear of commits while it leads."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from evens.core.commands.wallets import RegisterCustomer
from evens.core.receipts import Receipt
from evens.edges.gateway import Gateway
from evens.edges.http.app import create_app
from evens.identity.keys import InstallationKeys
from evens.program.in_process import InProcessGateway
from evens.program.postgres import Postgres
from evens.program.server import open_house
from evens.sequencer.errors import NotLeading
from evens.sequencer.inbox import Inbox
from evens.settings import Settings
from evens.store.database import Database
from evens.store.wallets.queries import Queries
from tests.conftest import Dsns, Stage
from tests.edges.conftest import talking_to

pytestmark = pytest.mark.anyio


class Heard:
    """A follower that keeps what it hears."""

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.told: list[int | str] = []

    def committed(self, receipts: Sequence[Receipt]) -> None:
        self.seqs += [receipt.seq for receipt in receipts]

    def leading(self, seq: int) -> None:
        self.told.append(seq)

    def idle(self, because: str) -> None:
        self.told.append(because)


async def test_a_command_is_booked_and_its_receipt_can_be_asked_for_again(stage: Stage, database: Database) -> None:
    gateway: Gateway = InProcessGateway(stage.inbox, Queries(database))
    command_id, other = os.urandom(16), os.urandom(16)
    receipt, replayed = await gateway.submit(RegisterCustomer("ada"), command_id=command_id, actor="x")
    assert not replayed
    assert await gateway.submit(RegisterCustomer("ada"), command_id=command_id, actor="x") == (receipt, True)
    assert await gateway.receipt(command_id) == receipt
    assert await gateway.receipts([other, command_id]) == {command_id: receipt}
    assert (gateway.closed_because, gateway.waiting) == (None, 0)


async def test_a_gateway_whose_server_does_not_write_says_why(database: Database) -> None:
    inbox = Inbox(1)
    gateway = InProcessGateway(inbox, Queries(database))
    inbox.close("testing")
    assert gateway.closed_because == "testing"
    with pytest.raises(NotLeading, match="testing"):
        await gateway.submit(RegisterCustomer("ada"), command_id=bytes(16), actor="x")


async def test_what_waits_in_either_lane_is_told_apart(database: Database) -> None:
    inbox = Inbox(10)
    inbox.open()
    gateway = InProcessGateway(inbox, Queries(database))
    commands = [(bytes([number] * 16), RegisterCustomer(f"c{number}")) for number in range(3)]
    gateway.submit_all(commands[:2], actor="x", background=True)
    gateway.submit_all(commands[2:], actor="x")
    assert (gateway.waiting, gateway.waiting_in_background) == (1, 2)


async def test_a_server_shows_how_much_waits_in_each_lane(dsns: Dsns, tmp_path: Path) -> None:
    postgres = Postgres(dsns.owner, dsns.app, tmp_path)
    async with open_house(postgres, Settings(), InstallationKeys(bytes(32)), "http://x") as house:
        await house.opened()
        async with talking_to(create_app(house.services)) as http:
            shown = (await http.get("/metrics")).text
    assert 'evens_queue_depth{lane="foreground"} 0.0' in shown
    assert 'evens_queue_depth{lane="background"} 0.0' in shown


async def test_followers_hear_of_commits_and_of_who_writes(stage: Stage, database: Database) -> None:
    gateway, early, late = InProcessGateway(stage.inbox, Queries(database)), Heard(), Heard()
    gateway.follow(early)
    first, second = [await stage.submit(RegisterCustomer(name)) for name in ("ada", "bob")]
    gateway.leading(first.seq - 1, 0.1)
    gateway.committed([first], 0.1)
    gateway.follow(late)
    gateway.committed([second], 0.1)
    gateway.idle("testing")
    assert (early.told, early.seqs) == ([first.seq - 1, "testing"], [first.seq, second.seq])
    assert (late.told, late.seqs) == ([first.seq, "testing"], [second.seq])


async def test_a_follower_of_a_server_that_does_not_write_is_told_nothing(stage: Stage, database: Database) -> None:
    gateway, follower = InProcessGateway(stage.inbox, Queries(database)), Heard()
    gateway.leading(1, 0.1)
    gateway.idle("testing")
    gateway.follow(follower)
    assert (follower.told, follower.seqs) == ([], [])
