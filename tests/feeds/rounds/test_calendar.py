"""When rounds are: known days of an exchange, clocks that change, late announcements, and intervals round the clock."""

import csv
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.core.values.moments import DAY_NS, SECOND_NS, format_time, parse_time
from evens.core.values.pool_running import PoolRunning
from evens.feeds.rounds.calendar import Calendar, Session, calendar_of, prepare
from evens.feeds.rounds.exchange_days import ExchangeUnknown, NoSession
from tests.feeds.rounds.asking import CLOSES

NEW_YORK = ZoneInfo("America/New_York")
NASDAQ = calendar_of(PoolRunning())


def local(moment: int) -> datetime:
    return datetime.fromtimestamp(moment // SECOND_NS, NEW_YORK)


def clock(moment: int) -> str:
    return f"{local(moment):%H:%M:%S}"


def sessions(calendar: Calendar, first: str, last: str) -> list[Session]:
    """Walk from one day to another by asking for the next one after each, as a scheduler does."""
    found = [calendar.session(first)]
    while found[-1].code < last:
        found.append(calendar.next_after(found[-1].code, found[-1].locks_at))
    return found


@pytest.mark.parametrize(
    ("code", "locks", "settles"),
    [
        ("20210312", "2021-03-12T20:59:59Z", "2021-03-12T21:05:00Z"),
        ("20210315", "2021-03-15T19:59:59Z", "2021-03-15T20:05:00Z"),
        ("20211105", "2021-11-05T19:59:59Z", "2021-11-05T20:05:00Z"),
        ("20211108", "2021-11-08T20:59:59Z", "2021-11-08T21:05:00Z"),
        ("20241224", "2024-12-24T17:59:59Z", "2024-12-24T18:05:00Z"),
        ("20240703", "2024-07-03T16:59:59Z", "2024-07-03T17:05:00Z"),
    ],
)
def test_a_round_locks_a_second_before_the_close_and_settles_five_minutes_after(
    code: str, locks: str, settles: str
) -> None:
    session = NASDAQ.session(code)
    assert (format_time(session.locks_at), format_time(session.settles_at)) == (locks, settles)
    assert session.code == code
    assert session.observed_on == f"{code[:4]}-{code[4:6]}-{code[6:]}"
    assert session.zone == "America/New_York"


@pytest.mark.parametrize("code", ["20241224", "20240703"])
def test_an_early_close_moves_the_lock_and_the_settling(code: str) -> None:
    session = NASDAQ.session(code)
    assert (clock(session.locks_at), clock(session.settles_at)) == ("12:59:59", "13:05:00")


def test_the_next_session_passes_over_weekends_and_holidays() -> None:
    assert NASDAQ.next_after("20201231", 0).code == "20210104"
    assert NASDAQ.next_after("20210312", 0).code == "20210315"
    assert NASDAQ.previous("20210104").code == "20201231"
    assert NASDAQ.previous("20210103").code == "20201231"


def test_the_next_session_is_one_that_can_still_be_bet_on() -> None:
    locks_at = NASDAQ.session("20210312").locks_at
    assert NASDAQ.next_after(None, locks_at - 1).code == "20210312"
    assert NASDAQ.next_after(None, locks_at).code == "20210315"
    # The server was down for a week: what it missed is not opened any more.
    assert NASDAQ.next_after("20210305", locks_at).code == "20210315"


def test_a_round_with_a_code_of_an_operators_own_does_not_stop_the_next_one() -> None:
    locks_at = NASDAQ.session("20210312").locks_at
    assert NASDAQ.next_after("special-1", locks_at).code == "20210315"


@pytest.mark.parametrize("code", ["20210313", "20211225", "20210230", "2021-03-12", "20210312T205959", "", "２0210312"])
def test_what_is_no_session_is_refused(code: str) -> None:
    with pytest.raises(NoSession, match=r"^(is|must be) a day"):
        NASDAQ.session(code)


@pytest.mark.parametrize("code", ["00010101", "19890103", "99991231"])
def test_years_beyond_all_calendars_are_refused_and_not_computed(code: str) -> None:
    with pytest.raises(NoSession, match="outside of the years"):
        NASDAQ.session(code)


def test_a_day_that_was_announced_late_has_no_session_and_its_round_is_void() -> None:
    """Pools 2: 2025-01-09 was such a day. The library knows it by now, so a day that it does not know is tried, too."""
    for day, before, after in (
        ("2025-01-09", "20250108", "20250110"),
        ("2025-01-08", "20250107", "20250110"),
        ("2026-06-10", "20260609", "20260611"),
    ):
        code = day.replace("-", "")
        calendar = calendar_of(PoolRunning(closed=(day,)))
        assert calendar.is_closed(code)
        assert not NASDAQ.is_closed(code)
        assert calendar.next_after(before, 0).code == after
        assert calendar.previous(after).code == before
        with pytest.raises(NoSession):
            calendar.session(code)


def test_an_early_close_that_was_announced_late_moves_the_round() -> None:
    calendar = calendar_of(PoolRunning(early={"2026-06-10": "13:00", "2026-11-27": "17:00"}))
    session = calendar.session("20260610")
    assert (clock(session.locks_at), clock(session.settles_at)) == ("12:59:59", "13:05:00")
    assert calendar.session("20260611") == NASDAQ.session("20260611")
    # A close that is later than the exchange's own would let people bet on a price that they know.
    assert calendar.session("20261127") == NASDAQ.session("20261127")


def test_every_day_of_ten_years_locks_and_settles_by_the_clock_of_new_york() -> None:
    """Pools 2: strictly rising, no overlap, lock before settle, and the change of clocks in every year."""
    found = sessions(NASDAQ, "20120719", "20220718")
    for one, other in pairwise(found):
        assert one.code < other.code
        assert one.locks_at < one.closes_at < one.settles_at < other.locks_at
        assert NASDAQ.previous(other.code) == one
    clocks = {(clock(session.locks_at), clock(session.settles_at)) for session in found}
    assert clocks == {("15:59:59", "16:05:00"), ("12:59:59", "13:05:00")}
    assert all(f"{local(session.closes_at):%Y%m%d}" == session.code for session in found)
    for year in range(2013, 2022):
        offsets = [local(session.locks_at).utcoffset() for session in found if session.code.startswith(str(year))]
        changes = sum(one != other for one, other in pairwise(offsets))
        assert (offsets[0], changes) == (timedelta(hours=-5), 2)


@pytest.mark.skipif(not CLOSES.exists(), reason="the recorded closes are not here")
def test_the_sessions_are_those_of_the_recorded_closes() -> None:
    """Pools 2: 2,380 sessions, 22 of them half days."""
    with CLOSES.open(newline="") as file:
        days = [row["date"].replace("-", "") for row in csv.DictReader(file)]
    found = sessions(NASDAQ, days[0], days[-1])
    assert [session.code for session in found] == days
    assert len(found) == 2_380
    assert sum(clock(session.closes_at) == "13:00:00" for session in found) == 22


def test_rounds_are_found_from_2010_to_2040() -> None:
    """Pools 2: the library's own calendars end a year ahead; after 400 days of uptime there is a next session."""
    for year in range(2010, 2041):
        assert NASDAQ.next_after(None, parse_time(f"{year}-12-30T00:00:00Z")).code > f"{year}1229"
    found = sessions(NASDAQ, "20391230", "20401231")
    assert 250 <= len(found) <= 255


def test_an_exchange_that_has_not_announced_its_days_is_told_so() -> None:
    shanghai = calendar_of(PoolRunning(calendar="XSHG"))
    assert shanghai.session("20241231").zone == "Asia/Shanghai"
    with pytest.raises(NoSession, match="has not announced its days of 2060"):
        shanghai.session("20600105")


def test_an_exchange_that_is_not_known_is_told_so() -> None:
    with pytest.raises(ExchangeUnknown, match="XXXX is the code of no exchange"):
        calendar_of(PoolRunning(calendar="XXXX")).session("20210312")


@pytest.mark.anyio
async def test_days_can_be_read_ahead_of_the_first_question() -> None:
    await prepare(PoolRunning(calendar="XLON"), parse_time("2026-11-28T00:00:00Z"))
    await prepare(PoolRunning(calendar="every:60"), 0)
    with pytest.raises(ExchangeUnknown):
        await prepare(PoolRunning(calendar="XXXX"), DAY_NS * 20_000)


def test_pandas_is_imported_when_a_day_is_asked_for_and_not_before() -> None:
    program = (
        "import sys, evens.main, evens.feeds.rounds.oracle\n"
        "from evens.core.values.pool_running import PoolRunning\n"
        "from evens.feeds.rounds.calendar import calendar_of\n"
        "calendar_of(PoolRunning(calendar='every:60')).next_after(None, 0); calendar_of(PoolRunning())\n"
        "assert 'pandas' not in sys.modules and 'exchange_calendars' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_intervals_follow_each_other_round_the_clock() -> None:
    calendar = calendar_of(PoolRunning(calendar="every:60", settle_after_close_s=2))
    session = calendar.next_after(None, parse_time("2026-11-28T23:59:00Z"))
    assert (session.code, session.observed_on) == ("20261128T235959", "2026-11-29T00:00:00Z")
    assert format_time(session.settles_at) == "2026-11-29T00:00:02Z"
    assert calendar.next_after(session.code, 0).code == "20261129T000059"
    assert calendar.session(session.code) == session
    assert calendar.previous("20261129T000059") == session


@pytest.mark.parametrize("code", ["20261128T235958", "20261128", "20261128T245959", "", "20261399T000000"])
def test_what_is_no_interval_is_refused(code: str) -> None:
    with pytest.raises(NoSession, match="such as 2026"):
        calendar_of(PoolRunning(calendar="every:60")).session(code)


def test_there_are_no_intervals_on_a_closed_day() -> None:
    running = PoolRunning(calendar="every:3600", closed=("2026-11-28", "2026-11-29"))
    calendar = calendar_of(running)
    assert calendar.next_after("20261127T235959", 0).code == "20261130T005959"
    assert calendar.previous("20261130T005959").code == "20261127T235959"
    assert calendar.is_closed("20261128T125959")
    assert not calendar.is_closed("20261130T005959")
    with pytest.raises(NoSession, match="announced"):
        calendar.session("20261128T125959")


@given(st.data())
def test_intervals_rise_and_never_overlap_their_own_lock(data: st.DataObject) -> None:
    interval_s = data.draw(st.integers(1, 99_999))
    before_s = data.draw(st.integers(0, min(interval_s - 1, 86_400)))
    at = data.draw(st.integers(0, 80 * 366 * DAY_NS))
    day = datetime.fromtimestamp(at // SECOND_NS, UTC).date()
    closed = data.draw(st.sets(st.integers(0, 3).map(lambda days: date.isoformat(day + timedelta(days=days)))))
    calendar = calendar_of(
        PoolRunning(calendar=f"every:{interval_s}", lock_before_close_s=before_s, closed=tuple(sorted(closed)))
    )
    session = calendar.next_after(None, at)
    following = calendar.next_after(session.code, 0)
    assert at < session.locks_at <= session.closes_at <= session.settles_at
    assert session.locks_at < following.locks_at
    assert calendar.session(session.code) == session
    assert calendar.previous(following.code) == session
    assert not calendar.is_closed(session.code)
    if not closed:
        assert session.locks_at - at <= following.locks_at - session.locks_at == interval_s * SECOND_NS
