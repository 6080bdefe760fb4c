"""Auditing the ledger and the wallets: transfers page by page, withdrawals as they are closed, the rest at the end."""

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from evens.store.auditing.differences import compare
from evens.store.auditing.expected_rows import ExpectedRows, compare_keys, compare_span
from evens.store.auditing.product import Page
from evens.store.encoding.rows import Rows
from evens.store.wallets.effective_sums import EffectiveSums
from evens.store.wallets.tables import (
    BALANCES,
    CLOSE_WITHDRAWALS,
    CURRENCIES,
    CUSTOMERS,
    DEPOSIT_LIMITS,
    EFFECTIVE_SUMS,
    POST_NOTES,
    POST_TRANSFERS,
    REGISTER_CUSTOMERS,
    REQUEST_WITHDRAWALS,
    REVERSALS,
    REVERSE_TRANSFERS,
    SET_DEPOSIT_LIMITS,
    TRANSFER_NOTES,
    TRANSFERS,
    WITHDRAWALS,
)

if TYPE_CHECKING:
    from evens.store.auditing.product import Check
    from evens.store.database import Wire

_SELECT_LIMITS: Final = f"{DEPOSIT_LIMITS.select()} ORDER BY {', '.join(DEPOSIT_LIMITS.key)}"
_SELECT_SUMS: Final = f"{EFFECTIVE_SUMS.select()} ORDER BY {', '.join(EFFECTIVE_SUMS.key)}"


class WalletsAudit:
    """What the tables of the ledger and the wallets should hold. Implements ``ProductAudit``.

    Currencies and balances, and what can change of a customer, are compared as part of the loaded house.
    """

    tables = (
        TRANSFERS,
        TRANSFER_NOTES,
        CUSTOMERS,
        WITHDRAWALS,
        REVERSALS,
        DEPOSIT_LIMITS,
        EFFECTIVE_SUMS,
        CURRENCIES,
        BALANCES,
    )

    def __init__(self) -> None:
        self._withdrawals = ExpectedRows(WITHDRAWALS)
        self._deposit_limits = ExpectedRows(DEPOSIT_LIMITS)
        self._sums = EffectiveSums()

    async def compare_page(self, wire: "Wire", page: Page) -> None:
        """Compare the transfers, notes, reversals and customers of a page, and the withdrawals closed in it."""
        rows = page.rows
        await compare_span(wire, POST_TRANSFERS, rows, page.moments)
        await compare_span(wire, POST_NOTES, rows, page.moments)
        await compare_span(wire, REGISTER_CUSTOMERS, rows, page.seqs)
        await compare_span(wire, REVERSE_TRANSFERS, rows, page.moments)
        await compare_keys(wire, REQUEST_WITHDRAWALS, rows, page.moments)
        self._add_back_dated(rows)
        self._deposit_limits.insert(SET_DEPOSIT_LIMITS, rows)
        self._withdrawals.insert(REQUEST_WITHDRAWALS, rows)
        self._withdrawals.set(CLOSE_WITHDRAWALS, rows)
        await self._withdrawals.compare(wire, [row[0] for row in rows.of(CLOSE_WITHDRAWALS)])

    def remaining(self) -> Iterable["Check"]:
        """Return the checks of pending withdrawals, of deposit limits and of effective sums."""
        return (self._withdrawals.compare_rest, self._compare_deposit_limits, self._compare_sums)

    def _add_back_dated(self, rows: Rows) -> None:
        for transfer, _seq, debit, credit, amount_minor, _, _, effective_at, _kind in rows.of(POST_TRANSFERS):
            if effective_at != transfer:
                self._sums.add(transfer, debit, credit, amount_minor, effective_at)

    async def _compare_deposit_limits(self, wire: "Wire") -> None:
        expected = sorted([tuple(fields.values()) for fields in self._deposit_limits.rows()], key=itemgetter(0, 1, 2))
        compare(DEPOSIT_LIMITS.name, expected, await wire.fetch(_SELECT_LIMITS))

    async def _compare_sums(self, wire: "Wire") -> None:
        compare(EFFECTIVE_SUMS.name, self._sums.rows(), await wire.fetch(_SELECT_SUMS))
