"""A backup's file: a ZIP that holds a dump of the database, and a page that says what is in it.

The dump is compressed by itself, so the ZIP only keeps the two together and notices when a byte is not what it was. The
page is written last: a file without it was never completed.
"""

import json
import os
import zipfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

_FORMAT: Final = 1
_PAGE: Final = "backup.json"
_DUMP: Final = "database.dump"
_CHUNK_BYTES: Final = 1024 * 1024


class BackupInvalid(Exception):
    """A file cannot be written as a backup, or is none that this version can read. ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """What is in a backup.

    ``anchor``: where the journal ended. ``migration``: the newest one of the database. ``secret``: the fingerprint of
    the secret that it was used with, ``None`` if nobody knows. ``made_at``: UTC, in ISO format.
    """

    evens: str
    made_at: str
    postgresql: str
    migration: int
    anchor: str
    secret: str | None


@contextmanager
def written(path: Path, page: Page) -> Generator[Callable[[bytes], object]]:
    """Write a new backup, which only its owner may read, at ``path``; the block passes the dump on, piece by piece.

    Nothing is at ``path`` before all of it is on disk. Raises :class:`BackupInvalid`.
    """
    if path.exists():
        raise BackupInvalid(f"{path} is there already; name another file.")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w+b") as file:
                with zipfile.ZipFile(file, "w", allowZip64=True) as archive:
                    with archive.open(_DUMP, "w", force_zip64=True) as dump:
                        yield dump.write
                    archive.writestr(_PAGE, json.dumps({"format": _FORMAT, **asdict(page)}, indent=1))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(path)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise BackupInvalid(f"{path} cannot be written: {error.strerror or error}.") from error


class BackupFile:
    """A backup that is open for reading. Raises :class:`BackupInvalid` if it is none, or not whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._archive = zipfile.ZipFile(path)
            document: Any = json.loads(self._archive.read(_PAGE))
            version = document.pop("format")
            if version != _FORMAT:
                raise BackupInvalid(f"{path} is of a newer kind ({version}); use the version of Evens that wrote it.")
            self.page = Page(**document)
            self._archive.getinfo(_DUMP)
        except OSError as error:
            raise BackupInvalid(f"{path} cannot be read: {error.strerror or error}.") from error
        except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
            raise BackupInvalid(f"{path} is no backup of Evens, or not a whole one.") from error

    def chunks(self) -> Iterator[bytes]:
        """Yield the dump, piece by piece; the last one comes only if all of it is as it was written."""
        try:
            with self._archive.open(_DUMP) as dump:
                held = dump.read(_CHUNK_BYTES)
                while held:
                    following = dump.read(_CHUNK_BYTES)
                    yield held
                    held = following
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            raise BackupInvalid(f"{self._path} is damaged: {error}.") from error

    def close(self) -> None:
        """Close the file."""
        self._archive.close()
