import shutil
import subprocess
import threading
from pathlib import Path

import asyncpg
import pytest

from evens.store.embedded import (
    APP_ROLE,
    OWNER_ROLE,
    DataDirectoryUnusable,
    Running,
    SettingRefused,
    StartFailed,
    attach,
    start,
)
from evens.store.embedded.account import choose_account
from evens.store.embedded.layout import Layout
from evens.store.embedded.server_log import ROTATE_BYTES


async def ask(server: Running, question: str, role: str = OWNER_ROLE) -> object:
    """The first column of the first row."""
    connection = await asyncpg.connect(server.dsn(role))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def do(server: Running, statement: str, role: str = OWNER_ROLE) -> None:
    connection = await asyncpg.connect(server.dsn(role))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_what_was_written_is_there_after_the_next_start(place: Path) -> None:
    with start(place / "data") as server:
        await do(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    with start(place / "data") as server:
        assert await ask(server, "SELECT answer FROM kept") == 42


async def test_the_application_role_may_log_in_and_nothing_else(data_dir: Path) -> None:
    with start(data_dir) as server:
        assert await ask(server, "SELECT current_user", APP_ROLE) == APP_ROLE
        attributes = "rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
        assert await ask(server, f"SELECT {attributes} FROM pg_roles WHERE rolname = current_user", APP_ROLE) is False
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await do(server, "CREATE TABLE mine (id int)", APP_ROLE)
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await do(server, f"SET ROLE {OWNER_ROLE}", APP_ROLE)


async def test_the_owner_role_owns_a_utf8_database_with_checksums(data_dir: Path) -> None:
    question = """
        SELECT (pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datlocprovider, datlocale,
                current_setting('data_checksums'))::text
          FROM pg_database WHERE datname = current_database()
    """
    with start(data_dir) as server:
        assert await ask(server, question) == f"({OWNER_ROLE},UTF8,b,C.UTF-8,on)"


async def test_only_the_unix_socket_lets_in_and_only_by_operating_system_user(data_dir: Path) -> None:
    with start(data_dir) as server:
        assert await ask(server, "SELECT current_setting('listen_addresses')") == ""
        rules = "SELECT string_agg(DISTINCT type || ' ' || auth_method, ', ') FROM pg_hba_file_rules"
        assert await ask(server, rules) == "local peer"
        with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
            await do(server, "SELECT 1", "pg_monitor")


async def test_nobody_can_make_commits_less_than_durable(copied_data_dir: Path) -> None:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        with pytest.raises(SettingRefused, match=name):
            start(copied_data_dir, settings={name: "off"})
    with start(copied_data_dir) as server:
        await do(server, "ALTER SYSTEM SET fsync = off")
        await do(server, "SELECT pg_reload_conf()")
    with start(copied_data_dir) as server:
        assert await ask(server, "SELECT current_setting('fsync')") == "on"


async def test_a_setting_of_the_caller_wins_over_the_default(data_dir: Path) -> None:
    with start(data_dir, settings={"shared_buffers": "16MB", "cluster_name": "it's mine"}) as server:
        assert await ask(server, "SELECT current_setting('shared_buffers')") == "16MB"
        assert await ask(server, "SELECT current_setting('cluster_name')") == "it's mine"


def test_a_malformed_setting_is_refused(data_dir: Path) -> None:
    for settings in ({"Not a name": "1"}, {"work_mem": "1MB'\nfsync = 'off"}):
        with pytest.raises(SettingRefused):
            start(data_dir, settings=settings)


def test_a_server_that_does_not_come_up_says_why_and_where_to_look(data_dir: Path) -> None:
    with pytest.raises(StartFailed, match="invalid value for parameter") as failed:
        start(data_dir, settings={"shared_buffers": "plenty"})
    assert str(data_dir / "postgres.log") in str(failed.value)
    start(data_dir).stop()


async def test_a_copied_data_directory_has_a_server_of_its_own(data_dir: Path, copied_data_dir: Path) -> None:
    with start(data_dir) as server, start(copied_data_dir) as other:
        await do(server, "CREATE TABLE here (id int)")
        assert await ask(other, "SELECT to_regclass('here')") is None


@pytest.mark.parametrize("name", ["deep/" * 40 + "data", "a, b 'c' \"d\" 100% \\ é"], ids=["long", "unusual"])
async def test_a_path_that_does_not_fit_a_socket_gets_a_private_socket_directory(
    place: Path, data_dir: Path, name: str
) -> None:
    home = Path(shutil.copytree(data_dir, place / name))
    for _ in range(2):
        with start(home) as server:
            assert home not in server.socket_directory.parents
            assert server.socket_directory.stat().st_mode & 0o777 == 0o700
            assert await ask(server, "SELECT current_user", APP_ROLE) == APP_ROLE
            attached = attach(home)
            assert attached is not None
            assert attached.dsn(APP_ROLE) == server.dsn(APP_ROLE)
        assert not server.socket_directory.exists()


async def test_the_server_outlives_the_thread_that_started_it(data_dir: Path) -> None:
    servers: list[Running] = []
    thread = threading.Thread(target=lambda: servers.append(start(data_dir)))
    thread.start()
    thread.join()
    with servers[0] as server:
        assert await ask(server, "SELECT 1") == 1
        assert server.alive()


def test_a_stale_lock_file_whose_process_id_is_somebody_elses_by_now_does_not_prevent_a_start(data_dir: Path) -> None:
    account = choose_account(data_dir / "postgres")
    stranger = subprocess.Popen(["sleep", "60"], **account.identity)
    try:
        for stale in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            content = f"{stranger.pid}\n{data_dir}/postgres\n1\n5432\n{data_dir}/postgres\n\n1 1\nready\n"
            (data_dir / "postgres" / stale).write_text(content)
        assert attach(data_dir) is None
        with start(data_dir) as server:
            assert server.alive()
    finally:
        stranger.kill()
        stranger.wait()


def test_something_else_in_the_place_of_the_cluster_is_left_alone(copied_data_dir: Path) -> None:
    layout = Layout.of(copied_data_dir)
    shutil.rmtree(layout.cluster)
    layout.cluster.mkdir()
    (layout.cluster / "diary.txt").write_text("dear diary")
    with pytest.raises(DataDirectoryUnusable, match="not a PostgreSQL cluster"):
        start(copied_data_dir)
    assert (layout.cluster / "diary.txt").read_text() == "dear diary"


def test_a_cluster_of_another_major_version_is_refused(copied_data_dir: Path) -> None:
    (copied_data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(DataDirectoryUnusable, match="made by PostgreSQL 17"):
        start(copied_data_dir)


def test_a_file_in_the_place_of_the_data_directory_is_refused(place: Path) -> None:
    (place / "data").write_text("")
    with pytest.raises(DataDirectoryUnusable, match="not a directory"):
        start(place / "data")


def test_a_large_log_is_put_aside(data_dir: Path) -> None:
    with (data_dir / "postgres.log").open("r+b") as log:
        log.truncate(ROTATE_BYTES + 1)
    start(data_dir).stop()
    assert (data_dir / "postgres.log").stat().st_size < ROTATE_BYTES
    assert (data_dir / "postgres.log.1").stat().st_size == ROTATE_BYTES + 1


async def test_an_attached_server_is_used_but_not_stopped(data_dir: Path) -> None:
    assert attach(data_dir) is None
    with start(data_dir) as server:
        attached = attach(data_dir)
        assert attached is not None
        assert attached.pid == server.pid
        assert await ask(attached, "SELECT current_user", APP_ROLE) == APP_ROLE
        attached.stop()
        assert server.alive()
        assert attached.alive()
    assert not attached.alive()
    assert attach(data_dir) is None
