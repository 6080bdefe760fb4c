"""A fault in the file of pools stops the start, with a sentence that names the file, the pool and the field."""

from pathlib import Path
from typing import Final

import pytest

from evens.program.pool_file import check_pool_file
from evens.program.rounds import schedule_of_files
from evens.settings import Settings, SettingsInvalid
from tests.cli.program import eventually, run, running
from tests.conftest import Dsns

BASE: Final = '[[pool]]\nkey = "daily"\nname = "Daily"\nsymbol = "S"\ncurrency = "USD"\n'

FAULTS: Final = [
    ("[[pool", "cannot be read"),
    ("", "must have pools"),
    ("pool = 3", "must have pools"),
    ("pool = [3]", "must have pools"),
    (BASE + "foo = 1", "pool daily: foo"),
    (BASE + "fee_bps = 20000", "pool daily: fee_bps"),
    (BASE + "fee_bps = 'x'", "pool daily: fee_bps"),
    (BASE + "fee_bps = 1.9", "pool daily: fee_bps"),
    (BASE + "calendar = 'XYZW'", "pool daily: calendar"),
    (BASE + "min_stake = '10'\nmax_stake = '1'", "pool daily: max_stake"),
    (BASE.replace("daily", "Foo/Bar?#%"), "pool Foo/Bar?#%: key"),
    (BASE.replace("daily", "bets"), "pool bets: key"),
    (BASE + BASE, "pool daily: key is there twice"),
    (BASE.replace("USD", "XAU"), "pool daily: currency"),
    (BASE.replace('"Daily"', '"a\\nb"'), "pool daily: name"),
    (BASE.replace('"Daily"', f'"{"x" * 999_000}"'), "pool daily: name"),
    (BASE.replace('"Daily"', f'"{"x" * 1_000_000}"'), "larger than"),
    (BASE + "closed = [3]", "pool daily: closed"),
    (BASE + "closed = [2025-01-09]", "pool daily: closed"),
    (BASE + "early = { '2024-12-24' = 13 }", "pool daily: early"),
    (BASE + "sources = 3", "pool daily: sources"),
    (
        BASE + "sources = [{name='a', kind='http_json', url='http://h/?k={@../operator.key}', price='p', date='d'}]",
        "pool daily: sources[0].url",
    ),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("text", "why"), FAULTS, ids=map(str, range(len(FAULTS))))
async def test_each_fault_is_told_in_one_sentence(dsns: Dsns, tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "pools.toml"
    path.write_text(text)
    settings = Settings(pools=path)
    with pytest.raises(SettingsInvalid) as caught:
        await check_pool_file(settings, dsns.app, schedule_of_files(tmp_path))
    assert str(caught.value).startswith(f"A setting is wrong: EVENS_POOLS names {path}: ")
    assert why in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.anyio
async def test_a_good_file_is_read_as_a_request_would_be(dsns: Dsns, tmp_path: Path) -> None:
    path = tmp_path / "pools.toml"
    path.write_text(BASE + "calendar = 'every:60'\nmin_stake = '1.00'\n")
    (pool,) = await check_pool_file(Settings(pools=path), dsns.app, schedule_of_files(tmp_path))
    assert (pool.key, pool.currency, pool.terms.min_stake_minor) == ("daily", "USD", 100)
    assert await check_pool_file(Settings(), dsns.app, schedule_of_files(tmp_path)) == ()


def test_a_server_with_such_a_file_does_not_start(tmp_path: Path) -> None:
    path = tmp_path / "pools.toml"
    path.write_text(BASE + "fee_bps = 20000\n")
    data = tmp_path / "data"
    ended = run("serve", "--data", str(data), "--port", "0", env={"EVENS_POOLS": str(path)})
    assert ended.code == 3, ended
    assert "pool daily: fee_bps" in ended.err
    assert "Traceback" not in ended.err
    assert not (data / "operator.key").exists()


def test_secrets_of_sources_are_in_the_folder_of_the_server(tmp_path: Path) -> None:
    path = tmp_path / "pools.toml"
    source = "sources = [{ name = 'walk', kind = 'simulated', seed = 7 }]"
    path.write_text(f"{BASE}calendar = 'every:5'\nlock_before_close_s = 1\nsettle_after_close_s = 1\n{source}\n")
    data = tmp_path / "data"
    with running(["serve", "--port", "0"], data, {"EVENS_POOLS": str(path)}):
        assert eventually((data / "pool-secrets" / ".simulation").exists)
