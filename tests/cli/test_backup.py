"""`evens backup` and `restore`: everything comes back, on the next version too, or nothing does."""

import asyncio
import json
import shutil
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from evens.store.embedded import OWNER_ROLE, start
from evens.store.migrate import bundled
from tests.cli.program import Ended, Server, call, run, running
from tests.folders import passable_folder
from tests.store import old_data


@pytest.fixture(scope="module")
def kept() -> Iterator[Path]:
    """Back a running server up, beside which it goes on; return the folder with the backup and the secret."""
    with passable_folder() as folder, running(["serve", "--port", "0"], folder / "data") as server:
        server.customer("ada", USD="70.00")
        made = server.ask("backup", str(folder / "one.backup"))
        assert made["records"] == server.ask("audit")["records"]
        server.ask("deposit", "ada", "5")
        shutil.copy(server.data / "secret", folder / "secret")
        assert server.call("backup", str(folder / "one.backup")).code == 1
        yield folder


def restored(backup: Path, data: Path, *options: str) -> Ended:
    return call("restore", str(backup), "--data", str(data), *options)


def is_empty(data: Path) -> bool:
    return (
        not (data / "postgres").is_symlink() and not (data / "postgres").exists() and not (data / "restoring").exists()
    )


def test_a_backup_comes_back_as_it_was_and_the_house_goes_on(kept: Path, tmp_path: Path) -> None:
    """Hold 26: each way, from a running server into a folder of its own."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(kept / "secret", data / "secret")

    report = restored(kept / "one.backup", data, "--json").document

    assert report["secret_is_here"]
    assert report["migrations"] == []
    with running(["serve", "--port", "0"], data) as server:
        assert server.cash("ada") == "70.00"
        server.ask("deposit", "ada", "1.00")
        assert server.cash("ada") == "71.00"
        assert server.ask("audit")["ok"]
    again = restored(kept / "one.backup", data)
    assert again.code == 1
    assert "has a database already" in again.err


def test_the_file_is_its_owners_alone_and_names_the_secret_without_having_it(kept: Path) -> None:
    """Hold 26: one file, 0600, with the fingerprint of the secret."""
    backup = kept / "one.backup"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert bytes.fromhex((kept / "secret").read_text().strip()) not in backup.read_bytes()
    assert (kept / "secret").read_bytes().strip() not in backup.read_bytes()
    page = json.loads(zipfile.ZipFile(backup).read("backup.json"))
    assert len(page["secret"]) == 20
    assert page["migration"] == bundled()[-1].number
    assert list(kept.glob(".one*")) == []


def test_without_its_secret_a_backup_is_restored_and_not_opened(kept: Path, tmp_path: Path) -> None:
    """Hold 26: the secret is missed before the house opens, and put back it is enough."""
    data = tmp_path / "data"
    said = restored(kept / "one.backup", data)
    assert said.code == 0
    assert f"is missing: put it into {data / 'secret'}" in said.out
    refused = run("serve", "--port", "0", "--data", str(data))
    assert refused.code == 1
    assert "'evens secret rotate'" in refused.err

    shutil.copy(kept / "secret", data / "secret")

    with running(["serve", "--port", "0"], data) as server:
        assert server.cash("ada") == "70.00"


def test_a_damaged_or_cut_file_leaves_nothing_behind(kept: Path, tmp_path: Path) -> None:
    """Hold 26: what is not whole is noticed, and the next restore begins anew."""
    whole = (kept / "one.backup").read_bytes()
    middle = len(whole) // 2
    damaged, cut, data = tmp_path / "damaged", tmp_path / "cut", tmp_path / "data"
    damaged.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    cut.write_bytes(whole[:middle])

    for file in (damaged, cut, tmp_path / "missing"):
        ended = restored(file, data)
        assert ended.code != 0
        assert "Traceback" not in ended.err
        assert is_empty(data)

    assert restored(kept / "one.backup", data).code == 0


def test_wrong_books_are_not_opened_for_business(tmp_path: Path) -> None:
    """Hold 26: the audit comes before the folder has a database."""
    data, backup, elsewhere = tmp_path / "data", tmp_path / "wrong.backup", tmp_path / "elsewhere"
    assert call("migrate", "--data", str(data)).code == 0
    with start(data) as server:
        asyncio.run(_execute(server.dsn(OWNER_ROLE), "INSERT INTO evens.balances VALUES (16400, 5), (16414, -5)"))
    assert call("backup", str(backup), "--data", str(data)).code == 0

    ended = restored(backup, elsewhere)

    assert ended.code == 1
    assert "The books in this backup are wrong" in ended.err
    assert is_empty(elsewhere)


def test_a_backup_of_an_earlier_version_is_brought_to_this_one(tmp_path: Path) -> None:
    """Hold 26: from one migration version to the next; the newer one's is refused."""
    data, backup, elsewhere = tmp_path / "data", tmp_path / "old.backup", tmp_path / "elsewhere"
    with start(data) as server:
        asyncio.run(old_data.restore(server.dsn(OWNER_ROLE)))
    known = old_data.known_migrations(old_data.read_dump())
    assert call("backup", str(backup), "--data", str(data), "--json").document["records"] == old_data.RECORDS

    report = restored(backup, elsewhere, "--json").document

    assert report["records"] == old_data.RECORDS
    assert len(report["migrations"]) == len(bundled()) - len(known)
    assert call("audit", "--data", str(elsewhere), "--json").document["ok"]
    with zipfile.ZipFile(backup) as read, zipfile.ZipFile(tmp_path / "newer", "w") as newer:
        page = json.loads(read.read("backup.json"))
        newer.writestr("database.dump", b"")
        newer.writestr("backup.json", json.dumps({**page, "migration": 9999, "evens": "9.9"}))
    refused = restored(tmp_path / "newer", tmp_path / "nowhere")
    assert refused.code == 1
    assert "version 9.9" in refused.err


def test_an_interrupted_restore_is_not_taken_for_an_empty_house(kept: Path, tmp_path: Path) -> None:
    """Hold 26: a server refuses the folder until it is restored again."""
    data = tmp_path / "data"
    with start(data / "restoring"):
        pass
    refused = run("serve", "--port", "0", "--data", str(data))
    assert refused.code == 3
    assert "restore it again" in refused.err

    assert restored(kept / "one.backup", data).code == 0

    assert call("audit", "--data", str(data)).code == 0


def test_what_is_no_private_database_is_refused(tmp_path: Path) -> None:
    """Hold 26: a PostgreSQL of one's own has its own tools, and a folder without a database has nothing to keep."""
    own = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"}
    for command in ("backup", "restore"):
        ended = call(command, str(tmp_path / "file"), "--data", str(tmp_path / "data"), env=own)
        assert ended.code == 1
        assert "DATABASE_URL" in ended.err
    nothing = call("backup", str(tmp_path / "file"), "--data", str(tmp_path / "data"))
    assert (nothing.code, (tmp_path / "data").exists()) == (1, False)


def test_an_anchor_kept_elsewhere_shows_a_tail_that_was_cut(server: Server, tmp_path: Path) -> None:
    """Hold 26: the audit adds an anchor to the file while the books are right, and holds the journal against it."""
    anchors = tmp_path / "anchors"
    server.customer("anchored", USD="1.00")
    first = server.ask("audit", "--anchor", str(anchors))
    server.ask("deposit", "anchored", "2")
    second = server.ask("audit", "--anchor", str(anchors))
    assert server.ask("audit", "--anchor", str(anchors))["anchor"] == second["anchor"]
    assert anchors.read_text().split() == [first["anchor"], second["anchor"]]
    seq, _, digest = second["anchor"].partition(":")

    anchors.write_text(f"{int(seq) + 1}:{digest}\n")
    cut = server.call("audit", "--anchor", str(anchors))
    anchors.write_text(f"{first['anchor'].partition(':')[0]}:{digest}\n")
    rewritten = server.call("audit", "--anchor", str(anchors))
    anchors.write_text("nonsense\n")
    unreadable = server.call("audit", "--anchor", str(anchors))

    assert (cut.code, rewritten.code, unreadable.code) == (1, 1, 1)
    assert "the end was cut off" in cut.out
    assert "has another hash than the anchor" in rewritten.out
    assert "is not an anchor" in unreadable.err
    assert anchors.read_text() == "nonsense\n"


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
