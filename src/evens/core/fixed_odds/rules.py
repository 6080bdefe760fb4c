"""The rules of fixed odds, merged into the kernel."""

from typing import Final

from evens.core.commands import fixed_odds as commands
from evens.core.events import fixed_odds as events
from evens.core.fixed_odds import (
    accumulators,
    bank,
    cash_out,
    house_rules,
    line,
    placing,
    recalling,
    restoring,
    results,
    settling,
)
from evens.core.rules import Rules

RULES: Final = Rules(
    part="fixed_odds",
    handlers={
        commands.FundHouse: bank.fund_house,
        commands.WithdrawFromHouse: bank.withdraw_from_house,
        commands.PublishLine: line.publish_line,
        commands.RemoveSelection: line.remove_selection,
        commands.HoldFixture: line.hold_fixture,
        commands.HearSource: line.hear_source,
        commands.DeclareResults: results.declare_results,
        commands.RollBackResults: results.roll_back_results,
        commands.CancelBets: results.cancel_bets,
        commands.VoidFixture: results.void_fixture,
        commands.CloseConflict: results.close_conflict,
        commands.DisputeFixture: results.dispute_fixture,
        commands.PlaceBet: placing.place_bet,
        commands.CashOutBet: cash_out.cash_out_bet,
        commands.VoidBet: cash_out.void_bet,
        commands.SetBookLimits: house_rules.set_book_limits,
        commands.SetStakeFactor: house_rules.set_stake_factor,
        commands.AdvanceFixture: settling.advance_fixture,
        commands.ArchiveFixture: house_rules.archive_fixture,
    },
    appliers={
        events.LinePublished: line.apply_line_published,
        events.SelectionRemoved: line.apply_selection_removed,
        events.FixtureHeld: line.apply_fixture_held,
        events.SourceHeard: line.apply_source_heard,
        events.FixtureEnded: results.apply_fixture_ended,
        events.MarketDecided: results.apply_market_decided,
        events.MarketRuled: results.apply_market_ruled,
        events.ResultContradicted: results.apply_result_contradicted,
        events.ConflictClosed: results.apply_conflict_closed,
        events.BetsCancelled: results.apply_bets_cancelled,
        events.BetPlaced: placing.apply_bet_placed,
        events.BetEnded: settling.apply_bet_ended,
        events.BetReopened: accumulators.apply_bet_reopened,
        events.BetsReturned: settling.apply_bets_returned,
        events.BetsRestored: restoring.apply_bets_restored,
        events.SinglesSettled: settling.apply_singles_settled,
        events.AccumulatorsConsidered: settling.apply_accumulators_considered,
        events.FixtureStageFinished: settling.apply_stage_finished,
        events.SinglesRecalled: recalling.apply_singles_recalled,
        events.AccumulatorsRecalled: recalling.apply_accumulators_recalled,
        events.FixtureArchived: house_rules.apply_fixture_archived,
        events.BookLimitsSet: house_rules.apply_book_limits_set,
        events.StakeFactorSet: house_rules.apply_stake_factor_set,
    },
    is_due={commands.ArchiveFixture: house_rules.is_archiving_due},
    recalls={commands.AdvanceFixture: recalling.recall_for_correction},
)
