import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from evens.store.embedded import relocation, start
from tests.store.embedded.owners import Owner


@contextmanager
def enterable_directory() -> Generator[Path, None, None]:
    """A directory that the account which root lends to PostgreSQL can enter; pytest's own are closed to it."""
    directory = Path(tempfile.mkdtemp(prefix="evens-test-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def place() -> Generator[Path, None, None]:
    """An empty directory."""
    with enterable_directory() as directory:
        yield directory


@pytest.fixture(autouse=True)
def relocation_root(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where relocated things go, instead of the machine's own directory for them."""
    root = place / "relocated"
    monkeypatch.setattr(relocation, "ROOT", root)
    return root


@pytest.fixture(scope="session")
def data_dir() -> Generator[Path, None, None]:
    """A data directory with a made database, whose server does not run; the tests share it one after the other."""
    with enterable_directory() as directory:
        start(directory / "data").stop()
        yield directory / "data"


@pytest.fixture
def copied_data_dir(place: Path, data_dir: Path) -> Path:
    """A copy of it for tests that spoil it."""
    return Path(shutil.copytree(data_dir, place / "data"))


@pytest.fixture
def launch(data_dir: Path) -> Generator[Callable[..., Owner], None, None]:
    """Starts another process that owns the server of `data_dir`."""
    owners: list[Owner] = []

    def launch_owner(*options: str) -> Owner:
        owners.append(Owner.launch(data_dir, *options))
        return owners[-1]

    yield launch_owner
    for owner in owners:
        owner.close()
