"""The rules of pools, merged into the kernel."""

from typing import Final

from evens.core.commands import pools as commands
from evens.core.events import pools as events
from evens.core.pools import placing, results, rounds, settling
from evens.core.pools.state import Pools
from evens.core.rules import Rules

RULES: Final = Rules(
    part="pools",
    handlers={
        commands.CreatePool: rounds.create_pool,
        commands.ChangePool: rounds.change_pool,
        commands.OpenRound: rounds.open_round,
        commands.LockRound: rounds.lock_round,
        commands.ArchiveRound: rounds.archive_round,
        commands.PlacePoolBet: placing.place_pool_bet,
        commands.SettleRound: results.settle_round,
        commands.VoidRound: results.void_round,
        commands.AdvanceRound: settling.advance_round,
    },
    appliers={
        events.PoolCreated: rounds.apply_pool_created,
        events.PoolChanged: rounds.apply_pool_changed,
        events.RoundOpened: rounds.apply_round_opened,
        events.RoundLocked: rounds.apply_round_locked,
        events.RoundArchived: rounds.apply_round_archived,
        events.PoolBetPlaced: placing.apply_pool_bet_placed,
        events.RoundDecided: results.apply_round_decided,
        events.StakesSettled: settling.apply_stakes_settled,
        events.RoundStageFinished: settling.apply_stage_finished,
        events.RoundBooked: settling.apply_round_booked,
        events.StakesRecalled: settling.apply_stakes_recalled,
        events.RoundRecalled: rounds.apply_round_recalled,
    },
    is_due={commands.LockRound: Pools.is_lock_due, commands.ArchiveRound: Pools.is_archiving_due},
    recalls={
        commands.AdvanceRound: settling.recall_for_correction,
        commands.SettleRound: results.recall_archived,
        commands.VoidRound: results.recall_archived,
    },
)
