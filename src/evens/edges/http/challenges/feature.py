"""What challenges export to the HTTP API."""

from typing import Final

from evens.core.commands.challenges import (
    ExpireChallenge,
    PayChallenge,
    RecallChallenges,
    ReturnChallenge,
    SettleChallenge,
)
from evens.edges.http.challenges import routes
from evens.edges.http.challenges.proposables import GUARDS, PROPOSABLES
from evens.edges.http.challenges.refusals import CHALLENGE_REFUSALS
from evens.edges.http.protocol.feature import Feature

FEATURE: Final = Feature(
    endpoints=(routes.ENDPOINTS,),
    internal=frozenset({ExpireChallenge, PayChallenge, ReturnChallenge, SettleChallenge, RecallChallenges}),
    refusals=CHALLENGE_REFUSALS,
    proposables=PROPOSABLES,
    guards=GUARDS,
)
