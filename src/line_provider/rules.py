"""What may become of an event. Pure: from an event, what is asked and the time to the event as it is then.

New → finished is the only way forward, and a rollback the only way back. A market is decided as a whole and closed from
then on. Functions raise :class:`evens.edges.http.protocol.problem.Refused`: 422 names a field, 409 tells what stands in
the way. They return the event and why it is told, or ``None`` instead of both if nothing is different.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from evens.core.values.moments import format_time
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields
from line_provider.bodies import (
    Cancellation,
    EventChange,
    GivenResult,
    MarketChange,
    NewEvent,
    NewMarket,
    NewSelection,
    Rollback,
    SelectionChange,
)
from line_provider.markets import added_market, changed_market, decided, reopened, voided, with_removal
from line_provider.shapes import MAIN, WIN, Event, Market, MarketStatus, Result, Status, Topic

Changed = tuple[Event, Topic]

_FORMS: Final = ("coefficient", "selections", "markets")
_SINGLE: Final = {Status.FINISHED_WIN: Result.WON, Status.FINISHED_LOSE: Result.LOST}


def created(body: NewEvent, event_id: str, now: int) -> Event:
    """Return a new event; its ``version`` and ``change`` are given when it is stored."""
    _check_deadline(body.deadline, now)
    asked = _markets_asked(body)
    markets: tuple[Market, ...] = ()
    for place, each in enumerate(asked):
        if any(each.key == market.key for market in markets):
            raise refuse_fields((f"markets[{place}].key", "is given more than once"))
        markets += (added_market(each, _path(body, place)),)
    return Event(
        id=event_id,
        title=body.title,
        sport=body.sport,
        competition=body.competition,
        starts_at=None if body.starts_at is None else format_time(body.starts_at),
        deadline=format_time(body.deadline),
        status=Status.NEW,
        suspended=False,
        coefficient=_single_coefficient(markets),
        markets=markets,
        cancelled=(),
        version=0,
        change=0,
        created_at=format_time(now),
        updated_at=format_time(now),
    )


def changed(event: Event, body: EventChange, now: int) -> Changed | None:
    """Return the event with what is asked for done; what stands already is left alone."""
    if event.status is not Status.NEW:
        if _says_the_same(event, body):
            return None
        detail = f"The event is {event.status}, and its odds are closed; POST …/rollback takes a result back."
        raise _conflict("event_finished", detail)
    if body.deadline is not None:
        _check_deadline(body.deadline, now)
    after = replace(
        event,
        title=body.title or event.title,
        deadline=event.deadline if body.deadline is None else format_time(body.deadline),
        suspended=event.suspended if body.suspended is None else body.suspended,
    )
    after = _with_markets(after, body)
    after = _with_removals(after, body, now)
    after = _with_results(after, body)
    after = replace(after, coefficient=_single_coefficient(after.markets))
    return None if after == event else (after, _topic(event, after))


def cancelled(event: Event, body: Cancellation, now: int) -> Changed | None:
    """Return the event with the bets of a time void; the same time twice is one."""
    until = now if body.until is None else body.until
    if body.since >= until:
        raise refuse_fields(("from", "must lie before to, or before now"))
    if until > now:
        raise refuse_fields(("to", "must not lie in the future: nobody knows those bets yet"))
    _check_known(event, body.markets)
    window = {"from": format_time(body.since), "to": format_time(until), "markets": list(body.markets)}
    if window in event.cancelled:
        return None
    return replace(event, cancelled=(*event.cancelled, window)), Topic.EVENT_CANCELLED


def rolled_back(event: Event, body: Rollback) -> Changed:
    """Return the event with results taken back: it is new again."""
    _check_known(event, body.markets)
    wanted = [each for each in event.markets if each.is_decided and (not body.markets or each.key in body.markets)]
    if not wanted:
        raise _conflict("no_result", "There is no result to take back.")
    markets = tuple(reopened(each) if each in wanted else each for each in event.markets)
    return replace(event, status=Status.NEW, markets=markets), Topic.RESULT_ROLLED_BACK


def _markets_asked(body: NewEvent) -> Sequence[NewMarket]:
    forms = [form for form in _FORMS if getattr(body, form) is not None]
    if len(forms) != 1:
        field = forms[1] if forms else "coefficient"
        raise refuse_fields((field, "must be given, or selections or markets instead: exactly one of the three"))
    if body.markets is not None:
        return body.markets
    if body.selections is not None:
        return [NewMarket(key=MAIN, name=body.title, selections=body.selections)]
    assert body.coefficient is not None
    return [
        NewMarket(
            key=MAIN,
            name=body.title,
            selections=[NewSelection(key=WIN, name=body.title, coefficient=body.coefficient)],
        )
    ]


def _path(body: NewEvent, place: int) -> str:
    return "" if body.markets is None else f"markets[{place}]."


def _check_deadline(deadline: int, now: int) -> None:
    if deadline <= now:
        raise refuse_fields(("deadline", "must lie in the future"))


def _single_coefficient(markets: tuple[Market, ...]) -> str | None:
    single = len(markets) == 1 and len(markets[0].selections) == 1
    return markets[0].selections[0].coefficient if single else None


def _with_markets(event: Event, body: EventChange) -> Event:
    """Merge what is said of markets, in any of the three forms."""
    forms = [form for form in _FORMS if getattr(body, form) is not None]
    if len(forms) > 1:
        raise refuse_fields((forms[1], f"cannot be given together with {forms[0]}"))
    asked: Sequence[MarketChange] = body.markets or ()
    if body.selections is not None:
        if event.market(MAIN) is None:
            raise refuse_fields(("selections", f"are those of a market {MAIN}, which this event lacks: send markets"))
        asked = [MarketChange(key=MAIN, selections=body.selections)]
    elif body.coefficient is not None:
        if event.coefficient is None:
            raise refuse_fields(("coefficient", "names no selection: this event has several, so send selections"))
        only = event.markets[0]
        change = SelectionChange(key=only.selections[0].key, coefficient=body.coefficient)
        asked = [MarketChange(key=only.key, selections=[change])]
    markets = {each.key: each for each in event.markets}
    for place, each in enumerate(asked):
        path = f"markets[{place}]." if body.markets is not None else ""
        if any(each.key == earlier.key for earlier in asked[:place]):
            raise refuse_fields((f"{path}key", "is given more than once"))
        known = markets.get(each.key)
        if known is None:
            markets[each.key] = added_market(_as_new(each, path), path)
        elif known.is_decided:
            raise _conflict("market_settled", f"The market {each.key} has its result, and its odds are closed.")
        else:
            markets[each.key] = changed_market(known, each, path)
    return replace(event, markets=tuple(markets.values()))


def _as_new(asked: MarketChange, path: str) -> NewMarket:
    if asked.name is None or asked.selections is None:
        missing = "name" if asked.name is None else "selections"
        raise refuse_fields((f"{path}{missing}", f"is required: the event has no market {asked.key} yet"))
    selections: list[NewSelection] = []
    for place, each in enumerate(asked.selections):
        if each.name is None or each.coefficient is None:
            missing = "name" if each.name is None else "coefficient"
            raise refuse_fields((f"{path}selections[{place}].{missing}", "is required for a new selection"))
        selections.append(
            NewSelection(key=each.key, name=each.name, coefficient=each.coefficient, suspended=bool(each.suspended))
        )
    return NewMarket(
        key=asked.key,
        name=asked.name,
        selections=selections,
        winners=1 if asked.winners is None else asked.winners,
        related_group=asked.related_group,
        suspended=bool(asked.suspended),
    )


def _with_removals(event: Event, body: EventChange, now: int) -> Event:
    markets = {each.key: each for each in event.markets}
    for place, each in enumerate(body.removed or ()):
        market = _market_of(event, each.market, f"removed[{place}].market")
        if market.is_decided:
            raise _conflict("market_settled", f"The market {each.market} has its result, so nothing can be removed.")
        markets[each.market] = with_removal(markets[each.market], each, f"removed[{place}].selection", now)
    return replace(event, markets=tuple(markets.values()))


def _with_results(event: Event, body: EventChange) -> Event:
    given = _results_asked(event, body)
    by_market: dict[str, dict[str, GivenResult]] = {}
    for place, each in enumerate(given):
        market = _market_of(event, each.market, f"results[{place}].market")
        if each.selection in by_market.setdefault(each.market, {}):
            raise refuse_fields((f"results[{place}].selection", "is given more than once"))
        if all(each.selection != known.key for known in market.selections):
            raise refuse_fields((f"results[{place}].selection", f"is not in the market {each.market}"))
        by_market[each.market][each.selection] = each
    markets: list[Market] = []
    for market in event.markets:
        if market.key not in by_market:
            markets.append(market)
            continue
        after = decided(market, by_market[market.key])
        _check_winners(after)
        if market.is_decided and after != market:
            detail = f"The market {market.key} has another result; POST …/rollback takes it back."
            raise _conflict("market_settled", detail)
        markets.append(after)
    return _ended(replace(event, markets=tuple(markets)), body)


def _results_asked(event: Event, body: EventChange) -> Sequence[GivenResult]:
    """Return the results, those that a status alone stands for included."""
    single = None if body.status is None else _SINGLE.get(body.status)
    if single is None:
        if body.results and body.status is Status.VOID:
            raise refuse_fields(("results", "cannot be given with VOID, which voids everything that has no result"))
        return body.results or ()
    if event.coefficient is None:
        raise refuse_fields(("status", "must be FINISHED with results: this event has more than one selection"))
    only = event.markets[0]
    result = GivenResult(market=only.key, selection=only.selections[0].key, result=single)
    if body.results and list(body.results) != [result]:
        raise refuse_fields(("results", f"must not be given with {body.status}, which says it all"))
    return [result]


def _ended(event: Event, body: EventChange) -> Event:
    status = body.status or Status.NEW
    if status is Status.VOID:
        return replace(
            event, status=status, markets=tuple(each if each.is_decided else voided(each) for each in event.markets)
        )
    if status is not Status.NEW:
        missing = [each.key for each in event.markets if not each.is_decided]
        if missing:
            raise refuse_fields(("results", f"must name a selection of each market; nothing is said of {missing[0]}"))
    return replace(event, status=status)


def _check_winners(market: Market) -> None:
    """Refuse more winners than the market can have; selections that tie are parts of one."""
    won = sum((_part(each.dead_heat) for each in market.selections if each.result is Result.WON), Fraction())
    if market.winners and won > market.winners:
        detail = f"names more winners than the {market.winners} of the market {market.key}; who ties has a dead_heat"
        raise refuse_fields(("results", detail))


def _part(dead_heat: str | None) -> Fraction:
    return Fraction(dead_heat or 1)


def _says_the_same(event: Event, body: EventChange) -> bool:
    """Return whether a request only repeats how the event ended, as one does after a lost answer."""
    if body.status is not event.status or body.model_fields_set - {"status", "results"}:
        return False
    given: dict[str, dict[str, GivenResult]] = {}
    for each in body.results or ():
        given.setdefault(each.market, {})[each.selection] = each
    known = [market for market in event.markets if market.key in given]
    return len(known) == len(given) and all(decided(market, given[market.key]) == market for market in known)


def _topic(before: Event, after: Event) -> Topic:
    if after.status is not Status.NEW:
        return Topic.EVENT_FINISHED
    stopped = _suspended(after) - _suspended(before)
    return Topic.BET_STOP if stopped else Topic.EVENT_CHANGED


def _suspended(event: Event) -> set[tuple[str, ...]]:
    """Return the paths of what is suspended."""
    found: set[tuple[str, ...]] = {()} if event.suspended else set()
    for market in event.markets:
        if market.status is MarketStatus.SUSPENDED:
            found.add((market.key,))
        found |= {(market.key, each.key) for each in market.selections if each.status.value == "suspended"}
    return found


def _check_known(event: Event, markets: Sequence[str]) -> None:
    for place, key in enumerate(markets):
        _market_of(event, key, f"markets[{place}]")


def _market_of(event: Event, key: str, field: str) -> Market:
    market = event.market(key)
    if market is None:
        raise refuse_fields((field, f"is not a market of this event; it has {', '.join(m.key for m in event.markets)}"))
    return market


def _conflict(code: str, detail: str) -> Refused:
    return Refused(problem(409, code, detail))
