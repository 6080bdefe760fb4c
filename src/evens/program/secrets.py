"""The installation's secret, and the fingerprint by which the database knows it.

The secret is a file in the data folder, or ``EVENS_SECRET``. Access tokens, challenge links, webhook secrets and API
keys are derived from it, so one that was lost or mixed up must not be replaced in silence. The first server on a
database writes the fingerprint of its secret into the book (``store/secrets.py``); later ones refuse to start with
another.

Rotating is the way out, and the way to replace a secret on purpose. The file then has the new secret on its first line
and the one before it below, and the book says until when the earlier one counts. The file is written first: if the book
was not reached, a server refuses to start, and rotating again goes on where it stopped.
"""

import secrets
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from evens.identity.keys import SECRET_BYTES, EarlierSecret, InstallationKeys
from evens.program.installation import Installation, parse_secret
from evens.settings import Settings
from evens.store.secrets import KnownSecret, SecretBook

_VARIABLE: Final = "EVENS_SECRET"
_VARIABLE_PREVIOUS: Final = "EVENS_SECRET_PREVIOUS"
_CONSEQUENCES: Final = (
    "access tokens have to be refreshed, links to challenges end, and receivers of webhooks need new secrets, which it "
    "prints"
)


class SecretRefused(Exception):
    """The secret is not the one that the database is used with, or cannot be replaced so. ``str()`` says what to do."""


def held_secrets(installation: Installation, settings: Settings) -> list[bytes]:
    """Return the secret and those before it, as far as they are at hand. Raises :class:`SecretInvalid`."""
    if settings.secret is None:
        return installation.secrets()
    previous = (settings.secret_previous or "").replace(",", " ").split()
    return [
        parse_secret(settings.secret, _VARIABLE),
        *[parse_secret(each, _VARIABLE_PREVIOUS) for each in previous],
    ]


class SecretKeeper:
    """Reads an installation's secrets and holds them against the book of the database at ``dsn``."""

    def __init__(self, installation: Installation, settings: Settings, dsn: str) -> None:
        self._installation = installation
        self._settings = settings
        self._book = SecretBook(dsn)

    @property
    def origin(self) -> str:
        """Where the secret comes from, in words."""
        return _VARIABLE if self._settings.secret is not None else str(self._installation.secret_file)

    def held(self) -> list[bytes]:
        """Return the secret and those before it, as far as they are at hand. Raises :class:`SecretInvalid`."""
        return held_secrets(self._installation, self._settings)

    async def keys(self) -> InstallationKeys:
        """Return the keys to work with; on a database that was never used, make the secret if there is none.

        Raises :class:`SecretInvalid`, and :class:`SecretRefused` if another secret is in use.
        """
        held, known = self.held(), await self._book.known()
        if not known:
            if not held:
                held = [secrets.token_bytes(SECRET_BYTES)]
                self._installation.write_secrets(held)
            known = await self._book.begin(InstallationKeys(held[0]).fingerprint)
        self._check(held, known[0].fingerprint)
        return _keys(held, known)

    async def problem(self) -> str | None:
        """Return why a server would refuse this secret, ``None`` if it would not. Changes nothing."""
        held, known = self.held(), await self._book.known()
        try:
            if known:
                self._check(held, known[0].fingerprint)
        except SecretRefused as error:
            return str(error)
        return None

    async def known(self) -> list[KnownSecret]:
        """Return the book, the secret in use first."""
        return await self._book.known()

    async def rotate(self, overlap: timedelta) -> InstallationKeys:
        """Replace the secret and return its keys; what the one before made counts for ``overlap`` if it is at hand.

        A secret that is at hand and not in use yet is taken, else a new one is made. Raises :class:`SecretRefused` if
        the secret is a variable that has to be changed first.
        """
        held, known = self.held(), await self._book.known()
        in_use = known[0].fingerprint if known else None
        if not held or InstallationKeys(held[0]).fingerprint == in_use or in_use is None:
            held = self._made(held, known, overlap)
        fingerprint = InstallationKeys(held[0]).fingerprint
        is_at_hand = in_use in [InstallationKeys(each).fingerprint for each in held[1:]]
        known = await self._book.replace(fingerprint, overlap if is_at_hand else timedelta())
        return _keys(held, known)

    def _made(self, held: list[bytes], known: Sequence[KnownSecret], overlap: timedelta) -> list[bytes]:
        """Write a new secret into the file, above those that will still count, and return them all."""
        if self._settings.secret is not None:
            raise SecretRefused(
                f"The secret is {_VARIABLE}, which only you can change. Set {_VARIABLE_PREVIOUS} to what it is now and "
                f"{_VARIABLE} to a new one (openssl rand -hex 32), rotate again with both, then restart every server."
            )
        counting = {each.fingerprint for each in known if each.counts or (each.until is None and overlap)}
        kept = [each for each in held if InstallationKeys(each).fingerprint in counting]
        made = [secrets.token_bytes(SECRET_BYTES), *kept]
        self._installation.write_secrets(made)
        return made

    def _check(self, held: Sequence[bytes], in_use: str) -> None:
        if not held:
            raise SecretRefused(
                f"The secret that this database is used with (fingerprint {in_use}) is not in {self.origin}. Put it "
                f"back from a backup. If it is lost, 'evens secret rotate' begins with a new one: {_CONSEQUENCES}."
            )
        fingerprint = InstallationKeys(held[0]).fingerprint
        if fingerprint != in_use:
            raise SecretRefused(
                f"The secret in {self.origin} (fingerprint {fingerprint}) is not the one that this database is used "
                f"with (fingerprint {in_use}). Put that one back, or go on with this one by 'evens secret rotate': "
                f"{_CONSEQUENCES}."
            )


def _keys(held: Sequence[bytes], known: Sequence[KnownSecret]) -> InstallationKeys:
    """Return the keys of the first secret, and of those after it that the book says still count."""
    until = {each.fingerprint: each.until.timestamp() for each in known if each.until is not None}
    earlier = [(secret, until.get(InstallationKeys(secret).fingerprint, 0.0)) for secret in held[1:]]
    return InstallationKeys(held[0], [EarlierSecret(secret, end) for secret, end in earlier if end > time.time()])
