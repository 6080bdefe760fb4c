"""What profiles and the leaderboard export to the HTTP API."""

from typing import Final

from evens.edges.http.protocol.feature import Feature
from evens.edges.http.social import leaderboard, profiles

FEATURE: Final = Feature(endpoints=(leaderboard.ENDPOINTS, profiles.ENDPOINTS))
