"""`evens import`: a payments history with its real dates; bad rows are listed, and nothing is booked twice."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

import pytest

from evens.edges.cli.api import Api, user_path
from evens.edges.cli.server_file import Target
from tests.cli.lossy_proxy import LossyProxy
from tests.cli.program import Server, call

BERKA = Path(__file__).resolve().parents[4] / "shared" / "data" / "berka_bank_1993_1994.csv"
HEADER = "effective_date,account,kind,amount,reference,purpose\n"


def write(folder: Path, *rows: str, header: str = HEADER) -> str:
    path = folder / "history.csv"
    path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return str(path)


def test_rows_are_booked_on_their_dates_and_accounts_become_customers(server: Server, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "1993-01-05,ann,deposit,1000.00,a1,salary",
        "1993-01-07,ben,deposit,20.50,b1,",
        "1993-02-01,ann,withdrawal,400.25,a2,rent",
    )
    done = server.call("import", path, "--currency", "CZK", "--json")
    assert (done.code, done.err) == (0, "")
    report = done.document
    assert (report["rows"], report["booked"], report["already_booked"], report["refused"]) == (3, 3, 0, 0)
    days = ("1993-01-04", "1993-01-05", "1993-01-31", "1993-02-01")
    assert [server.cash("ann", "CZK", at=day) for day in days] == ["0.00", "1000.00", "1000.00", "599.75"]
    assert server.cash("ben", "CZK", at="2000-01-01") == "20.50"


def test_bad_rows_are_listed_and_the_rest_is_booked_once(server: Server, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "1993-01-05,cid,deposit,100.00,c1,",
        "1993-01-06,cid,withdrawal,1000.01,c2,more than there ever is",
        "1993-01-07,cid,deposit,1.234,c3,three digits",
        "",
        "1993-02-30,cid,deposit,5.00,c4,no such day",
        "1993-01-08,cid,gift,5.00,c5,no such kind",
        "1993-01-08,cid,deposit,5.00,c6",
        '1993-01-09,cid,deposit,5.00,"c7",',
    )
    first = server.call("import", path, "--currency", "CZK", "--json")
    assert first.code == 1
    report = first.document
    assert (report["rows"], report["booked"], report["already_booked"], report["refused"]) == (7, 2, 0, 5)
    assert [problem["line"] for problem in report["problems"]] == [3, 4, 6, 7, 8]
    assert [problem["code"] for problem in report["problems"]] == [
        "insufficient_funds",
        "validation_failed",
        "validation_failed",
        "validation_failed",
        "malformed_csv",
    ]
    assert report["problems"][0]["reason"] == "1000.01 CZK is needed and 100.00 CZK is available."
    again = server.call("import", path, "--currency", "CZK", "--json")
    assert again.code == 1
    assert (again.document["booked"], again.document["already_booked"], again.document["refused"]) == (0, 2, 5)
    assert server.cash("cid", "CZK", at="2000-01-01") == "105.00"


def test_people_read_a_table_of_bad_rows_and_a_summary(server: Server, tmp_path: Path) -> None:
    path = write(tmp_path, "1993-01-05,dan,deposit,10.00,d1,", "1993-01-06,dan,withdrawal,99.00,d2,")
    shown = server.call("import", path, "--currency", "CZK")
    assert (shown.code, shown.err) == (1, "")
    lines = [line.split() for line in shown.out.splitlines()]
    assert ["3", "dan", "d2", "99.00", "CZK", "is", "needed", "and", "10.00", "CZK", "is", "available."] in lines
    assert ["Booked", "1"] in lines
    assert ["Refused", "1"] in lines


def test_a_file_of_another_taste_is_read_too(server: Server, tmp_path: Path) -> None:
    path = write(
        tmp_path,
        'a4;eve;"deposit";7;1993-01-05T12:00:00+01:00',
        header="\ufeffReference;Account;Kind;Amount;Effective_At\n",
    )
    assert server.call("import", path, "--currency", "CZK").code == 0
    assert server.cash("eve", "CZK", at="1993-01-05T10:59:59Z") == "0.00"
    assert server.cash("eve", "CZK", at="1993-01-05T11:00:00Z") == "7.00"


def test_where_nothing_can_be_booked_the_exit_code_is_2(server: Server, tmp_path: Path) -> None:
    good = write(tmp_path, "1993-01-05,fin,deposit,10.00,f1,")
    unknown = server.call("import", good, "--currency", "XXX")
    assert (unknown.code, unknown.out) == (2, "")
    assert "is not a currency of this house" in unknown.err
    missing = server.call("import", str(tmp_path / "none.csv"))
    assert (missing.code, missing.err) == (2, f"✗ {tmp_path}/none.csv cannot be read: No such file or directory.\n")
    headless = server.call("import", write(tmp_path, header="account,kind,amount\n"))
    assert headless.code == 2
    assert "no column effective_date, reference" in headless.err
    refused = server.call("import", write(tmp_path, "1993-01-05,fin,withdrawal,10.00,f2,"), "--currency", "CZK")
    assert refused.code == 2
    assert "No row could be booked." in refused.out


def test_a_broken_run_continues_where_it_ended(server: Server, tmp_path: Path) -> None:
    path = write(tmp_path, *(f"1993-01-05,gil{number % 7},deposit,1.00,g{number},x" for number in range(2500)))

    def loses(number: int, request: bytes) -> bool:
        return number > 1

    with LossyProxy(server.url, loses).open() as line:
        broken = call("import", path, "--currency", "CZK", env={"EVENS_URL": line.url, "EVENS_API_KEY": server.key})
    assert (broken.code, broken.out) == (3, "")
    assert "1,000 rows had been processed." in broken.err
    assert "Run the same command again" in broken.err
    report = server.call("import", path, "--currency", "CZK", "--json").document
    # The second chunk's answer was lost, not the chunk.
    assert (report["booked"], report["already_booked"], report["refused"]) == (500, 2000, 0)
    held = [server.cash(f"gil{number}", "CZK", at="1993-01-05") for number in range(7)]
    assert sum(map(float, held)) == 2500


@pytest.mark.skipif(not BERKA.exists(), reason="the bank's records are not here")
def test_every_balance_equals_the_banks_own(server: Server) -> None:
    report = server.call("import", str(BERKA), "--currency", "CZK", "--json").document
    rows = _bank_rows()
    assert report["refused"] == 0
    assert report["booked"] == sum(map(len, rows.values())) == 3825
    again = server.call("import", str(BERKA), "--currency", "CZK", "--json").document
    assert (again["booked"], again["already_booked"]) == (0, 3825)
    with Api(Target(server.url, server.key)) as api, ThreadPoolExecutor(4) as threads:
        checked = list(threads.map(_compare, repeat(api), rows.keys(), rows.values()))
    assert sum(checked) >= 3825


def _bank_rows() -> Mapping[str, Sequence[Mapping[str, str]]]:
    rows: defaultdict[str, list[Mapping[str, str]]] = defaultdict(list)
    with BERKA.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            rows[row["account"]].append(row)
    return rows


def _compare(api: Api, account: str, rows: Sequence[Mapping[str, str]]) -> int:
    """Compare one account's balances, row by row and day by day, with the bank's; return how many were compared."""
    user_id = api.find_user(account)["id"]
    booked = [item for item in api.items(user_path(user_id, "transactions")) if item["currency"] == "CZK"][::-1]
    assert [item["reference"] for item in booked] == [row["reference"] for row in rows]
    assert [item["balance_after"] for item in booked] == [row["bank_balance_after"] for row in rows]
    for day, balance in _balances_by_day(rows):
        at = f"{day}T23:59:59.999999999Z"
        assert api.get(user_path(user_id, "balance"), currency="CZK", at=at)["cash"] == balance, (account, day)
    return len(booked)


def _balances_by_day(rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    yield from {row["effective_date"]: row["bank_balance_after"] for row in rows}.items()
