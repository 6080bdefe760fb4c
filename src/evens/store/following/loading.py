"""Loading the follows that have not ended, have open copies or owe their leader a fee."""

from typing import TYPE_CHECKING, Final

from evens.core.following.state import Follow
from evens.core.state import House
from evens.core.values.following import FollowStatus
from evens.core.values.records import RecordProduct
from evens.store.following.rows import read_terms
from evens.store.following.tables import FOLLOWS
from evens.store.sql_files import statements

if TYPE_CHECKING:
    from evens.store.database import Wire

_LIVE: Final = (
    f"{FOLLOWS.select()} WHERE status <> {FollowStatus.ENDED.value} OR used > 0 "
    "OR high_water::numeric * performance_fee_bps >= (fees_paid + 1)::numeric * 10000 ORDER BY id"
)
_SQL: Final = statements("following", "queries")


async def load_following(connection: "Wire", house: House) -> None:
    """Add the follows that are not over."""
    for row in await connection.fetch(_LIVE):
        follow = Follow(
            row["id"],
            row["customer"],
            row["leader"],
            row["currency_number"],
            read_terms(row),
            row["active_from"],
            row["performance_fee_bps"],
        )
        follow.status = FollowStatus(row["status"])
        follow.used_minor, follow.day, follow.day_used_minor = row["used"], row["day"], row["day_used"]
        follow.result_minor, follow.stopped_minor = row["result"], row["stopped"]
        follow.high_water_minor, follow.fees_paid_minor = row["high_water"], row["fees_paid"]
        house.following.add(follow)
    for follow, product, last in await connection.fetch(_SQL["skipped_up_to"]):
        house.following.by_id[follow].skipped_up_to[RecordProduct(product)] = last
