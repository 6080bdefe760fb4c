"""Beginning, changing, pausing, resuming and ending a follow.

A stop-loss pauses a follow when what is left of its allocation, with open copies valued, is at most a percentage of
it. The copier finds that out. The follow remembers what its copies had won or lost then, and is only resumed with terms
under which that would not have paused it: a larger allocation, a lower percentage, or no stop-loss.

Example: of an allocation of 100.00 with a stop-loss of 40 per cent, copies have lost 55.00, and open ones are worth
6.00 less than they cost: 39.00 are left, and the follow is paused. With an allocation of 102.00, 41.00 would be left of
which 40 per cent are 40.80: it can be resumed.
"""

from collections.abc import Iterator
from dataclasses import replace

from evens.core.commands.following import (
    ChangeFollow,
    EndFollow,
    FollowLeader,
    PauseFollow,
    ResumeFollow,
    StopFollow,
)
from evens.core.events.following import FollowChanged, FollowStarted, FollowStatusChanged
from evens.core.events.ledger import Rejected
from evens.core.following.reasons import FollowReason
from evens.core.following.state import Follow, Following
from evens.core.ledger.reasons import SharedReason
from evens.core.limits import check_frozen
from evens.core.values.following import FOLLOWS_LINKED_MAX, FOLLOWS_MAX, FollowStatus, FollowTerms
from evens.core.values.ids import CustomerId, FollowId


def follow_leader(following: Following, command: FollowLeader, seq: int, at: int) -> Iterator[FollowStarted | Rejected]:
    """Begin to copy a leader; a customer follows another once in a currency, and not too many."""
    wallets = following.wallets
    currency = wallets.find_currency(command.currency, command.customer)
    if isinstance(currency, Rejected):
        yield currency
        return
    refusal = _check_leader(following, command) or check_frozen(wallets.frozen, command.customer)
    if refusal is None and command.leader in wallets.frozen:
        refusal = Rejected(FollowReason.LEADER_FROZEN)
    if refusal is None and (command.customer, command.leader, currency.number) in following.by_pair:
        refusal = Rejected(FollowReason.FOLLOWS_ALREADY)
    if refusal is None and _has_many(following, command.customer):
        refusal = Rejected(FollowReason.FOLLOWS_LIMIT)
    if refusal is not None:
        yield refusal
        return
    yield FollowStarted(FollowId(seq), command.customer, command.leader, currency.number, command.terms, at)


def _check_leader(following: Following, command: FollowLeader) -> Rejected | None:
    if command.leader not in following.wallets.customers:
        return Rejected(FollowReason.LEADER_UNKNOWN)
    return Rejected(FollowReason.FOLLOWS_SELF) if command.leader == command.customer else None


def _has_many(following: Following, customer: CustomerId) -> bool:
    """Return whether a customer, or all with one of their tags together, have as many follows as they may."""
    if following.running[customer] >= FOLLOWS_MAX:
        return True
    return any(following.linked[tag] >= FOLLOWS_LINKED_MAX for tag in following.wallets.tags.get(customer, ()))


def _find(following: Following, customer: CustomerId, follow: FollowId) -> Follow | Rejected:
    found = following.by_id.get(follow)
    if found is None or found.customer != customer or found.status is FollowStatus.ENDED:
        return Rejected(FollowReason.FOLLOW_UNKNOWN)
    return found


def change_follow(following: Following, command: ChangeFollow, seq: int, at: int) -> Iterator[FollowChanged | Rejected]:
    """Give a follow other terms, unless they contradict what was changed of it meanwhile."""
    follow = _find(following, command.customer, command.follow)
    if isinstance(follow, Rejected):
        yield follow
        return
    if follow.customer in following.wallets.frozen:
        yield Rejected(SharedReason.CUSTOMER_FROZEN)
        return
    terms = _changed(follow.terms, command)
    if terms is None:
        yield Rejected(FollowReason.TERMS_CHANGED)
    elif terms == follow.terms:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield FollowChanged(follow.id, terms)


def _changed(terms: FollowTerms, command: ChangeFollow) -> FollowTerms | None:
    """Return terms with what a command changes; ``None`` if they would make no sense, such as a stake and a ratio."""
    if command.fields is None:
        return command.terms
    try:
        return replace(terms, **{name: getattr(command.terms, name) for name in command.fields})
    except ValueError:
        return None


def pause_follow(
    following: Following, command: PauseFollow, seq: int, at: int
) -> Iterator[FollowStatusChanged | Rejected]:
    """Pause a follow. Also who is frozen may."""
    follow = _find(following, command.customer, command.follow)
    if isinstance(follow, Rejected):
        yield follow
    elif follow.status is FollowStatus.PAUSED:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield FollowStatusChanged(follow.id, FollowStatus.PAUSED)


def resume_follow(
    following: Following, command: ResumeFollow, seq: int, at: int
) -> Iterator[FollowStatusChanged | Rejected]:
    """Resume a follow, unless the follower is frozen or its stop-loss would pause it again."""
    follow = _find(following, command.customer, command.follow)
    if isinstance(follow, Rejected):
        yield follow
    elif follow.customer in following.wallets.frozen:
        yield Rejected(SharedReason.CUSTOMER_FROZEN)
    elif follow.status is FollowStatus.ACTIVE:
        yield Rejected(SharedReason.NOTHING_CHANGES)
    elif follow.stopped_minor is not None and follow.terms.stops_at(
        follow.terms.allocation_minor + follow.stopped_minor
    ):
        yield Rejected(FollowReason.STOP_LOSS_REACHED)
    else:
        yield FollowStatusChanged(follow.id, FollowStatus.ACTIVE, active_from=at)


def stop_follow(
    following: Following, command: StopFollow, seq: int, at: int
) -> Iterator[FollowStatusChanged | Rejected]:
    """Pause an active follow whose stop-loss is reached, unless a copy was settled since that was found."""
    follow = following.by_id.get(command.follow)
    if follow is None:
        yield Rejected(FollowReason.FOLLOW_UNKNOWN)
    elif (
        follow.status is not FollowStatus.ACTIVE
        or command.result_minor not in (None, follow.result_minor)
        or not follow.terms.stops_at(follow.terms.allocation_minor + command.gain_minor)
    ):
        yield Rejected(SharedReason.NOTHING_CHANGES)
    else:
        yield FollowStatusChanged(follow.id, FollowStatus.PAUSED, stopped_minor=command.gain_minor)


def end_follow(following: Following, command: EndFollow, seq: int, at: int) -> Iterator[FollowStatusChanged | Rejected]:
    """End a follow. Also who is frozen may."""
    follow = _find(following, command.customer, command.follow)
    if isinstance(follow, Rejected):
        yield follow
    else:
        yield FollowStatusChanged(follow.id, FollowStatus.ENDED)


def apply_follow_started(following: Following, event: FollowStarted) -> None:
    """Remember the follow."""
    following.add(
        Follow(event.follow, event.customer, event.leader, event.currency_number, event.terms, event.active_from)
    )


def apply_follow_changed(following: Following, event: FollowChanged) -> None:
    """Remember the terms."""
    following.by_id[event.follow].terms = event.terms


def apply_follow_status_changed(following: Following, event: FollowStatusChanged) -> None:
    """Remember the status; forget a follow that is over."""
    follow = following.by_id[event.follow]
    if event.status is FollowStatus.ENDED:
        following.end(follow)
        return
    follow.status = event.status
    follow.stopped_minor = event.stopped_minor
    if event.active_from is not None:
        follow.active_from = event.active_from
