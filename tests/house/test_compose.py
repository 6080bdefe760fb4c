"""`docker compose up` at the root: nothing to fill in, secrets that nobody else can read, no needless rights."""

import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from evens.line_settings import parse_line_keys, parse_line_sources
from evens.settings import unknown_variables
from tests.cli.program import call
from tests.house.test_deploy import ROOT, validate_compose

COMPOSE = ROOT / "compose.yaml"
SECRETS = ROOT / "deploy" / "compose" / "secrets.sh"
LOGINS = ROOT / "deploy" / "compose" / "logins.sh"
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
ONCE = {"secrets", "migrate"}


def make_secrets(folder: Path) -> None:
    """Run the script in a folder of ours, as whom we are."""
    for name in ("database", "owner", "house", "line"):
        (folder / name).mkdir(exist_ok=True)
    text = SECRETS.read_text("utf-8").replace("cd /secrets", f"cd '{folder}'")
    for user in ("POSTGRES=999", "EVENS=10001"):
        assert user in text
        text = text.replace(user, f"{user.partition('=')[0]}={os.getuid()}")
    subprocess.run(["sh", "-c", text], check=True, capture_output=True, timeout=30)


def written(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


def test_the_file_is_valid_and_its_settings_are_settings() -> None:
    assert validate_compose(COMPOSE).returncode == 0
    assert unknown_variables(name for service in SERVICES.values() for name in service.get("environment", {})) == []
    told = SERVICES["evens"]["environment"]
    assert parse_line_sources(told["EVENS_LINE_SOURCES"]).keys() == parse_line_keys(told["EVENS_LINE_KEYS"]).keys()
    for name in ("migrate", "line-provider"):
        assert call(*SERVICES[name]["command"], "--help").err == ""


def test_nothing_has_to_be_filled_in_and_no_secret_is_written_down() -> None:
    text = "".join(path.read_text("utf-8") for path in (COMPOSE, SECRETS, LOGINS))
    assert re.findall(r"\$\{\w+:\?", text) == []
    assert re.findall(r"://\w+:[^/@]+@", text) == []
    assert [file["required"] for file in SERVICES["evens"]["env_file"]] == [False]
    for service in SERVICES.values():
        secrets = {name for name in service.get("environment", {}) if "PASSWORD" in name or "SECRET" in name}
        assert secrets <= {"POSTGRES_PASSWORD_FILE"}
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert not source.startswith(".") or (ROOT / source).is_file()


def test_every_container_is_bounded_and_read_only_and_comes_back() -> None:
    for name, service in SERVICES.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert {"mem_limit", "cpus", "pids_limit"} <= service.keys(), name
        assert ":" in service["image"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        if name not in ONCE:
            assert service["restart"] == "unless-stopped", name
            assert "cap_add" not in service, name
            # The image of Evens brings its own.
            assert "healthcheck" in service or name == "evens", name


def test_each_sees_its_own_secrets_and_only_the_migrations_are_the_owner() -> None:
    seen = {
        name: {volume.partition(":")[0] for volume in service.get("volumes", []) if not volume.startswith(".")}
        for name, service in SERVICES.items()
        if name != "secrets"
    }
    assert seen == {
        "postgres": {"postgres", "database-secrets"},
        "valkey": set(),
        "migrate": {"owner"},
        "line-provider": {"line"},
        "evens": {"house"},
    }
    logins = {
        name: re.match(r"postgresql://(\w+)@", service["environment"]["DATABASE_URL"])
        for name, service in SERVICES.items()
        if "DATABASE_URL" in service.get("environment", {})
    }
    assert {name: login and login[1] for name, login in logins.items()} == {
        "migrate": "evens",
        "line-provider": "line_provider_owner",
        "evens": "evens_server",
    }


def test_secrets_are_random_private_and_made_once(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    first = written(tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in tmp_path.rglob("*")} == {0}
    assert re.fullmatch(r"[0-9a-f]{64}\n", first["house/secret"])
    assert first["house/line-provider.key"] == first["line/line-provider.key"]
    for file, place in {"owner": "owner", "server": "house", "line": "line"}.items():
        assert first[f"{place}/passwords"].endswith(f":{first[f'database/{file}']}")
    random = {text for name, text in first.items() if name.startswith("database/")} | {first["house/secret"]}
    assert len(random) == 5
    make_secrets(tmp_path)
    assert written(tmp_path) == first


def test_what_was_cut_short_is_made_anew_as_a_whole(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    first = written(tmp_path)
    (tmp_path / "database" / "made").unlink()
    make_secrets(tmp_path)
    second = written(tmp_path)
    assert second.keys() == first.keys()
    assert {name for name in first if first[name] == second[name]} == {"database/made"}


@pytest.mark.parametrize("script", [SECRETS, LOGINS], ids=lambda path: path.name)
def test_the_shell_understands_the_scripts(script: Path) -> None:
    assert subprocess.run(["sh", "-n", script], check=False, timeout=10).returncode == 0
