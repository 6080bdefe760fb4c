"""The installation's secret: the database knows which one it is used with, and another is not taken for it."""

from datetime import timedelta
from pathlib import Path

import pytest

from evens.identity.keys import InstallationKeys
from evens.program.installation import Installation, SecretInvalid
from evens.program.secret_reports import rotate, show
from evens.program.secrets import SecretKeeper, SecretRefused
from evens.settings import Settings
from evens.store.database import Database
from evens.store.outbox import Outbox
from evens.store.wallets.notices import Topic
from tests.conftest import Dsns

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "data")


@pytest.fixture
def keeper(installation: Installation, dsns: Dsns) -> SecretKeeper:
    return SecretKeeper(installation, Settings(), dsns.app)


def given(dsns: Dsns, installation: Installation, secret: bytes, *previous: bytes) -> SecretKeeper:
    """Return the keeper of an installation whose secrets are variables."""
    earlier = ",".join(each.hex() for each in previous) or None
    return SecretKeeper(installation, Settings(secret=secret.hex(), secret_previous=earlier), dsns.app)


async def test_a_secret_that_was_deleted_is_not_replaced_in_silence(
    keeper: SecretKeeper, installation: Installation
) -> None:
    """Hold 8: refuse to start, name the way out, and leave the folder as it is."""
    used = await keeper.keys()
    assert (await keeper.keys()).fingerprint == used.fingerprint
    installation.secret_file.unlink()

    with pytest.raises(SecretRefused, match=rf"fingerprint {used.fingerprint}.*'evens secret rotate'"):
        await keeper.keys()

    assert not installation.secret_file.exists()
    assert "evens secret rotate" in (await keeper.problem() or "")


async def test_another_secret_is_refused_and_the_right_one_is_taken_again(
    keeper: SecretKeeper, installation: Installation
) -> None:
    """Hold 8: one that was mixed up is told from the one in use."""
    used = await keeper.keys()
    kept = installation.secrets()
    installation.write_secrets([b"x" * 32])
    other = InstallationKeys(b"x" * 32).fingerprint

    with pytest.raises(SecretRefused, match=rf"fingerprint {other}.*fingerprint {used.fingerprint}"):
        await keeper.keys()

    installation.write_secrets(kept)
    assert (await keeper.keys()).fingerprint == used.fingerprint
    assert await keeper.problem() is None


async def test_a_planned_rotation_keeps_the_secret_before_for_a_while(
    keeper: SecretKeeper, installation: Installation
) -> None:
    """Hold 8: the next start has the new secret and recognises what the one before made."""
    before = await keeper.keys()

    rotated = await keeper.rotate(HOUR)

    after = await keeper.keys()
    assert after.fingerprint == rotated.fingerprint != before.fingerprint
    assert [keys.fingerprint for keys in after.earlier()] == [before.fingerprint]
    assert installation.secret_file.stat().st_mode & 0o077 == 0
    await keeper.rotate(HOUR)
    assert [keys.fingerprint for keys in (await keeper.keys()).earlier()] == [after.fingerprint, before.fingerprint]


async def test_a_secret_that_leaked_is_replaced_without_an_overlap(
    keeper: SecretKeeper, installation: Installation
) -> None:
    """Hold 8: an overlap of nothing forgets the secret at once."""
    await keeper.keys()
    await keeper.rotate(timedelta())
    assert (await keeper.keys()).earlier() == []
    assert len(installation.secrets()) == 1


async def test_after_a_lost_secret_one_goes_on_with_a_new_one(keeper: SecretKeeper, installation: Installation) -> None:
    """Hold 8: rotating is the way out; nothing of the lost one can be recognised."""
    lost = await keeper.keys()
    installation.secret_file.unlink()

    await keeper.rotate(HOUR)

    keys = await keeper.keys()
    assert keys.fingerprint != lost.fingerprint
    assert keys.earlier() == []


async def test_a_rotation_that_did_not_reach_the_database_is_completed_by_the_next(
    keeper: SecretKeeper, installation: Installation
) -> None:
    """Hold 8: a crash between the file and the database loses no secret."""
    before = await keeper.keys()
    installation.write_secrets([b"n" * 32, *installation.secrets()])
    with pytest.raises(SecretRefused):
        await keeper.keys()

    await keeper.rotate(HOUR)

    keys = await keeper.keys()
    assert keys.fingerprint == InstallationKeys(b"n" * 32).fingerprint
    assert [each.fingerprint for each in keys.earlier()] == [before.fingerprint]


async def test_a_secret_in_a_variable_is_the_operators_to_change(dsns: Dsns, installation: Installation) -> None:
    """Hold 8: servers that share a database get the secret from outside."""
    before = given(dsns, installation, b"a" * 32)
    await before.keys()
    with pytest.raises(SecretRefused, match="EVENS_SECRET_PREVIOUS"):
        await before.rotate(HOUR)
    with pytest.raises(SecretRefused, match="EVENS_SECRET "):
        await given(dsns, installation, b"b" * 32).keys()

    after = given(dsns, installation, b"b" * 32, b"a" * 32)
    await after.rotate(HOUR)

    assert [keys.fingerprint for keys in (await after.keys()).earlier()] == [InstallationKeys(b"a" * 32).fingerprint]
    with pytest.raises(SecretRefused):
        await before.keys()
    assert not installation.secret_file.exists()


@pytest.mark.parametrize("text", ["", "abc", "zz" * 32, "ab" * 31, "é"])
async def test_a_secret_of_another_form_is_named_with_its_file(
    keeper: SecretKeeper, installation: Installation, text: str
) -> None:
    installation.folder.mkdir()
    installation.secret_file.write_text(text)
    with pytest.raises(SecretInvalid, match="64 hexadecimal digits"):
        await keeper.keys()


async def test_the_webhooks_new_secrets_are_told_when_the_secret_is_replaced(
    keeper: SecretKeeper, dsns: Dsns, database: Database
) -> None:
    """Hold 8: receivers have to learn them, and nothing else shows them."""
    await keeper.keys()
    outbox = Outbox(database)
    for name in ("aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"):
        url = f"https://{name}.example"
        await outbox.subscribe(f"whk_{name}", url=url, topics=list(Topic)[:1], created_by="operator:desk", request="{}")
    await outbox.unsubscribe("whk_bbbbbbbbbbbbbbbb")
    before = await show(keeper, dsns.app, with_webhooks=True)

    report = await rotate(keeper, dsns.app, 3600)

    assert [each.id for each in report.webhooks] == ["whk_aaaaaaaaaaaaaaaa"]
    assert report.webhooks[0].secret != before.webhooks[0].secret
    assert report == await show(keeper, dsns.app, with_webhooks=True)
    assert [each.fingerprint for each in report.earlier] == [before.in_use.fingerprint]
    assert (await show(keeper, dsns.app, with_webhooks=False)).webhooks == []
