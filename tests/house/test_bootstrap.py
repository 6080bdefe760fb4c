"""Setting up from a bare checkout: what it needs, what it ignores of its surroundings, and what it says on failure."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import bootstrap


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with locks and a finished `.venv`, as far as bootstrap's own bookkeeping goes."""
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "PROJECT", tmp_path / "pyproject.toml")
    monkeypatch.setattr(bootstrap, "LOCKS", {kind: tmp_path / f"{kind}.lock" for kind in ("runtime", "dev")})
    monkeypatch.setattr(bootstrap, "PIP_LOCK", tmp_path / "pip.lock")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv/stamp.json")
    monkeypatch.setattr(bootstrap, "UNFINISHED", tmp_path / ".venv/unfinished")
    for name in ("pyproject.toml", "pip.lock", "runtime.lock", "dev.lock"):
        (tmp_path / name).write_text(f"{name}\n")
    bootstrap.VENV_PYTHON.parent.mkdir(parents=True)
    bootstrap.VENV_PYTHON.symlink_to(sys.executable)
    bootstrap.write_stamp({"runtime": bootstrap.digest_of("runtime")})
    return tmp_path


def test_a_finished_set_up_is_current(checkout: Path) -> None:
    assert bootstrap.is_current("runtime")


def test_a_runtime_set_up_is_not_enough_for_tests(checkout: Path) -> None:
    assert not bootstrap.is_current("dev")


@pytest.mark.parametrize("name", ["runtime.lock", "pip.lock", "pyproject.toml"])
def test_a_changed_lock_or_project_asks_for_a_new_set_up(checkout: Path, name: str) -> None:
    (checkout / name).write_text("changed\n")
    assert not bootstrap.is_current("runtime")


def test_an_interrupted_set_up_is_not_current(checkout: Path) -> None:
    bootstrap.UNFINISHED.touch()
    assert not bootstrap.is_current("runtime")


def test_a_damaged_stamp_is_not_current(checkout: Path) -> None:
    bootstrap.STAMP.write_text('["half a li')
    assert not bootstrap.is_current("runtime")


def test_a_moved_checkout_is_not_current(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "ROOT", checkout / "elsewhere")
    assert not bootstrap.is_current("runtime")


def test_a_replaced_python_is_not_current(checkout: Path) -> None:
    bootstrap.VENV_PYTHON.unlink()
    bootstrap.VENV_PYTHON.symlink_to("/bin/sh")
    assert not bootstrap.is_current("runtime")


def test_a_vanished_python_is_not_current(checkout: Path) -> None:
    bootstrap.VENV_PYTHON.unlink()
    bootstrap.VENV_PYTHON.symlink_to(checkout / "gone")
    assert not bootstrap.is_current("runtime")


def test_an_old_python_is_refused_with_a_remedy() -> None:
    with pytest.raises(SystemExit, match=r"Python 3\.10 .*needs 3\.11 or newer(.|\n)*make PYTHON="):
        bootstrap.refuse_old_python((3, 10))
    bootstrap.refuse_old_python((3, 11))


def test_a_python_too_old_to_run_the_set_up_can_still_read_its_refusal() -> None:
    source = Path(bootstrap.__file__).read_text("utf-8")
    assert ast.parse(source, feature_version=(3, 7))


def test_what_leads_pip_astray_is_dropped_and_how_it_reaches_packages_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_NO_DEPS", "PIP_CERT", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "set")
    kept = bootstrap.environment(noninteractive=False)
    assert [
        name for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_TARGET", "PIP_NO_DEPS") if name in kept
    ] == []
    assert (kept["PIP_CERT"], kept["HTTPS_PROXY"], kept["PIP_USER"]) == ("set", "set", "0")


def test_a_failing_step_shows_what_it_printed(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = [sys.executable, "-c", "print('no space left'); raise SystemExit(3)"]
    with pytest.raises(bootstrap.SetupError, match="no space left"):
        bootstrap.run(command, "  installing")
    assert capsys.readouterr().out == "  installing ... failed\n"


def test_a_step_that_works_shows_its_title_only(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bootstrap.run([sys.executable, "-c", "print('pages of output')"], "  installing")
    assert capsys.readouterr().out == "  installing ... 0 s\n"


def test_without_ensurepip_a_user_is_told_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "apt-get").write_text("#!/bin/sh\n")
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setattr(bootstrap, "can_make_environments", lambda: False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(bootstrap.SetupError, match=r"sudo sh -c 'apt-get update && apt-get install .* python3-venv'"):
        bootstrap.require_ensurepip()


def test_without_ensurepip_and_apt_the_missing_modules_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap, "can_make_environments", lambda: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(bootstrap.SetupError, match="lacks the modules venv and ensurepip"):
        bootstrap.require_ensurepip()


def test_a_second_set_up_of_this_checkout_takes_no_time() -> None:
    root = Path(bootstrap.__file__).resolve().parents[1]
    if not bootstrap.is_current("dev"):
        pytest.skip("these tests run on an environment that tools/bootstrap.py did not make")
    command = [sys.executable, "-X", "importtime", "-I", str(root / "tools/bootstrap.py"), "--dev"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    assert answer.stdout == ".venv is up to date.\n"
    imported = {line.rpartition("|")[2].strip() for line in answer.stderr.splitlines()}
    assert imported & {"subprocess", "venv", "importlib.metadata"} == set()
