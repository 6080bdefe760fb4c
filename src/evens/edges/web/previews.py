"""What a link leads to, in words, for programs that show links: nothing that is anybody's own.

A market, an event and a round are what the lobby shows to everybody; of a challenge, whoever has its link may see all.
Of a person, it is what their profile shows to everybody, and nothing if they keep it to themselves.
"""

import re
import time
from dataclasses import dataclass
from html import escape
from typing import Final

from evens.core.values.betting import Side
from evens.core.values.moments import format_time
from evens.core.values.money import Currency, format_minor
from evens.core.values.odds import format_odds
from evens.core.values.records import Figures, RecordPeriod, RecordProduct, day_number
from evens.edges.http.protocol.amounts import read_currency
from evens.edges.http.protocol.problem import Refused
from evens.edges.http.services import Services
from evens.sequencer.errors import NotBooked
from evens.store.errors import StoreUnavailable
from evens.store.social.queries import Visibility

PICTURES: Final = "/og"
"""Before the address of a page: its picture."""

_PICTURE: Final = ".png"
_RUNNERS_MAX: Final = 6
_CUT_AFTER: Final = 200
_PAGE: Final = re.compile(
    r"/(?:c/(?P<token>[^/]{1,64})|markets/(?P<market>[^/]{1,64})|sports/(?P<event>[^/]{1,300})"
    r"|pools/(?P<pool>[^/]{1,64})/(?P<code>[^/]{1,64})|people/(?P<person>[^/]{1,64}))"
)


@dataclass(frozen=True, slots=True)
class Preview:
    """A page in words: what kind of thing it shows, its name, and a few facts that do not change."""

    kind: str
    title: str
    facts: tuple[str, ...]

    @property
    def description(self) -> str:
        """The facts as one line."""
        return " · ".join(self.facts)


class Previews:
    """Knows what pages are about that people send each other. ``public_url`` is where browsers reach this server."""

    def __init__(self, services: Services, public_url: str) -> None:
        self._services = services
        self._public_url = public_url.rstrip("/")

    async def of(self, path: str) -> Preview | None:
        """Return what a page is about; ``None`` for any other address, and for what is not there or cannot be read."""
        match = _PAGE.fullmatch(path)
        if match is None:
            return None
        try:
            if match["token"]:
                return await self._challenge(match["token"])
            if match["market"]:
                return await self._market(match["market"])
            if match["event"]:
                return await self._event(match["event"])
            if match["person"]:
                return await self._person(match["person"])
            return await self._round(match["pool"], match["code"])
        except (Refused, NotBooked, StoreUnavailable):
            return None

    async def of_picture(self, path: str) -> Preview | None:
        """Return what the picture at an address shows."""
        is_picture = path.startswith(f"{PICTURES}/") and path.endswith(_PICTURE)
        return await self.of(path[len(PICTURES) : -len(_PICTURE)]) if is_picture else None

    def tags(self, path: str, preview: Preview) -> str:
        """Return the tags of a page's head, for programs that show links."""
        url = f"{self._public_url}{path}"
        properties = {
            "og:site_name": "Evens",
            "og:type": "website",
            "og:url": url,
            "og:title": _cut(preview.title),
            "og:description": _cut(preview.description),
            "og:image": f"{self._public_url}{PICTURES}{path}{_PICTURE}",
            "og:image:type": "image/png",
            "og:image:width": "1200",
            "og:image:height": "630",
        }
        tags = [f'<meta property="{name}" content="{escape(value)}">' for name, value in properties.items()]
        tags.append('<meta name="twitter:card" content="summary_large_image">')
        tags.append(f'<meta name="description" content="{escape(_cut(preview.description))}">')
        return "".join(tags)

    async def _challenge(self, token: str) -> Preview | None:
        challenge = self._services.challenges.links.read(token)
        row = None if challenge is None else await self._services.challenges.queries.challenge(challenge)
        if row is None:
            return None
        terms, currency = row.terms, self._services.currencies.by_number(row.terms.currency_number)
        stake = f"{format_minor(terms.stake_minor, currency.scale)} {currency.code}"
        verb = "backs" if terms.side is Side.BACK else "lays"
        offer = f"{row.challenger_name} {verb} it at {format_odds(terms.odds)} for {stake}"
        return Preview("Challenge", terms.title, (offer, f"To be accepted by {_when(terms.expires_at)}"))

    async def _market(self, market_id: str) -> Preview:
        terms = (await self._services.exchange.markets.require(market_id)).terms
        runners = ", ".join(terms.runners[:_RUNNERS_MAX])
        more = len(terms.runners) - _RUNNERS_MAX
        return Preview(
            "Exchange market",
            terms.name,
            (f"{runners} and {more} more" if more > 0 else runners, f"Starts {_when(terms.starts_at)}"),
        )

    async def _event(self, event_id: str) -> Preview:
        row = await self._services.sportsbook.events.read(event_id)
        about = [part for part in (row.sport, row.competition) if part]
        starts = [] if row.starts_at is None else [f"Starts {_when(row.starts_at)}"]
        return Preview("Sportsbook", row.title, (*about, *starts))

    async def _person(self, username: str) -> Preview | None:
        social = self._services.social
        row = await social.reads.profile(username)
        if row is None or row.visibility is Visibility.PRIVATE:
            return None
        currency = read_currency(self._services, None)
        records = await social.reads.records(row.customer, currency.number, day_number(time.time_ns()))
        facts = [f"{row.username}, here since {format_time(row.registered_at).partition('T')[0]}"]
        for each in records:
            if (each.product, each.period) == (RecordProduct.ALL, RecordPeriod.ALL_TIME):
                facts += _figures(each.figures, currency)
        return Preview("Profile", row.display_name or row.username, tuple(facts))

    async def _round(self, pool: str, code: str) -> Preview:
        row = await self._services.pools.pools.round(pool, code)
        facts = f"Up or down: {row.terms.symbol}", f"Round {row.code}", f"Bets until {_when(row.locks_at)}"
        return Preview("Pool", row.terms.name, facts)


def _figures(figures: Figures, currency: Currency) -> tuple[str, str]:
    """Return what somebody has won of what they turned over, and how often."""
    profit, turnover = (format_minor(minor, currency.scale) for minor in (figures.profit_minor, figures.turnover_minor))
    sign = "+" if figures.profit_minor > 0 else ""
    settled = f"{figures.won} won of {figures.settled} settled"
    return f"{sign}{profit} {currency.code} of {turnover} turned over", settled


def _when(moment: int) -> str:
    """Return a moment as people read it: the day and the minute, in UTC."""
    day, _, time = format_time(moment).partition("T")
    return f"{day} {time[:5]} UTC"


def _cut(text: str) -> str:
    return text if len(text) <= _CUT_AFTER else f"{text[: _CUT_AFTER - 1]}…"
