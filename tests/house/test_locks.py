"""The locks pin everything by hash, carry no address, and belong to this pyproject.toml."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WEB_LOCK = "requirements-web.lock"
FLUMINE_LOCK = "requirements-flumine.lock"
PIP_LOCK = "requirements-pip.lock"
LOCKS = ("requirements.lock", "requirements-dev.lock")
PINNED = re.compile(r"([a-z0-9][a-z0-9-]*)==(\S+)((?: ; [^\\]+)?)((?: \\\n    --hash=sha256:[0-9a-f]{64})+)\n")
COMMENT = re.compile(r"^ *#.*\n", re.MULTILINE)


def read_pins(text: str) -> dict[str, set[str]]:
    """Return the locked versions by name, and refuse anything in the text that is not a pin with hashes."""
    bare = COMMENT.sub("", text)
    rest = PINNED.sub("", bare)
    assert rest.strip() == "", f"neither a comment nor a pin with hashes: {rest[:200]!r}"
    pins: dict[str, set[str]] = {}
    for match in PINNED.finditer(bare):
        pins.setdefault(match[1], set()).add(match[2])
    return pins


def required_names(requirements: list[str]) -> set[str]:
    names = (re.match(r"[A-Za-z0-9._-]+", requirement) for requirement in requirements)
    return {re.sub(r"[-_.]+", "-", name[0]).lower() for name in names if name}


@pytest.mark.parametrize("name", [*LOCKS, WEB_LOCK, FLUMINE_LOCK, PIP_LOCK])
def test_a_lock_holds_pins_with_hashes_and_nothing_else(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert len(read_pins(text)) > (0 if name in {WEB_LOCK, PIP_LOCK} else 20)
    assert "://" not in text
    assert " /" not in text, "a path of the machine it was made on"


@pytest.mark.parametrize(
    "line",
    [
        "fastapi==0.163.2\n",
        "fastapi>=0.163.2 \\\n    --hash=sha256:" + "0" * 64 + "\n",
        "fastapi @ file:///tmp/fastapi.whl\n",
        "--index-url address\n",
        "-r other.lock\n",
    ],
)
def test_a_lock_with_anything_else_is_refused(line: str) -> None:
    with pytest.raises(AssertionError, match="neither a comment nor a pin"):
        read_pins(line)


def test_the_tests_run_on_the_versions_that_users_run() -> None:
    runtime, dev = (read_pins((ROOT / name).read_text("utf-8")) for name in LOCKS)
    assert {name: dev.get(name) for name in runtime} == runtime


def test_the_app_is_built_by_the_same_node_everywhere() -> None:
    web, dev = (read_pins((ROOT / name).read_text("utf-8")) for name in (WEB_LOCK, "requirements-dev.lock"))
    assert {name: dev.get(name) for name in web} == web


def test_the_locks_hold_all_that_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = project["dependency-groups"]
    runtime, dev = (read_pins((ROOT / name).read_text("utf-8")) for name in LOCKS)
    assert required_names(project["project"]["dependencies"] + groups["build"]) <= runtime.keys()
    assert required_names(groups["dev"] + groups["web"]) <= dev.keys()
    assert required_names(groups["web"]) == read_pins((ROOT / WEB_LOCK).read_text("utf-8")).keys()
    assert required_names(groups["flumine"]) <= read_pins((ROOT / FLUMINE_LOCK).read_text("utf-8")).keys()
    assert required_names(groups["pip"]) == read_pins((ROOT / PIP_LOCK).read_text("utf-8")).keys()


def test_flumine_runs_on_the_client_that_is_tried_by_itself() -> None:
    flumine, dev = (read_pins((ROOT / name).read_text("utf-8")) for name in (FLUMINE_LOCK, "requirements-dev.lock"))
    assert flumine["betfairlightweight"] == dev["betfairlightweight"]
