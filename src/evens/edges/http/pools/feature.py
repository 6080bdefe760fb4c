"""What the pools export to the HTTP API."""

from typing import Final

from evens.core.commands.pools import AdvanceRound, ArchiveRound
from evens.edges.http.pools import bets, operating, rounds, telling
from evens.edges.http.pools.proposables import GUARDS, PROPOSABLES
from evens.edges.http.pools.refusals import POOL_REFUSALS
from evens.edges.http.protocol.feature import Feature

FEATURE: Final = Feature(
    endpoints=(bets.ENDPOINTS, rounds.ENDPOINTS, operating.ENDPOINTS, telling.ENDPOINTS),
    internal=frozenset({AdvanceRound, ArchiveRound}),
    refusals=POOL_REFUSALS,
    proposables=PROPOSABLES,
    guards=GUARDS,
)
