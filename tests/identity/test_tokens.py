"""Access tokens: their content, which are refused, and the cache of verified ones."""

import base64
import json
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evens.core.values.ids import CustomerId
from evens.identity.errors import NotAuthenticated, TokenExpired
from evens.identity.keys import EarlierSecret, InstallationKeys
from evens.identity.principal import Principal, Role
from evens.identity.tokens import AUDIENCE, ISSUER, LIFETIME_S, AccessTokens

ADA = CustomerId(42)
SESSION = uuid.UUID(int=7)


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def tokens(keys: InstallationKeys, clock: Clock) -> AccessTokens:
    return AccessTokens(keys, clock=clock)


def claims_of(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def sign(keys: InstallationKeys, claims: dict[str, Any], kid: str | None = None) -> str:
    headers = {"kid": kid or keys.signing_key_id}
    return jwt.encode(claims, keys.signing_key, algorithm="EdDSA", headers=headers)


def test_a_token_has_the_caller(tokens: AccessTokens, clock: Clock) -> None:
    verified = tokens.verify(tokens.issue(ADA, "Ada", SESSION))
    assert verified.principal == Principal(Role.CUSTOMER, ADA, "Ada")
    assert verified.session == SESSION
    assert verified.expires_at == clock.now + LIFETIME_S


def test_a_token_carries_the_registered_claims(tokens: AccessTokens, keys: InstallationKeys) -> None:
    token = tokens.issue(ADA, "Ada", SESSION)
    claims = claims_of(token)
    assert {name: claims[name] for name in ("iss", "aud", "sub", "typ", "role")} == {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "usr_42",
        "typ": "access",
        "role": "customer",
    }
    assert claims["exp"] - claims["iat"] == 15 * 60
    assert jwt.get_unverified_header(token) == {"alg": "EdDSA", "typ": "JWT", "kid": keys.signing_key_id}


def test_no_two_tokens_are_the_same(tokens: AccessTokens) -> None:
    assert tokens.issue(ADA, "Ada", SESSION) != tokens.issue(ADA, "Ada", SESSION)


@pytest.mark.parametrize("seen_before", [True, False])
def test_a_token_expires_on_the_second_even_where_it_was_verified_before(
    tokens: AccessTokens, clock: Clock, seen_before: bool
) -> None:
    token = tokens.issue(ADA, "Ada", SESSION)
    clock.now += LIFETIME_S - 1
    if seen_before:
        tokens.verify(token)
    clock.now += 1
    for _ in range(2):
        with pytest.raises(TokenExpired):
            tokens.verify(token)


def test_a_token_of_another_installation_is_refused(tokens: AccessTokens) -> None:
    other = AccessTokens(InstallationKeys(b"o" * 32))
    with pytest.raises(NotAuthenticated):
        tokens.verify(other.issue(ADA, "Ada", SESSION))


def test_a_changed_token_is_refused_even_after_the_right_one_was_seen(tokens: AccessTokens) -> None:
    token = tokens.issue(ADA, "Ada", SESSION)
    tokens.verify(token)
    header, _, signature = token.split(".")
    claims = claims_of(token) | {"sub": "usr_1"}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    for changed in (f"{header}.{payload}.{signature}", token[:-8] + "AAAAAAAA", token + "A"):
        with pytest.raises(NotAuthenticated):
            tokens.verify(changed)


def test_only_our_algorithm_counts(tokens: AccessTokens, keys: InstallationKeys) -> None:
    claims = claims_of(tokens.issue(ADA, "Ada", SESSION))
    headers = {"kid": keys.signing_key_id}
    public = keys.verifying_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    for forged in (
        jwt.encode(claims, "", algorithm="none", headers=headers),
        jwt.encode(claims, public, algorithm="HS256", headers=headers),
    ):
        with pytest.raises(NotAuthenticated):
            tokens.verify(forged)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "someone"},
        {"aud": "something"},
        {"typ": "refresh"},
        {"sub": "whk_42"},
        {"sub": "usr_-1"},
        {"sub": "usr_42\n"},
        {"role": "emperor"},
        {"sid": "not a uuid"},
        {"exp": "soon"},
    ],
    ids=str,
)
def test_a_claim_that_is_not_ours_is_refused(
    tokens: AccessTokens, keys: InstallationKeys, change: dict[str, Any]
) -> None:
    claims = claims_of(tokens.issue(ADA, "Ada", SESSION))
    assert tokens.verify(sign(keys, claims))
    with pytest.raises(NotAuthenticated):
        tokens.verify(sign(keys, claims | change))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "typ", "exp", "iat", "jti", "role", "sid", "name"])
def test_a_token_without_one_of_its_claims_is_refused(tokens: AccessTokens, keys: InstallationKeys, claim: str) -> None:
    claims = claims_of(tokens.issue(ADA, "Ada", SESSION))
    del claims[claim]
    with pytest.raises(NotAuthenticated):
        tokens.verify(sign(keys, claims))


def test_a_token_that_names_another_key_is_refused(tokens: AccessTokens, keys: InstallationKeys) -> None:
    claims = claims_of(tokens.issue(ADA, "Ada", SESSION))
    with pytest.raises(NotAuthenticated):
        tokens.verify(sign(keys, claims, kid="another"))


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "Bearer", "\0", "é.é.é", "\ud800", "x" * 100_000, "e30.e30.e30", "." * 2000]
)
def test_what_is_no_token_is_refused(tokens: AccessTokens, token: str) -> None:
    with pytest.raises(NotAuthenticated) as refusal:
        tokens.verify(token)
    assert refusal.value.code == "not_authenticated"


def test_a_verified_token_is_not_verified_again(tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    token = tokens.issue(ADA, "Ada", SESSION)
    first = tokens.verify(token)
    monkeypatch.delattr(jwt, "decode_complete")
    assert tokens.verify(token) is first


def test_the_memory_of_verified_tokens_is_bounded(keys: InstallationKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = AccessTokens(keys, cached_max=3)
    issued = [tokens.issue(CustomerId(customer), "Ada", SESSION) for customer in range(1, 6)]
    assert [tokens.verify(token).principal.customer for token in issued] == [1, 2, 3, 4, 5]
    monkeypatch.delattr(jwt, "decode_complete")
    assert [tokens.verify(token).principal.customer for token in issued[2:]] == [3, 4, 5]
    with pytest.raises(AttributeError):
        tokens.verify(issued[1])


def test_tokens_of_an_earlier_secret_run_out_while_it_counts_and_are_refused_after_it(clock: Clock) -> None:
    """Hold 8: a planned replacement of the secret logs nobody out."""
    before = AccessTokens(InstallationKeys(b"o" * 32), clock=clock)
    token = before.issue(ADA, "Ada", SESSION)
    keys = InstallationKeys(b"n" * 32, [EarlierSecret(b"o" * 32, clock.now + 100)], clock=clock)

    assert AccessTokens(keys, clock=clock).verify(token).principal.customer == ADA
    assert claims_of(AccessTokens(keys, clock=clock).issue(ADA, "Ada", SESSION))["sub"] == "usr_42"
    with pytest.raises(NotAuthenticated):
        before.verify(AccessTokens(keys, clock=clock).issue(ADA, "Ada", SESSION))
    clock.now += 100
    with pytest.raises(NotAuthenticated):
        AccessTokens(keys, clock=clock).verify(token)
