"""Rows of challenges as values of the core, for loading and for whoever asks."""

from typing import TYPE_CHECKING

from evens.core.events.challenges import ChallengeOffered, ChallengeSettled
from evens.core.values.betting import Outcome, Side

if TYPE_CHECKING:
    import asyncpg


def read_offered(row: "asyncpg.Record") -> ChallengeOffered:
    """Return what was offered."""
    return ChallengeOffered(
        row["id"],
        row["customer"],
        row["title"],
        Side(row["side"]),
        row["odds"],
        row["stake"],
        row["profit"],
        row["currency_number"],
        row["expires_at"],
        row["public"],
        row["market"],
        row["runner"],
        row["resolver"],
        row["fee_bps"],
        row["dispute_window_ms"],
        row["resolve_within_ms"],
    )


def read_outcome(row: "asyncpg.Record") -> Outcome | None:
    """Return what the resolver said."""
    return None if row["outcome"] is None else Outcome(row["outcome"])


def read_settled(row: "asyncpg.Record") -> ChallengeSettled | None:
    """Return what was booked last."""
    if row["settlement"] is None:
        return None
    return ChallengeSettled(
        row["id"], row["settlement"], Outcome(row["booked"]), row["backer_profit"], row["layer_profit"], row["fee"]
    )
