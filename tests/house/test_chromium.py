"""The browser for tests is found, or installed where that is possible, or it is said what to do."""

from pathlib import Path

import pytest

from tools import chromium


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all there is of programs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put(folder: Path, name: str, text: str) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    program.chmod(0o755)


def test_what_is_there_is_taken(programs: Path) -> None:
    put(programs, "chromium-browser", "")
    assert chromium.install() == programs / "chromium-browser"


def test_the_shell_without_windows_is_taken_if_there_are_both(programs: Path) -> None:
    for name in ("chromium", "chromium-headless-shell"):
        put(programs, name, "")
    assert chromium.install() == programs / "chromium-headless-shell"


def test_debians_is_installed_by_root(
    programs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    put(
        programs,
        "apt-get",
        f'[ "$1" = update ] || {{ echo > "{programs}/$5"; /bin/chmod 755 "{programs}/$5"; }}',
    )
    assert chromium.install() == programs / "chromium-headless-shell"
    assert "installing Chromium" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("apt", "user", "said"),
    [
        (None, 0, "only Debian's can be installed"),
        ("exit 0", 1000, "sudo apt-get install chromium-headless-shell"),
        ("echo 'E: no network' >&2; exit 100", 0, "E: no network"),
        ("exit 0", 0, "none is found"),
    ],
)
def test_where_that_cannot_be_it_is_said_why(
    programs: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    apt: str | None,
    user: int,
    said: str,
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user)
    if apt is not None:
        put(programs, "apt-get", apt)
    assert chromium.main() == 1
    assert said in capsys.readouterr().err
