"""The live state of challenges: those that can still change, and what has to be done for each when."""

from collections.abc import Iterator, Mapping

from evens.core.challenges.challenge import Challenge, ChallengeChore
from evens.core.commands.challenges import RecallChallenges
from evens.core.exchange.market_view import MarketView
from evens.core.ledger.accounts import Ledger
from evens.core.ledger.agenda import AT_ONCE, Agenda
from evens.core.values.betting import ChallengeStatus
from evens.core.values.ids import AccountClass, ChallengeId, CustomerId, MarketId, account_id


class Challenges:
    """Challenges by id, and by the market whose result decides them.

    ``live`` has, for each customer, the challenges that they offered or accepted and that are not paid yet. Implements
    :class:`evens.core.exchange.market_view.MarketFollower` and
    :class:`evens.core.wallets.customer_follower.CustomerFollower`.
    """

    __slots__ = (
        "agenda",
        "by_id",
        "by_market",
        "customers",
        "frozen",
        "ledger",
        "live",
        "markets",
        "recalled_up_to",
        "tags",
    )

    def __init__(
        self,
        ledger: Ledger,
        agenda: Agenda,
        customers: Mapping[CustomerId, str],
        frozen: Mapping[CustomerId, None],
        tags: Mapping[CustomerId, frozenset[str]],
        markets: MarketView,
    ) -> None:
        self.ledger = ledger
        self.agenda = agenda
        self.customers = customers
        self.frozen = frozen
        self.tags = tags
        self.markets = markets
        self.by_id: dict[ChallengeId, Challenge] = {}
        self.by_market: dict[MarketId, dict[ChallengeId, Challenge]] = {}
        self.recalled_up_to: dict[MarketId, ChallengeId] = {}
        """By market that recalls its challenges: the last one that was recalled, in order of their ids."""
        self.live: dict[CustomerId, dict[ChallengeId, None]] = {}

    def add(self, challenge: Challenge) -> None:
        """Make a challenge known, and put on the agenda what is to be done for it."""
        self.by_id[challenge.id] = challenge
        if challenge.terms.market is not None:
            self.by_market.setdefault(challenge.terms.market, {})[challenge.id] = challenge
        if challenge.settled is None:
            self.live.setdefault(challenge.terms.customer, {})[challenge.id] = None
            if challenge.acceptor is not None:
                self.live.setdefault(challenge.acceptor, {})[challenge.id] = None
        self.schedule_next(challenge)

    def accept(self, challenge: Challenge, customer: CustomerId) -> None:
        """Note who took the other side, and what is to be done next."""
        challenge.status, challenge.acceptor = ChallengeStatus.ACCEPTED, customer
        self.live.setdefault(customer, {})[challenge.id] = None
        self.schedule_next(challenge)

    def forget_live(self, challenge: Challenge) -> None:
        """Count a challenge for nobody any more."""
        for customer in (challenge.terms.customer, challenge.acceptor):
            if customer is not None and challenge.id in (live := self.live.get(customer, {})):
                del live[challenge.id]
                if not live:
                    del self.live[customer]

    def drop(self, challenge_id: ChallengeId) -> None:
        """Forget a challenge that is over."""
        challenge = self.by_id.pop(challenge_id)
        self.forget_live(challenge)
        market = challenge.terms.market
        if market is not None:
            del self.by_market[market][challenge_id]
            if not self.by_market[market]:
                del self.by_market[market]

    def on_market(self, market: MarketId) -> list[Challenge]:
        """Return the challenges on a market, the oldest first."""
        return list(self.by_market.get(market, {}).values())

    def next_step(self, challenge: Challenge) -> tuple[int, ChallengeChore] | None:
        """Return when the house has to do what for a challenge; ``None`` while that is up to people or the market."""
        market, runner = challenge.terms.market, challenge.terms.runner
        frozen = challenge.terms.customer in self.frozen
        if market is None or runner is None:
            return challenge.next_step(removed=False, settlement=None, frozen=frozen)
        return challenge.next_step(self.markets.is_removed(market, runner), self.markets.settlement(market), frozen)

    def find_next(self, chore: ChallengeChore) -> Challenge | None:
        """Return the challenge that a chore is for, if that is what has to be done for it next."""
        challenge = self.by_id.get(chore.challenge)
        step = None if challenge is None else self.next_step(challenge)
        return challenge if step is not None and step[1] == chore else None

    def is_next(self, chore: ChallengeChore) -> bool:
        """Return whether this is what has to be done next for its challenge."""
        return self.find_next(chore) is not None

    def schedule_next(self, challenge: Challenge) -> None:
        """Put on the agenda what is next for a challenge."""
        step = self.next_step(challenge)
        if step is not None:
            self.agenda.schedule(step[0], challenge.id, step[1])

    def is_withdrawn(self, challenge: Challenge) -> bool:
        """Return whether nobody may accept an offer any more, though the house has not got to giving it back yet."""
        return challenge.lapsing or challenge.terms.customer in self.frozen

    def shares_tag(self, one: CustomerId, other: CustomerId) -> bool:
        """Return whether two customers have a tag in common: a payment source, a household, a team."""
        tags = self.tags.get(one)
        return tags is not None and not tags.isdisjoint(self.tags.get(other, ()))

    def market_turned(self, market: MarketId) -> None:
        """Let what was offered before the off lapse: nobody is to accept it who has seen more than its challenger."""
        for challenge in self.on_market(market):
            if challenge.status is ChallengeStatus.OFFERED:
                challenge.lapsing = True
                self.schedule_next(challenge)

    def customer_frozen(self, customer: CustomerId) -> None:
        """Let the offers of somebody who was frozen lapse."""
        for challenge in map(self.by_id.__getitem__, self.live.get(customer, {})):
            if challenge.status is ChallengeStatus.OFFERED and challenge.terms.customer == customer:
                self.schedule_next(challenge)

    def customer_unfrozen(self, customer: CustomerId) -> None:
        """Do nothing: offers that have not lapsed yet expire at their time, which is on the agenda already."""

    def market_decided(self, market: MarketId) -> None:
        """Do at once what a result, or the removal of a runner, asks of the challenges on a market.

        Those that an earlier result settled were forgotten, and are recalled now.
        """
        for challenge in self.on_market(market):
            step = self.next_step(challenge)
            if step is None:
                self.drop_if_over(challenge)
            elif step[0] == AT_ONCE:
                self.agenda.schedule(AT_ONCE, challenge.id, step[1])
        if (self.markets.settlement(market) or 0) > 1:
            self.agenda.begin(RecallChallenges(market))

    def booked(self, market: MarketId) -> int | None:
        """Return which result of a market that is still known is booked; ``None`` if there is none."""
        return self.markets.settlement(market) if self.markets.is_known(market) else None

    def drop_if_over(self, challenge: Challenge) -> None:
        """Forget a challenge on a market once it is settled by the market's result: the tables have it."""
        market = challenge.terms.market
        if challenge.settled is not None and market is not None and self.markets.settlement(market) is not None:
            self.drop(challenge.id)

    def has_work_on(self, market: MarketId) -> bool:
        """Return whether the house still has to do something for a challenge on a market."""
        if RecallChallenges(market) in self.agenda.long_work:
            return True
        return any(self.next_step(challenge) is not None for challenge in self.on_market(market))

    def market_archived(self, market: MarketId) -> None:
        """Forget the challenges on a market: their history is in the tables."""
        for challenge in self.on_market(market):
            self.drop(challenge.id)

    def check(self) -> None:
        """Find nothing wrong: what challenges hold in escrow is compared for the whole house."""

    def escrow(self) -> Iterator[tuple[int, int]]:
        """Yield the escrow account and the stake of each side that has one in it."""
        for challenge in self.by_id.values():
            for customer, minor in challenge.held_minor():
                yield account_id(customer, challenge.terms.currency_number, AccountClass.ESCROW), minor

    def lines(self) -> Iterator[str]:
        """Yield the state as text, one fact a line, in a fixed order."""
        for number in sorted(self.by_id):
            challenge = self.by_id[number]
            # How far recalling has come is left out: after a reload it begins anew.
            if challenge.settled is None or challenge.settled.settlement == 0:
                yield challenge.text()
