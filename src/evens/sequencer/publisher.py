"""Telling people: the only place where answers are given, and only after the commit of what they answer."""

from collections.abc import Iterable

from evens.core.receipts import Receipt
from evens.sequencer.errors import KeyReused
from evens.sequencer.inbox import Submission


def release(booked: Iterable[tuple[Submission, Receipt]]) -> None:
    """Give each caller the receipt of what was just committed, in the order of the journal."""
    for submission, receipt in booked:
        if not submission.answer.done():
            submission.answer.set_result((receipt, False))
        for follower in submission.followers or ():
            replay(follower, receipt)


def replay(submission: Submission, receipt: Receipt) -> None:
    """Give a caller the receipt that an earlier submission earned, if it asks for the same thing."""
    if submission.command == receipt.command:
        if not submission.answer.done():
            submission.answer.set_result((receipt, True))
    else:
        refuse(submission, KeyReused())
    for follower in submission.followers or ():
        replay(follower, receipt)


def refuse(submission: Submission, error: Exception) -> None:
    """Tell a caller, and everyone waiting for the same id, that there is no receipt."""
    if not submission.answer.done():
        submission.answer.set_exception(error)
    for follower in submission.followers or ():
        refuse(follower, error)
