"""The tables of the ledger and the wallets, and the SQL functions that write them."""

from collections.abc import Sequence
from typing import Any, Final

from evens.store.encoding.tables import Arrays, Table, change, insertion

CURRENCIES: Final = Table(
    "currencies", columns={"number": "smallint", "code": "text", "scale": "smallint"}, key=("number",)
)
TRANSFERS: Final = Table(
    "transfers",
    columns={
        "id": "bigint",
        "seq": "bigint",
        "debit": "bigint",
        "credit": "bigint",
        "amount": "bigint",
        "debit_after": "bigint",
        "credit_after": "bigint",
        "effective_at": "bigint",
        "kind": "smallint",
    },
    key=("id",),
)
TRANSFER_NOTES: Final = Table(
    "transfer_notes",
    columns={"transfer": "bigint", "reference": "text", "memo": "text", "destination": "text"},
    key=("transfer",),
)
BALANCES: Final = Table("balances", columns={"account": "bigint", "balance": "bigint"}, key=("account",))
EFFECTIVE_SUMS: Final = Table(
    "effective_sums",
    columns={"account": "bigint", "level": "smallint", "bucket": "bigint", "net": "numeric"},
    key=("account", "level", "bucket"),
)
CUSTOMERS: Final = Table(
    "customers",
    columns={
        "id": "bigint",
        "username": "text",
        "registered_at": "bigint",
        "frozen": "boolean",
        "commission_discount_bps": "integer",
        "excluded_until": "bigint",
        "tags": "text",
    },
    key=("id",),
    initial={"frozen": False, "commission_discount_bps": 0, "excluded_until": None, "tags": ""},
)
WITHDRAWALS: Final = Table(
    "withdrawals",
    columns={
        "id": "bigint",
        "customer": "bigint",
        "currency_number": "smallint",
        "amount": "bigint",
        "status": "text",
        "rail": "smallint",
    },
    key=("id",),
    initial={"status": "pending", "rail": None},
)
REVERSALS: Final = Table("reversals", columns={"reversal": "bigint", "transfer": "bigint"}, key=("reversal",))
DEPOSIT_LIMITS: Final = Table(
    "deposit_limits",
    columns={
        "customer": "bigint",
        "currency_number": "smallint",
        "period": "smallint",
        "amount": "bigint",
        "later_amount": "bigint",
        "later_at": "bigint",
        "set_at": "bigint",
    },
    key=("customer", "currency_number", "period"),
)


def _expected_balances(transfers: Arrays) -> Sequence[Any]:
    """Return the accounts that transfers touch, their balances after the last one, and whether any is back-dated."""
    balances: dict[int, int] = {}
    sides = transfers["debit"], transfers["debit_after"], transfers["credit"], transfers["credit_after"]
    for debit, debit_after, credit, credit_after in zip(*sides, strict=True):
        balances[debit] = debit_after
        balances[credit] = credit_after
    return list(balances), list(balances.values()), transfers["id"] != transfers["effective_at"]


DEFINE_CURRENCIES: Final = insertion("define_currencies", CURRENCIES)
REGISTER_CUSTOMERS: Final = insertion("register_customers", CUSTOMERS)
MARK_FROZEN: Final = change("mark_frozen", CUSTOMERS, "frozen")
EXCLUDE_CUSTOMERS: Final = change("exclude_customers", CUSTOMERS, "excluded_until")
TAG_CUSTOMERS: Final = change("tag_customers", CUSTOMERS, "tags")
POST_TRANSFERS: Final = insertion(
    "post_transfers",
    TRANSFERS,
    also=(BALANCES, EFFECTIVE_SUMS),
    after=("bigint[]", "bigint[]", "boolean"),
    conclude=_expected_balances,
)
POST_NOTES: Final = insertion("post_notes", TRANSFER_NOTES)
REQUEST_WITHDRAWALS: Final = insertion("request_withdrawals", WITHDRAWALS)
CLOSE_WITHDRAWALS: Final = change("close_withdrawals", WITHDRAWALS, "status", "rail")
REVERSE_TRANSFERS: Final = insertion("reverse_transfers", REVERSALS)
SET_DEPOSIT_LIMITS: Final = insertion("set_deposit_limits", DEPOSIT_LIMITS)

WRITES: Final = (
    DEFINE_CURRENCIES,
    REGISTER_CUSTOMERS,
    MARK_FROZEN,
    EXCLUDE_CUSTOMERS,
    TAG_CUSTOMERS,
    POST_TRANSFERS,
    POST_NOTES,
    REQUEST_WITHDRAWALS,
    CLOSE_WITHDRAWALS,
    REVERSE_TRANSFERS,
    SET_DEPOSIT_LIMITS,
)
"""In the order in which a batch runs them."""
