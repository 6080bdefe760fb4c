"""Where providers are, and with which keys: what is wrong is said, and no key is shown."""

from pathlib import Path

import pytest

from evens.line_settings import LineKey, LinePlace, check_line, parse_line_keys, parse_line_sources
from evens.settings import Settings


def test_sources_have_a_name_a_dialect_and_an_address() -> None:
    text = "main=evens+http://127.0.0.1:8001, odds=oddsapi+https://api.example/?sport=epl&sport=nba&regions=uk"
    assert parse_line_sources(text) == {
        "main": LinePlace("evens", "http://127.0.0.1:8001", {}),
        "odds": LinePlace("oddsapi", "https://api.example", {"sport": ("epl", "nba"), "regions": ("uk",)}),
    }
    assert parse_line_sources("") == {}


@pytest.mark.parametrize(
    "text",
    [
        "main=http://127.0.0.1",
        "main=betfair+http://x",
        "evens+http://x",
        "a=evens+http://x,a=evens+http://y",
        "a=evens+http://x?sport=epl",
        "A=evens+http://x",
    ],
)
def test_a_wrong_source_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"evens|option|NAME"):
        parse_line_sources(text)


def test_a_key_is_given_or_in_a_file_that_may_come_later(tmp_path: Path) -> None:
    file = tmp_path / "line-provider.key"
    keys = parse_line_keys(f"main=@{file}, odds=abc=")
    assert keys == {"main": LineKey(file=file), "odds": LineKey("abc=")}
    with pytest.raises(OSError, match="line-provider"):
        keys["main"].read()
    file.write_text("\n")
    with pytest.raises(ValueError, match="is empty"):
        keys["main"].read()
    file.write_text("secret\n")
    assert [key.read() for key in keys.values()] == ["secret", "abc="]


def test_a_wrong_key_is_not_shown() -> None:
    with pytest.raises(ValueError, match="part 2 is not NAME=KEY") as raised:
        parse_line_keys("main=abc,topsecret")
    assert "topsecret" not in str(raised.value)


def test_keys_and_sources_belong_together() -> None:
    check_line("main=evens+http://x", "")
    with pytest.raises(ValueError, match="'other' is no source"):
        check_line("main=evens+http://x", "other=k")
    with pytest.raises(ValueError, match="'odds' is missing"):
        check_line("odds=oddsapi+http://x", "")


def test_settings_are_checked_at_start() -> None:
    with pytest.raises(ValueError, match="line_sources"):
        Settings(line_sources="main=http://x")
    with pytest.raises(ValueError, match="EVENS_LINE_KEYS"):
        Settings(line_sources="main=evens+http://x", line_keys="other=k")
    with pytest.raises(ValueError, match="redis_url"):
        Settings(redis_url="http://127.0.0.1")
    assert Settings(redis_url="redis://127.0.0.1:6379/0").redis_url is not None
