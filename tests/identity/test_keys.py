"""Every key is derived from the installation's secret, and keys are independent of each other."""

import pytest

from evens.identity.keys import InstallationKeys


def test_the_same_secret_gives_the_same_keys_after_a_restart() -> None:
    first, second = InstallationKeys(b"s" * 32), InstallationKeys(b"s" * 32)
    assert first.derive_secret("webhook", "whk_1") == second.derive_secret("webhook", "whk_1")
    assert first.signing_key_id == second.signing_key_id
    second.verifying_key.verify(first.signing_key.sign(b"message"), b"message")


def test_another_secret_gives_other_keys() -> None:
    first, second = InstallationKeys(b"s" * 32), InstallationKeys(b"t" * 32)
    assert first.derive_secret("webhook", "whk_1") != second.derive_secret("webhook", "whk_1")
    assert first.signing_key_id != second.signing_key_id


def test_secrets_differ_by_purpose_and_by_name() -> None:
    keys = InstallationKeys(b"s" * 32)
    secrets = {keys.derive_secret(purpose, name) for purpose in ("webhook", "api-key") for name in ("1", "2")}
    assert len(secrets) == 4
    assert {len(secret) for secret in secrets} == {32}


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_secret_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        InstallationKeys(b"s" * length)


def test_the_secret_is_not_shown() -> None:
    assert "sss" not in repr(InstallationKeys(b"s" * 32))


def test_a_fingerprint_tells_secrets_apart_and_reveals_nothing_of_them() -> None:
    """Hold 8: the database knows a secret by its fingerprint."""
    first, second = InstallationKeys(b"s" * 32), InstallationKeys(b"t" * 32)
    assert first.fingerprint == InstallationKeys(b"s" * 32).fingerprint != second.fingerprint
    assert len(first.fingerprint) == 20
    assert first.fingerprint not in (b"s" * 32).hex() + first.derive_secret("webhook", "whk_1").hex()
