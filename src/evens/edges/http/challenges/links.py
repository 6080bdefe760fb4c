"""Links to challenges: a token that nobody can guess, derived from the installation's secret and so stored nowhere."""

import base64
import hmac
import re
from typing import Final

from evens.core.values.ids import ChallengeId
from evens.identity.keys import InstallationKeys

_PURPOSE: Final = "challenge-token"
_PROOF_BYTES: Final = 15
_TOKEN: Final = re.compile(r"([1-9][0-9]{0,14})-([a-z2-7]{24})", re.ASCII)


class ChallengeLinks:
    """Makes and reads the tokens of challenges, and the addresses at which they are shown without a login.

    A token is the challenge's number and a proof of 120 bits; ``public_url`` is where the world reaches this server.
    Tokens of an earlier secret are read while it counts.
    """

    def __init__(self, keys: InstallationKeys, public_url: str) -> None:
        self._keys = keys
        self._public_url = public_url.rstrip("/")

    def token_of(self, challenge: ChallengeId) -> str:
        """Return the token of a challenge, the same one every time."""
        return f"{challenge}-{_prove(self._keys, challenge)}"

    def url_of(self, challenge: ChallengeId) -> str:
        """Return the address to send to whomever one wants to bet against."""
        return f"{self._public_url}/v1/challenges/{self.token_of(challenge)}"

    def read(self, token: str) -> ChallengeId | None:
        """Return the challenge whose token this is, ``None`` if it is none of ours. Takes as long for any wrong one."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        challenge = ChallengeId(int(match[1]))
        proofs = [_prove(keys, challenge) for keys in (self._keys, *self._keys.earlier())]
        is_ours = [hmac.compare_digest(match[2], proof) for proof in proofs]
        return challenge if any(is_ours) else None


def _prove(keys: InstallationKeys, challenge: ChallengeId) -> str:
    proof = keys.derive_secret(_PURPOSE, str(challenge))[:_PROOF_BYTES]
    return base64.b32encode(proof).decode("ascii").lower()
