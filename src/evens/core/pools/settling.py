"""Settling a round: booking what its result makes of every stake, some customers at a time.

``SettleRound`` only says how a round ended. Booking it may be long, so it is done in parts: ``AdvanceRound`` stands on
the agenda, and each time it is given it does the next part, and other traffic goes on between the parts. The stages are

- ``SETTLING``: each customer's stakes are booked together. Whoever loses more than they win comes first, so that the
  settlement account, whose holder is the round, never pays what it has not received. In the end what is left there is
  the fee and what rounding down left over;
- ``RECALLING``: an earlier result is corrected. The stakes are brought back from the tables, with what was returned for
  them; when all are there, the house gives fee and rounding back, and the stage is ``SETTLING``, which books everybody
  from the old result to the new one. How far recalling has come is not stored: a house that is loaded again in the
  middle of it begins it anew, and whoever is recalled twice is the same twice.

Nothing is recorded for each bet: what it returned follows from the round's sums and result for ever, and only what was
booked for a customer is written down.

Example: ann staked 10.00 on up, bob 4.00 on up and cho 7.00 on down, with a fee of 1 %. It went up: cho's 7.00 go to
the settlement account (``LOSS``), ann has her stake back (``RELEASE``) and floor(6.93 × 10 ÷ 14) = 4.95 (``PAYOUT``),
bob 4.00 and 1.98. The fee of 0.07 goes to the house's fees; nothing is left over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from evens.core.commands.pools import AdvanceRound
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected, TransferKind
from evens.core.events.pools import RoundBooked, RoundStageFinished, StakesRecalled, StakesSettled
from evens.core.ledger.booking import Result, rebook
from evens.core.ledger.booking import book as book_result
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.pools.round import Round
from evens.core.pools.state import Pools
from evens.core.values.ids import HOUSE, AccountClass, CustomerId, RoundId
from evens.core.values.pools import BookedStakes, Dividend, RoundStage

CUSTOMERS_PER_PART: Final = 100
"""How many customers one part books; each needs at most ten transfers, so a part stays below a command's limit."""

STAKES_PER_PART: Final = 2_000
"""After so many stakes a part takes no further customer."""

RECALLED_PER_PART: Final = 400
"""How many customers one part of a correction recalls."""


@dataclass(frozen=True, slots=True)
class StakesBooked:
    """What is recalled: the stakes in a round of the first ``limit`` customers with ids above ``after``.

    They are as the latest settlement before ``settlement`` booked them
    (:class:`evens.core.values.pools.BookedStakes`); who is booked under ``settlement`` already is left out.
    """

    round: RoundId
    settlement: int
    after: CustomerId
    limit: int


def recall_for_correction(pools: Pools, command: AdvanceRound) -> StakesBooked | None:
    """Ask for the next stakes of a round that recalls them."""
    known = pools.rounds.get(command.round)
    if known is None or known.stage is not RoundStage.RECALLING:
        return None
    return StakesBooked(known.id, known.settlement, known.recalled_up_to, RECALLED_PER_PART)


def advance_round(
    pools: Pools, command: AdvanceRound, seq: int, at: int, recalled: tuple[BookedStakes, ...] = ()
) -> Iterator[Event]:
    """Do the next part of what a round has under way."""
    known = pools.rounds.get(command.round)
    if known is None or known.stage is RoundStage.NOTHING:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif known.stage is RoundStage.SETTLING:
        yield from _settle(pools, known, at)
    elif recalled:
        yield StakesRecalled(known.id, recalled)
    else:
        yield from _take_back(pools, known, at)


def _take_back(pools: Pools, known: Round, at: int) -> Iterator[Event]:
    """Let the house give back what it had of the old result, and begin to book the new one."""
    fee_minor, rounding_minor = known.fee_minor, known.rounding_minor
    yield RoundStageFinished(known.id, RoundStage.SETTLING)
    mover, settlement = Mover(pools.ledger, known.currency_number, at), (known.id, AccountClass.SETTLEMENT)
    yield from mover.move(TransferKind.REVERSAL, (HOUSE, AccountClass.FEES), settlement, fee_minor)
    yield from mover.move(TransferKind.REVERSAL, (HOUSE, AccountClass.ROUNDING), settlement, rounding_minor)


def _settle(pools: Pools, known: Round, at: int) -> Iterator[Event]:
    """Book the result for the next customers; after the last of them what is left is the house's."""
    mover, pays = Mover(pools.ledger, known.currency_number, at), known.dividend()
    served, settled = 0, 0
    for customer in _next_customers(known):
        stakes = known.stakes(customer)
        before = known.corrected.get(customer)
        staked_minor = sum([stake_minor for _, stake_minor, _ in stakes])
        returned_minor = sum([pays.returned_minor(side, stake_minor) for _, stake_minor, side in stakes])
        yield StakesSettled(known.id, known.settlement, customer, staked_minor, returned_minor)
        after = Result(returned_minor - staked_minor, 0)
        if before is None:
            yield from book_result(mover, known.id, customer, staked_minor, after)
        else:
            yield from rebook(mover, known.id, customer, before, after)
        served, settled = served + 1, settled + len(stakes)
        if served == CUSTOMERS_PER_PART or settled >= STAKES_PER_PART:
            return
    yield from _finish(known, mover, pays)


def _finish(known: Round, mover: Mover, pays: Dividend) -> Iterator[Event]:
    """Take the fee, and what rounding down left over."""
    settlement = (known.id, AccountClass.SETTLEMENT)
    rounding_minor = mover.balance_minor(*settlement) - pays.fee_minor
    yield RoundBooked(known.id, known.settlement, pays.fee_minor, rounding_minor)
    yield from mover.move(TransferKind.COMMISSION, settlement, (HOUSE, AccountClass.FEES), pays.fee_minor)
    yield from mover.round_off(known.id)


def _next_customers(known: Round) -> Iterator[CustomerId]:
    """Yield the next customers to be booked.

    Whoever comes is booked in the same command, so remembering how far it went makes no difference to what is decided:
    after a reload it starts over, and those who are done have no stakes any more.
    """
    if known.queue is None:
        known.queue = _payers_first(known)
    # Not "yield from": a part that stops early would close the queue with itself.
    while (following := next(known.queue, None)) is not None:
        yield following


def _payers_first(known: Round) -> Iterator[CustomerId]:
    """Yield who has to pay into the settlement account, then all others, each in order of their ids.

    Who pays is worked out one by one as they come: for all at once it would keep others waiting.
    """
    customers, pays = known.customers(), known.dividend()
    yield from (customer for customer in customers if _profit_minor(known, pays, customer) < _before(known, customer))
    # Whoever had to pay is booked by now, and forgotten.
    yield from (customer for customer in customers if known.has(customer))


def _profit_minor(known: Round, pays: Dividend, customer: CustomerId) -> int:
    return sum([pays.returned_minor(side, minor) - minor for _, minor, side in known.stakes(customer)])


def _before(known: Round, customer: CustomerId) -> int:
    before = known.corrected.get(customer)
    return 0 if before is None else before.profit_minor


def apply_stakes_settled(pools: Pools, event: StakesSettled) -> None:
    """Forget a customer's stakes."""
    pools.rounds[event.round].forget(event.customer)


def apply_stage_finished(pools: Pools, event: RoundStageFinished) -> None:
    """Go on to the next stage; what the house had of the round it has no longer."""
    known = pools.rounds[event.round]
    known.fee_minor = known.rounding_minor = 0
    pools.enter(known, event.stage)


def apply_round_booked(pools: Pools, event: RoundBooked) -> None:
    """Remember what the house has of the round; there is nothing left to do for it."""
    known = pools.rounds[event.round]
    known.fee_minor, known.rounding_minor = event.fee_minor, event.rounding_minor
    pools.enter(known, RoundStage.NOTHING)


def apply_stakes_recalled(pools: Pools, event: StakesRecalled) -> None:
    """Know stakes again, with what was booked for them. The sums of the sides never left."""
    known = pools.rounds[event.round]
    for booked in event.booked:
        known.recalled_up_to = booked.customer
        if booked.customer in known.corrected:
            continue
        staked_minor = 0
        for bet, stake_minor, side in booked.stakes:
            known.sides[side].keep(booked.customer, bet, stake_minor)
            staked_minor += stake_minor
        known.corrected[booked.customer] = Result(booked.returned_minor - staked_minor, 0)
