"""Messages: signed as Standard Webhooks specifies, and the same at every attempt."""

import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from evens.edges.jobs.messages import Message, Secrets, signed_headers
from evens.identity.keys import InstallationKeys

AT = 1_800_000_000_123_456_789


def test_a_receiver_with_the_secret_can_verify_the_message(secrets: Secrets) -> None:
    message = Message.of_notice(7, "account.funded", AT, '{"user_id":"usr_1"}')
    secret = secrets.secret_of("whk_a")

    headers = dict(signed_headers(message, secret))

    assert Webhook(secret).verify(message.body, headers) == {
        "type": "account.funded",
        "timestamp": "2027-01-15T08:00:00.123456789Z",
        "data": {"user_id": "usr_1"},
    }
    assert headers["webhook-id"] == "msg_7"
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(message.body.replace("usr_1", "usr_2"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets.secret_of("whk_b")).verify(message.body, headers)


def test_the_timestamp_is_when_it_is_sent_and_not_when_it_happened(secrets: Secrets) -> None:
    message = Message.of_notice(7, "account.funded", AT, "{}")
    headers = signed_headers(message, secrets.secret_of("whk_a"), datetime(2030, 1, 1, tzinfo=UTC))
    assert headers["webhook-timestamp"] == "1893456000"
    assert json.loads(message.body)["timestamp"].startswith("2027-01-15")


def test_a_secret_follows_from_the_webhook_and_the_installation(secrets: Secrets) -> None:
    secret = secrets.secret_of("whk_a")
    assert secret.startswith("whsec_")
    assert secret == secrets.secret_of("whk_a")
    assert secret != secrets.secret_of("whk_b")
    assert secret != Secrets(InstallationKeys(bytes(32))).secret_of("whk_a")


def test_an_id_follows_from_the_callers_key_and_otherwise_from_chance(secrets: Secrets) -> None:
    assert secrets.new_id("operator:ann", "k") == secrets.new_id("operator:ann", "k")
    assert secrets.new_id("operator:ann", "k") != secrets.new_id("operator:bob", "k")
    assert secrets.new_id("operator:ann", None) != secrets.new_id("operator:ann", None)
