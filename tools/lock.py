"""Write the five lock files from pyproject.toml: `make lock`.

`requirements.lock` is what Evens needs to run, `requirements-web.lock` what its browser app is built with, and
`requirements-dev.lock` has both, with what tests and checks need. `requirements-flumine.lock` is for the environment
that tests run flumine in, and shares nothing with the others. `requirements-pip.lock` is the pip that a set-up installs
them with.

Versions already locked stay unless pyproject.toml rules them out or `--upgrade` asks for the newest. The locks
hold names, versions, markers and hashes of every file for every platform, and no address, so that each machine
takes the files from whichever index it trusts. uv finds its index in UV_DEFAULT_INDEX, or uses the public one.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RUNTIME = ROOT / "requirements.lock"
WEB = ROOT / "requirements-web.lock"
DEV = ROOT / "requirements-dev.lock"
FLUMINE = ROOT / "requirements-flumine.lock"
PIP = ROOT / "requirements-pip.lock"


def main() -> int:
    """Resolve all locks, then replace all or none; return the exit code."""
    parser = argparse.ArgumentParser(description="Write the lock files anew from pyproject.toml.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")
    upgrade = ["--upgrade"] if parser.parse_args().upgrade else []
    with tempfile.TemporaryDirectory() as folder:
        # Everything is resolved beside a copy of pyproject.toml, so that no path of this machine gets into a lock.
        Path(folder, "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
        pairs = [(each, Path(folder, each.name)) for each in (RUNTIME, WEB, DEV, FLUMINE, PIP)]
        runtime, web, dev, flumine, pip = (resolved for _, resolved in pairs)
        for locked, resolved in pairs:
            if locked.exists():
                resolved.write_bytes(locked.read_bytes())
        try:
            resolve(runtime, ["pyproject.toml", *upgrade, "--group", "build"])
            resolve(web, [*upgrade, "--group", "pyproject.toml:web"])
            # The other locks constrain this one, so that tests run on what users run.
            constraints = [word for lock in (runtime, web) for word in ("--constraint", lock.name)]
            groups = [word for group in ("build", "web", "dev") for word in ("--group", group)]
            resolve(dev, ["pyproject.toml", *upgrade, *groups, *constraints])
            resolve(flumine, [*upgrade, "--group", "pyproject.toml:flumine"])
            resolve(pip, [*upgrade, "--group", "pyproject.toml:pip"])
        except subprocess.CalledProcessError as error:
            print(f"The locks were left as they are: uv ended with {error.returncode}.", file=sys.stderr)
            return 1
        for locked, resolved in pairs:
            if "://" in resolved.read_text("utf-8"):
                print(f"{locked.name} was left as it is: the new one would carry an address.", file=sys.stderr)
                return 1
        for locked, resolved in pairs:
            locked.write_bytes(resolved.read_bytes())
    print("Locked. Look at the difference, run make check and make test, and commit the files.")
    return 0


def resolve(output: Path, options: list[str]) -> None:
    """Have uv resolve what `options` name of the pyproject.toml beside `output`, for all supported platforms."""
    common = "--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links"
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *common.split()]
    header = {"UV_CUSTOM_COMPILE_COMMAND": "make lock"}
    subprocess.run(
        [*command, *options, "--output-file", output.name],
        cwd=output.parent,
        env=os.environ | header,
        stdout=subprocess.DEVNULL,
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main())
