"""Scenarios about challenges over HTTP: deeds as requests, and answers as outcomes."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from evens.core.values.moments import format_time
from tests.edges.conftest import Caller
from tests.scenarios.ask import Ask
from tests.scenarios.challenges import deeds
from tests.scenarios.challenges.deeds import ChallengeDeed
from tests.scenarios.driver import Outcome

ONE_DAY: Final = "2100-01-01T00:00:00Z"
NO_TOKEN: Final = "1-aaaaaaaaaaaaaaaaaaaaaaaa"


class ChallengesOverHttp:
    """Knows the tokens of the challenges in a scenario, as far as answers have told.

    ``runner`` finds the public ids of a market and a runner in it by their names.
    """

    def __init__(self, runner: Callable[[str, str], tuple[str, str]]) -> None:
        self._runner = runner
        self._tokens: dict[str, str] = {}

    def ask(self, deed: ChallengeDeed) -> Ask:
        """Return a deed as a request."""
        match deed:
            case deeds.Offer():
                return Ask("POST", "/v1/challenges", self._offer(deed))
            case deeds.Accept():
                return Ask("POST", f"{self._path(deed.name)}/accept")
            case deeds.TakeBack():
                return Ask("POST", f"{self._path(deed.name)}/cancel")
            case deeds.Say():
                return Ask("POST", f"{self._path(deed.name)}/resolve", {"outcome": deed.outcome})
            case deeds.Dispute():
                return Ask("POST", f"{self._path(deed.name)}/dispute")
            case deeds.Rule():
                return Ask("POST", f"{self._path(deed.name)}/rule", {"outcome": deed.outcome})

    def _offer(self, offer: deeds.Offer) -> dict[str, Any]:
        decided = {"resolver": offer.resolver}
        if offer.market is not None and offer.runner is not None:
            market, runner = self._runner(offer.market, offer.runner)
            decided = {"market_id": market, "runner_id": runner}
        return {
            "title": offer.matter or f"{offer.runner} wins",
            "side": offer.side,
            "odds": offer.odds,
            "stake": offer.stake,
            "currency": offer.code,
            "expires_at": ONE_DAY if offer.expires_at is None else format_time(offer.expires_at),
            "public": offer.public,
            **decided,
        }

    def _path(self, name: str) -> str:
        return f"/v1/challenges/{self._tokens.get(name, NO_TOKEN)}"

    def learn(self, deed: ChallengeDeed, body: Mapping[str, Any]) -> None:
        """Remember what the name in an offer stands for, now that it was made."""
        if isinstance(deed, deeds.Offer):
            self._tokens[deed.name] = body["token"]

    def outcome(self, deed: ChallengeDeed, body: Mapping[str, Any], replayed: bool) -> Outcome:
        """Return what came of a deed that was not refused."""
        return Outcome(body["status"], replayed=replayed)

    async def challenge(self, caller: Caller, name: str) -> Outcome:
        """Ask how a challenge stands."""
        challenge = (await caller.get(self._path(name))).json()
        facts = {"outcome": challenge["outcome"] or challenge["resolver_outcome"]}
        if challenge["result"] is not None:
            facts["fee"] = challenge["result"]["fee"]
        return Outcome(challenge["status"], {name: fact for name, fact in facts.items() if fact is not None})
