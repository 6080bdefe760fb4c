"""Named SQL statements in the .sql files of the rooms: each statement begins with a line ``-- its_name --``."""

import re
from functools import cache
from importlib.resources import files
from typing import Final

_NAME: Final = re.compile(r"^-- (\w+) --$", re.MULTILINE)


@cache
def statements(room: str, file: str) -> dict[str, str]:
    """Return the statements of ``<file>.sql`` in a room of the store (``"wallets"``) by name. Reads each file once."""
    text = files(f"evens.store.{room}").joinpath(f"{file}.sql").read_text("utf-8")
    _preface, *parts = _NAME.split(text)
    return dict(zip(parts[::2], (part.strip().removesuffix(";") for part in parts[1::2]), strict=True))
