"""From the receipts of the sportsbook's commands to replies."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from evens.core.commands.every import Command
from evens.core.commands.fixed_odds import CashOutBet, DeclareResults, PlaceBet
from evens.core.events.every import Event
from evens.core.events.fixed_odds import (
    BetEnded,
    BetPlaced,
    BetsCancelled,
    BookLimitsSet,
    ConflictClosed,
    FixtureEnded,
    FixtureHeld,
    MarketDecided,
    ResultContradicted,
    SelectionRemoved,
    StakeFactorSet,
)
from evens.core.events.ledger import Rejected, TransferKind, Transferred
from evens.core.fixed_odds.reasons import FixedOddsReason
from evens.core.ledger.reasons import SharedReason
from evens.core.receipts import Receipt
from evens.core.values.fixed_odds import FixtureStatus, return_minor
from evens.core.values.ids import account_currency
from evens.core.values.moments import format_time
from evens.core.values.money import format_minor
from evens.core.values.odds import ODDS_UNIT, format_odds
from evens.core.values.public_ids import format_bet_id, format_transaction_id, format_user_id
from evens.edges.http.protocol.answering import Reply, reply_problem
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.problem import ChangedLeg, Problem, problem
from evens.edges.http.protocol.refusals import Facts, Refusals
from evens.edges.http.sportsbook import shapes
from evens.edges.http.sportsbook.deriving import odds_product
from evens.edges.http.sportsbook.known_events import KnownEvents
from evens.edges.http.sportsbook.presenting import STATUSES, present_bet, present_limits
from evens.store.fixed_odds.queries import LimitsRow, SportsbookQueries

_SETTLING: Final = "The bets on it are being settled, a part at a time."
_REOPENING: Final = "What was paid is being reversed, a part at a time; then the bets are open again."
_RETURNING: Final = "The stakes of void bets are being given back, a part at a time."
_RESTORING: Final = "The bets of that time are being taken again, a part at a time."
_SAME_ALREADY: Final = "Nothing would change: it is so already."


def _coming(events: Sequence[Event]) -> str | None:
    """Return in words what the house goes on with after these events."""
    decided = [bool(event.results) for event in events if isinstance(event, MarketDecided)]
    windows = [event.restored for event in events if isinstance(event, BetsCancelled)]
    if decided:
        return _SETTLING if any(decided) else _REOPENING
    if any(windows):
        return _RESTORING
    return _RETURNING if windows or isinstance(events[0], SelectionRemoved) else None


class SportsbookReceipts:
    """Turns receipts of the sportsbook's commands into replies.

    What a receipt tells of a bet that was placed is all there is to say. Of one that was cashed out or given back, what
    was placed is read from the tables.
    """

    def __init__(
        self, refusals: Refusals, queries: SportsbookQueries, events: KnownEvents, currencies: Currencies
    ) -> None:
        self._refusals = refusals
        self._queries = queries
        self._events = events
        self._currencies = currencies

    async def present(self, receipt: Receipt) -> Reply:
        """Return the reply to a command that the sportsbook's routes submit."""
        first = receipt.events[0]
        match first:
            case Rejected():
                return reply_problem(await self._refusal(receipt.command, first))
            case BetPlaced():
                return Reply(201, await self._placed(first))
            case BetEnded():
                return Reply(200, await self._ended(first, receipt.at))
            case BookLimitsSet():
                return Reply(200, self._limits(first))
            case StakeFactorSet():
                return Reply(200, shapes.StakeFactor(format_user_id(first.customer), first.percent))
            case Transferred():
                return Reply(201, self._moved(first))
            case _:
                return await self._event_changed(receipt)

    async def _event_changed(self, receipt: Receipt) -> Reply:
        contradicted = any(isinstance(event, ResultContradicted) for event in receipt.events)
        if contradicted and isinstance(receipt.command, DeclareResults):
            return reply_problem(self._refusals.present(FixedOddsReason.RESULTS_CONTRADICT, ()))
        first = receipt.events[0]
        assert isinstance(
            first, FixtureHeld | MarketDecided | FixtureEnded | ConflictClosed | BetsCancelled | SelectionRemoved
        )
        event_id = (await self._events.find(first.fixture)).public_id
        results = [event for event in receipt.events if isinstance(event, MarketDecided)]
        decided = [event.market for event in results if event.results]
        reopened = [event.market for event in results if not event.results]
        windows = [event for event in receipt.events if isinstance(event, BetsCancelled)]
        cancelled = [event.market for event in windows if not event.restored]
        restored = [event.market for event in windows if event.restored]
        ended = [event.status for event in receipt.events if isinstance(event, FixtureEnded)]
        state = shapes.EventState(
            id=event_id,
            status=STATUSES[FixtureStatus(ended[0])] if ended else None,
            held=first.held if isinstance(first, FixtureHeld) else None,
            decided=decided or None,
            reopened=reopened or None,
            cancelled=cancelled or None,
            restored=restored or None,
            coming=_coming(receipt.events),
        )
        return Reply(200, state)

    async def _placed(self, placed: BetPlaced) -> shapes.Bet:
        """Return a bet as it was when it was taken."""
        currency = self._currencies.by_number(placed.currency_number)
        legs = [
            shapes.BetLegShown(
                event_id=(await self._events.find(leg.fixture)).public_id,
                market=leg.market,
                selection=leg.selection,
                odds=format_odds(leg.odds),
                status="open",
                dead_heat=None,
                reduction_bps=0,
            )
            for leg in placed.legs
        ]
        odds = [leg.odds for leg in placed.legs]
        could_minor = return_minor(placed.stake_minor, [(each, ODDS_UNIT) for each in odds])
        return shapes.Bet(
            id=format_bet_id(placed.bet),
            user_id=format_user_id(placed.customer),
            kind="single" if len(legs) == 1 else "accumulator",
            legs=legs,
            amount=format_minor(placed.stake_minor, currency.scale),
            currency=currency.code,
            odds=format_odds(odds_product(odds)),
            potential_payout=format_minor(could_minor, currency.scale),
            payout=None,
            status="open",
            placed_at=format_time(placed.at),
            settled_at=None,
        )

    async def _ended(self, ended: BetEnded, at: int) -> shapes.Bet:
        row = await self._queries.bet(ended.bet)
        assert row is not None
        return present_bet(
            replace(row, end=ended.end, returned_minor=ended.returned_minor, ended_at=at), self._currencies
        )

    def _limits(self, set_: BookLimitsSet) -> shapes.BookLimits:
        row = LimitsRow(
            set_.min_stake_minor,
            set_.max_stake_minor,
            set_.max_payout_minor,
            set_.max_event_liability_minor,
            set_.cash_out_margin_bps,
        )
        return present_limits(row, self._currencies.by_number(set_.currency_number))

    def _moved(self, transfer: Transferred) -> shapes.HouseMove:
        currency = self._currencies.by_number(account_currency(transfer.debit))
        is_in = transfer.kind is TransferKind.DEPOSIT
        bank_minor = transfer.credit_after_minor if is_in else transfer.debit_after_minor
        return shapes.HouseMove(
            id=format_transaction_id(transfer.transfer),
            kind="deposit" if is_in else "withdrawal",
            amount=format_minor(transfer.amount_minor, currency.scale),
            currency=currency.code,
            bank_after=format_minor(bank_minor, currency.scale),
            recorded_at=format_time(transfer.transfer),
            reference=None if transfer.note is None else transfer.note.reference,
        )

    async def _refusal(self, command: Command, refused: Rejected) -> Problem:
        reason = refused.reason
        told = self._refusals.present(reason, refused.facts)
        if reason is SharedReason.NOTHING_CHANGES:
            return replace(told, detail=_SAME_ALREADY)
        if reason is FixedOddsReason.ODDS_CHANGED and isinstance(command, PlaceBet):
            return replace(told, legs=await self._legs_now(command, dict(refused.facts)))
        if reason is FixedOddsReason.LINE_UNAVAILABLE:
            # It is recorded under the request's key, so it is no 503: that would say that the same key can ask again.
            # Silence suspends what came from a provider; 503 is what the edge says before it submits anything.
            return self._refusals.present(FixedOddsReason.EVENT_SUSPENDED, ())
        if reason is FixedOddsReason.EVENT_UNKNOWN:
            # The edge knows every event that it names: the house has forgotten this one.
            return self._refusals.present(FixedOddsReason.EVENT_FINISHED, ())
        if reason is FixedOddsReason.BET_UNKNOWN:
            # The edge has seen the bet: it is over.
            if isinstance(command, CashOutBet):
                return self._refusals.present(FixedOddsReason.CASH_OUT_UNAVAILABLE, ())
            return problem(409, "already_settled", "This bet is over; it cannot be given back by itself.")
        return told

    async def _legs_now(self, command: PlaceBet, facts: Facts) -> list[ChangedLeg]:
        return [
            ChangedLeg(
                (await self._events.find(leg.fixture)).public_id,
                leg.market,
                leg.selection,
                format_odds(int(facts[f"odds_{place}"])),
            )
            for place, leg in enumerate(command.legs)
        ]
