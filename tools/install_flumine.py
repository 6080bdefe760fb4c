"""Put flumine, which tests of Betfair's dialect run, into `.venv/flumine`, and print where its Python is.

It pins a release of tenacity that others of our dependencies are too new for, so it has an environment of its own, as
`requirements-flumine.lock` says. pip takes the files from wherever it is set up to look, with their hashes.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tools import bootstrap

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-flumine.lock"
HOME = Path(sys.prefix) / "flumine"


def ensure() -> Path:
    """Return the Python that has flumine, which is installed now if it is not there yet or the lock has changed.

    Raises `bootstrap.SetupError` with all that was printed if that fails.
    """
    import fcntl

    with Path(__file__).open("rb") as lock:
        # Several processes may share a run of the tests; the first one installs.
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = HOME / LOCK.name
        if not installed.exists() or installed.read_bytes() != LOCK.read_bytes():
            make()
            shutil.copyfile(LOCK, installed)
    return HOME / "bin" / "python"


def make() -> None:
    """Make the environment anew."""
    bootstrap.run([sys.executable, "-I", "-m", "venv", "--clear", "--without-pip", str(HOME)], "  making .venv/flumine")
    pip = [sys.executable, "-I", "-m", "pip", "--python", str(HOME / "bin" / "python"), "install"]
    options = ["--progress-bar", "off", "--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK)]
    bootstrap.run([*pip, *options], "  installing flumine")


if __name__ == "__main__":
    print(ensure())
