"""An authenticator in software: it makes passkeys and signs with them, as a phone would, or as a thief would."""

import base64
import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "http://localhost"
DOMAIN = "localhost"

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def encoded(data: bytes) -> str:
    """Return bytes as browsers write them."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """Has one key. ``count`` goes up by one with each signature, unless it ``counts`` not."""

    counts: bool = True
    count: int = 0
    flags: int = PRESENT | VERIFIED
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    handle: bytes = b""

    def copy(self) -> "Authenticator":
        """Return a copy, which a thief has."""
        return Authenticator(self.counts, self.count, self.flags, self.credential_id, self.key, self.handle)

    def make(self, options: dict[str, Any], *, origin: str = ORIGIN, domain: str = DOMAIN) -> dict[str, Any]:
        """Return the answer to options for a new passkey."""
        self.handle = decoded(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        key = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(key)
        said = self._said(domain, self.flags | ATTESTED) + attested
        response = {
            "clientDataJSON": encoded(client_data("webauthn.create", options["challenge"], origin)),
            "attestationObject": encoded(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})),
            "transports": ["internal"],
        }
        return self._credential(response)

    def sign(self, options: dict[str, Any], *, origin: str = ORIGIN, domain: str = DOMAIN) -> dict[str, Any]:
        """Return the answer to options for a login."""
        if self.counts:
            self.count += 1
        said, client = self._said(domain, self.flags), client_data("webauthn.get", options["challenge"], origin)
        signature = self.key.sign(said + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": encoded(client),
            "authenticatorData": encoded(said),
            "signature": encoded(signature),
            "userHandle": encoded(self.handle),
        }
        return self._credential(response)

    def _said(self, domain: str, flags: int) -> bytes:
        return hashlib.sha256(domain.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = encoded(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        }


def client_data(kind: str, challenge: str, origin: str) -> bytes:
    """Return what a browser says of the page that asked."""
    said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
    return json.dumps(said).encode()
