"""What authenticators are asked, and checking what they answer, by the ``webauthn`` library.

:mod:`evens.identity.passkeys` imports this module when the first passkey is offered or used, and not before: the
library and those below it take a tenth of the time in which everything else of a server is imported.
"""

from collections.abc import Iterable
from typing import Any, Final

import webauthn
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from evens.identity.passkey_place import PasskeyPlace

_NAME: Final = "Evens"
# What the library and those below it raise for what is no answer of an authenticator at all.
_MALFORMED: Final = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError)


def ask_for_new(
    place: PasskeyPlace, challenge: bytes, timeout_ms: int, user: tuple[bytes, str], known: Iterable[bytes]
) -> str:
    """Return, as JSON, what a browser needs to make a passkey.

    ``user`` are the handle and the name of whom it is for, ``known`` the credential ids that they have already.
    """
    handle, name = user
    options = webauthn.generate_registration_options(
        rp_id=place.domain,
        rp_name=_NAME,
        user_id=handle,
        user_name=name,
        challenge=challenge,
        timeout=timeout_ms,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return webauthn.options_to_json(options)


def ask_for_known(place: PasskeyPlace, challenge: bytes, timeout_ms: int) -> str:
    """Return, as JSON, what a browser needs to let somebody log in by a passkey."""
    options = webauthn.generate_authentication_options(
        rp_id=place.domain,
        challenge=challenge,
        timeout=timeout_ms,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def check_new(place: PasskeyPlace, challenge: bytes, answer: dict[str, Any]) -> VerifiedRegistration | None:
    """Return the new passkey in an answer; ``None`` if it is none for this challenge and place."""
    try:
        return webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except _MALFORMED:
        return None


def check_known(
    place: PasskeyPlace, challenge: bytes, answer: dict[str, Any], public_key: bytes, sign_count: int
) -> VerifiedAuthentication | None:
    """Return what an answer says that this key signed; ``None`` if it did not, or not for this challenge and place."""
    try:
        return webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=place.domain,
            expected_origin=place.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except _MALFORMED:
        return None
