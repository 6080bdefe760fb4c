"""Rotating and showing the secret, as the command line reports it."""

from datetime import timedelta
from typing import Final

from evens.edges.cli.operations import SecretReport, UsedSecret, WebhookSecret
from evens.edges.jobs.messages import Secrets
from evens.identity.keys import InstallationKeys
from evens.program.secrets import SecretKeeper
from evens.store.database import Database
from evens.store.outbox import Outbox
from evens.store.secrets import KnownSecret

_PAGE: Final = 100


async def rotate(keeper: SecretKeeper, dsn: str, overlap_s: int) -> SecretReport:
    """Replace the secret and report what is so now, with every live webhook. Raises as the keeper does."""
    rotation = await keeper.rotate(timedelta(seconds=overlap_s))
    return _report(await keeper.known(), await _webhook_secrets(rotation, dsn))


async def show(keeper: SecretKeeper, dsn: str, *, with_webhooks: bool) -> SecretReport:
    """Report which secrets count, and the webhooks' secrets if asked for. Raises as the keeper does."""
    keys = await keeper.keys()
    return _report(await keeper.known(), await _webhook_secrets(keys, dsn) if with_webhooks else [])


def _report(known: list[KnownSecret], webhooks: list[WebhookSecret]) -> SecretReport:
    counting = [each for each in known if each.counts is not False]
    in_use, *earlier = [UsedSecret(each.fingerprint, each.since, each.until) for each in counting]
    return SecretReport(in_use, earlier, webhooks)


async def _webhook_secrets(keys: InstallationKeys, dsn: str) -> list[WebhookSecret]:
    signing = Secrets(keys)
    database = await Database.open(dsn)
    try:
        outbox, found, after = Outbox(database), list[WebhookSecret](), None
        while page := await outbox.webhooks(after=after, limit=_PAGE):
            live = [each for each in page if each.removed_at is None]
            found += [WebhookSecret(each.id, each.url, signing.secret_of(each.id)) for each in live]
            after = page[-1].id
        return found
    finally:
        await database.close()
