"""Refusals of the core as problems. Each reason has one record, in the room of its product.

A record says the HTTP status (402 money, 403 somebody else's to do, 404 unknown, 409 wrong state, 422 a value), the
sentence that tells the caller what to do next, and with status 422 the field that is wrong. The core may add facts to a
refusal, such as how much money is missing; the record then says how a fact of that name makes a better sentence and
extra members of the problem document.

Example: ``insufficient_funds`` comes with ``needed_minor`` 1000 and ``available_minor`` 250 in USD. Its record has an
explanation for ``needed_minor``, so the problem says "10.00 USD is needed and 2.50 USD is available." and has the
members ``currency``, ``needed`` and ``available``.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evens.core.events.ledger import Fact
from evens.core.values.money import Currency
from evens.core.values.reasons import Reason
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.problem import FieldError, Problem, problem

Facts = Mapping[str, int | str]
"""What the core added to a refusal, by name."""

Explanation = tuple[str, dict[str, Any]]
"""A sentence, and extra members of the problem document."""

Explain = Callable[[Facts, Currencies], Explanation]


@dataclass(frozen=True, slots=True)
class Refusal:
    """How one reason is presented.

    ``detail`` is the sentence without facts. ``field`` is the field of the request that a status of 422 blames.
    ``explanations`` has what to say instead, and in addition, if a fact of this name comes with the refusal.
    """

    reason: Reason
    status: int
    detail: str
    field: str | None = None
    explanations: Mapping[str, Explain] = dataclasses.field(default_factory=dict[str, Explain])


class Refusals:
    """Every refusal there can be. Raises ``ValueError`` if two records have the same reason."""

    def __init__(self, records: Iterable[Refusal], currencies: Currencies) -> None:
        self._records: dict[Reason, Refusal] = {}
        for record in records:
            if record.reason in self._records:
                raise ValueError(f"{record.reason!r} has two records")
            self._records[record.reason] = record
        self._currencies = currencies

    def present(self, reason: Reason, facts: tuple[Fact, ...]) -> Problem:
        """Return the problem that tells the caller of a refusal."""
        record = self._records[reason]
        known = dict(facts)
        detail = record.detail
        members: dict[str, Any] = {"position": known["position"]} if "position" in known else {}
        explain = next((record.explanations[name] for name in known if name in record.explanations), None)
        if explain is not None:
            detail, more = explain(known, self._currencies)
            members |= more
        errors = [] if record.field is None else [FieldError(record.field, detail)]
        return problem(record.status, reason.value, detail, errors, **members)


def currency_of(known: Facts, currencies: Currencies) -> Currency:
    """Return the currency that a refusal's facts name."""
    currency = currencies.find(str(known["currency"]))
    assert currency is not None
    return currency
