"""What requests about users and their money look like."""

from typing import Annotated

from pydantic import Field

from evens.core.commands.wallets import TRANSFERS_PER_BATCH_MAX
from evens.edges.http.protocol.bodies import Body, Reference, ValueDate, example
from evens.edges.http.protocol.names import NewUsername, Username
from evens.edges.http.protocol.texts import AmountText, CurrencyCode, Email, Text, UserId


class UserBody(Body):
    """A new user, without a password."""

    model_config = example(username="ada", email="ada@example.com")

    username: NewUsername
    email: Email | None = None


class DepositBody(Body):
    """Money that arrived from outside."""

    model_config = example(user_id="usr_42", amount="100.00", currency="USD", reference="bank 1842")

    user_id: UserId
    amount: AmountText
    currency: CurrencyCode | None = None
    reference: Reference = None
    effective_at: ValueDate = None


class PlayMoneyBody(Body):
    """Money that nobody has paid in."""

    model_config = example(amount="100.00", currency="USD")

    amount: AmountText
    currency: CurrencyCode | None = None


class WithdrawalBody(Body):
    """Money to be paid out. With `user_id`, an operator or service books one that was paid already."""

    model_config = example(amount="25.00", currency="USD", destination="DE02 1203 0000 0000 2020 51")

    amount: AmountText
    currency: CurrencyCode | None = None
    destination: Annotated[Text | None, Field(description="Where it goes, such as an IBAN.")] = None
    reference: Reference = None
    user_id: UserId | None = None
    effective_at: ValueDate = None


class TransferBody(Body):
    """Money for another user, named by either `to_user_id` or `to_username`."""

    model_config = example(to_username="ada", amount="10.50", currency="USD", memo="Lunch")

    to_user_id: UserId | None = None
    to_username: Username | None = None
    amount: AmountText
    currency: CurrencyCode | None = None
    memo: Annotated[Text | None, Field(description="A word to the recipient.")] = None
    from_user_id: Annotated[UserId | None, Field(description="For operators: who pays.")] = None


class TransferBatchBody(Body):
    """Up to 1,000 transfers under one key, in order."""

    model_config = example(
        transfers=[{"to_username": "ada", "amount": "10.50"}, {"to_user_id": "usr_43", "amount": "1.00"}],
        atomic=True,
    )

    transfers: Annotated[list[TransferBody], Field(min_length=1, max_length=TRANSFERS_PER_BATCH_MAX)]
    atomic: Annotated[bool, Field(description="True: all or none. False: each on its own merits.")]


class ReversalBody(Body):
    """Why a transaction is taken back; its user sees this as the memo of the reversal."""

    model_config = example(reason="charged back by the bank")

    reason: Text


Cell = Annotated[str, Field(max_length=1000)]


class ImportRowBody(Body):
    """One row of a payments history, as text. What is wrong with its values is reported for this row alone."""

    account: Annotated[
        Cell, Field(description="A username, registered if unknown; or the id of a user.", examples=["4711"])
    ]
    kind: Annotated[Cell, Field(description="`deposit` or `withdrawal`.", examples=["deposit"])]
    amount: Annotated[Cell, Field(examples=["1000.00"])]
    reference: Annotated[Cell, Field(description="Names the row within its account, for ever.", examples=["136957"])]
    effective_date: Annotated[Cell | None, Field(description="Means its first moment in UTC.")] = None
    effective_at: Annotated[Cell | None, Field(description="Instead of a date, a time.")] = None
    currency: Annotated[Cell | None, Field(description="This row's own. Left out or empty: that of the request.")] = (
        None
    )


class ImportBody(Body):
    """A part of a payments history; the rows of one account in the order in which they happened."""

    model_config = example(
        currency="CZK",
        rows=[
            {
                "effective_date": "1993-01-21",
                "account": "459",
                "kind": "deposit",
                "amount": "1000.00",
                "reference": "136957",
            }
        ],
    )

    currency: CurrencyCode | None = None
    rows: Annotated[list[ImportRowBody], Field(min_length=1, max_length=TRANSFERS_PER_BATCH_MAX)]
