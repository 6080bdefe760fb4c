"""A customer's money: funds, details, statement and currencies. There is one wallet, in the house's currency."""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from evens.core.events.ledger import TransferKind
from evens.core.values.ids import AccountClass, account_id
from evens.core.values.moments import MOMENT_MAX, MOMENT_MIN
from evens.core.values.money import Currency
from evens.edges.betfair.calls import Call, Number, Operation, Params, TimeRange
from evens.edges.betfair.current import read_span
from evens.edges.betfair.errors import ApiError
from evens.edges.betfair.wire.definition import TIMEZONE, percent_of
from evens.edges.betfair.wire.moments import format_moment
from evens.edges.betfair.wire.numbers import size_of
from evens.edges.http.wallets.presenting import WalletPresenter
from evens.store.wallets.queries import Entry, Span

STATEMENT_MAX: Final = 100
REACH_MAX: Final = 10_000
"""How far back a statement reaches, in records: each page is read from the newest one on."""

_PAYMENTS: Final = (TransferKind.DEPOSIT, TransferKind.WITHDRAWAL)

Wallet = Literal["UK", "AUSTRALIAN", "UK wallet", "Australian wallet"]
Included = Literal["ALL", "EXCHANGE", "POKER_ROOM", "DEPOSITS_WITHDRAWALS"]


_INCLUDED: Final[Mapping[Included, tuple[TransferKind, ...]]] = {
    "ALL": tuple(TransferKind),
    "EXCHANGE": tuple([kind for kind in TransferKind if kind not in _PAYMENTS]),
    "DEPOSITS_WITHDRAWALS": _PAYMENTS,
    "POKER_ROOM": (),
}


class Funds(Params, kw_only=True, frozen=True):
    """There is one wallet, whatever it is called."""

    wallet: Wallet | None = None


class Nothing(Params, kw_only=True, frozen=True):
    """Nothing is asked for."""


class Statement(Params, kw_only=True, frozen=True):
    """Which part of the list, and what is on it."""

    locale: str | None = None
    from_record: Number | None = None
    record_count: Number | None = None
    item_date_range: TimeRange | None = None
    include_item: Included | None = None
    wallet: Wallet | None = None


class Rates(Params, kw_only=True, frozen=True):
    """Rates from a currency to others."""

    from_currency: str | None = None


class Transfer(Params, kw_only=True, frozen=True):
    """Money from one wallet to another."""

    from_: str = msgspec.field(name="from")
    to: str
    amount: float


async def get_account_funds(call: Call[Funds]) -> dict[str, Any]:
    """Return what there is to bet with, and what is held for bets."""
    currency = _currency(call)
    balances = await call.services.wallets.queries.balances(call.customer) or {}

    def amount(kind: AccountClass) -> float:
        return size_of(balances.get(account_id(call.customer, currency.number, kind), 0), currency)

    return {
        "availableToBetBalance": amount(AccountClass.CASH),
        "exposure": -amount(AccountClass.ESCROW) or 0.0,
        "retainedCommission": 0.0,
        # There is no limit but what there is to bet with.
        "exposureLimit": 0.0,
        "discountRate": percent_of(await call.dialect.bets.discount_bps(call.customer)),
        "pointsBalance": 0,
        "wallet": "UK",
    }


async def get_account_details(call: Call[Nothing]) -> dict[str, Any]:
    """Return who has the account. The house knows people by their usernames."""
    profile = await call.services.identity.profile(call.customer)
    return {
        "currencyCode": _currency(call).code,
        "firstName": profile.username,
        "lastName": "",
        "localeCode": "en",
        "region": "GBR",
        "timezone": TIMEZONE,
        "discountRate": percent_of(await call.dialect.bets.discount_bps(call.customer)),
        "pointsBalance": 0,
        "countryCode": "GB",
    }


async def get_account_statement(call: Call[Statement]) -> dict[str, Any]:
    """Return what moved the customer's cash, newest first."""
    asked, currency = call.params, _currency(call)
    skip, count = read_span(asked.from_record, asked.record_count, STATEMENT_MAX)
    if skip + count > REACH_MAX:
        raise ApiError(
            "INVALID_INPUT_DATA", f"fromRecord reaches back {REACH_MAX} records at most; name an earlier itemDateRange."
        )
    since, until = (asked.item_date_range or TimeRange()).moments("itemDateRange")
    span = Span(
        currency.number,
        kinds=_INCLUDED[asked.include_item or "ALL"],
        effective_from=MOMENT_MIN if since is None else since,
        effective_before=MOMENT_MAX if until is None else min(until + 1, MOMENT_MAX),
    )
    entries = await call.services.wallets.queries.newest_entries(call.customer, span, limit=skip + count + 1)
    presenter = call.services.wallets.presenter
    told = [_item(presenter, entry, call) for entry in entries[skip : skip + count]]
    return {"accountStatement": told, "moreAvailable": len(entries) > skip + count}


def _item(presenter: WalletPresenter, entry: Entry, call: Call[Any]) -> dict[str, Any]:
    """Return an entry as an item of a statement."""
    line = presenter.entry(entry, call.customer)
    signed = float(line.amount) if line.direction == "in" else -float(line.amount)
    at = format_moment(entry.transfer.effective_at)
    kind = "ACCOUNT_CREDIT" if signed > 0 else "ACCOUNT_DEBIT"
    return {
        "refId": line.id.removeprefix("txn_"),
        "itemDate": at,
        "amount": signed,
        "balance": float(line.balance_after),
        "itemClass": "UNKNOWN",
        "itemClassData": {"unknownStatementItem": msgspec.json.encode({"kind": line.kind}).decode()},
        "legacyData": {
            "avgPrice": 0.0,
            "betSize": 0.0,
            "betType": "B",
            "betCategoryType": "NONE",
            "commissionRate": None,
            "eventId": 0,
            "eventTypeId": 0,
            "fullMarketName": line.kind,
            "grossBetAmount": 0.0,
            "marketName": line.kind,
            "marketType": "NOT_APPLICABLE",
            "placedDate": at,
            "selectionId": 0,
            "selectionName": None,
            "startDate": at,
            "transactionType": kind,
            "transactionId": entry.transfer.transfer,
            "winLose": "RESULT_NOT_APPLICABLE",
        },
    }


async def list_currency_rates(call: Call[Rates]) -> list[dict[str, Any]]:
    """Return the one rate that there is: the house changes no money, so a currency is worth itself."""
    currency = _currency(call)
    if call.params.from_currency not in (None, "", currency.code):
        told = f"fromCurrency can only be {currency.code}: the house changes no money; leave it out."
        raise ApiError("INVALID_INPUT_DATA", told)
    return [{"currencyCode": currency.code, "rate": 1.0}]


async def transfer_funds(call: Call[Transfer]) -> dict[str, Any]:
    """Refuse: there is one wallet."""
    raise ApiError("WALLET_TRANSFER_ERROR", "There is one wallet, so nothing can be moved between wallets.")


def _currency(call: Call[Any]) -> Currency:
    currency = call.services.currencies.find(call.services.default_currency)
    assert currency is not None
    return currency


ACCOUNT_OPERATIONS: Final[Mapping[str, Operation[Any]]] = {
    "getAccountFunds": Operation(Funds, get_account_funds),
    "getAccountDetails": Operation(Nothing, get_account_details),
    "getAccountStatement": Operation(Statement, get_account_statement),
    "listCurrencyRates": Operation(Rates, list_currency_rates),
    "transferFunds": Operation(Transfer, transfer_funds),
}
