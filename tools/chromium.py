"""Find Chromium for the tests in a browser, and install Debian's if there is none: `python -m tools.chromium`.

Debian has it twice: with windows, and as a shell without any. The shell takes a third less time for the same pages, so
it is what is installed, and what is taken if both are there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome")
_INSTALLING = (("apt-get", "update", "-qq"), ("apt-get", "install", "-y", "-qq", "--no-install-recommends", SHELL))


class NoChromium(Exception):
    """There is no Chromium here; the message says what to do about it."""


def find() -> Path | None:
    """Return the Chromium of this machine."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return None if found is None else Path(found)


def install() -> Path:
    """Return the Chromium of this machine, installed if need be. Raises :class:`NoChromium`."""
    found = find()
    if found is not None:
        return found
    if shutil.which("apt-get") is None:
        raise NoChromium("There is no Chromium here, and only Debian's can be installed by itself: install one.")
    if os.geteuid() != 0:
        raise NoChromium("There is no Chromium here. Install it: sudo apt-get install chromium-headless-shell")
    print("  installing Chromium, once ...", flush=True)
    for command in _INSTALLING:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            check=False,
        )
        if done.returncode != 0:
            said = (done.stderr.strip().splitlines() or ["it did not say why"])[-1]
            raise NoChromium(f"Chromium could not be installed: {' '.join(command)}: {said}")
    found = find()
    if found is None:
        raise NoChromium("Chromium was installed, and none is found: is /usr/bin on PATH?")
    return found


def main() -> int:
    """Install Chromium if need be; return the exit code."""
    try:
        install()
    except NoChromium as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
