"""The highest level: everything over HTTP, each as the one who would do it, with answers held against each other."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from types import UnionType
from typing import Any, Protocol

from evens.core.values.ids import CustomerId
from evens.core.values.money import format_minor
from evens.edges.http.challenges.services import ChallengeSettings
from evens.identity.principal import Role
from evens.program.in_process import InProcessGateway
from evens.store.journal import PostgresJournal
from tests.edges.conftest import Caller, OpenHouse
from tests.scenarios.ask import Ask, refusal
from tests.scenarios.challenges.deeds import ChallengeDeed, Offer
from tests.scenarios.challenges.http import ChallengesOverHttp
from tests.scenarios.deeds import Deed, actor_of
from tests.scenarios.driver import Holding, Outcome
from tests.scenarios.exchange.deeds import Cells, ExchangeDeed
from tests.scenarios.exchange.http import ExchangeOverHttp
from tests.scenarios.fixed_odds.deeds import FixedOddsDeed
from tests.scenarios.fixed_odds.http import OWNERS, SportsbookOverHttp, is_said_by_line
from tests.scenarios.pools.deeds import PoolDeed
from tests.scenarios.pools.http import PoolsOverHttp
from tests.scenarios.server import Server
from tests.scenarios.wallets.deeds import PayIn, PayOut, Register, WalletDeed
from tests.scenarios.wallets.http import WalletsOverHttp, time_text

NOBODY = "usr_281474976710656"


class ProductOverHttp(Protocol):
    """What each product does with its own deeds over HTTP."""

    def ask(self, deed: Any) -> Ask:
        """Return a deed as a request."""
        ...

    def learn(self, deed: Any, body: Mapping[str, Any]) -> None:
        """Remember what the names in a deed stand for, now that it was done."""
        ...

    def outcome(self, deed: Any, body: Mapping[str, Any], replayed: bool) -> Outcome:
        """Return what came of a deed that was not refused."""
        ...


class HttpDriver:
    """Implements :class:`tests.scenarios.driver.Driver` by requests to a house with open doors."""

    def __init__(self, house: OpenHouse, desk: Caller, owner: Caller) -> None:
        self._house = house
        self._desk = desk
        self._owner = owner
        self._people: dict[str, Caller] = {}
        self._imported = 0
        self._exchange = ExchangeOverHttp(self._id, self._least)
        challenges = ChallengesOverHttp(self._exchange.runner)
        self._sportsbook = SportsbookOverHttp(self._id, self._scale)
        pools = PoolsOverHttp(self._id, self._least)
        self._wallets = WalletsOverHttp(self._id, self._people.__contains__)
        self._products: tuple[tuple[UnionType, ProductOverHttp], ...] = (
            (WalletDeed, self._wallets),
            (ExchangeDeed, self._exchange),
            (ChallengeDeed, challenges),
            (FixedOddsDeed, self._sportsbook),
            (PoolDeed, pools),
        )
        self._standings: dict[str, Callable[[str], Awaitable[Outcome]]] = {
            "order": partial(self._exchange.order, desk),
            "market": partial(self._exchange.market, desk),
            "challenge": partial(challenges.challenge, house.nobody),
            "bet": partial(self._sportsbook.bet, desk),
            "bank": partial(self._sportsbook.bank, desk),
            "stake": partial(pools.stake, desk),
            "round": partial(pools.round, desk),
        }
        house.stage.sequencer.stop()
        self._server = self._start()

    @classmethod
    async def open(cls, house: OpenHouse) -> "HttpDriver":
        """Make a key for the desk, and exchange the sequencer behind the doors for one that can be watched."""
        driver = cls(house, await house.someone(Role.OPERATOR, "desk"), await house.someone(Role.ADMIN, "owner"))
        await driver._server.leads()
        return driver

    def _start(self) -> Server:
        gateway = self._house.services.gateway
        assert isinstance(gateway, InProcessGateway)
        stage = self._house.stage
        return Server(PostgresJournal(stage.dsns.app), stage.inbox, time.time_ns, gateway)

    async def close(self) -> None:
        """Stop the sequencer."""
        await self._server.stop()

    async def do(self, deed: Deed, key: str | None) -> Outcome:
        """Ask for a deed, and under a key also for what became of it."""
        if isinstance(deed, PayIn | PayOut) and deed.rail == "import":
            assert key is None, "rows of an import have no keys"
            return await self._import(deed)
        if is_said_by_line(deed):
            assert key is None, "what a provider says has no key"
            return await self._hear(deed)
        caller = self._owner if isinstance(deed, OWNERS) else self._people.get(actor_of(deed), self._desk)
        if isinstance(deed, Offer):
            self._set_terms(deed)
        product = next(http for deeds, http in self._products if isinstance(deed, deeds))
        answer = await product.ask(deed).send(caller, key)
        replayed = answer.headers.get("Idempotency-Replayed") == "true"
        body = answer.json()
        if key is not None and body.get("code") != "idempotency_key_reused":
            kept = (await caller.get(f"/v1/outcomes/{key}")).json()
            assert (kept["status"], kept["body"]) == (answer.status_code, body)
        if not answer.is_success:
            return refusal(answer.status_code, body, replayed)
        product.learn(deed, body)
        if isinstance(deed, Register) and deed.who not in self._people:
            await self._admit(deed.who, body["id"])
        await self._server.rests()
        return product.outcome(deed, body, replayed)

    def _id(self, who: str) -> str:
        return self._people[who].id if who in self._people else NOBODY

    async def _hear(self, deed: Any) -> Outcome:
        """Let the feed ask for what the provider says."""
        receipt = await self._house.stage.submit(self._sportsbook.said(deed), actor="feed:line")
        await self._server.rests()
        return self._sportsbook.heard(deed, receipt)

    def _scale(self, code: str) -> int:
        currency = self._house.services.currencies.find(code)
        return 2 if currency is None else currency.scale

    def _set_terms(self, offer: Offer) -> None:
        """Set up the house so that it offers challenges on these terms, which are not the challenger's to choose."""
        settings = ChallengeSettings(offer.fee_bps, offer.dispute_window_s * 1000, offer.resolve_within_s * 1000)
        challenges = replace(self._house.services.challenges, settings=settings)
        self._house.app.state.services = replace(self._house.services, challenges=challenges)

    def _least(self, code: str) -> str:
        currency = self._house.services.currencies.find(code)
        return format_minor(1, currency.scale) if currency is not None else "1"

    async def _import(self, deed: PayIn | PayOut) -> Outcome:
        assert deed.who in self._people, "an import would register whoever is unknown"
        self._imported += 1
        row = {
            "account": deed.who,
            "kind": "deposit" if isinstance(deed, PayIn) else "withdrawal",
            "amount": deed.money.amount,
            "reference": deed.reference or f"row {self._imported} of this scenario",
            "effective_at": time_text(time.time_ns() if deed.effective_at is None else deed.effective_at),
        }
        answer = await self._desk.post("/v1/imports", {"currency": deed.money.code, "rows": [row]})
        (result,) = answer.json()["results"]
        if result["outcome"] == "refused":
            return Outcome(result["reason"])
        booked = (await self._desk.get(f"/v1/transactions/{result['transaction_id']}")).json()
        return self._wallets.outcome(deed, booked, replayed=False)

    async def _admit(self, who: str, user_id: str) -> None:
        key = (await self._desk.post("/v1/api-keys", {"role": "customer", "user_id": user_id})).json()
        self._people[who] = Caller(self._house.http, key["key"], CustomerId(int(user_id.removeprefix("usr_"))), who)

    async def holding(self, who: str, code: str, at: int | None) -> Holding:
        """Ask for a balance, as the one whose it is."""
        query = {"currency": code} if at is None else {"currency": code, "at": time_text(at)}
        balance = (await self._people[who].get("/v1/users/me/balance", **query)).json()
        aside = {kept: balance[kept] for kept in ("withdrawing", "escrow")}
        if at is None:
            aside["owing"] = await self._owed(who, balance)
        return Holding(balance["cash"], aside)

    async def _owed(self, who: str, balance: Mapping[str, str]) -> str:
        owing = (await self._desk.get("/v1/receivables")).json()["items"]
        whose = (self._id(who), balance["currency"])
        owed = [each["owed"] for each in owing if (each["user_id"], each["currency"]) == whose]
        return owed[0] if owed else str(0 * Decimal(balance["cash"]))

    async def standing(self, kind: str, name: str) -> Outcome:
        """Ask how a thing stands: the desk about orders and markets, anybody who has the link about a challenge."""
        return await self._standings[kind](name)

    async def book(self, market: str) -> Mapping[str, Cells]:
        """Ask for a book, as anybody may."""
        return await self._exchange.book(self._desk, market)

    async def position(self, who: str, market: str) -> Mapping[str, Cells]:
        """Ask for a position, as the one whose it is."""
        return await self._exchange.position(self._people[who], market)

    async def wait(self, ns: int) -> None:
        """Nothing makes time pass."""
        raise AssertionError("nobody can make time pass over HTTP")

    async def idle(self, idle: bool) -> None:
        """Nothing makes a sequencer idle."""
        raise AssertionError("a sequencer does its work whenever there is some")

    async def restart(self) -> None:
        """Exchange the sequencer behind the doors for a new one."""
        await self._server.stop()
        self._server = self._start()
        await self._server.leads()

    async def check(self) -> None:
        """Hold what the house says it owes altogether against the wallets of everybody."""
        held = defaultdict[tuple[str, str], Decimal](Decimal)
        for who in self._people.values():
            for wallet in (await who.get("/v1/users/me/wallets")).json()["items"]:
                for kept in ("cash", "escrow", "withdrawing"):
                    held[wallet["currency"], kept] += Decimal(wallet[kept])
        for total in (await self._desk.get("/v1/tvl")).json()["items"]:
            told = {"cash": total["total_cash"], "escrow": total["locked"], "withdrawing": total["pending_withdrawals"]}
            for kept, amount in told.items():
                assert Decimal(amount) == held[total["currency"], kept], f"{kept} of all is {amount}"
