"""The second factor: codes of an authenticator app that change every 30 s (TOTP, RFC 6238), and recovery codes.

A secret is proposed and counts once its owner has shown a code of it, so that nobody locks themselves out with an app
that was set up wrong. The secret is stored encrypted with a key that follows from the installation's secret. A code is
good once, in its 30 s and those after. Each of the ten recovery codes is good once in place of a code.
"""

import base64
import hashlib
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pyotp import random_base32
from pyotp.totp import TOTP

from evens.core.values.ids import CustomerId
from evens.identity.errors import SecondFactorRequired, SecondFactorSet, SecondFactorUnknown, SecondFactorWrong
from evens.identity.keys import InstallationKeys
from evens.identity.login_attempts import AttemptGuard, AttemptLimits
from evens.identity.store_protocol import SecondFactorStore

ISSUER: Final = "Evens"
RECOVERY_CODES: Final = 10

_STEP_S: Final = 30
_LIMITS: Final = AttemptLimits(per_login_and_place=10, per_login=20, window_s=3600)
"""A thief of a password has 20 guesses an hour at a million codes, of which two are good at a time."""

_RECOVERY_BYTES: Final = 15
_DIGITS: Final = re.compile(r"[0-9]{6}", re.ASCII)
_SPACING: Final = re.compile(r"[\s-]")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A secret to put into an authenticator app; ``repr`` does not show it. ``uri`` is what QR codes of it contain."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecondFactorState:
    """Whether a second factor counts, and how many recovery codes are left."""

    is_set: bool
    recovery_codes_left: int


class SecondFactors:
    """Sets up, checks and removes second factors.

    ``earlier`` returns the keys of the installation's earlier secrets that still count; what was encrypted with them
    can be read, and :meth:`seal_anew` encrypts it with the present ones.
    """

    def __init__(
        self,
        store: SecondFactorStore,
        keys: InstallationKeys,
        *,
        earlier: Callable[[], Sequence[InstallationKeys]] = tuple,
        guard: AttemptGuard | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._seal = _seal_of(keys)
        self._earlier = earlier
        self._guard = guard or AttemptGuard(_LIMITS)
        self._clock = clock

    async def state_of(self, customer: CustomerId) -> SecondFactorState:
        """Return whether the customer has a second factor."""
        record = await self._store.second_factor_of(customer)
        if record is None or not record.confirmed:
            return SecondFactorState(is_set=False, recovery_codes_left=0)
        return SecondFactorState(is_set=True, recovery_codes_left=record.recovery_codes_left)

    async def propose(self, customer: CustomerId, username: str) -> Proposal:
        """Make a secret for the customer's app; one that was not confirmed is replaced. Raises SecondFactorSet."""
        secret = random_base32()
        if not await self._store.propose_second_factor(customer, self._seal.encrypt(secret.encode())):
            raise SecondFactorSet
        return Proposal(secret, TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER))

    async def confirm(self, customer: CustomerId, code: str, *, address: str | None = None) -> list[str]:
        """Let the proposed secret count, given a code of it; return the recovery codes, which nobody can see again.

        Raises :class:`SecondFactorUnknown`, :class:`SecondFactorSet`, :class:`SecondFactorWrong`,
        :class:`TooManyAttempts`.
        """
        record = await self._store.second_factor_of(customer)
        if record is None:
            raise SecondFactorUnknown
        if record.confirmed:
            raise SecondFactorSet
        codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]
        async with self._guard.attempt(f"confirm:{customer}", address) as attempt:
            step = self._step_of(record.sealed_secret, _SPACING.sub("", code))
            if step is None:
                attempt.failed()
                raise SecondFactorWrong
            attempt.succeeded()
        hashes = [_hash(_SPACING.sub("", each)) for each in codes]
        if not await self._store.confirm_second_factor(customer, record.sealed_secret, step, hashes):
            raise SecondFactorUnknown
        return codes

    async def check(self, customer: CustomerId, code: str | None, *, address: str | None = None) -> bool:
        """Check a code of the customer's app, or a recovery code, and use it up; ``False``: they need none.

        Raises :class:`SecondFactorRequired` without a code, :class:`SecondFactorWrong`, :class:`TooManyAttempts`.
        """
        record = await self._store.second_factor_of(customer)
        if record is None or not record.confirmed:
            return False
        if code is None:
            raise SecondFactorRequired
        async with self._guard.attempt(f"code:{customer}", address) as attempt:
            if not await self._use(customer, record.sealed_secret, _SPACING.sub("", code).lower()):
                attempt.failed()
                raise SecondFactorWrong
            attempt.succeeded()
        return True

    async def remove(self, customer: CustomerId, code: str | None, *, address: str | None = None) -> None:
        """Remove the customer's second factor, given a code; one that was not confirmed needs none.

        Raises :class:`SecondFactorUnknown`, and what :meth:`check` raises.
        """
        await self.check(customer, code, address=address)
        await self.take_away(customer)

    async def take_away(self, customer: CustomerId) -> None:
        """Remove the second factor of somebody who has lost it. Raises :class:`SecondFactorUnknown`."""
        if not await self._store.remove_second_factor(customer):
            raise SecondFactorUnknown

    async def seal_anew(self) -> int:
        """Encrypt secrets with the present keys that earlier ones encrypted; return how many. Call it now and then."""
        earlier = [_seal_of(keys) for keys in self._earlier()]
        if not earlier:
            return 0
        seals, count = MultiFernet([self._seal, *earlier]), 0
        for customer, sealed in await self._store.sealed_secrets():
            try:
                self._seal.decrypt(sealed)
            except InvalidToken:
                with suppress(InvalidToken):
                    count += await self._store.seal_anew(customer, sealed, seals.rotate(sealed))
        return count

    async def _use(self, customer: CustomerId, sealed_secret: bytes, code: str) -> bool:
        if _DIGITS.fullmatch(code) is None:
            return await self._store.use_recovery_code(customer, _hash(code))
        step = self._step_of(sealed_secret, code)
        return step is not None and await self._store.use_step(customer, step)

    def _step_of(self, sealed_secret: bytes, code: str) -> int | None:
        """Return the time step whose code it is: this one or the one before; ``None``: neither."""
        if _DIGITS.fullmatch(code) is None:
            return None
        try:
            seals = MultiFernet([self._seal, *(_seal_of(keys) for keys in self._earlier())])
            totp = TOTP(seals.decrypt(sealed_secret).decode())
        except InvalidToken:
            # Encrypted under a secret of the installation that is gone: only a recovery code or an operator helps.
            return None
        now = int(self._clock()) // _STEP_S
        return next((step for step in (now, now - 1) if totp.verify(code, for_time=step * _STEP_S)), None)


def _seal_of(keys: InstallationKeys) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(keys.derive_secret("second-factor", "seal")))


def _new_recovery_code() -> str:
    """Return 120 random bits, in groups of four that can be copied by hand."""
    text = base64.b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode().lower()
    return "-".join(text[place : place + 4] for place in range(0, len(text), 4))


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode(errors="backslashreplace")).digest()
