"""Deposit limits: what counts, when a change counts, and what a refusal says."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.commands.wallets import Deposit, FreezeCustomer, SetDepositLimits, Withdraw
from evens.core.events.ledger import Rejected, Transferred
from evens.core.events.wallets import DepositLimitsSet
from evens.core.ledger.reasons import SharedReason
from evens.core.values.deposit_limits import RAISE_DELAY_NS, DepositLimit, Period, bounds
from evens.core.values.ids import CustomerId, Rail
from evens.core.values.moments import DAY_NS, parse_time
from evens.core.wallets.reasons import WalletReason
from tests.core.desk import Desk

TUESDAY_NOON = parse_time("2026-12-01T12:00:00Z")
MIDNIGHT = parse_time("2026-12-02T00:00:00Z")


@pytest.fixture
def desk() -> Desk:
    """A house on Tuesday, 1 December 2026, at noon, with ann, who has deposited nothing."""
    desk = Desk()
    desk.define("USD")
    desk.register("ann")
    desk.at(TUESDAY_NOON)
    return desk


def ann(desk: Desk) -> CustomerId:
    return desk.house.wallets.ids_by_username["ann"]


def limit(desk: Desk, day: int | None = None, week: int | None = None, month: int | None = None) -> DepositLimitsSet:
    (event,) = desk.do(SetDepositLimits(ann(desk), "USD", day, week, month))
    assert isinstance(event, DepositLimitsSet)
    return event


def deposit(desk: Desk, amount_minor: int, effective_at: int | None = None) -> Transferred | Rejected:
    (event,) = desk.do(Deposit(ann(desk), "USD", amount_minor, Rail.DESK, effective_at))
    assert isinstance(event, Transferred | Rejected)
    return event


def room_minor(desk: Desk) -> int:
    """Return how much can be deposited: the largest amount that is not refused, found by trying."""
    low, high = 0, 10**6
    while low < high:
        middle = (low + high + 1) // 2
        refusal = desk.try_out(Deposit(ann(desk), "USD", middle, Rail.DESK))
        low, high = (low, middle - 1) if isinstance(refusal, Rejected) else (middle, high)
    return low


def test_what_was_deposited_before_the_limit_was_set_counts(desk: Desk) -> None:
    deposit(desk, 8_000)
    desk.do(Withdraw(ann(desk), "USD", 5_000, Rail.DESK))
    limit(desk, day=10_000)
    assert room_minor(desk) == 2_000


def test_a_refusal_says_which_limit_and_when_there_is_room_again(desk: Desk) -> None:
    limit(desk, day=10_000, week=50_000)
    deposit(desk, 8_000)
    facts = (
        ("currency", "USD"),
        ("period", "day"),
        ("limit_minor", 10_000),
        ("deposited_minor", 8_000),
        ("resets_at", MIDNIGHT),
    )
    assert deposit(desk, 2_001) == Rejected(WalletReason.DEPOSIT_LIMIT, facts)
    assert isinstance(deposit(desk, 2_000), Transferred)


def test_of_several_limits_the_one_that_leaves_least_room_is_named(desk: Desk) -> None:
    limit(desk, day=10_000, week=9_000, month=9_500)
    refusal = deposit(desk, 20_000)
    assert isinstance(refusal, Rejected)
    assert dict(refusal.facts)["period"] == "week"


def test_of_limits_that_leave_as_much_the_one_that_lasts_longest_is_named(desk: Desk) -> None:
    deposit(desk, 5_000)
    limit(desk, day=1_000, week=2_000, month=2_000)
    facts = dict(refused(desk, 1, desk.next_at).facts)
    assert (facts["period"], facts["resets_at"]) == ("month", parse_time("2027-01-01T00:00:00Z"))


@pytest.mark.parametrize(
    ("limits", "next_time"),
    [
        ({"day": 100}, "2026-12-02T00:00:00Z"),
        ({"week": 100}, "2026-12-07T00:00:00Z"),
        ({"month": 100}, "2027-01-01T00:00:00Z"),
    ],
)
def test_a_limit_begins_anew_with_its_period_and_not_before(desk: Desk, limits: dict[str, int], next_time: str) -> None:
    limit(desk, **limits)
    deposit(desk, 100)
    desk.at(parse_time(next_time) - 2_000)
    assert room_minor(desk) == 0
    desk.at(parse_time(next_time))
    assert room_minor(desk) == 100


def test_a_lower_limit_counts_at_once_and_a_higher_one_after_a_day(desk: Desk) -> None:
    limit(desk, day=100)
    raised = limit(desk, day=300)
    asked_at = desk.house.at
    assert raised.limits[0] == DepositLimit(100, 300, asked_at + RAISE_DELAY_NS)
    assert room_minor(desk) == 100
    desk.at(asked_at + RAISE_DELAY_NS - 2_000)
    assert room_minor(desk) == 100
    desk.at(asked_at + RAISE_DELAY_NS)
    assert room_minor(desk) == 300
    limit(desk, day=50)
    assert room_minor(desk) == 50


def test_doing_without_a_limit_is_a_raise(desk: Desk) -> None:
    limit(desk, day=100)
    limit(desk)
    assert room_minor(desk) == 100
    desk.at(desk.house.at + RAISE_DELAY_NS)
    assert room_minor(desk) == 10**6


def test_a_lower_limit_calls_a_raise_off(desk: Desk) -> None:
    limit(desk, day=100)
    limit(desk, day=300)
    assert limit(desk, day=100).limits[0] == DepositLimit(100)
    desk.at(desk.house.at + 2 * RAISE_DELAY_NS)
    assert room_minor(desk) == 100


def test_asking_again_for_the_same_raise_does_not_make_it_wait_longer(desk: Desk) -> None:
    limit(desk, day=100)
    first = limit(desk, day=300)
    desk.at(desk.house.at + DAY_NS // 2)
    assert limit(desk, day=300) == first
    again = limit(desk, day=400)
    assert again.limits[0].later_at == desk.house.at + RAISE_DELAY_NS


def test_a_deposit_counts_in_the_period_of_its_value_date(desk: Desk) -> None:
    limit(desk, day=100, week=1_000)
    yesterday = TUESDAY_NOON - DAY_NS
    deposit(desk, 500, yesterday)
    assert room_minor(desk) == 100
    facts = dict(refused(desk, 501, yesterday).facts)
    assert (facts["period"], facts["deposited_minor"]) == ("week", 500)
    deposit(desk, 10_000, TUESDAY_NOON - 60 * DAY_NS)
    assert room_minor(desk) == 100


def refused(desk: Desk, amount_minor: int, effective_at: int) -> Rejected:
    refusal = deposit(desk, amount_minor, effective_at)
    assert isinstance(refusal, Rejected)
    return refusal


def test_each_currency_has_limits_of_its_own(desk: Desk) -> None:
    desk.define("EUR")
    limit(desk, day=100)
    assert isinstance(desk.do(Deposit(ann(desk), "EUR", 500, Rail.DESK))[0], Transferred)


def test_who_is_frozen_can_still_set_limits_and_who_is_unknown_cannot(desk: Desk) -> None:
    desk.do(FreezeCustomer(ann(desk)))
    limit(desk, day=100)
    assert desk.refuse(SetDepositLimits(CustomerId(4711), "USD", 1)).reason is SharedReason.CUSTOMER_UNKNOWN
    assert desk.refuse(SetDepositLimits(ann(desk), "XXX", 1)).reason is SharedReason.CURRENCY_UNKNOWN


def test_limits_that_are_gone_leave_nothing_in_memory(desk: Desk) -> None:
    limit(desk, day=100)
    limit(desk)
    desk.at(desk.house.at + RAISE_DELAY_NS)
    limit(desk)
    assert desk.house.wallets.deposit_limits == {}


@given(st.integers(parse_time("1700-01-01T00:00:00Z"), parse_time("2250-01-01T00:00:00Z")), st.sampled_from(Period))
def test_a_period_is_that_of_the_calendar(moment_ns: int, period: Period) -> None:
    begins_at, ends_at = bounds(period, moment_ns)
    assert begins_at <= moment_ns < ends_at
    begins, moment, ends = (datetime.fromtimestamp(ns // 10**9, UTC) for ns in (begins_at, moment_ns, ends_at))
    match period:
        case Period.DAY:
            assert begins.date() == moment.date()
        case Period.WEEK:
            assert begins.isocalendar()[:2] == moment.isocalendar()[:2]
            assert begins.isoweekday() == ends.isoweekday() == 1
        case Period.MONTH:
            assert (begins.year, begins.month, begins.day, ends.day) == (moment.year, moment.month, 1, 1)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("deposit"), st.integers(1, 60), st.integers(0, 40)),
        st.tuples(st.just("limit"), st.one_of(st.none(), st.integers(1, 150)), st.integers(0, 2)),
        st.tuples(st.just("wait"), st.integers(1, 40), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS)
def test_a_naive_twin_that_adds_up_all_deposits_agrees(steps: list[tuple[str, int | None, int]]) -> None:
    desk = Desk()
    desk.define("USD")
    desk.register("ann")
    desk.at(TUESDAY_NOON)
    deposits: list[tuple[int, int]] = []
    limits: list[list[tuple[int, int | None]]] = [[(0, None)] for _ in Period]
    for kind, number, more in steps:
        if kind == "wait":
            assert number is not None
            desk.at(desk.next_at + number * DAY_NS // 5)
        elif kind == "limit":
            asked: list[int | None] = [limit_at(changes, desk.next_at) for changes in limits]
            asked[more] = number
            at = desk.next_at
            for changes, wanted in zip(limits, asked, strict=True):
                change(changes, wanted, at)
            limit(desk, *asked)
        else:
            assert number is not None
            at = desk.next_at
            effective_at = at - more * DAY_NS
            allowed = all(
                maximum is None
                or effective_at < bounds(period, at)[0]
                or number + sum(minor for moment, minor in deposits if bounds(period, moment) == bounds(period, at))
                <= maximum
                for period, changes in zip(Period, limits, strict=True)
                for maximum in [limit_at(changes, at)]
            )
            assert isinstance(deposit(desk, number, effective_at), Transferred) is allowed
            if allowed:
                deposits.append((effective_at, number))
    assert desk.replayed().digest() == desk.house.digest()


def limit_at(changes: list[tuple[int, int | None]], moment: int) -> int | None:
    return [maximum for since, maximum in changes if since <= moment][-1]


def change(changes: list[tuple[int, int | None]], wanted: int | None, at: int) -> None:
    """Note in the twin's list of (since, limit) what the customer asks for."""
    current, waiting = limit_at(changes, at), [each for each in changes if each[0] > at]
    changes[:] = [each for each in changes if each[0] <= at]
    if current is not None and (wanted is None or wanted > current):
        same = [each for each in waiting if each[1] == wanted]
        changes.append(same[0] if same else (at + DAY_NS, wanted))
    elif wanted != current:
        changes.append((at, wanted))
