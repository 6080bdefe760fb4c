"""Where tests keep their data: in memory only where that has room and nobody asked for another place."""

import stat
from pathlib import Path

import pytest

from tests import folders
from tests.folders import memory_with_room, passable_folder


@pytest.fixture(autouse=True)
def no_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run as where the environment names no place for temporary files."""
    monkeypatch.delenv("TMPDIR", raising=False)


def test_memory_with_room_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MEMORY_FREE_BYTES_MIN", 1)
    assert memory_with_room(tmp_path) == tmp_path


def test_memory_without_room_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MEMORY_FREE_BYTES_MIN", 2**62)
    assert memory_with_room(tmp_path) is None


def test_a_machine_without_such_a_place_uses_the_usual_one(tmp_path: Path) -> None:
    assert memory_with_room(tmp_path / "none") is None


def test_a_place_that_the_environment_names_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MEMORY_FREE_BYTES_MIN", 1)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert memory_with_room(tmp_path) is None


@pytest.mark.parametrize("on_disk", [True, False])
def test_others_can_pass_through_a_folder_and_it_is_gone_afterwards(on_disk: bool) -> None:
    with passable_folder(on_disk=on_disk) as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o711
        (folder / "data").write_text("1")
    assert not folder.exists()
