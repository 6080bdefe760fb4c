"""Whether a credential that is unknown can be refused already, or is to be shown again in a moment.

A server answers requests a moment before it is ready: the house is still being loaded, and the key that it makes for
its own folder is not there to be read. Who calls then with the folder's key has that of the run before, or none. To
hear that it is wrong would be the end of it; to hear that the server is starting is to come again, with the key that
is there by then. Credentials that are known, or expired, are judged at any time.
"""

from evens.identity.errors import IdentityError, NotAuthenticated, TryLater


class Starting(TryLater):
    """The credential is unknown, and the server is not ready yet."""

    code = "starting"

    def __init__(self) -> None:
        super().__init__("This server is starting; send the same request again in a moment.", 1)


class Judging:
    """Says what to answer to a credential that was not accepted."""

    def __init__(self) -> None:
        self._is_put_off = False

    def put_off(self) -> None:
        """Refuse nobody as unknown until :meth:`begin`."""
        self._is_put_off = True

    def begin(self) -> None:
        """Refuse unknown credentials from now on."""
        self._is_put_off = False

    def answer_to(self, error: IdentityError) -> IdentityError:
        """Return what to tell a caller whose credential raised ``error``."""
        # Only what is unknown; a wrong password or an expired token stays so when the server is ready.
        return Starting() if self._is_put_off and type(error) is NotAuthenticated else error
