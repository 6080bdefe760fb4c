"""From the receipts of the pools' commands to replies."""

from typing import Final

from evens.core.events.ledger import Rejected
from evens.core.events.pools import PoolBetPlaced, PoolChanged, PoolCreated, RoundDecided, RoundLocked, RoundOpened
from evens.core.ledger.reasons import SharedReason
from evens.core.receipts import Receipt
from evens.core.values.ids import RoundId
from evens.core.values.moments import format_time
from evens.core.values.money import format_minor
from evens.core.values.pools import RoundResult, RoundStatus
from evens.core.values.public_ids import format_pool_bet_id, format_user_id
from evens.edges.http.pools import shapes
from evens.edges.http.pools.presenting import RESULTS, SIDES, STATUSES, present_pool
from evens.edges.http.protocol.answering import Reply, reply_problem
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.problem import problem
from evens.edges.http.protocol.refusals import Refusals
from evens.store.pools.queries import PoolQueries
from evens.store.pools.rows import PoolRow, RoundRow

_SETTLING: Final = "The bets in it are being paid, a part at a time."
_REFUNDING: Final = "The stakes are being given back, a part at a time."
_CORRECTING: Final = "What was paid is being corrected, a part at a time."
_SAME_ALREADY: Final = "Nothing would change: it is so already."

_OF_ROUNDS = RoundOpened | RoundLocked | RoundDecided


class PoolReceipts:
    """Turns receipts of the pools' commands into replies: what the command left, read from the receipt.

    A pool and a round are known by ids in a receipt; what never changes about them is read from the tables.
    """

    def __init__(self, refusals: Refusals, currencies: Currencies, reads: PoolQueries) -> None:
        self._refusals = refusals
        self._currencies = currencies
        self._reads = reads
        self._rounds: dict[int, tuple[str, str, int]] = {}

    async def present(self, receipt: Receipt) -> Reply:
        """Return the reply to a command that the pools' routes submit."""
        first = receipt.events[0]
        match first:
            case Rejected():
                if first.reason is SharedReason.NOTHING_CHANGES:
                    return reply_problem(problem(409, first.reason.value, _SAME_ALREADY))
                return reply_problem(self._refusals.present(first.reason, first.facts))
            case PoolBetPlaced():
                return Reply(201, await self._placed(first))
            case PoolCreated():
                row = PoolRow(first.pool, first.key, first.currency_number, first.terms, first.at, "")
                return Reply(201, present_pool(row, self._currencies.by_number(first.currency_number)))
            case PoolChanged():
                known = next(row for row in await self._reads.pools() if row.id == first.pool)
                row = PoolRow(known.id, known.key, known.currency_number, first.terms, known.created_at, "")
                return Reply(200, present_pool(row, self._currencies.by_number(known.currency_number)))
            case _:
                return await self._round_changed(receipt)

    async def _round_changed(self, receipt: Receipt) -> Reply:
        last = receipt.events[-1]
        assert isinstance(last, _OF_ROUNDS)
        key, code, _ = await self._about(last.round)
        if isinstance(last, RoundOpened):
            return Reply(201, shapes.RoundState(key, code, "open"))
        if isinstance(last, RoundLocked):
            return Reply(200, shapes.RoundState(key, code, "locked", commitment=last.commitment))
        is_void = last.result is RoundResult.VOID
        status = RoundStatus.VOID if is_void else RoundStatus.SETTLED
        coming = _CORRECTING if last.settlement > 1 else _REFUNDING if is_void else _SETTLING
        return Reply(200, shapes.RoundState(key, code, STATUSES[status], RESULTS[last.result], coming=coming))

    async def _placed(self, placed: PoolBetPlaced) -> shapes.PoolBet:
        """Return a bet as it was when it was taken."""
        key, code, number = await self._about(placed.round)
        currency = self._currencies.by_number(number)
        return shapes.PoolBet(
            id=format_pool_bet_id(placed.bet),
            pool=key,
            round=code,
            user_id=format_user_id(placed.customer),
            side=SIDES[placed.side],
            amount=format_minor(placed.stake_minor, currency.scale),
            currency=currency.code,
            status="open",
            payout=None,
            placed_at=format_time(placed.at),
            settled_at=None,
        )

    async def _about(self, number: RoundId) -> tuple[str, str, int]:
        """Return what never changes about a round: its pool's key, its code, its currency's number."""
        known = self._rounds.get(number)
        if known is None:
            row = await self._row(number)
            known = row.pool_key, row.code, row.currency_number
            if len(self._rounds) >= _ROUNDS_MAX:
                self._rounds.clear()
            self._rounds[number] = known
        return known

    async def _row(self, number: RoundId) -> RoundRow:
        row = await self._reads.round_by_id(number)
        assert row is not None
        return row


_ROUNDS_MAX: Final = 1_000
"""How many rounds are remembered; people bet in few at a time."""
