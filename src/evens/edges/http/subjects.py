"""What money was moved for, with the public ids and names of every product."""

from collections.abc import Callable, Mapping, Sequence

from evens.core.values.ids import HOUSE, AccountClass, BetId, ChallengeId, MarketId, account_class, account_holder
from evens.core.values.public_ids import format_bet_id, format_event_id, format_market_id
from evens.edges.http.wallets.shapes import About
from evens.store.console.subjects import Subject, SubjectQueries
from evens.store.wallets.queries import Entry


class KnownSubjects:
    """Implements :class:`evens.edges.http.wallets.services.Subjects`.

    ``token_of`` gives the token of a challenge, which is its public id.
    """

    def __init__(self, queries: SubjectQueries, token_of: Callable[[ChallengeId], str]) -> None:
        self._queries = queries
        self._token_of = token_of

    async def about(self, entries: Sequence[Entry]) -> Mapping[int, About]:
        """Return what entries were for, by the numbers of their records; payments were for nothing."""
        records: dict[int, int | None] = {}
        for entry in entries:
            # Of a record with several entries one may say it by its account.
            records[entry.seq] = _settled(entry) or records.get(entry.seq)
        found = await self._queries.about(records)
        return {seq: self._present(subject) for seq, subject in found.items()}

    def _present(self, subject: Subject) -> About:
        match subject.kind:
            case "market":
                return About("market", format_market_id(MarketId(subject.id)), subject.name)
            case "event":
                return About("event", format_event_id(subject.place or "", subject.key or ""), subject.name)
            case "round":
                return About("round", f"{subject.place}/{subject.key}", f"{subject.name}, {subject.key}")
            case "challenge":
                return About("challenge", self._token_of(ChallengeId(subject.id)), subject.name)
            case "bet":
                return About("bet", format_bet_id(BetId(subject.id)), f"Accumulator of {subject.name}")


def _settled(entry: Entry) -> int | None:
    """Return whose settlement account an entry moved money from or to."""
    for account in (entry.transfer.debit, entry.transfer.credit):
        if account_class(account) is AccountClass.SETTLEMENT and account_holder(account) > HOUSE:
            return account_holder(account)
    return None
