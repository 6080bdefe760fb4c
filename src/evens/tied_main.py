"""The ``evens`` command as a process that ends with whoever started it, such as the demo's line provider.

``python -m evens.tied_main ARGUMENTS…`` is ``evens ARGUMENTS…``, but also ends when its standard input does. The
starter holds the other end of that pipe, and the kernel closes it however the starter ends.
"""

import os
import signal
import sys
from threading import Thread

from evens.main import cli


def _end_with_starter() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    Thread(target=_end_with_starter, name="starter", daemon=True).start()
    sys.exit(cli())
