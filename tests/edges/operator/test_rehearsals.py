"""What a rehearsal says is what then happens, on every account, to the smallest unit."""

from typing import Any

import pytest

from evens.core.commands.challenges import RuleChallenge
from evens.core.commands.every import Command
from evens.core.commands.exchange import SettleMarket, VoidMarket
from evens.core.commands.fixed_odds import CancelBets, DeclareResults, RollBackResults, VoidBet, VoidFixture
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.pools import SettleRound, VoidRound
from evens.core.commands.wallets import CompleteWithdrawal, Deposit, RejectWithdrawal, ReverseTransaction, Withdraw
from evens.core.events.ledger import TransferKind, Transferred
from evens.core.ledger.agenda import AT_ONCE
from evens.core.values.betting import Outcome
from evens.core.values.fixed_odds import BetLeg, LegResult, LineMarket, LineSelection, SelectionResult
from evens.core.values.ids import (
    BetId,
    ChallengeId,
    FixtureId,
    MarketId,
    Rail,
    RoundId,
    RunnerId,
    TransferId,
    account_holder,
)
from evens.core.values.pools import RoundResult
from evens.store.rehearsing import Rehearsals, TooMuchToRehearse
from tests.edges.conftest import Caller, OpenHouse
from tests.edges.exchange import floor
from tests.edges.exchange.floor import ANN, BO
from tests.edges.pools import window
from tests.edges.sportsbook import counter
from tests.waiting import until

pytestmark = pytest.mark.anyio

A, B = RunnerId(1), RunnerId(2)
MAIN = counter.MATCH
GOALS = LineMarket("goals", "Goals", (LineSelection("over", "Over", 190), LineSelection("under", "Under", 210)))


async def as_rehearsed(house: OpenHouse, command: Command) -> dict[int, int]:
    """Rehearse a command, book it, and return how balances have changed: just as was said before."""
    rehearsal = await Rehearsals(house.database).rehearse(command)
    live = house.stage.sequencer.house
    before = dict(live.ledger.balances)
    await house.stage.submit(command)
    await at_rest(house)
    changed = {
        account: minor - before.get(account, 0)
        for account, minor in live.ledger.balances.items()
        if minor != before.get(account, 0)
    }
    said = {account: minor - rehearsal.before[account] for account, minor in rehearsal.after.items()}
    assert rehearsal.refusal is None
    assert said == changed
    assert all(rehearsal.before[account] == before.get(account, 0) for account in said)
    return changed


async def at_rest(house: OpenHouse) -> None:
    """Wait until the house has nothing to do."""
    agenda = house.stage.sequencer.house.agenda
    await until(lambda: not agenda.long_work and (agenda.next_scheduled_at() or AT_ONCE + 1) > AT_ONCE)
    # What was decided before this is stored, too.
    await house.stage.submit(DefineCurrency("USD", 2))


def number(public: str) -> int:
    return int(public.partition("_")[2])


async def rich(house: OpenHouse, *names: str, **cash: int) -> list[Caller]:
    return [await house.customer(name, **(cash or {"USD": 1_000_00})) for name in names]


@pytest.fixture
async def market(house: OpenHouse, operator: Caller) -> MarketId:
    """Return a market in which three have bet, with orders that wait and challenges on it."""
    ann, bob, cho = await rich(house, "ann", "bobby", "cho")
    public = await floor.open_market(operator)
    await floor.place(ann, public, "back", "3.00", "10.01", ANN)
    await floor.place(bob, public, "lay", "3.00", "10.01", ANN)
    await floor.place(cho, public, "back", "4.50", "3.33", BO)
    await floor.place(bob, public, "lay", "4.50", "2.00", BO)
    await floor.place(cho, public, "back", "9.00", "5.00", BO)
    dare = {
        "title": "Ann wins",
        "side": "back",
        "odds": "2.50",
        "stake": "7.77",
        "expires_at": "2099-01-01T00:00:00Z",
        "market_id": public,
        "runner_id": ANN,
    }
    for taker in (bob, None):
        made = await ann.post("/v1/challenges", dare)
        assert made.status_code == 201, made.text
        if taker is not None:
            taken = await taker.post(f"/v1/challenges/{made.json()['token']}/accept")
            assert taken.status_code == 200, taken.text
    return MarketId(number(public))


async def test_settling_a_market(house: OpenHouse, market: MarketId) -> None:
    changed = await as_rehearsed(house, SettleMarket(market, (A,)))
    assert len({account_holder(account) for account in changed}) >= 4


async def test_correcting_and_voiding_a_settled_market(house: OpenHouse, market: MarketId) -> None:
    await as_rehearsed(house, SettleMarket(market, (A,)))
    # Ann has spent what she won, so she will owe.
    live = house.stage.sequencer.house
    ann = live.wallets.ids_by_username["ann"]
    await house.stage.submit(Withdraw(ann, "USD", live.ledger.balances[account_of(house, ann)], Rail.DESK))
    await as_rehearsed(house, SettleMarket(market, (B,), correction=True))
    await as_rehearsed(house, VoidMarket(market, correction=True))


def account_of(house: OpenHouse, customer: int) -> int:
    number = house.stage.sequencer.house.ledger.currencies["USD"].number
    return customer << 14 | number << 4


async def test_a_refused_command_changes_nothing(house: OpenHouse, market: MarketId) -> None:
    rehearsal = await Rehearsals(house.database).rehearse(SettleMarket(market, (A,), correction=True))
    assert rehearsal.refusal is not None
    assert rehearsal.refusal.reason == "not_settled"
    assert rehearsal.after == {}


async def test_what_concerns_too_many_is_not_rehearsed(house: OpenHouse, market: MarketId) -> None:
    with pytest.raises(TooMuchToRehearse):
        await Rehearsals(house.database, holders_max=3).rehearse(SettleMarket(market, (A,)))


@pytest.fixture
async def event(house: OpenHouse) -> FixtureId:
    """Return an event with two markets, singles on both, and accumulators that reach to another event."""
    await counter.fund(house)
    await counter.publish(house, "x", MAIN, GOALS)
    await counter.publish(house, "y", counter.ONE)
    ann, bob = await rich(house, "ann", "bobby")
    for caller, selection in ((ann, "home"), (bob, "away"), (bob, "home")):
        await counter.place(caller, counter.single("x", "10.01", selection))
    await counter.place(ann, counter.single("x", "4.00", "over", market="goals"))
    for first in ("home", "away"):
        legs = [{"event_id": "x", "selection": first}, {"event_id": "y", "selection": "win"}]
        await counter.place(ann, {"legs": legs, "amount": "5.55"})
    row = await house.services.sportsbook.events.require("x")
    return row.id


def won(selection: str, market: str = "main") -> tuple[SelectionResult, ...]:
    return (SelectionResult(market, selection, LegResult.WON),)


async def test_settling_correcting_and_taking_back_an_event(house: OpenHouse, event: FixtureId) -> None:
    other = (await house.services.sportsbook.events.require("y")).id
    await as_rehearsed(house, DeclareResults(event, (*won("home"), *won("under", "goals"))))
    await as_rehearsed(house, DeclareResults(other, won("win")))
    await as_rehearsed(house, DeclareResults(event, won("away"), correction=True))
    await as_rehearsed(house, CancelBets(event, (), 1))
    await as_rehearsed(house, RollBackResults(event))
    await as_rehearsed(house, VoidFixture(event))


async def test_voiding_a_bet(house: OpenHouse, event: FixtureId) -> None:
    live = house.stage.sequencer.house
    bet = next(iter(live.fixed_odds.accumulators.values()))
    await as_rehearsed(house, VoidBet(bet.bet, bet.customer))
    singles = live.fixed_odds.fixtures[event].markets["goals"].books
    book = next(iter(singles.values()))
    customer, _ = next(book.stakes_minor())
    one = next(iter(book.singles(customer)))
    await as_rehearsed(house, VoidBet(BetId(one.bet), customer, BetLeg(event, "goals", "over", 190)))


async def test_settling_and_correcting_a_round(house: OpenHouse, operator: Caller) -> None:
    ann, bob = await rich(house, "ann", "bobby")
    await window.create(operator)
    await window.open_round(operator)
    await window.bet(ann, "up", "10.01")
    await window.bet(bob, "down", "7.77")
    await window.bet(bob, "up", "3.33")
    await window.change(operator, "lock")
    live = house.stage.sequencer.house
    opened = next(iter(live.pools.rounds))
    await as_rehearsed(house, SettleRound(opened, RoundResult.UP))
    await as_rehearsed(house, SettleRound(opened, RoundResult.DOWN, correction=True))
    await window.open_round(operator, "20990103")
    await window.bet(ann, "up", "1.00")
    await as_rehearsed(house, VoidRound(RoundId(max(live.pools.rounds)), "no price"))


async def test_ruling_a_challenge(house: OpenHouse) -> None:
    ann, bob = await rich(house, "ann", "bobby")
    await rich(house, "judge")
    dare = {
        "title": "Rain",
        "side": "lay",
        "odds": "3.30",
        "stake": "3.33",
        "expires_at": "2099-01-01T00:00:00Z",
        "resolver": "judge",
    }
    token = (await ann.post("/v1/challenges", dare)).json()["token"]
    assert (await bob.post(f"/v1/challenges/{token}/accept")).status_code == 200
    challenge = ChallengeId(next(iter(house.stage.sequencer.house.challenges.by_id)))
    await as_rehearsed(house, RuleChallenge(challenge, Outcome.WON))


async def test_payments_and_their_reversal(house: OpenHouse) -> None:
    customer = await house.stage.customer("ann", USD=100_00)
    await as_rehearsed(house, Deposit(customer, "USD", 50_00, Rail.DESK))
    made = await house.stage.submit(Deposit(customer, "USD", 20_00, Rail.DESK))
    deposited = made.events[0]
    assert isinstance(deposited, Transferred)
    await as_rehearsed(house, Withdraw(customer, "USD", 165_00, Rail.DESK))
    reverse = ReverseTransaction(
        deposited.transfer, "charged back", TransferKind.DEPOSIT, deposited.debit, deposited.credit, 20_00
    )
    await as_rehearsed(house, reverse)
    again = await Rehearsals(house.database).rehearse(reverse)
    assert again.refusal is not None
    assert again.refusal.reason == "already_reversed"


@pytest.mark.parametrize("kind", [CompleteWithdrawal, RejectWithdrawal])
async def test_deciding_a_withdrawal(house: OpenHouse, ada: Caller, kind: Any) -> None:
    asked = await ada.post("/v1/withdrawals", {"amount": "30.00", "destination": "bank"})
    await as_rehearsed(house, kind(TransferId(number(asked.json()["id"]))))
