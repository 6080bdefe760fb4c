"""What the sportsbook exports to the HTTP API."""

from typing import Final

from evens.core.commands.fixed_odds import (
    AdvanceFixture,
    ArchiveFixture,
    DisputeFixture,
    HearSource,
    PublishLine,
)
from evens.edges.http.protocol.feature import Feature
from evens.edges.http.sportsbook import bets, events, house, mending, oversight, publishing, webhooks
from evens.edges.http.sportsbook.proposables import GUARDS, PROPOSABLES
from evens.edges.http.sportsbook.refusals import SPORTSBOOK_REFUSALS

FEATURE: Final = Feature(
    endpoints=(
        bets.ENDPOINTS,
        events.ENDPOINTS,
        events.SETTLE_ENDPOINTS,
        mending.ENDPOINTS,
        publishing.ENDPOINTS,
        oversight.ENDPOINTS,
        house.ENDPOINTS,
        webhooks.ENDPOINTS,
    ),
    internal=frozenset({PublishLine, HearSource, DisputeFixture, AdvanceFixture, ArchiveFixture}),
    refusals=SPORTSBOOK_REFUSALS,
    proposables=PROPOSABLES,
    guards=GUARDS,
)
