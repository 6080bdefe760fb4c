"""Scenarios about wallets over HTTP: deeds as requests, and answers as outcomes."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.scenarios.ask import Ask, facts_of, refusal
from tests.scenarios.driver import Outcome
from tests.scenarios.wallets import deeds
from tests.scenarios.wallets.deeds import WalletDeed


class WalletsOverHttp:
    """Knows which withdrawals the names of a scenario stand for, as far as answers have told.

    ``user`` finds somebody's public id, ``is_known`` says whether somebody can ask for themselves.
    """

    def __init__(self, user: Callable[[str], str], is_known: Callable[[str], bool]) -> None:
        self._user = user
        self._is_known = is_known
        self._withdrawals: dict[str, str] = {}
        self._payments: dict[str, str] = {}

    def ask(self, deed: WalletDeed) -> Ask:
        """Return a deed as a request."""
        return Ask("PUT" if isinstance(deed, deeds.LimitDeposits) else "POST", *self._request(deed))

    def _request(self, deed: WalletDeed) -> tuple[str, dict[str, Any] | None]:
        match deed:
            case deeds.Define() | deeds.Begin():
                raise AssertionError("neither defining a currency nor beginning a batch is a request of its own")
            case deeds.Register(who):
                return "/v1/users", {"username": who}
            case deeds.Freeze() | deeds.Unfreeze() | deeds.Tag() | deeds.Exclude():
                return self._mark(deed)
            case deeds.Complete(name) | deeds.Reject(name):
                decided = "complete" if isinstance(deed, deeds.Complete) else "reject"
                return f"/v1/withdrawals/{self._withdrawals[name]}/{decided}", None
            case deeds.Reverse(name, memo):
                return f"/v1/transactions/{(self._payments | self._withdrawals)[name]}/reverse", {"reason": memo}
            case deeds.Batch(payments, atomic):
                transfers = [self._transfer(payment, by_desk=True) for payment in payments]
                return "/v1/transfers/batch", {"transfers": transfers, "atomic": atomic}
            case deeds.Pay():
                return "/v1/transfers", self._transfer(deed, by_desk=not self._is_known(deed.who))
            case deeds.Request():
                return "/v1/withdrawals", _money_moved(deed)
            case deeds.LimitDeposits(_, code, day, week, month):
                return "/v1/me/limits", {"currency": code, "deposit": {"day": day, "week": week, "month": month}}
            case _:
                path = "/v1/deposits" if isinstance(deed, deeds.PayIn) else "/v1/withdrawals"
                return path, {"user_id": self._user(deed.who), **_money_moved(deed)}

    def _mark(
        self, deed: deeds.Freeze | deeds.Unfreeze | deeds.Tag | deeds.Exclude
    ) -> tuple[str, dict[str, Any] | None]:
        if isinstance(deed, deeds.Freeze | deeds.Unfreeze):
            return f"/v1/users/{self._user(deed.who)}/{type(deed).__name__.lower()}", None
        if isinstance(deed, deeds.Tag):
            return f"/v1/users/{self._user(deed.who)}/tags", {"tags": deed.tags}
        return "/v1/me/self-exclusion", {"until": deed.until}

    def _transfer(self, pay: deeds.Pay, *, by_desk: bool) -> dict[str, Any]:
        assert pay.effective_at is None, "payments have no value date over HTTP"
        body = {"to_user_id": self._user(pay.to), **_money_moved(pay)}
        return {**body, "from_user_id": self._user(pay.who)} if by_desk else body

    def learn(self, deed: WalletDeed, body: Mapping[str, Any]) -> None:
        """Remember what the name in a request for a withdrawal stands for, now that it was made."""
        if isinstance(deed, deeds.Request):
            self._withdrawals[deed.name] = body["id"]
        elif isinstance(deed, deeds.PayIn | deeds.PayOut | deeds.Pay | deeds.Reverse) and deed.called is not None:
            self._payments[deed.called] = body["id"]

    def outcome(self, deed: WalletDeed, body: Mapping[str, Any], replayed: bool) -> Outcome:
        """Return what came of a deed that was not refused."""
        if isinstance(deed, deeds.Batch):
            parts = tuple(
                self._part(payment, result) for payment, result in zip(deed.payments, body["results"], strict=True)
            )
            return Outcome("paid", replayed=replayed) if deed.atomic else Outcome("decided", {}, parts, replayed)
        facts = facts_of(body)
        if "effective_at" in body and body["effective_at"] != body["recorded_at"]:
            facts["effective"] = body["effective_at"][:10]
        return Outcome(_result(deed, body), facts, replayed=replayed)

    def _part(self, payment: deeds.Pay, result: Mapping[str, Any]) -> Outcome:
        if "code" in result:
            return refusal(result["status"], result, replayed=False)
        return self.outcome(payment, result, replayed=False)


def _money_moved(deed: deeds.PayIn | deeds.PayOut | deeds.Request | deeds.Pay) -> dict[str, Any]:
    """Return the members that a body has for the money of a deed and what was said about it."""
    said = {name: getattr(deed, name, None) for name in ("reference", "destination", "memo", "effective_at")}
    body = {name: value for name, value in said.items() if value is not None}
    if "effective_at" in body:
        body["effective_at"] = time_text(body["effective_at"])
    return {"amount": deed.money.amount, "currency": deed.money.code, **body}


def time_text(moment: int) -> str:
    """Return a time, in nanoseconds since 1970 (UTC), as requests write it."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=moment // 1000)).isoformat()


def _result(deed: WalletDeed, body: Mapping[str, Any]) -> str:
    match body:
        case {"kind": "deposit" | "reversal" | "transfer" as kind, "status": "completed"}:
            return {"deposit": "deposited", "reversal": "reversed", "transfer": "paid"}[kind]
        case {"kind": "withdrawal", "status": "completed"}:
            return "completed" if isinstance(deed, deeds.Complete) else "withdrawn"
        case {"kind": "withdrawal", "status": status}:
            return str(status)
        case {"tags": _} | {"until": _}:
            return "tagged" if "tags" in body else "excluded"
        case {"deposit": _}:
            return "limited"
        case {"username": _}:
            return "registered"
        case {"status": "active"}:
            return "unfrozen"
        case {"status": status}:
            return str(status)
        case _:
            raise AssertionError(f"nobody has a word for {body}")
