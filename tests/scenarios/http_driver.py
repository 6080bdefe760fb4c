"""The highest level: everything over HTTP, each as the one who would do it, with answers held against each other."""

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from evens.core.values.money import format_minor
from evens.edges.http.challenges.services import ChallengeSettings
from evens.identity.principal import Role
from evens.store.journal import PostgresJournal
from tests.edges.conftest import Caller, OpenHouse
from tests.scenarios import deeds
from tests.scenarios.ask import Ask
from tests.scenarios.challenges.deeds import ChallengeDeed, Offer
from tests.scenarios.challenges.http import ChallengesOverHttp
from tests.scenarios.deeds import Deed, WalletDeed, actor_of
from tests.scenarios.driver import Holding, Outcome
from tests.scenarios.exchange.deeds import Cells, ExchangeDeed
from tests.scenarios.exchange.http import ExchangeOverHttp
from tests.scenarios.server import Server

NOBODY = "usr_281474976710656"
FACTS = (
    "reference",
    "memo",
    "destination",
    "needed",
    "available",
    "currency",
    "position",
    "limit",
    "odds_below",
    "odds_above",
    "market_version",
)
"""What a transaction or a problem tells under the name that scenarios use."""


class HttpDriver:
    """Implements :class:`tests.scenarios.driver.Driver` by requests to a house with open doors."""

    def __init__(self, house: OpenHouse, desk: Caller) -> None:
        self._house = house
        self._desk = desk
        self._people: dict[str, Caller] = {}
        self._withdrawals: dict[str, str] = {}
        self._imported = 0
        self._exchange = ExchangeOverHttp(self._id, self._least)
        self._challenges = ChallengesOverHttp(self._exchange.runner)
        house.stage.sequencer.stop()
        self._server = self._start()

    @classmethod
    async def open(cls, house: OpenHouse) -> "HttpDriver":
        """Make a key for the desk, and exchange the sequencer behind the doors for one that can be watched."""
        driver = cls(house, await house.someone(Role.OPERATOR, "desk"))
        await driver._server.leads()
        return driver

    def _start(self) -> Server:
        return Server(PostgresJournal(self._house.stage.dsns.app), self._house.stage.inbox, time.time_ns)

    async def close(self) -> None:
        """Stop the sequencer."""
        await self._server.stop()

    async def do(self, deed: Deed, key: str | None) -> Outcome:
        """Ask for a deed, and under a key also for what became of it."""
        if isinstance(deed, deeds.PayIn | deeds.PayOut) and deed.rail == "import":
            assert key is None, "rows of an import have no keys"
            return await self._import(deed)
        caller = self._people.get(actor_of(deed), self._desk)
        answer = await self._ask(deed, caller).send(caller, key)
        replayed = answer.headers.get("Idempotency-Replayed") == "true"
        body = answer.json()
        if key is not None and body.get("code") != "idempotency_key_reused":
            kept = (await caller.get(f"/v1/outcomes/{key}")).json()
            assert (kept["status"], kept["body"]) == (answer.status_code, body)
        if answer.is_success and isinstance(deed, ExchangeDeed):
            self._exchange.learn(deed, body)
            await self._server.rests()
            return self._exchange.outcome(deed, body, replayed)
        if answer.is_success and isinstance(deed, ChallengeDeed):
            self._challenges.learn(deed, body)
            await self._server.rests()
            return self._challenges.outcome(body, replayed)
        await self._learn(deed, body)
        return _outcome(deed, answer.status_code, body, replayed)

    def _ask(self, deed: Deed, caller: Caller) -> Ask:
        if isinstance(deed, ExchangeDeed):
            return self._exchange.ask(deed)
        if isinstance(deed, ChallengeDeed):
            if isinstance(deed, Offer):
                self._set_terms(deed)
            return self._challenges.ask(deed)
        return Ask("POST", *self._request(deed, caller))

    def _request(self, deed: WalletDeed, caller: Caller) -> tuple[str, dict[str, Any] | None]:
        match deed:
            case deeds.Define():
                raise AssertionError("currencies cannot be defined over HTTP")
            case deeds.Register(who):
                return "/v1/users", {"username": who}
            case deeds.Freeze(who) | deeds.Unfreeze(who):
                return f"/v1/users/{self._id(who)}/{'freeze' if isinstance(deed, deeds.Freeze) else 'unfreeze'}", None
            case deeds.Complete(name) | deeds.Reject(name):
                decided = "complete" if isinstance(deed, deeds.Complete) else "reject"
                return f"/v1/withdrawals/{self._withdrawals[name]}/{decided}", None
            case deeds.Batch(payments, atomic):
                transfers = [self._transfer(payment, caller) for payment in payments]
                return "/v1/transfers/batch", {"transfers": transfers, "atomic": atomic}
            case deeds.Pay():
                return "/v1/transfers", self._transfer(deed, caller)
            case deeds.Request():
                return "/v1/withdrawals", _money_moved(deed)
            case _:
                path = "/v1/deposits" if isinstance(deed, deeds.PayIn) else "/v1/withdrawals"
                return path, {"user_id": self._id(deed.who), **_money_moved(deed)}

    def _transfer(self, pay: deeds.Pay, caller: Caller) -> dict[str, Any]:
        assert pay.effective_at is None, "payments have no value date over HTTP"
        body = {"to_user_id": self._id(pay.to), **_money_moved(pay)}
        return body if caller is not self._desk else {**body, "from_user_id": self._id(pay.who)}

    def _id(self, who: str) -> str:
        return self._people[who].id if who in self._people else NOBODY

    def _set_terms(self, offer: Offer) -> None:
        """Set up the house so that it offers challenges on these terms, which are not the challenger's to choose."""
        settings = ChallengeSettings(offer.fee_bps, offer.dispute_window_s * 1000)
        challenges = replace(self._house.services.challenges, settings=settings)
        self._house.app.state.services = replace(self._house.services, challenges=challenges)

    def _least(self, code: str) -> str:
        currency = self._house.services.currencies.find(code)
        return format_minor(1, currency.scale) if currency is not None else "1"

    async def _import(self, deed: deeds.PayIn | deeds.PayOut) -> Outcome:
        assert deed.who in self._people, "an import would register whoever is unknown"
        self._imported += 1
        row = {
            "account": deed.who,
            "kind": "deposit" if isinstance(deed, deeds.PayIn) else "withdrawal",
            "amount": deed.money.amount,
            "reference": deed.reference or f"row {self._imported} of this scenario",
            "effective_at": _time(time.time_ns() if deed.effective_at is None else deed.effective_at),
        }
        answer = await self._desk.post("/v1/imports", {"currency": deed.money.code, "rows": [row]})
        (result,) = answer.json()["results"]
        if result["outcome"] == "refused":
            return Outcome(result["reason"])
        booked = (await self._desk.get(f"/v1/transactions/{result['transaction_id']}")).json()
        return _outcome(deed, 201, booked, replayed=False)

    async def _learn(self, deed: Deed, body: dict[str, Any]) -> None:
        match deed:
            case deeds.Register(who) if "id" in body and who not in self._people:
                key = (await self._desk.post("/v1/api-keys", {"role": "customer", "user_id": body["id"]})).json()
                customer = int(body["id"].removeprefix("usr_"))
                self._people[who] = Caller(self._house.http, key["key"], customer, who)
            case deeds.Request(name=name) if "id" in body:
                self._withdrawals[name] = body["id"]
            case _:
                pass

    async def holding(self, who: str, code: str, at: int | None) -> Holding:
        """Ask for a balance, as the one whose it is."""
        query = {"currency": code} if at is None else {"currency": code, "at": _time(at)}
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

    async def order(self, name: str) -> Outcome:
        """Ask about an order."""
        return await self._exchange.order(self._desk, name)

    async def market(self, name: str) -> Outcome:
        """Ask about a market."""
        return await self._exchange.market(self._desk, name)

    async def challenge(self, name: str) -> Outcome:
        """Ask about a challenge, as whoever has the link may."""
        return await self._challenges.challenge(self._house.nobody, name)

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


def _money_moved(deed: deeds.PayIn | deeds.PayOut | deeds.Request | deeds.Pay) -> dict[str, Any]:
    """Return the members that a body has for the money of a deed and what was said about it."""
    said = {name: getattr(deed, name, None) for name in ("reference", "destination", "memo", "effective_at")}
    body = {name: value for name, value in said.items() if value is not None}
    if "effective_at" in body:
        body["effective_at"] = _time(body["effective_at"])
    return {"amount": deed.money.amount, "currency": deed.money.code, **body}


def _time(moment: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment // 1000)).isoformat()


def _outcome(deed: Deed, status: int, body: dict[str, Any], replayed: bool) -> Outcome:
    if "results" in body and isinstance(deed, deeds.Batch):
        parts = tuple(
            _outcome(payment, result.get("status", 201) if "code" in result else 201, result, replayed=False)
            for payment, result in zip(deed.payments, body["results"], strict=True)
        )
        return Outcome("decided", {}, parts, replayed) if not deed.atomic else Outcome("paid", replayed=replayed)
    facts = {name: str(body[name]) for name in FACTS if body.get(name) is not None}
    if "code" in body:
        assert status >= 400, body
        assert body["status"] == status
        return Outcome(body["code"], facts, replayed=replayed)
    if "effective_at" in body and body["effective_at"] != body["recorded_at"]:
        facts["effective"] = body["effective_at"][:10]
    return Outcome(_result(deed, body), facts, replayed=replayed)


def _result(deed: Deed, body: dict[str, Any]) -> str:
    match body:
        case {"kind": "deposit", "status": "completed"}:
            return "deposited"
        case {"kind": "transfer", "status": "completed"}:
            return "paid"
        case {"kind": "withdrawal", "status": "completed"}:
            return "completed" if isinstance(deed, deeds.Complete) else "withdrawn"
        case {"kind": "withdrawal", "status": status}:
            return str(status)
        case {"username": _}:
            return "registered"
        case {"status": "active"}:
            return "unfrozen"
        case {"status": status}:
            return str(status)
        case _:
            raise AssertionError(f"nobody has a word for {body}")
