"""What profiles, the leaderboard and follows export to the HTTP API."""

from typing import Final

from evens.core.commands.following import ChargeFee, CopyBet, CopyMatch, CopyPoolBet, SettleCopy, SkipBets, StopFollow
from evens.edges.http.protocol.feature import Feature
from evens.edges.http.social import feed, follows, leaderboard, profiles
from evens.edges.http.social.following_presenting import FOLLOW_REFUSALS

FEATURE: Final = Feature(
    endpoints=(leaderboard.ENDPOINTS, profiles.ENDPOINTS, feed.ENDPOINTS, follows.ENDPOINTS),
    internal=frozenset({CopyMatch, CopyBet, CopyPoolBet, SettleCopy, ChargeFee, SkipBets, StopFollow}),
    refusals=FOLLOW_REFUSALS,
)
