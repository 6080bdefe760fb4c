"""The performance fee: what a leader takes of the net profit of the copies of their bets.

The fee is a share of the *high-water mark*: the most that the settled copies of a follow have won together, losses
deducted, beyond what its open copies could lose. So what was lost has to be won back before any further fee is due, no
profit is charged twice, and none that other copies may take away: a leader who backs and lays the same is due nothing,
in whatever order the two are settled. The mark never falls, also not when a correction takes a profit away that was
charged: what was paid stays paid, and profit up to the mark is free. Nor does it rise by a correction: one is booked
copy by copy, and what has been won in the middle of it was perhaps never won. It rises when a copy is settled for the
first time, to what all of them have won by then. In all a leader has at most the share of the mark, rounded down,
whatever happened in between.

The fee goes from the follower's cash to the leader's, behind the booking of the copy in the same record. What is not
there stays due: nothing more of the leader is copied in that currency until it is paid, also not by a new follow, and
it is taken as soon as there is money again (``ChargeFee``). Nobody lends it, so two who agree to empty an account have
nothing of it that was not theirs. A follower who is frozen or owes the house pays nothing, and pays later. The fee is
due also to a leader who is frozen, and after the follow has ended.

Example. Of a fee of 10 per cent, copies win 100.00 while one is open that risks 20.00: the mark is 80.00, and 8.00 are
paid. It loses: still 80.00. They lose 60.00, and win 75.00: together they have won 95.00, and 1.50 are paid. A
correction takes 95.00 down to -5.00: the mark stays at 95.00, and the next 100.00 are free.
"""

from collections.abc import Iterator

from evens.core.commands.following import ChargeFee
from evens.core.events.following import FeePaid
from evens.core.events.ledger import Rejected, TransferKind, Transferred
from evens.core.following.reasons import FollowReason
from evens.core.following.state import Follow, Following
from evens.core.ledger.mover import Mover
from evens.core.ledger.reasons import SharedReason
from evens.core.limits import check_debt, check_frozen
from evens.core.values.ids import AccountClass
from evens.core.values.money import BALANCE_MINOR_MAX


def pay_fee(following: Following, follow: Follow, at: int) -> Iterator[Transferred | FeePaid]:
    """Yield what pays the leader what is due, as far as the follower has it, and repays what the leader owes."""
    wallets = following.wallets
    if check_frozen(wallets.frozen, follow.customer) or check_debt(wallets.ledger, follow.customer):
        return
    payer, payee = (follow.customer, AccountClass.CASH), (follow.leader, AccountClass.CASH)
    mover = Mover(wallets.ledger, follow.currency_number, at)
    minor = min(follow.fee_due_minor(), mover.balance_minor(*payer), BALANCE_MINOR_MAX - mover.balance_minor(*payee))
    if minor > 0:
        yield from mover.move(TransferKind.PERFORMANCE_FEE, payer, payee, minor)
        yield from mover.repay(follow.leader)
        yield FeePaid(follow.id, follow.fees_paid_minor + minor)


def charge_fee(
    following: Following, command: ChargeFee, seq: int, at: int
) -> Iterator[Transferred | FeePaid | Rejected]:
    """Take what is due and was not there before."""
    follow = following.by_id.get(command.follow)
    if follow is None:
        yield Rejected(FollowReason.FOLLOW_UNKNOWN)
        return
    paid = False
    for event in pay_fee(following, follow, at):
        paid = True
        yield event
    if not paid:
        yield Rejected(SharedReason.NOTHING_CHANGES)


def apply_fee_paid(following: Following, event: FeePaid) -> None:
    """Remember what was paid; forget a follow that is over."""
    follow = following.by_id[event.follow]
    follow.fees_paid_minor = event.paid_minor
    following.forget(follow)
