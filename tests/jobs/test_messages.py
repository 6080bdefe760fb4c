"""Messages: signed as Standard Webhooks specifies, and the same at every attempt."""

import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from evens.edges.jobs.messages import Message, Secrets, signed_headers
from evens.identity.keys import EarlierSecret, InstallationKeys

AT = 1_800_000_000_123_456_789


def test_a_receiver_with_the_secret_can_verify_the_message(secrets: Secrets) -> None:
    message = Message.of_notice(7, "account.funded", AT, '{"user_id":"usr_1"}')
    secret = secrets.secret_of("whk_a")

    headers = dict(signed_headers(message, [secret]))

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
    headers = signed_headers(message, secrets.signing_secrets("whk_a"), datetime(2030, 1, 1, tzinfo=UTC))
    assert headers["webhook-timestamp"] == "1893456000"
    assert json.loads(message.body)["timestamp"].startswith("2027-01-15")


def test_a_secret_follows_from_the_webhook_and_the_installation(secrets: Secrets) -> None:
    secret = secrets.secret_of("whk_a")
    assert secret.startswith("whsec_")
    assert secret == secrets.secret_of("whk_a")
    assert secret != secrets.secret_of("whk_b")
    assert secret != Secrets(InstallationKeys(bytes(32))).secret_of("whk_a")


def test_an_id_follows_from_the_callers_key_and_otherwise_from_chance(secrets: Secrets) -> None:
    assert secrets.ids_of("operator:ann", "k") == secrets.ids_of("operator:ann", "k")
    assert secrets.ids_of("operator:ann", "k") != secrets.ids_of("operator:bob", "k")
    assert secrets.new_id() != secrets.new_id()


def test_messages_are_signed_for_both_secrets_while_an_earlier_one_counts() -> None:
    """Hold 8: receivers have time to learn the new secret, and repeated requests find what they made."""
    now = [100.0]
    before = Secrets(InstallationKeys(bytes(32)))
    rotated = Secrets(InstallationKeys(b"n" * 32, [EarlierSecret(bytes(32), 200.0)], clock=lambda: now[0]))
    message = Message.of_notice(7, "account.funded", AT, "{}")

    headers = dict(signed_headers(message, rotated.signing_secrets("whk_a")))

    for secret in (before.secret_of("whk_a"), rotated.secret_of("whk_a")):
        assert Webhook(secret).verify(message.body, headers)
    assert rotated.ids_of("operator:ann", "k")[1:] == before.ids_of("operator:ann", "k")
    now[0] = 200.0
    assert rotated.signing_secrets("whk_a") == [rotated.secret_of("whk_a")]
    assert len(rotated.ids_of("operator:ann", "k")) == 1
