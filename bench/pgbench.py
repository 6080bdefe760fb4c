"""The reference: pgbench's TPC-B-like script on the very server that Evens is measured on."""

import re
import subprocess
from pathlib import Path

from evens.store.embedded import OWNER_ROLE, Running

_TPS = re.compile(r"tps = ([0-9.]+)")


def tpcb_per_s(server: Running, seconds: int = 5, runs: int = 3) -> float:
    """Return the best of several runs with 16 clients and prepared statements, in transactions a second."""
    dsn = server.dsn(OWNER_ROLE, "postgres")
    program = Path(server.binaries) / "pgbench"
    subprocess.run([program, "--initialize", "--scale=10", "--quiet", dsn], check=True, capture_output=True)
    command = [program, "--client=16", "--jobs=2", "--protocol=prepared", f"--time={seconds}", dsn]
    rates: list[float] = []
    for _ in range(runs):
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        found = _TPS.search(output)
        assert found is not None, output
        rates.append(float(found[1]))
    return max(rates)
