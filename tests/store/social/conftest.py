"""A stage on which records are kept."""

import pytest

from evens.store.database import Database
from tests.conftest import Stage
from tests.store.social.stands import Stands


@pytest.fixture
def stands(stage: Stage, database: Database) -> Stands:
    """Return the stage with a keeper of records."""
    return Stands(stage, database)
