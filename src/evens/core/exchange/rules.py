"""The rules of the exchange, merged into the kernel."""

from typing import Final

from evens.core.commands import exchange as commands
from evens.core.events import exchange as events
from evens.core.exchange import admitting, lifecycle, matching, order_changes, recalling, removals, results, settling
from evens.core.rules import Rules, change_nothing

RULES: Final = Rules(
    part="exchange",
    handlers={
        commands.SetCommissionDiscount: lifecycle.set_commission_discount,
        commands.CreateMarket: lifecycle.create_market,
        commands.SuspendMarket: lifecycle.suspend_market,
        commands.ResumeMarket: lifecycle.resume_market,
        commands.TurnInPlay: lifecycle.turn_in_play,
        commands.CloseMarket: lifecycle.close_market,
        commands.RemoveRunner: removals.remove_runner,
        commands.ReinstateRunner: removals.reinstate_runner,
        commands.ArchiveMarket: lifecycle.archive_market,
        commands.SettleMarket: results.settle_market,
        commands.VoidMarket: results.void_market,
        commands.AdvanceMarket: settling.advance_market,
        commands.PlaceOrder: matching.place_order,
        commands.AdmitOrders: admitting.admit_orders,
        commands.ReleaseOrder: matching.release_order,
        commands.ReplaceOrder: order_changes.replace_order,
        commands.ChangePersistence: order_changes.change_persistence,
        commands.CancelOrder: order_changes.cancel_order,
        commands.CancelOrders: order_changes.cancel_orders,
        commands.LapseOrders: order_changes.lapse_orders,
    },
    appliers={
        events.CommissionDiscountSet: lifecycle.apply_commission_discount_set,
        events.MarketCreated: lifecycle.apply_market_created,
        events.MarketStatusChanged: lifecycle.apply_market_status_changed,
        events.StageFinished: lifecycle.apply_stage_finished,
        events.RunnerRemoved: removals.apply_runner_removed,
        events.RemovalRevised: removals.apply_removal_revised,
        events.CoverLifted: removals.apply_cover_lifted,
        events.MarketArchived: lifecycle.apply_market_archived,
        events.PositionReduced: removals.apply_position_reduced,
        events.ResultDeclared: results.apply_result_declared,
        events.PositionSettled: settling.apply_position_settled,
        events.PositionsRecalled: recalling.apply_positions_recalled,
        events.OrdersAdmitted: change_nothing,
        events.OrderPlaced: matching.apply_order_placed,
        events.PersistenceChanged: order_changes.apply_persistence_changed,
        events.OrderReleased: matching.apply_order_released,
        events.Matched: matching.apply_matched,
        events.OrderReduced: matching.apply_order_reduced,
    },
    is_due={
        commands.ReleaseOrder: matching.is_release_due,
        commands.ArchiveMarket: lifecycle.is_archiving_due,
    },
    recalls={commands.AdvanceMarket: recalling.recall_for_correction},
)
