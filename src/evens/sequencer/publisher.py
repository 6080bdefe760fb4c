"""Telling people: the only place where answers are given, and only after the commit of what they answer."""

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
    """Give a caller, and everyone waiting for the same id, the receipt that an earlier submission earned."""
    for each in (submission, *(submission.followers or ())):
        _answer(each, receipt, replayed=True)


def refuse(submission: Submission, error: Exception) -> None:
    """Tell a caller, and everyone waiting for the same id, that there is no receipt."""
    for each in (submission, *(submission.followers or ())):
        if not each.answer.done():
            each.answer.set_exception(error)


def _answer(submission: Submission, receipt: Receipt, *, replayed: bool) -> None:
    """Answer one caller: with the receipt if it stands for what they asked, else that the key is taken."""
    if submission.answer.done():
        return
    if submission.command == receipt.command:
        submission.answer.set_result((receipt, replayed))
    else:
        submission.answer.set_exception(KeyReused())
