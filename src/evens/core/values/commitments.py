r"""What a round commits to when it locks: one hash over its terms and every stake, in the order of the bets.

Theory
------
The first link is the hash of the terms; each bet's link is the hash of the link before and of the bet. Whoever has the
terms and the stakes comes to the same last link, and to another one if a stake was added, left out, moved or changed.
Bets are named by their public ids, which tell nothing of whose they are.

Example: a round whose terms hash to ``t`` takes 5.00 on up as ``plb_8`` and 3.00 on down as ``plb_9``, in cents:
``sha256(sha256(t + "plb_8 up 500\n") + "plb_9 down 300\n")``, where ``t`` and each link are 32 bytes.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from evens.core.values.ids import PoolBetId
from evens.core.values.pools import PoolSide, PoolTerms
from evens.core.values.public_ids import format_pool_bet_id

CHAIN: Final = (
    " The commitment is a chain of SHA-256: first over the lines of what is committed, in their order, joined by line "
    "feeds; then for each bet in order of its id over the link before (32 bytes) and the text 'ID SIDE AMOUNT' with a "
    "line feed, the amount in minor units."
)
"""How the chain is made, in words. It follows the rule in a proof."""


def commit_terms(pool_key: str, code: str, times: tuple[int, int, int], currency: str, terms: PoolTerms) -> bytes:
    """Return the first link. ``times`` are when the round opens, locks and settles, in nanoseconds since 1970."""
    most = "" if terms.max_stake_minor is None else str(terms.max_stake_minor)
    lines = (
        pool_key,
        code,
        *map(str, times),
        currency,
        terms.name,
        terms.symbol,
        str(terms.fee_bps),
        str(terms.min_stake_minor),
        most,
        terms.running,
    )
    return hashlib.sha256("\n".join(lines).encode()).digest()


def commit_stake(link: bytes, bet: PoolBetId, side: PoolSide, stake_minor: int) -> bytes:
    """Return the link that follows when this was staked."""
    return hashlib.sha256(link + f"{format_pool_bet_id(bet)} {side.name.lower()} {stake_minor}\n".encode()).digest()


def commit_stakes(link: bytes, stakes: Iterable[tuple[PoolBetId, PoolSide, int]]) -> bytes:
    """Return the last link after these stakes, which come in order of their bets' ids."""
    for bet, side, stake_minor in stakes:
        link = commit_stake(link, bet, side, stake_minor)
    return link
