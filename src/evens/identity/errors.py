"""The errors of identity. ``str()`` of each is a sentence for the caller; ``code`` is stable and meant for programs.

::

    IdentityError
    ├── NotAuthenticated          unknown caller                          not_authenticated
    │   ├── WrongCredentials      login or password is wrong              wrong_credentials
    │   ├── SecondFactorRequired  the password is right, a code is due    second_factor_required
    │   ├── SecondFactorWrong     wrong, used or old                      second_factor_wrong
    │   ├── ResetTokenInvalid     unknown, used or expired                reset_token_invalid
    │   ├── TokenExpired          the access token is too old             token_expired
    │   ├── RefreshTokenInvalid   unknown, expired or logged out          refresh_token_invalid
    │   └── RefreshTokenReused    used before: the session has ended      refresh_token_reused
    ├── NotPermitted              known, but not theirs to do             forbidden
    │   ├── RoleAboveOwn          an API key may not exceed its maker     role_above_own
    │   ├── RoleNotBelowOwn       a login of the same rank or above       role_not_below_own
    │   └── NotASession           an API key has nothing to log out of    not_a_session
    ├── NotFound
    │   ├── ApiKeyUnknown         no such key within reach                api_key_unknown
    │   ├── SessionUnknown        no such session of theirs               session_unknown
    │   ├── SecondFactorUnknown   there is none                           second_factor_unknown
    │   └── CustomerUnknown       no such customer                        customer_unknown
    ├── ValueRefused              a value is not acceptable; has ``field``
    │   ├── EmailInvalid                                                  email_invalid
    │   ├── PasswordInvalid                                               password_invalid
    │   ├── PasswordCommon        it would be tried first                 password_common
    │   ├── PasswordWrong         it is not the present one               password_wrong
    │   ├── KeyNameInvalid                                                key_name_invalid
    │   └── CustomerRequired      a customer's key needs a customer       customer_required
    ├── AlreadySo                 it is there, or there are too many
    │   ├── EmailTaken            another customer has it                 email_taken
    │   ├── KeyNameTaken          another caller's key has the name       key_name_taken
    │   ├── TooManyApiKeys                                                api_keys_limit
    │   ├── TooManySessions                                               sessions_limit
    │   └── SecondFactorSet       one is confirmed already                second_factor_set
    ├── RequestDiffers            the Idempotency-Key stands for another  idempotency_key_reused
    └── TryLater                  has ``retry_after_s``
        ├── TooManyAttempts       too many wrong passwords                too_many_attempts
        ├── PasswordsBusy         too many passwords wait to be checked   overloaded
        └── Starting              unknown yet: identity/judging.py        starting
"""

from typing import ClassVar


class IdentityError(Exception):
    """The base class of identity's errors."""

    code: ClassVar[str] = "identity_error"


class NotAuthenticated(IdentityError):
    """The credentials are missing, malformed, revoked or not ours. Says no more than that."""

    code = "not_authenticated"

    def __init__(
        self, message: str = "Send a valid access token or API key as `Authorization: Bearer <credential>`."
    ) -> None:
        super().__init__(message)


class WrongCredentials(NotAuthenticated):
    """Login or password is wrong; the error does not reveal which."""

    code = "wrong_credentials"

    def __init__(self) -> None:
        super().__init__("The login or the password is wrong.")


class SecondFactorRequired(NotAuthenticated):
    """The password is right, and the account has a second factor."""

    code = "second_factor_required"

    def __init__(self) -> None:
        super().__init__("Send the six digits that your authenticator shows, or a recovery code, as `code`.")


class SecondFactorWrong(NotAuthenticated):
    """The code is wrong, too old, or was used before."""

    code = "second_factor_wrong"

    def __init__(self) -> None:
        super().__init__("The code is wrong or was used before; wait for your authenticator's next one.")


class ResetTokenInvalid(NotAuthenticated):
    """The reset token is unknown, used or expired."""

    code = "reset_token_invalid"

    def __init__(self) -> None:
        super().__init__("This reset token is not valid any more; ask the operator for another one.")


class TokenExpired(NotAuthenticated):
    """The access token was good once."""

    code = "token_expired"

    def __init__(self) -> None:
        super().__init__("This access token has expired; refresh it or log in again.")


class RefreshTokenInvalid(NotAuthenticated):
    """The refresh token is unknown or expired, or its session was ended."""

    code = "refresh_token_invalid"

    def __init__(self) -> None:
        super().__init__("This refresh token is not valid any more; log in again.")


class RefreshTokenReused(NotAuthenticated):
    """The refresh token was used before: somebody else may hold it, so the whole session has ended."""

    code = "refresh_token_reused"

    def __init__(self) -> None:
        super().__init__("This refresh token was used before, so its session was ended for safety; log in again.")


class NotPermitted(IdentityError):
    """The caller is known and may not do this."""

    code = "forbidden"


class RoleAboveOwn(NotPermitted):
    """An API key was asked for that could do more than its maker."""

    code = "role_above_own"

    def __init__(self, role: str, own: str) -> None:
        super().__init__(f"A caller with role {own} cannot make a key with role {role}; ask for {own} or less.")


class RoleNotBelowOwn(NotPermitted):
    """Somebody was to be let into the login of a user who may do as much as they themselves, or more."""

    code = "role_not_below_own"

    def __init__(self, theirs: object, own: object) -> None:
        super().__init__(f"This user logs in as {theirs} and your role is {own}; ask an admin to do this.")


class NotASession(NotPermitted):
    """An API key was used to log out."""

    code = "not_a_session"

    def __init__(self, message: str = "An API key has no session to log out of; revoke the key instead.") -> None:
        super().__init__(message)


class NotFound(IdentityError):
    """What was named does not exist, or not for this caller."""

    code = "not_found"


class ApiKeyUnknown(NotFound):
    """No API key with this id is within the caller's reach."""

    code = "api_key_unknown"

    def __init__(self) -> None:
        super().__init__("There is no API key with this id among those you may see.")


class SessionUnknown(NotFound):
    """The caller has no live session with this id."""

    code = "session_unknown"

    def __init__(self) -> None:
        super().__init__("You have no session with this id; GET /v1/me/sessions lists those that you have.")


class SecondFactorUnknown(NotFound):
    """There is no second factor to confirm or remove."""

    code = "second_factor_unknown"

    def __init__(self) -> None:
        super().__init__("There is no second factor; POST /v1/me/totp begins to set one up.")


class CustomerUnknown(NotFound):
    """No customer has this id."""

    code = "customer_unknown"

    def __init__(self) -> None:
        super().__init__("There is no such customer.")


class ValueRefused(IdentityError):
    """A value is not acceptable. ``field`` is the name of the request's field; ``str()`` says what it must be."""

    code = "value_refused"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class EmailInvalid(ValueRefused):
    """The text cannot be an e-mail address."""

    code = "email_invalid"

    def __init__(self, message: str) -> None:
        super().__init__("email", message)


class PasswordInvalid(ValueRefused):
    """The password is too short, too long or not text."""

    code = "password_invalid"

    def __init__(self, message: str, field: str = "password") -> None:
        super().__init__(field, message)


class PasswordCommon(ValueRefused):
    """The password is, or varies, one of those that are tried first."""

    code = "password_common"

    def __init__(self, field: str = "password") -> None:
        super().__init__(field, "is too easy to guess; choose a longer one, such as several unrelated words")


class PasswordWrong(ValueRefused):
    """What was given as the present password is not it."""

    code = "password_wrong"

    def __init__(self, field: str) -> None:
        super().__init__(field, "is not your present password")


class KeyNameInvalid(ValueRefused):
    """The name for an API key is empty, too long or not printable."""

    code = "key_name_invalid"

    def __init__(self, message: str) -> None:
        super().__init__("name", message)


class CustomerRequired(ValueRefused):
    """A key with the role customer was asked for without saying whose."""

    code = "customer_required"

    def __init__(self) -> None:
        super().__init__("user_id", "must name the customer that a key with role customer acts for")


class AlreadySo(IdentityError):
    """What there is already stands in the way."""

    code = "conflict"


class KeyNameTaken(AlreadySo):
    """A key of this role and name was made by somebody else, and keys of one name share what they did."""

    code = "key_name_taken"

    def __init__(self) -> None:
        super().__init__("Somebody else made a key of this role and name; choose another name, or ask an operator.")


class TooManyApiKeys(AlreadySo):
    """There are as many live API keys as one may have."""

    code = "api_keys_limit"

    def __init__(self, live_max: int) -> None:
        super().__init__(f"There are {live_max} live API keys, and no more may be; revoke one that is not needed.")


class TooManySessions(AlreadySo):
    """There are as many live sessions as one may have."""

    code = "sessions_limit"

    def __init__(self, live_max: int) -> None:
        super().__init__(
            f"You have {live_max} sessions, and no more may be; log out elsewhere, or log in with `end_oldest`: true,"
            " which ends the one that was not used for longest."
        )


class SecondFactorSet(AlreadySo):
    """A second factor is confirmed already."""

    code = "second_factor_set"

    def __init__(self) -> None:
        super().__init__("You have a second factor already; remove it before you set up another one.")


class EmailTaken(AlreadySo):
    """Another customer has this e-mail address, in whatever case."""

    code = "email_taken"

    def __init__(self) -> None:
        super().__init__("Another user has this e-mail address; log in, or use a different one.")


class RequestDiffers(IdentityError):
    """The Idempotency-Key was used before for something else."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used before with a different request.")


class TryLater(IdentityError):
    """Nothing is wrong with the request but its moment. ``retry_after_s`` is in whole seconds, at least 1."""

    code = "try_later"

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class TooManyAttempts(TryLater):
    """Too many wrong passwords for this login or from this address."""

    code = "too_many_attempts"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"Too many failed attempts; try again in {retry_after_s} s.", retry_after_s)


class PasswordsBusy(TryLater):
    """More passwords wait to be hashed than may wait."""

    code = "overloaded"

    def __init__(self) -> None:
        super().__init__("Too many people are logging in at this moment; try again in a second.", 1)
