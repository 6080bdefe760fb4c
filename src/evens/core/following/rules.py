"""The rules of following, merged into the kernel."""

from typing import Final

from evens.core.commands import following as commands
from evens.core.events import following as events
from evens.core.following import copying, fees, follows, settling, skipping
from evens.core.rules import Rules, change_nothing

RULES: Final = Rules(
    part="following",
    handlers={
        commands.FollowLeader: follows.follow_leader,
        commands.ChangeFollow: follows.change_follow,
        commands.PauseFollow: follows.pause_follow,
        commands.ResumeFollow: follows.resume_follow,
        commands.EndFollow: follows.end_follow,
        commands.CopyMatch: copying.copy_match,
        commands.CopyBet: copying.copy_bet,
        commands.CopyPoolBet: copying.copy_pool_bet,
        commands.SkipBets: skipping.skip_bets,
        commands.SettleCopy: settling.settle_copy,
        commands.ChargeFee: fees.charge_fee,
        commands.StopFollow: follows.stop_follow,
    },
    appliers={
        events.FollowStarted: follows.apply_follow_started,
        events.FollowChanged: follows.apply_follow_changed,
        events.FollowStatusChanged: follows.apply_follow_status_changed,
        events.BetCopied: copying.apply_bet_copied,
        events.CopySkipped: change_nothing,
        events.BetsSkipped: skipping.apply_bets_skipped,
        events.CopySettled: settling.apply_copy_settled,
        events.FeePaid: fees.apply_fee_paid,
    },
)
