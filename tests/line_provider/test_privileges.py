"""The service's role may do what the service does, and nothing else."""

import asyncpg
import pytest

from tests.line_provider.conftest import Line

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM evens.journal",
        "DELETE FROM line_provider.events",
        "UPDATE line_provider.changes SET data = ''",
        "UPDATE line_provider.webhooks SET url = ''",
        "CREATE TABLE line_provider.mine (id integer)",
        "SET ROLE evens_owner",
    ],
)
async def test_the_role_may_not(line: Line, statement: str) -> None:
    connection = await asyncpg.connect(line.dsn)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    finally:
        await connection.close()
