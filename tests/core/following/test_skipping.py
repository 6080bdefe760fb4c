"""Skipping for many follows at once: what is wrong for one of them holds up nothing for the others."""

from dataclasses import replace

from evens.core.commands.following import FollowLeader, PauseFollow, ResumeFollow, SkipBets
from evens.core.events.following import BetsSkipped, FollowStarted
from evens.core.events.ledger import Rejected
from evens.core.ledger.reasons import SharedReason
from evens.core.values.following import FollowMode, FollowTerms, SkippedBets, SkipReason
from evens.core.values.ids import FollowId
from evens.core.values.records import RecordProduct
from tests.core.exchange.floor import Floor

TERMS = FollowTerms(FollowMode.FIXED, 5_00, None, 100_00, 50_00, 80_00, 2, None, (RecordProduct.EXCHANGE,))


def test_a_follow_for_which_a_reason_holds_no_longer_is_left_out_and_all_others_are_skipped() -> None:
    floor = Floor()
    floor.define("USD", 2)
    ann = floor.join("ann")
    follows: list[FollowId] = []
    for name in ("bob", "cid", "dan"):
        (started,) = floor.do(FollowLeader(floor.join(name), ann, "USD", TERMS))
        assert isinstance(started, FollowStarted)
        floor.do(PauseFollow(started.customer, started.follow))
        follows.append(started.follow)
        if name == "cid":
            floor.do(ResumeFollow(started.customer, started.follow))
    later = floor.house.at + 1
    paused = [SkippedBets(follow, SkipReason.PAUSED, 5, 7, 3, later) for follow in follows]
    # What else is told of cid would say that everything before it is decided, so it waits with the rest of his.
    of_cid = SkippedBets(follows[1], SkipReason.LOOP, 8, 8, 1, later)
    (skipped,) = floor.do(SkipBets(RecordProduct.EXCHANGE, (*paused, of_cid)))
    kept = tuple([replace(paused[place], struck_at=None) for place in (0, 2)])
    assert skipped == BetsSkipped(RecordProduct.EXCHANGE, kept)
    assert floor.house.following.by_id[follows[1]].skipped_up_to == {}
    (refused,) = floor.do(SkipBets(RecordProduct.EXCHANGE, (*paused, of_cid)))
    assert refused == Rejected(SharedReason.NOTHING_CHANGES)
    (others,) = floor.do(SkipBets(RecordProduct.EXCHANGE, (replace(of_cid, first=5, count=4),)))
    assert isinstance(others, BetsSkipped)
