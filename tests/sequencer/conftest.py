"""Nothing here waits for a journal to come back: attempts to lead follow each other at once."""

import pytest

from evens.sequencer import sequencer


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no pause between attempts to lead."""
    monkeypatch.setattr(sequencer, "RETRY_WAIT_S", 0)
