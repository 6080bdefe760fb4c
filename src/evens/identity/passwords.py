"""Passwords: which are acceptable, and hashing by argon2id in threads, a bounded number at a time.

The common ones come from the lists of the ``zxcvbn`` library, which also knows how they are usually varied.
"""

import asyncio
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Final, TypeVar

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from evens.identity.errors import PasswordCommon, PasswordInvalid, PasswordsBusy

LENGTH_MIN: Final = 10
LENGTH_MAX: Final = 200
WAITING_MAX: Final = 256
"""Most passwords that are hashed or wait for it; at 20 to 50 ms each, the last one waits for some seconds."""

GUESSES_MIN: Final = 10**6
"""How many guesses a new password must withstand that somebody makes who knows which passwords are common."""

PRODUCT_WORDS: Final = ("evens",)
"""What everybody who guesses passwords of this program tries; they count as known words of everybody's."""

_PRODUCT: Final = re.compile("|".join(PRODUCT_WORDS), re.IGNORECASE)
_ASSESSED_MAX: Final = 72
"""How many characters are assessed; more could only make a password better."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Argon2Cost:
    """The cost of one hash. The default is OWASP's: 19 MiB, two passes, one lane."""

    memory_kib: int = 19_456
    passes: int = 2
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right; if so and the configured cost has changed, its hash at the new cost."""

    matches: bool
    renewed_hash: str | None = None


def check_password(password: str) -> str:
    """Return the password in the form that is hashed (NFKC, so that every keyboard's é is the same).

    Raises :class:`PasswordInvalid` unless it has 10 to 200 characters, none of them NUL. There are no rules on their
    kinds, because length is what helps (NIST SP 800-63B). :meth:`Passwords.check_new` also refuses common ones.
    """
    if len(password) > LENGTH_MAX:
        raise PasswordInvalid(f"must have at most {LENGTH_MAX} characters")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise PasswordInvalid("must be valid Unicode text") from None
    if "\0" in password:
        raise PasswordInvalid("must not contain the NUL character")
    normal = unicodedata.normalize("NFKC", password)
    if len(normal) < LENGTH_MIN:
        raise PasswordInvalid(f"must have at least {LENGTH_MIN} characters")
    return normal


class Passwords:
    """Hashes and verifies passwords in threads of its own.

    At most ``threads`` hashes run at once, half of the processors by default: each takes one processor and 19 MiB, and
    the event loop needs to go on. Beyond ``waiting_max`` in all, more are refused with :class:`PasswordsBusy`.
    """

    def __init__(
        self, cost: Argon2Cost | None = None, *, threads: int | None = None, waiting_max: int = WAITING_MAX
    ) -> None:
        cost = cost or Argon2Cost()
        hasher = Argon2Hasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)
        self._hash = PasswordHash((hasher,))
        self._threads = ThreadPoolExecutor(threads or max(1, (os.cpu_count() or 1) // 2), "passwords")
        self._waiting = 0
        self._waiting_max = waiting_max
        # A hash of no password: verifying against it makes an unknown login take as long as a known one.
        self._dummy_hash = self._hash.hash(secrets.token_hex())

    async def check_new(self, password: str, *, known_words: Sequence[str] = (), field: str = "password") -> None:
        """Check a password that somebody chooses; ``known_words``, such as their username, must not be all of it.

        The name of the product is always among them, and what a password has besides it must be enough by itself.

        Raises :class:`PasswordInvalid`, :class:`PasswordCommon` if it would be among the first that are tried, both
        naming ``field``, and :class:`PasswordsBusy`.
        """
        try:
            normal = check_password(password)
        except PasswordInvalid as error:
            raise PasswordInvalid(str(error), field) from None
        if await self._run(lambda: _guesses(normal, known_words)) < GUESSES_MIN:
            raise PasswordCommon(field)

    async def hash(self, password: str) -> str:
        """Return the hash to store. Raises :class:`PasswordInvalid` and :class:`PasswordsBusy`."""
        normal = check_password(password)
        return await self._run(lambda: self._hash.hash(normal))

    async def verify(self, password: str, stored_hash: str | None) -> Verdict:
        """Return whether this is the password that was hashed; if no hash is stored, it is not.

        Takes about as long for every answer. Raises :class:`PasswordsBusy`.
        """
        try:
            normal = check_password(password)
        except PasswordInvalid:
            normal, stored_hash = "", None
        return await self._run(lambda: self._verify(normal, stored_hash))

    def close(self) -> None:
        """Wait for the running hashes, and begin no more."""
        self._threads.shutdown(cancel_futures=True)

    def _verify(self, normal: str, stored_hash: str | None) -> Verdict:
        if stored_hash is not None:
            try:
                return Verdict(*self._hash.verify_and_update(normal, stored_hash))
            except UnknownHashError:
                # This server never stores hashes of other kinds, so no password can match it.
                pass
        self._hash.verify(normal, self._dummy_hash)
        return Verdict(matches=False)

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._waiting >= self._waiting_max:
            raise PasswordsBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _guesses(normal: str, known_words: Sequence[str]) -> float:
    """Return how many guesses a password withstands, whichever is less: as it is, or without the product's name."""
    words = [*known_words, *PRODUCT_WORDS]
    forms = {normal, _PRODUCT.sub("", normal)}
    if "" in forms:
        return 0
    # Its lists take long to import, and only a new password needs them; this is a thread of its own.
    assess = import_module("zxcvbn").zxcvbn
    return min(
        float(assess(form[:_ASSESSED_MAX], user_inputs=words, max_length=_ASSESSED_MAX)["guesses"]) for form in forms
    )
