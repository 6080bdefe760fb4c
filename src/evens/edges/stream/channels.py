"""The list of the stream's channels. A new product adds its channel here."""

from evens.edges.http.protocol.currencies import Currencies
from evens.edges.stream.account_channel import AccountChannel
from evens.edges.stream.channel import Channel
from evens.edges.stream.event_channel import EventChannel
from evens.edges.stream.events_channel import EventsChannel
from evens.edges.stream.leaderboard_channel import LeaderboardChannel
from evens.edges.stream.lobby_channel import LobbyChannel
from evens.edges.stream.market_channel import MarketChannel
from evens.edges.stream.round_channel import RoundChannel
from evens.store.exchange.snapshots import Snapshots
from evens.store.fixed_odds.snapshots import EventSnapshots
from evens.store.pools.snapshots import PoolSnapshots


def every_channel(
    snapshots: Snapshots,
    events: EventSnapshots,
    pools: PoolSnapshots,
    currencies: Currencies,
    leaderboards: LeaderboardChannel,
) -> tuple[Channel, ...]:
    """Return every channel, in the order in which error messages name them."""
    markets = MarketChannel(snapshots, currencies)
    return (
        markets,
        LobbyChannel(markets),
        EventsChannel(events),
        EventChannel(events),
        RoundChannel(pools, currencies),
        leaderboards,
        AccountChannel(snapshots, currencies),
    )
