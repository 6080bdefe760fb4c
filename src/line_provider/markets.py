"""What may become of one market: pure, as :mod:`line_provider.rules`, which calls it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evens.core.values.fixed_odds import SELECTIONS_PER_MARKET_MAX
from evens.core.values.moments import format_time
from evens.edges.http.protocol.problem import Refused, problem, refuse_fields
from line_provider.bodies import GivenResult, MarketChange, NewMarket, Removal, SelectionChange
from line_provider.shapes import Market, MarketStatus, Result, Selection, SelectionStatus


def added_market(body: NewMarket, path: str) -> Market:
    """Return a new market. ``path`` is where it stands in the request."""
    keys = [each.key for each in body.selections]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise refuse_fields((f"{path}selections[{place}].key", "is given more than once"))
    if body.winners > len(keys):
        raise refuse_fields((f"{path}winners", "must not be more than there are selections"))
    selections = [
        Selection(each.key, each.name, each.coefficient, _open_or_suspended(each.suspended)) for each in body.selections
    ]
    status = MarketStatus.SUSPENDED if body.suspended else MarketStatus.OPEN
    return Market(body.key, body.name, tuple(selections), status, body.winners, body.related_group)


def changed_market(market: Market, body: MarketChange, path: str) -> Market:
    """Return a market that is open with what is asked for done."""
    status = market.status
    if body.suspended is not None:
        status = MarketStatus.SUSPENDED if body.suspended else MarketStatus.OPEN
    after = replace(
        market,
        name=body.name or market.name,
        status=status,
        winners=market.winners if body.winners is None else body.winners,
        related_group=body.related_group if "related_group" in body.model_fields_set else market.related_group,
        selections=_changed_selections(market, body.selections or (), path),
    )
    if after.winners > len(after.selections):
        raise refuse_fields((f"{path}winners", "must not be more than there are selections"))
    return after


def with_removal(market: Market, body: Removal, field: str, now: int) -> Market:
    """Return the market with a selection out."""
    known = next((each for each in market.selections if each.key == body.selection), None)
    if known is None:
        raise refuse_fields((field, f"is not in the market {market.key}"))
    if known.status is SelectionStatus.REMOVED:
        if known.reduction_bps == body.reduction_bps:
            return market
        raise Refused(problem(409, "selection_removed", f"{known.name} is removed already, with another reduction."))
    gone = replace(known, status=SelectionStatus.REMOVED, reduction_bps=body.reduction_bps, removed_at=format_time(now))
    return replace(market, selections=tuple(gone if each is known else each for each in market.selections))


def decided(market: Market, given: Mapping[str, GivenResult]) -> Market:
    """Return the market with its result: who is not named has lost, who was removed is void."""
    selections: list[Selection] = []
    for each in market.selections:
        result = given.get(each.key)
        if each.status is SelectionStatus.REMOVED:
            if result is not None and result.result is not Result.VOID:
                raise refuse_fields(("results", f"must not name {each.key}, which was removed: it is void"))
            selections.append(replace(each, result=Result.VOID, dead_heat=None))
        elif result is None:
            selections.append(replace(each, result=Result.LOST, dead_heat=None))
        else:
            selections.append(replace(each, result=result.result, dead_heat=result.dead_heat))
    is_void = all(each.result is Result.VOID for each in selections)
    return replace(market, selections=tuple(selections), status=MarketStatus.VOID if is_void else MarketStatus.SETTLED)


def voided(market: Market) -> Market:
    """Return the market with nothing counting."""
    selections = tuple(replace(each, result=Result.VOID, dead_heat=None) for each in market.selections)
    return replace(market, selections=selections, status=MarketStatus.VOID)


def reopened(market: Market) -> Market:
    """Return the market without its result. What was suspended before is open: who wants it closed says so."""
    selections = tuple(replace(each, result=None, dead_heat=None) for each in market.selections)
    return replace(market, selections=selections, status=MarketStatus.OPEN)


def _changed_selections(market: Market, asked: Sequence[SelectionChange], path: str) -> tuple[Selection, ...]:
    selections = {each.key: each for each in market.selections}
    for place, each in enumerate(asked):
        where = f"{path}selections[{place}]"
        if any(each.key == earlier.key for earlier in asked[:place]):
            raise refuse_fields((f"{where}.key", "is given more than once"))
        known = selections.get(each.key)
        if known is None:
            if each.name is None or each.coefficient is None:
                missing = "name" if each.name is None else "coefficient"
                raise refuse_fields((f"{where}.{missing}", f"is required: there is no selection {each.key} yet"))
            status = _open_or_suspended(bool(each.suspended))
            selections[each.key] = Selection(each.key, each.name, each.coefficient, status)
            continue
        if known.status is SelectionStatus.REMOVED:
            raise Refused(problem(409, "selection_removed", f"{known.name} was removed, which is for good."))
        status = known.status if each.suspended is None else _open_or_suspended(each.suspended)
        selections[each.key] = replace(
            known, name=each.name or known.name, coefficient=each.coefficient or known.coefficient, status=status
        )
    if len(selections) > SELECTIONS_PER_MARKET_MAX:
        raise refuse_fields((f"{path}selections", f"would be more than {SELECTIONS_PER_MARKET_MAX} in this market"))
    return tuple(selections.values())


def _open_or_suspended(suspended: bool) -> SelectionStatus:
    return SelectionStatus.SUSPENDED if suspended else SelectionStatus.OPEN
