import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from evens.store.embedded import relocation, start
from tests.folders import passable_folder
from tests.store.embedded.owners import Owner


@pytest.fixture
def place() -> Generator[Path, None, None]:
    """An empty directory."""
    with passable_folder() as directory:
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
    with passable_folder() as directory:
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
