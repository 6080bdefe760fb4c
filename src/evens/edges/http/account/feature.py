"""What one's own account exports to the HTTP API."""

from typing import Final

from evens.edges.http.account import favourites, notifications, preferences
from evens.edges.http.protocol.feature import Feature

FEATURE: Final = Feature(endpoints=(preferences.ENDPOINTS, favourites.ENDPOINTS, notifications.ENDPOINTS))
