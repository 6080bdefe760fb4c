"""Settling a market of a fixture: booking what its result makes of every bet, some customers at a time.

``DeclareResults`` only says how a market ended. Booking it may be long, so it is done in parts while the market is in a
*stage*: ``AdvanceFixture`` stands on the agenda, and each time it is given it does the next part. Other traffic goes on
between the parts. The stages are

- ``RETURNING``: a selection was removed or a time cancelled; the stakes of the bets concerned are given back;
- ``DECIDED``: the result is known, and what the house had reserved moves into the fixture's settlement account;
- ``SETTLING``: each customer's singles are booked together. Whoever loses comes first, so that the settlement account
  never pays what it has not received. Then come the accumulators with a leg on the market that are decided now. What is
  left is the house's;
- ``RECALLING`` and ``REOPENING``: an earlier result is corrected or taken back
  (:mod:`evens.core.fixed_odds.recalling`).

Singles go through the settlement account, whose holder is the fixture; therefore one market of a fixture is booked
after the other. An accumulator has a reserve of its own and is paid out of that.

Nothing is recorded for each single: what it returned follows from the market's result for ever, and only what was
booked for a customer is written down. How far a stage has come follows from the state itself: who is booked is
forgotten.

Example: ann bet 10.00 on home at 3.00 and bob 10.00 on away at 2.50; the house holds 10.00 for the worst case, home.
Away wins: the 10.00 move into settlement, ann's stake follows (``LOSS`` 10.00), bob has his stake back (``RELEASE``)
and 15.00 (``PAYOUT``); 5.00 are left and go to the bank (``PROFIT``).
"""

from collections.abc import Iterator
from typing import Final

from evens.core.commands.fixed_odds import AdvanceFixture
from evens.core.events.every import Event
from evens.core.events.fixed_odds import (
    AccumulatorsConsidered,
    BetEnded,
    BetReopened,
    BetsReturned,
    FixtureStageFinished,
    SinglesSettled,
)
from evens.core.events.ledger import Rejected, TransferKind
from evens.core.fixed_odds.accumulator import Accumulator
from evens.core.fixed_odds.bank import (
    BANK,
    RESERVED,
    Reserves,
    advance_to_bank,
    fund,
    repay_owner,
    reserve,
    take_profit,
)
from evens.core.fixed_odds.fixture import Fixture, FixtureMarket
from evens.core.fixed_odds.recalling import Recalled, recall, reopen
from evens.core.fixed_odds.state import FixedOdds
from evens.core.ledger.booking import Result, book as book_result, rebook
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.values.fixed_odds import BetEnd, FixtureStage
from evens.core.values.ids import AccountClass, BetId, CustomerId

CUSTOMERS_PER_PART: Final = 60
"""How many customers one part books; each needs at most ten transfers, so a part stays below a command's limit."""

SINGLES_PER_PART: Final = 2_000
"""After so many singles a part takes no further customer."""

CONSIDERED_PER_PART: Final = 1_000
"""How many accumulators one part looks at, most of which may wait for other legs."""
