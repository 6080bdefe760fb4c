"""What an operator chooses for challenges, and for the links to them."""

import pytest

from evens.core.values.ids import ChallengeId
from evens.edges.http.challenges.links import ChallengeLinks
from evens.edges.http.challenges.services import ChallengeSettings
from evens.identity.keys import InstallationKeys
from evens.settings import Settings, SettingsInvalid, read_settings


def test_without_more_winners_pay_two_percent_and_disputes_have_a_day() -> None:
    settings = Settings()
    assert (settings.challenge_fee_bps, settings.challenge_dispute_window_s) == (200, 86_400)
    assert settings.public_url is None
    usual = ChallengeSettings()
    assert (usual.fee_bps, usual.dispute_window_ms) == (200, 86_400_000)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("EVENS_CHALLENGE_FEE_BPS", "10001"),
        ("EVENS_CHALLENGE_FEE_BPS", "-1"),
        ("EVENS_CHALLENGE_DISPUTE_WINDOW_S", "-1"),
        ("EVENS_CHALLENGE_DISPUTE_WINDOW_S", str(366 * 24 * 3600 + 1)),
        ("EVENS_PUBLIC_URL", ""),
        ("EVENS_PUBLIC_URL", "bets.example"),
        ("EVENS_PUBLIC_URL", "ftp://bets.example"),
        ("EVENS_PUBLIC_URL", "https://bets.example/?a=1"),
        ("EVENS_PUBLIC_URL", "https://bets.example/#there"),
    ],
)
def test_a_wrong_choice_is_refused_by_its_variable(monkeypatch: pytest.MonkeyPatch, variable: str, value: str) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsInvalid, match=variable):
        read_settings()


@pytest.mark.parametrize("public_url", ["https://bets.example", "https://bets.example/", "http://10.0.0.1:8000/evens/"])
def test_links_lead_to_where_the_world_reaches_the_server(monkeypatch: pytest.MonkeyPatch, public_url: str) -> None:
    monkeypatch.setenv("EVENS_PUBLIC_URL", public_url)
    chosen = read_settings().public_url
    assert chosen is not None
    links = ChallengeLinks(InstallationKeys(bytes(32)), chosen)
    challenge = ChallengeId(7)
    assert links.url_of(challenge) == f"{public_url.rstrip('/')}/v1/challenges/{links.token_of(challenge)}"
