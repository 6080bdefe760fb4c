"""The kernel: which handler decides a command, and which function applies an event.

``step`` is the only way in. It runs the handler, a generator, and applies each event as it is yielded, so that a later
event of the same command is decided on what the earlier ones left.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter
from typing import Any, Final

from evens.core.challenges import offering as challenging
from evens.core.challenges import settling as deciding
from evens.core.commands.challenges import (
    AcceptChallenge,
    CancelChallenge,
    DisputeChallenge,
    ExpireChallenge,
    OfferChallenge,
    PayChallenge,
    ResolveChallenge,
    RuleChallenge,
    SettleChallenge,
)
from evens.core.commands.every import Command
from evens.core.commands.exchange import (
    AdvanceMarket,
    ArchiveMarket,
    CancelOrder,
    CancelOrders,
    CloseMarket,
    CreateMarket,
    PlaceOrder,
    ReleaseOrder,
    RemoveRunner,
    ReplaceOrder,
    ResumeMarket,
    SetCommissionDiscount,
    SettleMarket,
    SuspendMarket,
    TurnInPlay,
    VoidMarket,
)
from evens.core.commands.ledger import DefineCurrency
from evens.core.commands.wallets import (
    CompleteWithdrawal,
    Deposit,
    FreezeCustomer,
    RegisterCustomer,
    RejectWithdrawal,
    RequestWithdrawal,
    Transfer,
    TransferBatch,
    UnfreezeCustomer,
    Withdraw,
)
from evens.core.events.challenges import (
    ChallengeAccepted,
    ChallengeClosed,
    ChallengeDisputed,
    ChallengeOffered,
    ChallengeResolved,
    ChallengeSettled,
)
from evens.core.events.every import Event
from evens.core.events.exchange import (
    CommissionDiscountSet,
    MarketArchived,
    MarketCreated,
    MarketStatusChanged,
    Matched,
    OrderPlaced,
    OrderReduced,
    OrderReleased,
    PositionReduced,
    PositionSettled,
    ResultDeclared,
    RunnerRemoved,
    StageFinished,
)
from evens.core.events.ledger import CurrencyDefined, Rejected, Transferred
from evens.core.events.wallets import (
    CustomerFrozen,
    CustomerRegistered,
    CustomerUnfrozen,
    TransferRefused,
    WithdrawalCompleted,
    WithdrawalRejected,
    WithdrawalRequested,
)
from evens.core.exchange import lifecycle, matching, settling
from evens.core.exchange import order_changes as changing
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
    DefineCurrency: (_ledger, define_currency),
    RegisterCustomer: (_wallets, customers.register_customer),
    FreezeCustomer: (_wallets, customers.freeze_customer),
    UnfreezeCustomer: (_wallets, customers.unfreeze_customer),
    Deposit: (_wallets, payments.deposit),
    Withdraw: (_wallets, payments.withdraw),
    RequestWithdrawal: (_wallets, withdrawals.request_withdrawal),
    CompleteWithdrawal: (_wallets, withdrawals.complete_withdrawal),
    RejectWithdrawal: (_wallets, withdrawals.reject_withdrawal),
    Transfer: (_wallets, payments.transfer),
    TransferBatch: (_wallets, payments.transfer_batch),
    SetCommissionDiscount: (_exchange, lifecycle.set_commission_discount),
    CreateMarket: (_exchange, lifecycle.create_market),
    SuspendMarket: (_exchange, lifecycle.suspend_market),
    ResumeMarket: (_exchange, lifecycle.resume_market),
    TurnInPlay: (_exchange, lifecycle.turn_in_play),
    CloseMarket: (_exchange, lifecycle.close_market),
    RemoveRunner: (_exchange, lifecycle.remove_runner),
    SettleMarket: (_exchange, settling.settle_market),
    VoidMarket: (_exchange, settling.void_market),
    PlaceOrder: (_exchange, matching.place_order),
    ReplaceOrder: (_exchange, changing.replace_order),
    CancelOrder: (_exchange, changing.cancel_order),
    CancelOrders: (_exchange, changing.cancel_orders),
    ReleaseOrder: (_exchange, matching.release_order),
    AdvanceMarket: (_exchange, settling.advance_market),
    ArchiveMarket: (_exchange, lifecycle.archive_market),
    OfferChallenge: (_exchange, challenging.offer_challenge),
    AcceptChallenge: (_exchange, challenging.accept_challenge),
    CancelChallenge: (_exchange, challenging.cancel_challenge),
    ResolveChallenge: (_exchange, challenging.resolve_challenge),
    DisputeChallenge: (_exchange, challenging.dispute_challenge),
    RuleChallenge: (_exchange, deciding.rule_challenge),
    ExpireChallenge: (_exchange, deciding.expire_challenge),
    PayChallenge: (_exchange, deciding.pay_challenge),
    SettleChallenge: (_exchange, deciding.settle_challenge),
}
"""Who decides each command: the part of the house it works on, and the handler."""


def _nothing(room: Any, event: Any) -> None:
    """Apply a refusal: a fact that changes nothing."""


APPLIERS: Final[dict[type[Event], tuple[_Room, _Applier]]] = {
    Rejected: (_wallets, _nothing),
    TransferRefused: (_wallets, _nothing),
    CurrencyDefined: (_ledger, apply_currency_defined),
    CustomerRegistered: (_wallets, customers.apply_customer_registered),
    CustomerFrozen: (_wallets, customers.apply_customer_frozen),
    CustomerUnfrozen: (_wallets, customers.apply_customer_unfrozen),
    Transferred: (_ledger, apply_transferred),
    WithdrawalRequested: (_wallets, withdrawals.apply_withdrawal_requested),
    WithdrawalCompleted: (_wallets, withdrawals.apply_withdrawal_completed),
    WithdrawalRejected: (_wallets, withdrawals.apply_withdrawal_rejected),
    CommissionDiscountSet: (_exchange, lifecycle.apply_commission_discount_set),
    MarketCreated: (_exchange, lifecycle.apply_market_created),
    MarketStatusChanged: (_exchange, lifecycle.apply_market_status_changed),
    StageFinished: (_exchange, lifecycle.apply_stage_finished),
    OrderPlaced: (_exchange, matching.apply_order_placed),
    OrderReleased: (_exchange, matching.apply_order_released),
    Matched: (_exchange, matching.apply_matched),
    OrderReduced: (_exchange, matching.apply_order_reduced),
    RunnerRemoved: (_exchange, lifecycle.apply_runner_removed),
    PositionReduced: (_exchange, settling.apply_position_reduced),
    ResultDeclared: (_exchange, settling.apply_result_declared),
    PositionSettled: (_exchange, settling.apply_position_settled),
    MarketArchived: (_exchange, lifecycle.apply_market_archived),
    ChallengeOffered: (_exchange, challenging.apply_challenge_offered),
    ChallengeAccepted: (_exchange, challenging.apply_challenge_accepted),
    ChallengeClosed: (_exchange, challenging.apply_challenge_closed),
    ChallengeResolved: (_exchange, challenging.apply_challenge_resolved),
    ChallengeDisputed: (_exchange, challenging.apply_challenge_disputed),
    ChallengeSettled: (_exchange, deciding.apply_challenge_settled),
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
