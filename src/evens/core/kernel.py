"""The kernel: which handler decides a command, and which function applies an event.

``step`` is the only way in. It runs the handler, a generator, and applies each event as it is yielded, so that a later
event of the same command is decided on what the earlier ones left.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, Final

from evens.core import commands, events
from evens.core.commands import Command
from evens.core.events import Event
from evens.core.exchange import challenging, changing, deciding, lifecycle, matching, settling
from evens.core.ledger.currencies import apply_currency_defined, define_currency
from evens.core.ledger.transfers import apply_transferred
from evens.core.state import House
from evens.core.values.ids import TRANSFERS_PER_COMMAND_MAX
from evens.core.wallets import customers, payments, withdrawals

_Room = Callable[[House], Any]
_Handler = Callable[[Any, Any, int, int], Iterator[Event]]
_Applier = Callable[[Any, Any], None]

_ledger: Final[_Room] = attrgetter("ledger")
_wallets: Final[_Room] = attrgetter("wallets")
_exchange: Final[_Room] = attrgetter("exchange")

HANDLERS: Final[dict[type[Command], tuple[_Room, _Handler]]] = {
    commands.DefineCurrency: (_ledger, define_currency),
    commands.RegisterCustomer: (_wallets, customers.register_customer),
    commands.FreezeCustomer: (_wallets, customers.freeze_customer),
    commands.UnfreezeCustomer: (_wallets, customers.unfreeze_customer),
    commands.Deposit: (_wallets, payments.deposit),
    commands.Withdraw: (_wallets, payments.withdraw),
    commands.RequestWithdrawal: (_wallets, withdrawals.request_withdrawal),
    commands.CompleteWithdrawal: (_wallets, withdrawals.complete_withdrawal),
    commands.RejectWithdrawal: (_wallets, withdrawals.reject_withdrawal),
    commands.Transfer: (_wallets, payments.transfer),
    commands.TransferBatch: (_wallets, payments.transfer_batch),
    commands.SetCommissionDiscount: (_exchange, lifecycle.set_commission_discount),
    commands.CreateMarket: (_exchange, lifecycle.create_market),
    commands.SuspendMarket: (_exchange, lifecycle.suspend_market),
    commands.ResumeMarket: (_exchange, lifecycle.resume_market),
    commands.TurnInPlay: (_exchange, lifecycle.turn_in_play),
    commands.CloseMarket: (_exchange, lifecycle.close_market),
    commands.RemoveRunner: (_exchange, lifecycle.remove_runner),
    commands.SettleMarket: (_exchange, settling.settle_market),
    commands.VoidMarket: (_exchange, settling.void_market),
    commands.PlaceOrder: (_exchange, matching.place_order),
    commands.ReplaceOrder: (_exchange, changing.replace_order),
    commands.CancelOrder: (_exchange, changing.cancel_order),
    commands.CancelOrders: (_exchange, changing.cancel_orders),
    commands.ReleaseOrder: (_exchange, matching.release_order),
    commands.AdvanceMarket: (_exchange, settling.advance_market),
    commands.ArchiveMarket: (_exchange, lifecycle.archive_market),
    commands.OfferChallenge: (_exchange, challenging.offer_challenge),
    commands.AcceptChallenge: (_exchange, challenging.accept_challenge),
    commands.CancelChallenge: (_exchange, challenging.cancel_challenge),
    commands.ResolveChallenge: (_exchange, challenging.resolve_challenge),
    commands.DisputeChallenge: (_exchange, challenging.dispute_challenge),
    commands.RuleChallenge: (_exchange, deciding.rule_challenge),
    commands.ExpireChallenge: (_exchange, deciding.expire_challenge),
    commands.PayChallenge: (_exchange, deciding.pay_challenge),
    commands.SettleChallenge: (_exchange, deciding.settle_challenge),
}
"""Who decides each command: the part of the house it works on, and the handler."""


def _nothing(room: Any, event: Any) -> None:
    """Apply a refusal: a fact that changes nothing."""


APPLIERS: Final[dict[type[Event], tuple[_Room, _Applier]]] = {
    events.Rejected: (_wallets, _nothing),
    events.TransferRefused: (_wallets, _nothing),
    events.CurrencyDefined: (_ledger, apply_currency_defined),
    events.CustomerRegistered: (_wallets, customers.apply_customer_registered),
    events.CustomerFrozen: (_wallets, customers.apply_customer_frozen),
    events.CustomerUnfrozen: (_wallets, customers.apply_customer_unfrozen),
    events.Transferred: (_ledger, apply_transferred),
    events.WithdrawalRequested: (_wallets, withdrawals.apply_withdrawal_requested),
    events.WithdrawalCompleted: (_wallets, withdrawals.apply_withdrawal_completed),
    events.WithdrawalRejected: (_wallets, withdrawals.apply_withdrawal_rejected),
    events.CommissionDiscountSet: (_exchange, lifecycle.apply_commission_discount_set),
    events.MarketCreated: (_exchange, lifecycle.apply_market_created),
    events.MarketStatusChanged: (_exchange, lifecycle.apply_market_status_changed),
    events.StageFinished: (_exchange, lifecycle.apply_stage_finished),
    events.OrderPlaced: (_exchange, matching.apply_order_placed),
    events.OrderReleased: (_exchange, matching.apply_order_released),
    events.Matched: (_exchange, matching.apply_matched),
    events.OrderReduced: (_exchange, matching.apply_order_reduced),
    events.RunnerRemoved: (_exchange, lifecycle.apply_runner_removed),
    events.PositionReduced: (_exchange, settling.apply_position_reduced),
    events.ResultDeclared: (_exchange, settling.apply_result_declared),
    events.PositionSettled: (_exchange, settling.apply_position_settled),
    events.MarketArchived: (_exchange, lifecycle.apply_market_archived),
    events.ChallengeOffered: (_exchange, challenging.apply_challenge_offered),
    events.ChallengeAccepted: (_exchange, challenging.apply_challenge_accepted),
    events.ChallengeClosed: (_exchange, challenging.apply_challenge_closed),
    events.ChallengeResolved: (_exchange, challenging.apply_challenge_resolved),
    events.ChallengeDisputed: (_exchange, challenging.apply_challenge_disputed),
    events.ChallengeSettled: (_exchange, deciding.apply_challenge_settled),
}
"""How each event changes the house."""


class OutOfOrder(Exception):
    """A command or its events carry a place in the journal that does not follow the house's own. This is a bug."""


class HandlerFailed(Exception):
    """A handler raised, or said nothing at all: a bug in the rules.

    ``house_intact`` says whether the house is still as it was before.
    """

    def __init__(self, command: Command, house_intact: bool) -> None:
        super().__init__(f"deciding {command!r} failed")
        self.house_intact = house_intact


def step(house: House, command: Command, seq: int, at: int) -> tuple[Event, ...]:
    """Decide a command as the ``seq``-th of the journal, recorded at ``at`` (nanoseconds since 1970, UTC).

    Changes the house and returns what happened, at least one event. Raises :class:`OutOfOrder` if the place does not
    follow the last one, and :class:`HandlerFailed` if the rules themselves break.
    """
    _take_place(house, seq, at)
    room, handler = HANDLERS[type(command)]
    happened: list[Event] = []
    try:
        for event in handler(room(house), command, seq, at):
            part, applier = APPLIERS[type(event)]
            applier(part(house), event)
            happened.append(event)
    except Exception as error:
        raise HandlerFailed(command, house_intact=not happened) from error
    if not happened:
        raise HandlerFailed(command, house_intact=True) from ValueError("nothing came of it")
    house.seq, house.at = seq, at
    return tuple(happened)


def apply(house: House, happened: Iterable[Event], seq: int, at: int) -> None:
    """Apply the recorded events of one command, as :func:`step` did when it was decided."""
    _take_place(house, seq, at)
    for event in happened:
        part, applier = APPLIERS[type(event)]
        applier(part(house), event)
    house.seq, house.at = seq, at


def _take_place(house: House, seq: int, at: int) -> None:
    if seq != house.seq + 1 or at < house.at + TRANSFERS_PER_COMMAND_MAX:
        raise OutOfOrder(f"place ({seq}, {at}) does not follow ({house.seq}, {house.at})")
