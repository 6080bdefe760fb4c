"""Named SQL statements in .sql files: each begins with a line ``-- its_name --``. Read once, when first asked for."""

import re
from functools import cache
from importlib.resources import files
from typing import Final

_NAME: Final = re.compile(r"^-- (\w+) --$", re.MULTILINE)


@cache
def statements(file: str) -> dict[str, str]:
    """Return the statements of ``<file>.sql`` by name."""
    text = files("evens.store.sql").joinpath(f"{file}.sql").read_text("utf-8")
    _preface, *parts = _NAME.split(text)
    return dict(zip(parts[::2], (part.strip().removesuffix(";") for part in parts[1::2]), strict=True))
