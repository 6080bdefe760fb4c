"""Make `.venv`, ready to run Evens: `python3 tools/bootstrap.py [--dev]`.

Needs a Python >= 3.11 and nothing else; the standard library does the work. Everything that is installed is
in `requirements.lock` (`requirements-dev.lock` with `--dev`) with its hash. Running it again costs nothing when
nothing changed, finishes what an interrupted run began, and starts over when the checkout was moved or its
Python was replaced.
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "evens-setup.json"
"""Says what `.venv` was made from; written last, so its presence means the set-up was completed."""
UNFINISHED = VENV / "evens-setup-unfinished"
"""Exists while packages are being written; found at a start, it means the last run was cut off."""
PROJECT = ROOT / "pyproject.toml"
PIP_LOCK = ROOT / "requirements-pip.lock"
LOCKS = {"runtime": ROOT / "requirements.lock", "dev": ROOT / "requirements-dev.lock"}
OLDEST_PYTHON = (3, 11)


def refuse_old_python(version: "tuple[int, ...]") -> None:
    """Exit with a remedy when `version` (major, minor) is older than Evens supports."""
    if version < OLDEST_PYTHON:
        found = ".".join(map(str, version))
        raise SystemExit(
            f"\nThis is Python {found} ({sys.executable}), and Evens needs 3.11 or newer.\n"
            "If a newer one is installed, name it: make PYTHON=python3.12 setup\n"
        )


# Before anything that an old Python cannot even define, so that it gets this far and no further.
refuse_old_python(sys.version_info[:2])

COMPILE_ALL = """
import compileall, sysconfig
compileall.compile_dir(sysconfig.get_path("purelib"), quiet=2, workers=0)
"""
"""Compiles what is installed with all processors. What is not for this Python is left, as pip leaves it."""

PIP_SETTINGS_KEPT = frozenset(
    {
        "PIP_CACHE_DIR",
        "PIP_CERT",
        "PIP_CLIENT_CERT",
        "PIP_CONFIG_FILE",
        "PIP_DEFAULT_TIMEOUT",
        "PIP_EXTRA_INDEX_URL",
        "PIP_FIND_LINKS",
        "PIP_INDEX_URL",
        "PIP_KEYRING_PROVIDER",
        "PIP_NO_CACHE_DIR",
        "PIP_NO_INDEX",
        "PIP_PROXY",
        "PIP_RETRIES",
        "PIP_TIMEOUT",
        "PIP_TRUSTED_HOST",
        "PIP_USE_DEPRECATED",
        "PIP_USE_FEATURE",
    }
)
"""How the caller reaches packages is theirs to say; where and what pip installs is ours."""


class SetupError(Exception):
    """The set-up cannot go on; the message says what to do about it."""


def main(arguments: list[str] | None = None) -> int:
    """Bring `.venv` up to date and return the exit code: 0 ready, 1 refused or failed, 130 interrupted."""
    options = parse(arguments)
    kind = "dev" if options.dev else "runtime"
    try:
        if is_current(kind):
            if not options.quiet:
                print(".venv is up to date.")
            return 0
        set_up(kind)
    except SetupError as error:
        print(f"\nSet-up stopped: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nSet-up interrupted. Run the same command again to finish it.", file=sys.stderr)
        return 130
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Make .venv with the locked dependencies and Evens itself.")
    parser.add_argument("--dev", action="store_true", help="also install what tests and checks need")
    parser.add_argument("--quiet", action="store_true", help="say nothing when there is nothing to do")
    return parser.parse_args(arguments)


def digest_of(kind: str) -> str:
    """Return the fingerprint of everything that decides what a set-up of this kind installs."""
    digest = hashlib.sha256()
    for path in (PROJECT, PIP_LOCK, LOCKS[kind]):
        content = path.read_bytes()
        digest.update(b"%d:" % len(content) + content)
    return digest.hexdigest()


def read_stamp() -> dict[str, str]:
    """Return what `.venv` says it was made from; empty when it does not say."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(stamp, dict):
        return {}
    return {str(key): str(value) for key, value in cast("dict[object, object]", stamp).items()}


def write_stamp(digests: dict[str, str]) -> None:
    """Note in `.venv` what it was made from, where and for which Python."""
    stamp = {"root": str(ROOT), "python": os.path.realpath(VENV_PYTHON), **digests}
    STAMP.write_text(json.dumps(stamp, indent=2) + "\n", "utf-8")


def is_current(kind: str) -> bool:
    """Tell whether `.venv` already holds exactly what a set-up of this kind would install."""
    stamp = read_stamp()
    return stamp.get(kind) == digest_of(kind) and is_at_home(stamp)


def is_at_home(stamp: dict[str, str]) -> bool:
    """Tell whether `.venv` was made in this place and for the Python it still points to."""
    return (
        not UNFINISHED.exists()
        and stamp.get("root") == str(ROOT)
        and VENV_PYTHON.exists()
        and stamp.get("python") == os.path.realpath(VENV_PYTHON)
    )


def set_up(kind: str) -> None:
    """Make or mend `.venv`, one set-up at a time per checkout."""
    import fcntl
    import time

    with Path(__file__).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_current(kind):
            return
        started = time.monotonic()
        print(f"Setting up Evens in {VENV} with Python {sys.version.split()[0]}", flush=True)
        require_writable()
        kinds = ["runtime", "dev"] if kind == "dev" else ["runtime"]
        digests = {each: digest_of(each) for each in kinds}
        ensure_venv()
        UNFINISHED.touch()
        STAMP.unlink(missing_ok=True)
        install(kind)
        write_stamp(digests)
        UNFINISHED.unlink()
        print(f"Ready in {time.monotonic() - started:.0f} s.", flush=True)


def require_writable() -> None:
    """Raise SetupError when this user may not write where `.venv` is, or will be."""
    for place in (VENV, ROOT):
        if place.exists():
            if not os.access(place, os.W_OK):
                raise SetupError(
                    f"{place} belongs to another user. Use a checkout of your own, or as its owner: chown -R"
                )
            return


def ensure_venv() -> None:
    """Leave a `.venv` with a working Python and pip, made anew when the one found is not to be trusted."""
    stamp = read_stamp()
    if VENV.exists():
        moved = bool(stamp) and not is_at_home(stamp)
        if not UNFINISHED.exists() and not moved and has_working_pip():
            return
        print("  the .venv found here is incomplete or was moved: making it anew", flush=True)
    require_ensurepip()
    run([sys.executable, "-I", "-m", "venv", "--clear", str(VENV)], "  making .venv")


def has_working_pip() -> bool:
    """Tell whether the Python in `.venv` starts, is new enough and can import pip."""
    import subprocess

    check = f"import pip, sys; sys.exit(sys.version_info < {OLDEST_PYTHON})"
    try:
        return subprocess.run([VENV_PYTHON, "-I", "-c", check], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def require_ensurepip() -> None:
    """Make sure Python can make environments with pip: Debian and Ubuntu ship that part separately."""
    import shutil

    if can_make_environments():
        return
    command = "apt-get update && apt-get install -y --no-install-recommends python3-venv"
    if shutil.which("apt-get") is None:
        raise SetupError("this Python lacks the modules venv and ensurepip. Install them from your system's packages.")
    if os.geteuid() != 0:
        raise SetupError(
            "this Python cannot make environments yet. Install the missing package, then run the same again:\n\n"
            f"    sudo sh -c '{command}'\n"
        )
    run(["sh", "-c", command], "  installing python3-venv, which this system's Python lacks", noninteractive=True)
    if not can_make_environments():
        version = ".".join(map(str, sys.version_info[:2]))
        raise SetupError(
            f"python3-venv is for another Python than {sys.executable}. Install python{version}-venv, "
            "or use the system's own: make PYTHON=/usr/bin/python3 setup"
        )


def can_make_environments() -> bool:
    """Tell whether `python -m venv` would work; asked afresh, since a package may just have been installed."""
    import importlib
    import importlib.util

    importlib.invalidate_caches()
    return all(importlib.util.find_spec(module) is not None for module in ("venv", "ensurepip"))


def install(kind: str) -> None:
    """Install the lock of this kind, hashes checked, then Evens itself as an editable package."""
    lock = LOCKS[kind]
    count = sum("==" in line for line in lock.read_text("utf-8").splitlines())
    pip = [str(VENV_PYTHON), "-I", "-m", "pip", "install", "--progress-bar", "off"]
    # Wheels only: building from source would run and download what no lock names.
    locked = [*pip, "--require-hashes", "--only-binary", ":all:", "--requirement"]
    try:
        run([*locked, str(PIP_LOCK)], "  installing pip")
        # pip would compile with one processor what it installs.
        run([*locked, str(lock), "--no-compile"], f"  installing {count} locked packages")
    except SetupError as error:
        raise SetupError(
            f"{error}\nPackages come from where pip is set up to look. If this machine uses a mirror or a proxy,\n"
            "name it in pip.conf, PIP_INDEX_URL or HTTPS_PROXY, then run the same again."
        ) from None
    run([*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)], "  installing evens")
    run([str(VENV_PYTHON), "-I", "-c", COMPILE_ALL], "  compiling")


def environment(noninteractive: bool) -> dict[str, str]:
    """Return the caller's environment without what would lead Python or pip to another place."""
    import re

    led_astray = re.compile(r"PYTHON(PATH|HOME|STARTUP|USERBASE|PLATLIBDIR)$|VIRTUAL_ENV$|CONDA_PREFIX$|PIP_")
    kept = {
        name: value for name, value in os.environ.items() if name in PIP_SETTINGS_KEPT or not led_astray.match(name)
    }
    kept |= {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_USER": "0",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    return kept | ({"DEBIAN_FRONTEND": "noninteractive"} if noninteractive else {})


def run(command: list[str], title: str, noninteractive: bool = False) -> None:
    """Run one step, showing its title and progress only; on failure raise SetupError with all it printed."""
    import subprocess
    import time

    started = time.monotonic()
    print(f"{title} ...", end="", flush=True)
    output: list[str] = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(noninteractive),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            output.append(line)
            show_progress(title, line)
    if process.returncode != 0:
        print(" failed")
        raise SetupError(f"this command failed:\n  {' '.join(command)}\n\n{''.join(output)}")
    again = f"\r\x1b[K{title} ..." if sys.stdout.isatty() else ""
    print(f"{again} {time.monotonic() - started:.0f} s", flush=True)


def show_progress(title: str, line: str) -> None:
    """On a terminal, show which package pip is at, in place."""
    words = line.split()
    if sys.stdout.isatty() and len(words) > 1 and words[0] in ("Collecting", "Downloading", "Installing"):
        what = words[1].split("/")[-1].split("==")[0][:48] if words[0] != "Installing" else "writing files"
        print(f"\r\x1b[K{title} ... {what}", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
