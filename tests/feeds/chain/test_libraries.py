"""What the chain's libraries do to the process that imports them."""

import subprocess
import sys

import pytest

MODULES = ("rail", "node", "payer", "addresses", "signing", "signer", "token")


@pytest.mark.parametrize("module", MODULES)
def test_python_recurses_no_deeper_because_of_them(module: str) -> None:
    program = f"import sys, evens.feeds.chain.evm.{module}; print(sys.getrecursionlimit())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "1000\n"
