"""What the chain rail exports to the HTTP API."""

from typing import Final

from evens.edges.http.chain import routes
from evens.edges.http.protocol.feature import Feature

FEATURE: Final = Feature(endpoints=(routes.ENDPOINTS,))
