"""What people do with a challenge: offer, accept and take it back, say how it ended, and contest that."""

from collections.abc import Iterator
from typing import Final

from evens.core.challenges.challenge import Challenge, backer_profit_minor, other_side
from evens.core.challenges.reasons import ChallengeReason
from evens.core.challenges.state import Challenges
from evens.core.commands.challenges import (
    AcceptChallenge,
    CancelChallenge,
    DisputeChallenge,
    OfferChallenge,
    ResolveChallenge,
)
from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
)
from evens.core.events.every import Event
from evens.core.events.ledger import Rejected, TransferKind, Transferred
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.limits import RETURN_CENTS_MAX, check_debt, check_frozen, check_funds
from evens.core.values.betting import ChallengeStatus, Side
from evens.core.values.ids import AccountClass, ChallengeId, CustomerId, account_id
from evens.core.values.money import Currency
from evens.core.values.odds import largest_stake_minor, least_stake_minor

_MS_NS: Final = 1_000_000


def offer_challenge(challenges: Challenges, command: OfferChallenge, seq: int, at: int) -> Iterator[Event]:
    """Put the challenger's side into escrow and let the challenge wait for somebody to accept it."""
    currency = challenges.ledger.currencies.get(command.currency)
    if currency is None:
        yield Rejected(SharedReason.CURRENCY_UNKNOWN, (("currency", command.currency),))
        return
    profit_minor = backer_profit_minor(command.stake_minor, command.odds)
    offered = ChallengeOffered(
        challenge=ChallengeId(seq),
        customer=command.customer,
        title=command.title,
        side=command.side,
        odds=command.odds,
        stake_minor=command.stake_minor,
        profit_minor=profit_minor,
        currency_number=currency.number,
        expires_at=command.expires_at,
        public=command.public,
        market=command.market,
        runner=command.runner,
        resolver=command.resolver,
        fee_bps=command.fee_bps,
        dispute_window_ms=command.dispute_window_ms,
        resolve_within_ms=command.resolve_within_ms if command.resolver is not None else 0,
    )
    needed_minor = command.stake_minor if command.side is Side.BACK else profit_minor
    refusal = (
        _check_parties(challenges, command)
        or check_frozen(challenges.frozen, command.customer)
        or check_debt(challenges.ledger, command.customer)
        or _check_open(challenges, offered, at)
        or _check_stake(currency, command, profit_minor)
        or _check_number(challenges, command.customer, command.challenges_max)
        or _check_cash(challenges, command.customer, currency.number, needed_minor)
    )
    if refusal is not None:
        yield refusal
        return
    yield offered
    yield from _stake(challenges, challenges.by_id[ChallengeId(seq)], command.customer, needed_minor, at)


def accept_challenge(challenges: Challenges, command: AcceptChallenge, seq: int, at: int) -> Iterator[Event]:
    """Put the other side into escrow: the two have a bet."""
    if command.customer not in challenges.customers:
        yield Rejected(SharedReason.CUSTOMER_UNKNOWN)
        return
    challenge = challenges.by_id.get(command.challenge)
    if challenge is None:
        yield Rejected(ChallengeReason.CHALLENGE_OVER)
        return
    terms = challenge.terms
    needed_minor = challenge.staked_minor(other_side(terms.side))
    refusal = (
        _check_acceptor(challenges, challenge, command)
        or check_frozen(challenges.frozen, command.customer)
        or check_debt(challenges.ledger, command.customer)
        or _check_offered(challenges, challenge)
        or _check_open(challenges, terms, at)
        or _check_number(challenges, command.customer, command.challenges_max)
        or _check_cash(challenges, command.customer, terms.currency_number, needed_minor)
    )
    if refusal is not None:
        yield refusal
        return
    yield ChallengeAccepted(challenge.id, command.customer)
    yield from _stake(challenges, challenge, command.customer, needed_minor, at)


def cancel_challenge(challenges: Challenges, command: CancelChallenge, seq: int, at: int) -> Iterator[Event]:
    """Give the challenger's stake back, unless somebody has accepted."""
    challenge = challenges.by_id.get(command.challenge)
    if challenge is None:
        yield Rejected(ChallengeReason.CHALLENGE_OVER)
    elif challenge.terms.customer != command.customer:
        yield Rejected(ChallengeReason.NOT_CHALLENGER)
    elif challenge.status is not ChallengeStatus.OFFERED:
        yield Rejected(ChallengeReason.CHALLENGE_TAKEN)
    else:
        yield from close(challenges, challenge, ChallengeStatus.CANCELLED, at)


def resolve_challenge(
    challenges: Challenges, command: ResolveChallenge, seq: int, at: int
) -> Iterator[ChallengeResolved | Rejected]:
    """Take down what the resolver says, once; it is paid when nobody has disputed it in time.

    The word of a frozen resolver does not count, whoever brings it in; an operator can rule in their own name.
    """
    challenge = challenges.by_id.get(command.challenge)
    if challenge is None:
        yield Rejected(ChallengeReason.CHALLENGE_OVER)
    elif challenge.terms.resolver != command.customer:
        yield Rejected(ChallengeReason.NOT_RESOLVER)
    elif command.related or any(
        party is not None and challenges.shares_tag(party, command.customer)
        for party in (challenge.terms.customer, challenge.acceptor)
    ):
        yield Rejected(ChallengeReason.RESOLVER_CONFLICT)
    elif (refusal := check_frozen(challenges.frozen, command.customer)) is not None:
        yield refusal
    elif challenge.status is ChallengeStatus.OFFERED:
        yield Rejected(ChallengeReason.CHALLENGE_NOT_ACCEPTED)
    elif challenge.status is not ChallengeStatus.ACCEPTED:
        yield Rejected(ChallengeReason.CHALLENGE_RESOLVED)
    else:
        payable_at = at + challenge.terms.dispute_window_ms * _MS_NS
        yield ChallengeResolved(challenge.id, command.outcome, payable_at)


def dispute_challenge(
    challenges: Challenges, command: DisputeChallenge, seq: int, at: int
) -> Iterator[ChallengeDisputed | Rejected]:
    """Leave to the operator what one of the two contests."""
    challenge = challenges.by_id.get(command.challenge)
    if challenge is None:
        yield Rejected(ChallengeReason.CHALLENGE_OVER)
    elif command.customer not in (challenge.terms.customer, challenge.acceptor):
        yield Rejected(ChallengeReason.NOT_PARTY)
    elif challenge.status is ChallengeStatus.DISPUTED:
        yield Rejected(ChallengeReason.CHALLENGE_DISPUTED)
    elif challenge.status is not ChallengeStatus.RESOLVED or challenge.payable_at is None:
        yield Rejected(ChallengeReason.CHALLENGE_NOT_RESOLVED)
    elif challenge.payable_at <= at:
        yield Rejected(ChallengeReason.DISPUTE_WINDOW_OVER)
    else:
        yield ChallengeDisputed(challenge.id, command.customer)


def close(challenges: Challenges, challenge: Challenge, status: ChallengeStatus, at: int) -> Iterator[Event]:
    """Yield the end of a challenge that nobody accepted, and the challenger's stake back."""
    held = challenge.held_minor()
    yield ChallengeClosed(challenge.id, status)
    mover = Mover(challenges.ledger, challenge.terms.currency_number, at)
    for customer, minor in held:
        yield from mover.release(customer, minor)


def _stake(
    challenges: Challenges, challenge: Challenge, customer: CustomerId, minor: int, at: int
) -> Iterator[Transferred]:
    mover = Mover(challenges.ledger, challenge.terms.currency_number, at)
    yield from mover.move(TransferKind.STAKE, (customer, AccountClass.CASH), (customer, AccountClass.ESCROW), minor)


def _check_parties(challenges: Challenges, command: OfferChallenge) -> Rejected | None:
    """Refuse a challenge that names somebody or something unknown, or whose judge is, or belongs to, the challenger."""
    if command.customer not in challenges.customers:
        return Rejected(SharedReason.CUSTOMER_UNKNOWN)
    if command.market is not None and command.runner is not None:
        return challenges.markets.refuse_unknown(command.market, command.runner)
    if command.resolver is None or command.resolver not in challenges.customers:
        return Rejected(ChallengeReason.RESOLVER_UNKNOWN)
    one_of_them = command.resolver == command.customer or challenges.shares_tag(command.customer, command.resolver)
    return Rejected(ChallengeReason.RESOLVER_CONFLICT) if command.related or one_of_them else None


def _check_acceptor(challenges: Challenges, challenge: Challenge, command: AcceptChallenge) -> Rejected | None:
    """Refuse that somebody bets against themselves, or on the word of somebody who belongs to one of the two."""
    challenger, resolver, acceptor = challenge.terms.customer, challenge.terms.resolver, command.customer
    if acceptor == challenger:
        return Rejected(ChallengeReason.OWN_CHALLENGE)
    if resolver is None:
        return None
    one_of_them = acceptor == resolver or any(challenges.shares_tag(each, resolver) for each in (acceptor, challenger))
    return Rejected(ChallengeReason.RESOLVER_CONFLICT) if command.related or one_of_them else None


def _check_offered(challenges: Challenges, challenge: Challenge) -> Rejected | None:
    if challenge.status is not ChallengeStatus.OFFERED:
        return Rejected(ChallengeReason.CHALLENGE_TAKEN)
    return Rejected(ChallengeReason.CHALLENGE_EXPIRED) if challenges.is_withdrawn(challenge) else None


def _check_number(challenges: Challenges, customer: CustomerId, most: int) -> Rejected | None:
    """Refuse one live challenge too many."""
    if len(challenges.live.get(customer, ())) < most:
        return None
    return Rejected(ChallengeReason.CHALLENGES_LIMIT, (("challenges_max", most),))


def _check_open(challenges: Challenges, terms: ChallengeOffered, at: int) -> Rejected | None:
    """Refuse what has expired, or is on a runner that nobody can bet on now."""
    if terms.expires_at <= at:
        return Rejected(ChallengeReason.CHALLENGE_EXPIRED)
    if terms.market is None or terms.runner is None:
        return None
    return challenges.markets.refuse_bets_on(terms.market, terms.runner)


def _check_stake(currency: Currency, command: OfferChallenge, profit_minor: int) -> Rejected | None:
    """Refuse stakes of which nothing could be won, or more than can be counted."""
    if profit_minor < 1:
        least_minor = least_stake_minor(command.odds)
        return Rejected(SharedReason.STAKE_TOO_SMALL, (("currency", currency.code), ("limit_minor", least_minor)))
    limit_minor = largest_stake_minor(RETURN_CENTS_MAX, command.odds)
    if command.stake_minor > limit_minor:
        return Rejected(SharedReason.STAKE_TOO_LARGE, (("currency", currency.code), ("limit_minor", limit_minor)))
    return None


def _check_cash(
    challenges: Challenges, customer: CustomerId, currency_number: int, needed_minor: int
) -> Rejected | None:
    code = challenges.ledger.currencies_by_number[currency_number].code
    cash = account_id(customer, currency_number, AccountClass.CASH)
    escrow = account_id(customer, currency_number, AccountClass.ESCROW)
    return check_funds(challenges.ledger, code, cash, escrow, needed_minor)


def apply_challenge_offered(challenges: Challenges, event: ChallengeOffered) -> None:
    """Let the challenge wait."""
    challenges.add(Challenge(event))


def apply_challenge_accepted(challenges: Challenges, event: ChallengeAccepted) -> None:
    """Remember who accepted."""
    challenges.accept(challenges.by_id[event.challenge], event.customer)


def apply_challenge_closed(challenges: Challenges, event: ChallengeClosed) -> None:
    """Forget the challenge."""
    challenges.drop(event.challenge)


def apply_challenge_resolved(challenges: Challenges, event: ChallengeResolved) -> None:
    """Remember what the resolver said, and when to pay it."""
    challenge = challenges.by_id[event.challenge]
    challenge.status = ChallengeStatus.RESOLVED
    challenge.outcome, challenge.payable_at = event.outcome, event.payable_at
    challenges.schedule_next(challenge)


def apply_challenge_disputed(challenges: Challenges, event: ChallengeDisputed) -> None:
    """Wait for the operator."""
    challenges.by_id[event.challenge].status = ChallengeStatus.DISPUTED
