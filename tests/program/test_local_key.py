"""The operator's key in the data folder: what a killed server left there is gone before the next one is ready."""

from pathlib import Path
from typing import Any, cast

import pytest

from evens.identity.judging import Judging
from evens.identity.service import Identity
from evens.program.installation import Installation
from evens.program.local_key import local_key

pytestmark = pytest.mark.anyio


class _Made:
    key = "evk_new"


class _Keys:
    """Makes keys of which nobody checks anything."""

    def __init__(self) -> None:
        self.judging = Judging()

    async def create_api_key(self, *_: Any, **__: Any) -> _Made:
        return _Made()


async def test_nobody_reads_the_key_of_a_killed_server_while_the_next_one_starts(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    installation.announce("http://127.0.0.1:9", "left behind")
    async with local_key(cast(Identity, _Keys()), installation) as key:
        assert not installation.operator_key_file.exists()
        assert not installation.server_file.exists()
        installation.announce("http://127.0.0.1:9", key)
        assert installation.left_operator_key() == "evk_new"
    assert not installation.operator_key_file.exists()
