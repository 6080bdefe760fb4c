"""`evens import`: files of other programs, whatever their columns, order, marks and encodings.

The files in `exports` were made for these tests; their columns are those of the programs they are named for.
"""

import gzip
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import EVENS, PATIENCE_S, Server, environment, running
from tests.folders import passable_folder

EXPORTS = Path(__file__).with_name("exports")
END = "2030-01-01"
HEADER = "effective_date,account,kind,amount,reference\n"


def book(server: Server, path: Path | str, *options: str) -> Any:
    """Import a file of which every row can be booked, and return the report."""
    done = server.call("import", str(path), *options, "--json")
    assert done.code == 0, done
    return done.document


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "history.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("file", "preset", "currency", "balances", "booked", "skipped"),
    [
        ("revolut.csv", "revolut", "EUR", {"2024-03-02": "600.00", "2024-03-03": "554.70", END: "403.20"}, 4, 2),
        ("n26.csv", "n26", "EUR", {"2024-05-03": "2500.00", "2024-05-04": "2491.00", END: "2472.57"}, 4, 0),
        ("n26_until_2023.csv", "n26", "EUR", {"2021-01-04": "1200.00", "2021-01-05": "550.00"}, 2, 0),
        ("paypal.csv", "paypal", "USD", {"2024-03-04": "1213.45", "2024-03-05": "1013.45", END: "13.45"}, 3, 2),
        ("paypal_german.csv", "paypal", "EUR", {"2024-03-31": "1090.00", "2024-04-01": "1000.00"}, 2, 0),
        ("wise.csv", "wise", "GBP", {"2024-06-10": "1000.00", "2024-06-11": "995.65", "2024-06-12": "965.65"}, 3, 0),
        ("monzo.csv", "monzo", "GBP", {"2024-02-01": "500.00", "2024-02-13": "496.80", END: "396.80"}, 3, 1),
        ("betfair.csv", "betfair", "GBP", {"2024-01-18": "1200.00", "2024-01-19": "1100.00", END: "1138.00"}, 4, 0),
    ],
)  # fmt: skip
def test_exports_of_others_import_as_they_are(
    server: Server, file: str, preset: str, currency: str, balances: dict[str, str], booked: int, skipped: int
) -> None:
    """Hold 22: presets. Balances by day are those that the other program shows; doing it again books nothing."""
    # Not the preset's name, which is the account of the next test: both may run on one server, in any order.
    name = f"own_{file.removesuffix('.csv')}"
    report = book(server, EXPORTS / file, "--preset", preset, "--account", name)
    assert (report["booked"], report["refused"], report["skipped"]) == (booked, 0, skipped)
    assert {day: server.cash(name, currency, at=day) for day in balances} == balances
    again = book(server, EXPORTS / file, "--preset", preset, "--account", name)
    assert (again["booked"], again["already_booked"]) == (0, booked)


def test_an_export_that_says_not_whose_it_is_goes_to_an_account_named_for_it(server: Server) -> None:
    """Hold 22: presets."""
    book(server, EXPORTS / "wise.csv", "--preset", "wise")
    assert server.cash("wise", "GBP") == "965.65"


def test_a_statement_of_ours_imports_back_to_the_same_balances(server: Server, tmp_path: Path) -> None:
    """Hold 22: our own `statement --csv`, into the same house, another account, and another house."""
    server.customer("stella", USD="100.00", EUR="7.00")
    server.ask("withdraw", "stella", "30")
    # In the order of value dates this withdrawal would come before the money it takes.
    server.ask("withdraw", "stella", "50", "--effective-at", "2026-01-01")
    server.customer("peer")
    server.ask("transfer", "stella", "peer", "12.50", "--memo", "=lunch")
    written = server.call("statement", "stella", "--csv").out
    path = write(tmp_path, written)
    same = book(server, path)
    assert (same["booked"], same["already_booked"]) == (0, 5)
    assert (server.cash("stella"), server.cash("stella", "EUR")) == ("7.50", "7.00")
    with passable_folder() as folder, running(["serve", "--port", "0"], folder / "data") as other:
        book(other, path, "--preset", "evens")
        for currency in ("USD", "EUR"):
            for day in ("2025-12-31", "2030-01-01"):
                at = f"{day}T00:00:00Z"
                assert other.cash("stella", currency, at=at) == server.cash("stella", currency, at=at)
        assert other.end() == 0


def test_a_currency_column_is_honoured_and_an_empty_cell_means_the_option(server: Server, tmp_path: Path) -> None:
    """Hold 22: a `currency` column is honoured."""
    rows = "2024-01-01,cora,deposit,5,a,EUR\n2024-01-01,cora,deposit,6,b,gbp\n2024-01-01,cora,deposit,7,c,\n"
    book(server, write(tmp_path, HEADER.replace("reference", "reference,Currency") + rows), "--currency", "CZK")
    held = {currency: server.cash("cora", currency) for currency in ("USD", "EUR", "GBP", "CZK")}
    assert held == {"USD": "0.00", "EUR": "5.00", "GBP": "6.00", "CZK": "7.00"}


def test_an_account_that_is_an_id_books_to_it_and_the_same_row_by_name_is_the_same(
    server: Server, tmp_path: Path
) -> None:
    """Hold 22: an account that is an id books to it."""
    user_id = server.customer("ida")
    book(server, write(tmp_path, f"{HEADER}2024-01-01,{user_id},deposit,5,a\n"))
    assert book(server, write(tmp_path, f"{HEADER}2024-01-01,Ida,deposit,5,a\n"))["already_booked"] == 1
    assert server.cash("ida") == "5.00"
    lost = server.call("import", str(write(tmp_path, f"{HEADER}2024-01-01,usr_999999,deposit,5,a\n")))
    assert lost.code == 2
    assert "account is the id of no user" in lost.out


def test_rows_are_booked_in_the_order_of_time_whatever_the_files_order(server: Server, tmp_path: Path) -> None:
    """Hold 22: rows are booked in order of time; within a day, a file with the newest first is read from its end."""
    newest_first = (
        "2024-01-03,otto,withdrawal,60,d\n"
        "2024-01-02,otto,withdrawal,40,c\n2024-01-02,otto,deposit,80,b\n2024-01-01,otto,deposit,20,a\n"
    )
    book(server, write(tmp_path, HEADER + newest_first))
    shuffled = "2024-02-02,otto,withdrawal,9,g\n2024-02-01,otto,deposit,9,f\n2024-02-03,otto,deposit,1,h\n"
    book(server, write(tmp_path, HEADER + shuffled))
    assert server.cash("otto") == "1.00"


def test_a_header_alone_is_no_rows(server: Server, tmp_path: Path) -> None:
    """Hold 22: a header alone is "no rows", exit 1, and so are blank rows below it."""
    for text in (HEADER, f"{HEADER},,,,\n   \n;;;\n\n".replace(";;;", " , ,,, ")):
        ended = server.call("import", str(write(tmp_path, text)))
        assert (ended.code, ended.err) == (1, "")
        assert "There are no rows" in ended.out


def test_blank_rows_are_skipped_and_cells_behind_the_last_column_too(server: Server, tmp_path: Path) -> None:
    """Hold 22: blank rows are skipped, and line numbers count them."""
    rows = ",,,,\n2024-01-01,bianca,deposit,5,a,,\n\n , , , , \n2024-01-01,bianca,deposit,x,b\n"
    ended = server.call("import", str(write(tmp_path, HEADER + rows)), "--json")
    assert ended.code == 1
    assert (ended.document["booked"], [bad["line"] for bad in ended.document["problems"]]) == (1, [6])


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data)


def plainly(data: bytes) -> bytes:
    return data


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("packed", [plainly, gzipped])
def test_encodings_and_gzip_are_recognised(
    server: Server, tmp_path: Path, encoding: str, packed: Callable[[bytes], bytes]
) -> None:
    """Hold 22: UTF-16 and gzip are read."""
    name = f"e-{encoding}-{packed.__name__}"
    path = tmp_path / "history.csv"
    path.write_bytes(packed(f"{HEADER}2024-01-01,{name},deposit,5,Käse\n".encode(encoding)))
    book(server, path)
    assert server.cash(name) == "5.00"


def test_standard_input_is_read(server: Server) -> None:
    """Hold 22: `-` is read."""
    done = subprocess.run(
        [EVENS, "import", "-", "--data", str(server.data), "--json"],
        input=gzip.compress(f"{HEADER}2024-01-01,pipa,deposit,5,a\n".encode()),
        env=environment(None),
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert server.cash("pipa") == "5.00"


def test_a_damaged_file_and_another_encoding_are_named_and_nothing_is_booked(server: Server, tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_bytes(gzip.compress(HEADER.encode() * 1000)[:-20])
    damaged = server.call("import", str(path))
    assert damaged.code == 2
    assert "is a damaged gzip file" in damaged.err
    path.write_bytes(f"{HEADER}2024-01-01,umla,deposit,5,Käse\n".encode("cp1252"))
    wrong = server.call("import", str(path))
    assert wrong.code == 2
    assert "--encoding cp1252" in wrong.out
    book(server, path, "--encoding", "cp1252")


def test_columns_dates_marks_and_signs_are_named_by_options(server: Server, tmp_path: Path) -> None:
    """Hold 22: --map, --date-format, --decimal, --sign and --skip-lines."""
    text = (
        'Kontoauszug;;\n"IBAN";"DE02";\n\nBuchungstag;Betrag;Währung\n'
        "31.01.2024;1.234,50;EUR\n01.02.2024;-34,5;EUR\n01.02.2024;-34,5;EUR\n02.02.2024;−1 000,00;EUR\n"
    )
    options = ("--map", "date=Buchungstag,amount=Betrag", "--map", "currency=Währung", "--decimal", ",", "--sign")
    more = ("--date-format", "DD.MM.YYYY", "--skip-lines", "3", "--account", "giro")
    report = book(server, write(tmp_path, text, "utf-16"), *options, *more)
    assert report["booked"] == 4
    assert server.cash("giro", "EUR", at="2024-01-31") == "1234.50"
    assert server.cash("giro", "EUR") == "165.50"


def test_money_in_and_out_may_stand_in_two_columns(server: Server, tmp_path: Path) -> None:
    text = "date\taccount\tid\tHaben\tSoll\n2024-01-01T10:00:00+01:00\tduo\t1\t10\t\n2024-01-02\tduo\t2\t\t4.25\n"
    book(server, write(tmp_path, text), "--map", "date=date,reference=id,in=Haben,out=Soll")
    assert server.cash("duo") == "5.75"


def test_a_day_written_either_way_is_read_as_the_way_that_fits_the_whole_file(server: Server, tmp_path: Path) -> None:
    header = '"Date","Time","TimeZone","Type","Status","Currency","Net","Transaction ID"\n'
    rows = '"03/04/2024","10:00:00","GMT","x","Completed","GBP","5.00","A1"\n'
    book(server, write(tmp_path, header + rows), "--preset", "paypal", "--account", "either")
    assert server.cash("either", "GBP", at="2024-04-02") == "0.00"
    assert server.cash("either", "GBP", at="2024-04-03") == "5.00"


@pytest.mark.parametrize(
    ("row", "column", "told"),
    [
        ("31.01.2024;anna;deposit;5;a", "Buchungstag", "write 2024-01-31, or add --date-format '%d.%m.%Y'"),
        ("soon;anna;deposit;5;a", "Buchungstag", "write a day such as 2026-11-20"),
        ("2024-01-01;anna;deposit;1.234,50;a", "Betrag", "write 1234.50, or add --decimal ,"),
        ("2024-01-01;anna;deposit;1,234.50;a", "Betrag", "write 1234.50, or add --decimal ."),
        ("2024-01-01;anna;deposit;-5;a", "Betrag", "add --sign"),
        ("2024-01-01;anna;deposit;5.001;a", "Betrag", "USD is written like 12.50"),
        ("2024-01-01;anna;gift;5;a", "kind", 'must be "deposit" or "withdrawal"'),
        ("2024-01-01;no name;deposit;5;a", "account", "must be 1 to 64 letters"),
    ],
)
def test_errors_name_line_and_column_and_what_to_write_instead(
    server: Server, tmp_path: Path, row: str, column: str, told: str
) -> None:
    """Hold 22: errors name line, column and what to write instead."""
    path = write(tmp_path, f"Buchungstag;account;kind;Betrag;reference\n\n{row}\n")
    ended = server.call("import", str(path), "--map", "date=Buchungstag,amount=Betrag", "--json")
    assert ended.code == 2
    (problem,) = ended.document["problems"]
    assert (problem["line"], problem["column"]) == (3, column)
    assert problem["reason"].startswith(column)
    assert told in problem["reason"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--map", "date"), "names no field and column"),
        (("--map", "colour=amount"), "--map knows no field colour"),
        (("--map", "date=Buchungstag"), "names no column buchungstag"),
        (("--date-format", "%H"), "is no format of dates"),
        (("--decimal", "x"), "is no decimal mark"),
        (("--encoding", "klingon"), "is not an encoding"),
        (("--skip-lines", "9"), "names no column"),
        (("--preset", "monzo"), "names no column date"),
    ],
)
def test_options_that_mean_nothing_here_are_a_misuse(
    server: Server, tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    ended = server.call("import", str(write(tmp_path, f"{HEADER}2024-01-01,opal,deposit,5,a\n")), *options)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
