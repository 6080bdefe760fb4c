"""Nothing is forgotten: every reason has a status and words, every command an answer."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, get_args

import pytest

from evens.core.commands.every import Command
from evens.core.events.ledger import Fact, TransferKind
from evens.core.exchange.reasons import ExchangeReason
from evens.core.ledger.reasons import SharedReason
from evens.core.values.money import Currency
from evens.core.values.reasons import Reason
from evens.edges.http.features import FEATURES, REFUSALS
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.feature import Feature
from evens.edges.http.protocol.refusals import Refusal, Refusals
from evens.edges.http.wallets.presenting import KINDS
from evens.edges.http.wallets.shapes import TransactionKind
from evens.store.encoding.event_tags import REASONS

MONEY: tuple[Fact, ...] = (("currency", "USD"), ("needed_minor", 1000), ("available_minor", 250))
CURRENCIES = Currencies([Currency(1, "USD", 2)])


PRESENTED = Refusals(REFUSALS, CURRENCIES)


def unrecorded(reasons: Iterable[Reason], records: Iterable[Refusal]) -> set[Reason]:
    """Return the reasons that have no record."""
    return set(reasons) - {record.reason for record in records}


def test_every_reason_has_a_record() -> None:
    assert unrecorded(REASONS.values(), REFUSALS) == set()
    assert {record.status for record in REFUSALS} == {402, 403, 404, 409, 422, 503}


@pytest.mark.parametrize("missing", REFUSALS, ids=lambda record: record.reason.value)
def test_a_reason_without_a_record_is_found(missing: Refusal) -> None:
    records = [record for record in REFUSALS if record is not missing]
    assert unrecorded(REASONS.values(), records) == {missing.reason}


def test_two_records_for_one_reason_are_refused() -> None:
    with pytest.raises(ValueError, match="has two records"):
        Refusals([*REFUSALS, REFUSALS[0]], CURRENCIES)


@pytest.mark.parametrize("feature", FEATURES)
def test_every_room_records_only_reasons_of_its_own_product(feature: Feature[Any]) -> None:
    kinds = {type(record.reason) for record in feature.refusals}
    assert len(kinds - {SharedReason}) == len(kinds) <= 1


@pytest.mark.parametrize("reason", sorted(REASONS.values()))
def test_every_reason_is_told_as_a_problem(reason: Reason) -> None:
    told = PRESENTED.present(reason, MONEY)
    assert told.status == next(record.status for record in REFUSALS if record.reason is reason)
    assert told.code == reason.value
    assert told.type == f"urn:evens:problem:{reason}"
    assert told.detail.endswith(".")
    assert bool(told.errors) == (told.status == 422)


def test_too_little_money_is_told_with_what_was_needed_and_what_there_was() -> None:
    told = PRESENTED.present(SharedReason.INSUFFICIENT_FUNDS, MONEY)
    assert told.detail == "10.00 USD is needed and 2.50 USD is available."
    assert (told.currency, told.needed, told.available) == ("USD", "10.00", "2.50")


@pytest.mark.parametrize(
    ("reason", "facts", "detail", "told"),
    [
        (
            ExchangeReason.ODDS_OFF_LADDER,
            (("odds_below", 200), ("odds_above", 202)),
            "These odds are not on the market's ladder; the nearest are 2.00 and 2.02.",
            {"odds_below": "2.00", "odds_above": "2.02"},
        ),
        (
            SharedReason.STAKE_TOO_SMALL,
            (("currency", "USD"), ("limit_minor", 100)),
            "The stake must be at least 1.00 USD.",
            {"currency": "USD", "limit": "1.00"},
        ),
        (
            SharedReason.STAKE_TOO_SMALL,
            (("currency", "USD"), ("matched_minor", 100)),
            "1.00 USD is matched already; the stake must be more.",
            {"currency": "USD", "matched": "1.00"},
        ),
        (
            SharedReason.STAKE_TOO_LARGE,
            (("currency", "USD"), ("limit_minor", 100)),
            "At these odds the stake must be at most 1.00 USD.",
            {"currency": "USD", "limit": "1.00"},
        ),
        (
            ExchangeReason.MARKET_VERSION_STALE,
            (("market_version", 3),),
            "The market has changed; look at it, and ask again with version 3.",
            {"market_version": 3},
        ),
        (
            ExchangeReason.WINNERS_WRONG,
            (("winners", 2),),
            "The winners must be different runners, at most 2; name those who tie in `tied`.",
            {"winners": 2},
        ),
        (
            ExchangeReason.ORDERS_LIMIT,
            (("orders_max", 1000),),
            "1000 of your orders wait in this market already; take some back first.",
            {},
        ),
    ],
)
def test_what_is_known_of_a_refusal_is_told(
    reason: Reason, facts: tuple[Fact, ...], detail: str, told: dict[str, str | int]
) -> None:
    document = PRESENTED.present(reason, facts).document()
    assert document["detail"] == detail
    assert document.items() >= told.items()
    assert set(document) - {"type", "title", "status", "detail", "code", "errors"} == set(told)


def test_every_command_is_answered_or_internal() -> None:
    answered = [command for feature in FEATURES for command in feature.answered]
    internal = [command for feature in FEATURES for command in feature.internal]
    assert Counter([*answered, *internal]) == Counter(get_args(Command))


def test_every_kind_of_transfer_that_touches_a_users_cash_is_a_transaction() -> None:
    assert set(TransferKind) - set(KINDS) == {
        TransferKind.PAID_OUT,
        TransferKind.ROUNDING,
        TransferKind.RESERVE,
        TransferKind.FUNDING,
        TransferKind.PROFIT,
    }
    assert set(KINDS.values()) == set(get_args(TransactionKind))
