"""Building the browser app: when it is built anew, what comes of it, and what is said when it cannot be built."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.test_deploy import ROOT
from tools import bootstrap, build_web

LOCK = {"name": "app", "lockfileVersion": 3, "requires": True, "packages": {"": {"name": "app"}}}
MISSING = {"version": "1.0.0", "integrity": "sha512-" + "A" * 86 + "=="}
MAKE_DIST = """
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist/assets", { recursive: true });
writeFileSync("dist/index.html", "<!DOCTYPE html><title>Evens</title>");
writeFileSync("dist/assets/app-1.js", "console.log(1);\\n".repeat(100));
"""


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with an app that needs no packages."""
    for name in ("requirements-web.lock", "tools/compress_web.mjs", "tools/build_web.py", "tools/bootstrap.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    document = tmp_path / build_web.API_DOCUMENT
    document.parent.mkdir(parents=True)
    document.write_text("{}")
    web = tmp_path / "web"
    (web / "src").mkdir(parents=True)
    scripts = {"api": "node -e 0", "build": "node make.mjs", "check": "node -e 0", "test": "node -e 0"}
    (web / "package.json").write_text(json.dumps({"name": "app", "private": True, "scripts": scripts}))
    (web / "package-lock.json").write_text(json.dumps(LOCK))
    (web / "make.mjs").write_text(MAKE_DIST)
    monkeypatch.setattr(build_web, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    for name in ("PATH", "NPM_CONFIG_UPDATE_NOTIFIER", "NPM_CONFIG_GLOBALCONFIG"):
        # What the builder sets in the environment ends with the test.
        monkeypatch.setenv(name, os.environ.get(name, ""))
        if not os.environ[name]:
            monkeypatch.delenv(name)
    return tmp_path


def need(checkout: Path, package: str) -> None:
    """Let the app need a package."""
    web = checkout / "web"
    manifest = json.loads((web / "package.json").read_text())
    (web / "package.json").write_text(json.dumps({**manifest, "dependencies": {package: "1.0.0"}}))
    packages = {"": {"name": "app", "dependencies": {package: "1.0.0"}}, f"node_modules/{package}": MISSING}
    (web / "package-lock.json").write_text(json.dumps({**LOCK, "packages": packages}))


def test_the_app_is_built_once_and_compressed(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build_web.main([]) == 0
    assert "building the browser app ..." in capsys.readouterr().out
    assets = checkout / "web" / "dist" / "assets"
    plain = (assets / "app-1.js").read_bytes()
    assert gzip.decompress((assets / "app-1.js.gz").read_bytes()) == plain
    assert 0 < (assets / "app-1.js.br").stat().st_size < len(plain)
    assert not (checkout / "web" / "dist" / "index.html.gz").exists(), "it is too small to gain by it"
    assert build_web.main([]) == 0
    assert capsys.readouterr().out == ""
    assert build_web.main(["--check"]) == 0


def test_what_is_built_is_fresh_by_its_sources_content_and_not_their_age(checkout: Path) -> None:
    web = checkout / "web"
    assert not build_web.is_fresh(checkout)
    (web / "dist").mkdir()
    (web / "dist" / build_web.STAMP).write_text(build_web.digest_of_sources(checkout))
    os.utime(web / "make.mjs")
    for made in ("node_modules/x.js", "dist/x.js", "src/api/schema.d.ts", ".cache/x", "test/x.test.ts"):
        (web / made).parent.mkdir(parents=True, exist_ok=True)
        (web / made).write_text("made")
    assert build_web.is_fresh(checkout)
    for source in (web / "src" / "new.ts", web / "make.mjs", checkout / build_web.API_DOCUMENT):
        before = source.read_text() if source.exists() else None
        source.write_text("other")
        assert not build_web.is_fresh(checkout), source
        source.unlink() if before is None else source.write_text(before)
        assert build_web.is_fresh(checkout)


def test_a_build_that_was_cut_off_is_not_fresh(checkout: Path) -> None:
    assert build_web.main([]) == 0
    (checkout / "web" / "make.mjs").write_text("process.exit(1);")
    assert build_web.main([]) == 1
    (checkout / "web" / "make.mjs").write_text(MAKE_DIST)
    assert not build_web.is_fresh(checkout)


def test_where_the_registry_cannot_be_reached_one_sentence_says_so_and_everything_else_goes_on(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    need(checkout, "left-alone")
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(checkout / "cache"))
    assert build_web.main(["--if-possible"]) == 0
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("The browser app was not built, because npm could not get its packages (ECONNREFUSED): ")
    assert said.endswith("then run make web. Everything else works.\n")
    assert build_web.main([]) == 1
    assert "npm error" in capsys.readouterr().err


def test_a_lock_that_does_not_fit_is_not_called_the_registrys_fault(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    web = checkout / "web"
    (web / "beside").mkdir()
    (web / "beside" / "package.json").write_text('{"name": "beside", "version": "1.0.0"}')
    manifest = json.loads((web / "package.json").read_text())
    (web / "package.json").write_text(json.dumps({**manifest, "dependencies": {"beside": "file:beside"}}))
    assert build_web.main(["--if-possible"]) == 0
    assert "npm refuses web/package-lock.json (EUSAGE)" in capsys.readouterr().err


def test_without_its_sources_nothing_is_built(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(checkout / "web")
    assert build_web.main([]) == 1
    assert "its sources, web/, are not here" in capsys.readouterr().err


def build_with_hatch(checkout: Path, target: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hatchling", "build", "--target", target]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def make_packages(checkout: Path) -> None:
    """Let something be there to put into a wheel."""
    for name in ("pyproject.toml", "README.md", "LICENSE", "requirements.lock", "tools/web_in_build.py"):
        shutil.copy(ROOT / name, checkout / name)
    for package in ("evens", "line_provider"):
        (checkout / "src" / package).mkdir(parents=True)
        shutil.copy(ROOT / "src" / "evens" / "__init__.py", checkout / "src" / package)


def test_a_wheel_has_the_app_and_never_an_old_one(checkout: Path) -> None:
    make_packages(checkout)
    without = build_with_hatch(checkout, "wheel")
    assert without.returncode == 0
    assert "make web builds it" in without.stderr
    assert build_web.main([]) == 0
    assert build_with_hatch(checkout, "wheel").returncode == 0
    (wheel,) = (checkout / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"evens/edges/web/dist/index.html", "evens/edges/web/dist/assets/app-1.js.br"} <= set(names)
    (checkout / "web" / "make.mjs").write_text("other")
    old = build_with_hatch(checkout, "wheel")
    assert old.returncode != 0
    assert "run make web" in old.stderr


def test_a_source_distribution_has_the_app_and_so_has_what_is_installed_from_it(checkout: Path) -> None:
    make_packages(checkout)
    assert build_web.main([]) == 0
    built = build_with_hatch(checkout, "sdist")
    assert built.returncode == 0, built.stderr
    (archive,) = (checkout / "dist").glob("*.tar.gz")
    (checkout / "elsewhere").mkdir()
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", checkout / "elsewhere"], check=True)
    (unpacked,) = (checkout / "elsewhere").iterdir()
    # No Node is needed there: this is what pip does with a source distribution.
    installed = build_with_hatch(unpacked, "wheel")
    assert installed.returncode == 0, installed.stderr
    (wheel,) = (unpacked / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"evens/edges/web/dist/index.html", "evens/edges/web/dist/assets/app-1.js.br"} <= names
