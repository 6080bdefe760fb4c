"""Answering callers, after the commit of what they asked for, and nowhere else."""

from collections.abc import Iterable

from evens.core.receipts import Receipt
from evens.sequencer.errors import KeyReused
from evens.sequencer.inbox import Submission


def release(booked: Iterable[tuple[Submission, Receipt]]) -> None:
    """Give each caller the receipt of what was just committed, in the order of the journal."""
    for submission, receipt in booked:
        _answer(submission, receipt, replayed=False)
        for follower in submission.followers or ():
            _answer(follower, receipt, replayed=True)


def replay(submission: Submission, receipt: Receipt) -> None:
    """Give a caller, and everyone waiting for the same id, the receipt that is stored."""
    for each in (submission, *(submission.followers or ())):
        _answer(each, receipt, replayed=True)


def refuse(submission: Submission, error: Exception) -> None:
    """Raise an error for a caller, and for everyone waiting for the same id."""
    for each in (submission, *(submission.followers or ())):
        if not each.answer.done():
            each.answer.set_exception(error)


def _answer(submission: Submission, receipt: Receipt, *, replayed: bool) -> None:
    """Answer one caller: with the receipt if it is of the command they asked for, else with :class:`KeyReused`."""
    if submission.answer.done():
        return
    if submission.command == receipt.command:
        submission.answer.set_result((receipt, replayed))
    else:
        submission.answer.set_exception(KeyReused())
