"""What the routes about the house itself export to the HTTP API."""

from typing import Final

from evens.edges.http.operator import approvals, config, customers, journal, ledger, overview, system, webhooks
from evens.edges.http.protocol.feature import Feature

FEATURE: Final = Feature(
    endpoints=(
        webhooks.ENDPOINTS,
        system.ENDPOINTS,
        config.ENDPOINTS,
        approvals.ENDPOINTS,
        ledger.ENDPOINTS,
        journal.ENDPOINTS,
        customers.ENDPOINTS,
        customers.QUEUE_ENDPOINTS,
        overview.ENDPOINTS,
    )
)
