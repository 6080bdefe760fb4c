"""The settings: what makes no sense stops the start, with a sentence that names the variable."""

import re

import pytest

from evens.settings import (
    COINS,
    CURRENCIES,
    Settings,
    SettingsInvalid,
    parse_cors_origins,
    parse_currencies,
    read_settings,
    unknown_variables,
)
from tests.cli.program import call


def complaint(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    """Return what is said of an environment."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as caught:
        read_settings()
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("EVENS_CURENCY", "EVENS_CURRENCY"),
        ("EVENS_REQUEST_PER_MINUTE", "EVENS_REQUESTS_PER_MINUTE"),
        ("EVENS_CORS_ORIGIN", "EVENS_CORS_ORIGINS"),
        ("EVENS_DATABASE_URL", "DATABASE_URL"),
    ],
)
def test_a_variable_that_is_no_setting_stops_the_start_and_says_what_is_meant(
    monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    """Hold 25: unknown EVENS_ settings stop the start with a sentence."""
    said = complaint(monkeypatch, **{name: "EUR"})
    assert said == f"A setting is wrong: {name} is not a setting of this version; do you mean {meant}?."


def test_everything_that_is_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said = complaint(monkeypatch, EVENS_XYZZY="1", EVENS_PORT="http", EVENS_MIN_STAKE="0")
    assert "EVENS_XYZZY is not a setting of this version; " in said
    assert "EVENS_PORT: must be a whole number" in said
    assert "EVENS_MIN_STAKE: must be greater than zero" in said


def test_variables_of_the_command_line_and_of_others_are_let_be(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("EVENS_URL", "EVENS_API_KEY", "EVENS_PG_USER", "evens_port", "PATH", "SEVENS_X"):
        monkeypatch.setenv(name, "8000")
    assert read_settings().port == 8000
    assert unknown_variables(["EVENS_URL", "evens_x"]) == ["evens_x"]


@pytest.mark.parametrize("code", ["XYZ", "USX", "ZZZ", "XXX", "XAU", "XTS", "DEM", "COIN", "US"])
def test_a_currency_that_does_not_exist_stops_the_start(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Hold 25: impossible settings stop the start with a sentence."""
    said = complaint(monkeypatch, EVENS_CURRENCIES=f"USD:2,{code}:2")
    assert f"EVENS_CURRENCIES: there is no currency {code}; take a code of ISO 4217, such as EUR, or one of " in said


def test_what_exists_can_be_a_currency() -> None:
    many = parse_currencies("USD:2, JPY:0,KWD:3,CLF:4," + ",".join(f"{coin}:8" for coin in sorted(COINS)))
    assert (many["JPY"], many["KWD"], many["BTC"]) == (0, 3, 8)
    assert parse_currencies(CURRENCIES)["USDC"] == 6


def test_a_currency_is_given_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "USD is given more than once" in complaint(monkeypatch, EVENS_CURRENCIES="USD:2,USD:3")


@pytest.mark.parametrize("code", ["JPY", "XYZ", "usd", ""])
def test_requests_cannot_mean_a_currency_that_the_house_does_not_have(
    monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """Hold 25: a default that nothing can be booked in is found at start, not by the first customer."""
    said = complaint(monkeypatch, EVENS_CURRENCY=code)
    assert f"EVENS_CURRENCY: {code!r} is none of EVENS_CURRENCIES (USD, EUR, GBP, CZK, USDC); add it there" in said


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("EVENS_PORT", "70000"),
        ("EVENS_PORT", ""),
        ("EVENS_COMMISSION_BPS", "1.5"),
        ("EVENS_COMMISSION_BPS", "-1"),
        ("EVENS_RESULTS_EVERY_S", "nan"),
        ("EVENS_RESULTS_EVERY_S", "0"),
        ("EVENS_RESULTS_EVERY_S", "soon"),
        ("EVENS_RESULTS_EVERY_S", "inf"),
        ("EVENS_WEBHOOKS_ALLOW_PRIVATE", "perhaps"),
        ("EVENS_LOG_LEVEL", "loud"),
        ("EVENS_METRICS", "shut"),
        ("EVENS_PUBLIC_URL", "bets.example"),
        ("EVENS_CORS_ORIGINS", "tips.example"),
        ("EVENS_CORS_ORIGINS", "https://tips.example/page"),
        ("EVENS_CORS_ORIGINS", "*, https://tips.example"),
        ("EVENS_REQUESTS_PER_MINUTE", "-1"),
        ("EVENS_LADDERS", "tens"),
        ("EVENS_CURRENCIES", ""),
    ],
)
def test_what_is_wrong_with_a_setting_is_said_in_our_own_words(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    """Hold 25: none of the validator's sentences reach the operator."""
    said = complaint(monkeypatch, **{variable: value})
    assert f"{variable}: " in said
    assert not re.search(r"Input|Value error|unable|valid (integer|number)|pattern|cannot be taken", said), said


def test_the_start_ends_with_the_sentence_and_touches_nothing() -> None:
    """Hold 25: `evens serve` says it and ends."""
    ended = call("serve", "--data", "/nonexistent/evens", "--port", "0", env={"EVENS_CURENCY": "EUR"})
    assert ended.code not in {0, 2}
    assert "EVENS_CURENCY is not a setting of this version; do you mean EVENS_CURRENCY?" in " ".join(ended.err.split())


def test_origins_are_pages_or_every_page() -> None:
    assert parse_cors_origins(" * ") == {"*"}
    assert parse_cors_origins("https://tips.example, http://localhost:3000") == {
        "https://tips.example",
        "http://localhost:3000",
    }
    assert parse_cors_origins(Settings().cors_origins) == frozenset()
