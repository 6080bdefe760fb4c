"""The keys that are derived from an installation's one secret."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SECRET_BYTES: Final = 32
"""Length of the installation's secret, and of every secret derived from it."""
_FINGERPRINT_BYTES: Final = 10


@dataclass(frozen=True, slots=True)
class EarlierSecret:
    """A secret that was replaced. What was derived from it counts until a time, in seconds since 1970."""

    secret: bytes = field(repr=False)
    until: float


class InstallationKeys:
    """The keys of one installation. The same secret always gives the same keys; no key reveals another.

    ``signing_key`` signs access tokens (Ed25519), ``verifying_key`` checks them, ``signing_key_id`` names the pair.
    ``fingerprint`` tells secrets apart and can be shown to anybody. Whatever is made is made with this secret; what the
    ``earlier`` ones made is still recognised through :meth:`earlier`, until their time is over.
    Raises ``ValueError`` unless each secret has :data:`SECRET_BYTES` bytes.
    """

    __slots__ = ("_by_purpose", "_clock", "_earlier", "_secret", "signing_key", "signing_key_id", "verifying_key")

    def __init__(
        self, secret: bytes, earlier: Sequence[EarlierSecret] = (), *, clock: Callable[[], float] = time.time
    ) -> None:
        if len(secret) != SECRET_BYTES:
            raise ValueError(f"the installation's secret must have {SECRET_BYTES} bytes, not {len(secret)}")
        self._secret = secret
        self._by_purpose: dict[str, bytes] = {}
        self.signing_key = Ed25519PrivateKey.from_private_bytes(self._expand("evens/sign/access-token"))
        self.verifying_key = self.signing_key.public_key()
        public = self.verifying_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.signing_key_id = base64.urlsafe_b64encode(hashlib.sha256(public).digest()[:9]).decode()
        self._clock = clock
        self._earlier = [(InstallationKeys(each.secret), each.until) for each in earlier]

    @property
    def fingerprint(self) -> str:
        """Twenty hexadecimal digits that tell this secret from others and reveal nothing of it."""
        return self._expand("evens/fingerprint")[:_FINGERPRINT_BYTES].hex()

    def earlier(self) -> list["InstallationKeys"]:
        """Return the keys of the earlier secrets whose time is not over, the latest first."""
        now = self._clock()
        return [keys for keys, until in self._earlier if now < until]

    def derive_secret(self, purpose: str, name: str) -> bytes:
        """Return the 32-byte secret of ``name`` for this purpose, the same one every time.

        So a secret need not be stored, and can be shown again when the request that made it is repeated.
        """
        key = self._by_purpose.get(purpose)
        if key is None:
            key = self._by_purpose[purpose] = self._expand(f"evens/derive/{purpose}")
        return hmac.digest(key, name.encode(), "sha256")

    def _expand(self, purpose: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=purpose.encode()).derive(self._secret)
