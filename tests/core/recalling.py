"""What a command has to know of the past, looked up in the events that happened: the naive twin of the tables."""

from collections import defaultdict
from collections.abc import Sequence

from evens.core.challenges.recalling import ChallengesBooked
from evens.core.events.challenges import BookedChallenge, ChallengeAccepted, ChallengeOffered, ChallengeSettled
from evens.core.events.every import Event
from evens.core.events.exchange import Matched, PositionReduced, PositionSettled, RunnerRemoved
from evens.core.events.fixed_odds import (
    BetEnded,
    BetPlaced,
    BetReopened,
    BetsCancelled,
    BetsRestored,
    BetsReturned,
    BookedAccumulator,
    FixtureArchived,
    MarketDecided,
    SelectionRemoved,
    SinglesSettled,
)
from evens.core.events.ledger import TransferKind, Transferred
from evens.core.events.pools import (
    PoolBetPlaced,
    RoundArchived,
    RoundBooked,
    RoundDecided,
    RoundLocked,
    RoundOpened,
    StakesSettled,
)
from evens.core.exchange.recalling import PositionsBooked
from evens.core.fixed_odds.recalling import AccumulatorsBooked, SinglesBooked, SinglesReturned
from evens.core.pools.results import RoundAsArchived
from evens.core.pools.settling import StakesBooked
from evens.core.values.betting import BookedPosition, Side
from evens.core.values.deposit_limits import GrossDeposits, Period, bounds
from evens.core.values.fixed_odds import (
    BetEnd,
    BetLeg,
    BookedSingles,
    Factor,
    OpenSingle,
    leg_factor,
    reduced_odds,
)
from evens.core.values.ids import BetId, CustomerId, RunnerId
from evens.core.values.pools import ArchivedRound, BookedStakes, PoolSide
from evens.core.wallets.deposit_limits import DepositsOf


def recall(wanted: object, happened: Sequence[Event]) -> object:
    """Return what was asked for, as the journal has it."""
    match wanted:
        case DepositsOf(account):
            return gross_deposits(account, happened)
        case PositionsBooked():
            return positions_booked(wanted, happened)
        case ChallengesBooked():
            return challenges_booked(wanted, happened)
        case SinglesBooked():
            return singles_booked(wanted, happened)
        case SinglesReturned():
            return singles_returned(wanted, happened)
        case AccumulatorsBooked():
            return accumulators_booked(wanted, happened)
        case RoundAsArchived(number):
            return round_as_archived(number, happened)
        case StakesBooked():
            return stakes_booked(wanted, happened)
        case _:
            raise AssertionError(f"nobody knows how to recall {wanted}")


def gross_deposits(account: int, happened: Sequence[Event]) -> GrossDeposits:
    deposits = [
        event
        for event in happened
        if isinstance(event, Transferred) and event.kind is TransferKind.DEPOSIT and event.credit == account
    ]
    if not deposits:
        return GrossDeposits()
    last_at = deposits[-1].transfer
    begins = [bounds(period, last_at)[0] for period in Period]
    return GrossDeposits(
        last_at, *[sum(event.amount_minor for event in deposits if event.effective_at >= begin) for begin in begins]
    )


def positions_booked(wanted: PositionsBooked, happened: Sequence[Event]) -> tuple[BookedPosition, ...]:
    stands: defaultdict[CustomerId, defaultdict[RunnerId, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))

    def add(customer: CustomerId, runner: RunnerId, stake_minor: int, value_cents: int) -> None:
        sums = stands[customer][runner]
        sums[0] += stake_minor
        sums[1] += value_cents

    for event in happened:
        if isinstance(event, Matched) and event.market == wanted.market:
            taken = event.stake_minor if event.taker_side is Side.BACK else -event.stake_minor
            add(event.taker_customer, event.runner, taken, taken * event.odds)
            add(event.maker_customer, event.runner, -taken, -taken * event.odds)
        elif isinstance(event, PositionReduced) and event.market == wanted.market:
            for change in event.changes:
                add(event.customer, *change)
    settled = [
        event
        for event in happened
        if isinstance(event, PositionSettled)
        and (event.market, event.settlement) == (wanted.market, wanted.settlement)
        and event.customer > wanted.after
    ]
    settled.sort(key=lambda event: event.customer)
    return tuple(
        BookedPosition(
            event.customer,
            event.profit_minor,
            event.commission_minor,
            event.discount_bps,
            tuple(sorted((runner, sums[0], sums[1]) for runner, sums in stands[event.customer].items() if any(sums))),
        )
        for event in settled[: wanted.limit]
    )


def stakes_booked(wanted: StakesBooked, happened: Sequence[Event]) -> tuple[BookedStakes, ...]:
    latest = {
        event.customer: event for event in happened if isinstance(event, StakesSettled) and event.round == wanted.round
    }
    placed = [event for event in happened if isinstance(event, PoolBetPlaced) and event.round == wanted.round]
    booked = [
        BookedStakes(
            customer,
            tuple((event.bet, event.stake_minor, event.side) for event in placed if event.customer == customer),
            latest[customer].returned_minor,
        )
        for customer in sorted(latest)
        if customer > wanted.after and latest[customer].settlement < wanted.settlement
    ]
    return tuple(booked[: wanted.limit])


def challenges_booked(wanted: ChallengesBooked, happened: Sequence[Event]) -> tuple[BookedChallenge, ...]:
    acceptors = {event.challenge: event.customer for event in happened if isinstance(event, ChallengeAccepted)}
    settled = {event.challenge: event for event in happened if isinstance(event, ChallengeSettled)}
    removed = {event.runner for event in happened if isinstance(event, RunnerRemoved) and event.market == wanted.market}
    recalled = [
        BookedChallenge(event, acceptors[event.challenge], settled[event.challenge])
        for event in happened
        if isinstance(event, ChallengeOffered)
        and event.market == wanted.market
        and event.runner not in removed
        and event.challenge > wanted.after
        and event.challenge in settled
        and settled[event.challenge].settlement < wanted.settlement
    ]
    return tuple(recalled[: wanted.limit])


def singles_booked(wanted: SinglesBooked, happened: Sequence[Event]) -> tuple[BookedSingles, ...]:
    returned = returned_bets(happened)
    over = returned | {event.bet for event in happened if isinstance(event, BetEnded)}
    restored = restored_bets(happened)
    latest: dict[tuple[CustomerId, int], SinglesSettled] = {}
    for event in happened:
        if isinstance(event, SinglesSettled) and (event.fixture, event.market) == (wanted.fixture, wanted.market):
            latest[event.customer, event.currency_number] = event
    singles = singles_by_customer(wanted, happened)
    booked: list[BookedSingles] = []
    for key in sorted(singles):
        last = latest.get(key)
        if key <= wanted.after or (last is not None and last.settlement >= wanted.settlement):
            continue
        standing = tuple([single for single in singles[key] if single.bet not in over])
        if last is None and not any(single.bet in restored for single in standing):
            continue
        profit_minor = 0 if last is None else last.returned_minor - last.staked_minor
        booked.append(BookedSingles(*key, standing, sum(single.stake_minor for single in standing) + profit_minor))
    return tuple(booked[: wanted.limit])


def singles_returned(wanted: SinglesReturned, happened: Sequence[Event]) -> tuple[BookedSingles, ...]:
    returned = returned_bets(happened)
    booked: list[BookedSingles] = []
    for key, singles in sorted(singles_by_customer(wanted, happened).items()):
        back = tuple([single for single in singles if single.bet in returned])
        if back and key > wanted.after:
            booked.append(BookedSingles(*key, back, sum(single.stake_minor for single in back)))
    return tuple(booked[: wanted.limit])


def singles_by_customer(
    wanted: SinglesBooked | SinglesReturned, happened: Sequence[Event]
) -> dict[tuple[CustomerId, int], list[OpenSingle]]:
    singles: defaultdict[tuple[CustomerId, int], list[OpenSingle]] = defaultdict(list)
    for event in happened:
        if isinstance(event, BetPlaced) and len(event.legs) == 1:
            (leg,) = event.legs
            if (leg.fixture, leg.market) == (wanted.fixture, wanted.market):
                single = OpenSingle(event.bet, leg.selection, leg.odds, event.stake_minor, event.at)
                singles[event.customer, event.currency_number].append(single)
    return singles


def returned_bets(happened: Sequence[Event]) -> set[BetId]:
    """Return the bets whose stakes were given back, and that did not come back since."""
    returned: set[BetId] = set()
    for event in happened:
        if isinstance(event, BetsReturned):
            returned |= {*event.bets}
        elif isinstance(event, BetsRestored):
            returned -= {single.bet for booked in event.booked for single in booked.singles}
    return returned


def restored_bets(happened: Sequence[Event]) -> set[BetId]:
    """Return the bets that came back at some time."""
    restored = [event for event in happened if isinstance(event, BetsRestored)]
    return {single.bet for event in restored for booked in event.booked for single in booked.singles}


def accumulators_booked(wanted: AccumulatorsBooked, happened: Sequence[Event]) -> tuple[BookedAccumulator, ...]:
    ended: dict[int, BetEnded] = {}
    for event in happened:
        if isinstance(event, BetEnded):
            ended[event.bet] = event
        elif isinstance(event, BetReopened):
            del ended[event.bet]
    recalled = [
        BookedAccumulator(
            event, ended[event.bet].settlement, ended[event.bet].returned_minor, legs_decided(event, happened)
        )
        for event in happened
        if isinstance(event, BetPlaced)
        and len(event.legs) > 1
        and event.bet > wanted.after
        and event.bet in ended
        and ended[event.bet].end is BetEnd.SETTLED
        and any((leg.fixture, leg.market) == (wanted.fixture, wanted.market) for leg in event.legs)
    ]
    return tuple(recalled[: wanted.limit])


def legs_decided(placed: BetPlaced, happened: Sequence[Event]) -> tuple[tuple[int, Factor], ...]:
    """Return the factors of the legs whose fixtures are archived."""
    archived = {event.fixture for event in happened if isinstance(event, FixtureArchived)}
    decided: list[tuple[int, Factor]] = []
    for place, leg in enumerate(placed.legs):
        if leg.fixture in archived:
            on = [event for event in happened if getattr(event, "fixture", None) == leg.fixture]
            decided.append(
                (place, leg_decided(leg, placed.at, [event for event in on if _market(event) == leg.market]))
            )
    return tuple(decided)


def leg_decided(leg: BetLeg, at: int, on_market: Sequence[Event]) -> Factor:
    """Return what a leg struck at this moment made of the stake, of what happened on its market."""
    removals = [event for event in on_market if isinstance(event, SelectionRemoved)]
    windows: list[BetsCancelled] = []
    for event in on_market:
        if isinstance(event, BetsCancelled) and not event.restored:
            windows.append(event)
        elif isinstance(event, BetsCancelled):
            windows = [each for each in windows if (each.since, each.until) != (event.since, event.until)]
    if any(event.selection == leg.selection for event in removals):
        return 1, 1
    if any(event.since <= at < event.until for event in windows):
        return 1, 1
    taken = reduced_odds(leg.odds, [event.reduction_bps for event in removals if event.at > at])
    results = [event for event in on_market if isinstance(event, MarketDecided)][-1].results
    said = [result for result in results if result.selection == leg.selection]
    return leg_factor(taken, said[0]) if said else (0, 1)


def _market(event: Event) -> object:
    return getattr(event, "market", None)


def round_as_archived(number: int, happened: Sequence[Event]) -> ArchivedRound | None:
    about = [event for event in happened if getattr(event, "round", None) == number]
    if not any(isinstance(event, RoundArchived) for event in about):
        return None
    opened, locked, decided, booked = (
        [event for event in about if isinstance(event, kind)][-1]
        for kind in (RoundOpened, RoundLocked, RoundDecided, RoundBooked)
    )
    assert isinstance(opened, RoundOpened)
    assert isinstance(locked, RoundLocked)
    assert isinstance(decided, RoundDecided)
    assert isinstance(booked, RoundBooked)
    bets = [event for event in about if isinstance(event, PoolBetPlaced)]
    stakes = {side: [bet.stake_minor for bet in bets if bet.side is side] for side in PoolSide}
    up, down = ((sum(stakes[side]), len(stakes[side])) for side in PoolSide)
    return ArchivedRound(
        opened.pool,
        opened.code,
        opened.terms,
        (opened.opens_at, opened.locks_at, opened.settles_at),
        locked.commitment,
        decided.result,
        decided.settlement,
        decided.at,
        booked.fee_minor,
        booked.rounding_minor,
        (up, down),
    )
