"""How challenges end: they expire, or are paid as their resolver, the operator or the result of their market says.

The winner's profit comes out of the loser's escrow, and the fee out of the profit. When a market is corrected, what was
booked is reversed and booked anew; where the cash does not suffice, the house lends the rest.
"""

from collections.abc import Iterator

from evens.core.challenges.challenge import Challenge, ChallengeChore
from evens.core.challenges.offering import close
from evens.core.challenges.reasons import ChallengeReason
from evens.core.challenges.state import Challenges
from evens.core.commands.challenges import (
    ExpireChallenge,
    PayChallenge,
    ReturnChallenge,
    RuleChallenge,
    SettleChallenge,
)
from evens.core.events.challenges import ChallengeSettled
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected, TransferKind, Transferred
from evens.core.ledger.booking import Result, book, rebook
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.values.betting import ChallengeStatus, Outcome
from evens.core.values.ids import HOUSE, AccountClass
from evens.core.values.odds import commission_minor

_ACCEPTED = (ChallengeStatus.ACCEPTED, ChallengeStatus.RESOLVED, ChallengeStatus.DISPUTED)


def expire_challenge(challenges: Challenges, command: ExpireChallenge, seq: int, at: int) -> Iterator[Event]:
    """Give the challenger's stake back when it is too late to accept."""
    challenge = _find_due(challenges, command, at)
    if challenge is None:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield from close(challenges, challenge, ChallengeStatus.EXPIRED, at)


def return_challenge(challenges: Challenges, command: ReturnChallenge, seq: int, at: int) -> Iterator[Event]:
    """Give both their stakes back, because nobody has said in time how it ended."""
    challenge = _find_due(challenges, command, at)
    if challenge is None:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield from _settle_as(challenges, challenge, Outcome.VOID, at)


def pay_challenge(challenges: Challenges, command: PayChallenge, seq: int, at: int) -> Iterator[Event]:
    """Pay what the resolver said."""
    challenge = _find_due(challenges, command, at)
    if challenge is None or challenge.outcome is None:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield from _settle_as(challenges, challenge, challenge.outcome, at)


def rule_challenge(challenges: Challenges, command: RuleChallenge, seq: int, at: int) -> Iterator[Event]:
    """Pay what the operator says, whatever the resolver said or did not say."""
    challenge = challenges.by_id.get(command.challenge)
    if challenge is None:
        yield Rejected(ChallengeReason.CHALLENGE_OVER)
    elif challenge.terms.market is not None:
        yield Rejected(ChallengeReason.CHALLENGE_TIED)
    elif challenge.status not in _ACCEPTED:
        yield Rejected(ChallengeReason.CHALLENGE_NOT_ACCEPTED)
    else:
        yield from _settle_as(challenges, challenge, command.outcome, at)


def settle_challenge(challenges: Challenges, command: SettleChallenge, seq: int, at: int) -> Iterator[Event]:
    """Pay what the market's result says of the runner; both have their stakes back if the runner was removed."""
    challenge = _find_due(challenges, command, at)
    if challenge is None or challenge.terms.market is None or challenge.terms.runner is None:
        yield Rejected(SharedReason.NOTHING_CHANGES)
        return
    markets, market, runner = challenges.markets, challenge.terms.market, challenge.terms.runner
    share, parts = markets.share(market, runner)
    settlement = markets.settlement(market) or 0
    if markets.is_removed(market, runner):
        yield from _settle(challenges, challenge, 0, Outcome.VOID, 0, 1, at)
    elif not parts:
        yield from _settle(challenges, challenge, settlement, Outcome.VOID, 0, 1, at)
    else:
        outcome = Outcome.WON if share else Outcome.LOST
        yield from _settle(challenges, challenge, settlement, outcome, share, parts, at)


def _find_due(challenges: Challenges, command: ChallengeChore, at: int) -> Challenge | None:
    """Return the challenge if this is what has to be done for it, and now."""
    challenge = challenges.find_next(command)
    step = None if challenge is None else challenges.next_step(challenge)
    return challenge if step is not None and step[0] <= at else None


def _settle_as(challenges: Challenges, challenge: Challenge, outcome: Outcome, at: int) -> Iterator[Event]:
    yield from _settle(challenges, challenge, 0, outcome, 1 if outcome is Outcome.WON else 0, 1, at)


def _settle(
    challenges: Challenges, challenge: Challenge, settlement: int, outcome: Outcome, share: int, parts: int, at: int
) -> Iterator[Event]:
    """Book the outcome for both; ``share`` of ``parts`` is what the runner won."""
    terms, before, held_minor = challenge.terms, challenge.settled, dict(challenge.held_minor())
    backer_minor, layer_minor = challenge.profits_minor(outcome, share, parts)
    fee_minor = commission_minor(max(backer_minor, layer_minor, 0), terms.fee_bps, 0)
    after = ChallengeSettled(
        challenge=challenge.id,
        settlement=settlement,
        outcome=outcome,
        backer_profit_minor=backer_minor,
        layer_profit_minor=layer_minor,
        fee_minor=fee_minor,
    )
    yield after
    mover = Mover(challenges.ledger, terms.currency_number, at)
    results = zip(challenge.sides(), _results(after), strict=True)
    if before is None:
        for customer, result in sorted(results, key=lambda booked: booked[1].profit_minor):
            yield from book(mover, challenge.id, customer, held_minor[customer], result)
    else:
        yield from _correct(mover, challenge, before, after)
    yield from mover.round_off(challenge.id)


def _correct(
    mover: Mover, challenge: Challenge, before: ChallengeSettled, after: ChallengeSettled
) -> Iterator[Transferred]:
    """Reverse what was booked and book the new outcome, for whoever has to pay first."""
    settlement = (challenge.id, AccountClass.SETTLEMENT)
    rounded_minor = -(before.backer_profit_minor + before.layer_profit_minor)
    yield from mover.move(TransferKind.ROUNDING, (HOUSE, AccountClass.ROUNDING), settlement, rounded_minor)
    changes = list(zip(challenge.sides(), _results(before), _results(after), strict=True))
    changes.sort(key=lambda change: change[2].profit_minor - change[1].profit_minor)
    for customer, old, new in changes:
        yield from rebook(mover, challenge.id, customer, old, new)


def _results(settled: ChallengeSettled) -> tuple[Result, Result]:
    """Return what was booked for the backer and the layer; only who won paid the fee."""
    backer_minor, layer_minor, fee_minor = settled.backer_profit_minor, settled.layer_profit_minor, settled.fee_minor
    return (
        Result(backer_minor, fee_minor if backer_minor > 0 else 0),
        Result(layer_minor, fee_minor if layer_minor > 0 else 0),
    )


def apply_challenge_settled(challenges: Challenges, event: ChallengeSettled) -> None:
    """Remember what was booked if it can still be corrected; else forget the challenge."""
    challenge = challenges.by_id.get(event.challenge)
    if challenge is None:
        # Journals of earlier builds, which remembered settled challenges, do not say that they were recalled.
        return
    if challenge.terms.market is None:
        challenges.drop(challenge.id)
        return
    challenges.forget_live(challenge)
    challenge.status, challenge.outcome, challenge.settled = ChallengeStatus.SETTLED, event.outcome, event
    challenges.drop_if_over(challenge)
