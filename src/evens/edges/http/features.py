"""The features of the HTTP API, one for each room. A new room is added here and in the services."""

from typing import Final

from evens.edges.http.account.feature import FEATURE as ACCOUNT
from evens.edges.http.chain.feature import FEATURE as CHAIN
from evens.edges.http.challenges.feature import FEATURE as CHALLENGES
from evens.edges.http.exchange.feature import FEATURE as EXCHANGE
from evens.edges.http.login.feature import FEATURE as LOGIN
from evens.edges.http.operator.feature import FEATURE as OPERATOR
from evens.edges.http.pools.feature import FEATURE as POOLS
from evens.edges.http.protocol.shared_refusals import SHARED_REFUSALS
from evens.edges.http.social.feature import FEATURE as SOCIAL
from evens.edges.http.sportsbook.feature import FEATURE as SPORTSBOOK
from evens.edges.http.wallets.feature import FEATURE as WALLETS

FEATURES: Final = (WALLETS, EXCHANGE, CHALLENGES, SPORTSBOOK, POOLS, LOGIN, OPERATOR, CHAIN, ACCOUNT, SOCIAL)

REFUSALS: Final = (*SHARED_REFUSALS, *(refusal for feature in FEATURES for refusal in feature.refusals))
"""A record for every reason."""

PROPOSABLES: Final = {each.what: each for feature in FEATURES for each in feature.proposables}
"""Everything that one operator can propose to another, by its word."""

BATCHES: Final = tuple([batch for feature in FEATURES for batch in feature.batches])
"""Every kind of batch whose items are commands of their own."""
