"""A market's terms as JSON in its row, so that queries can select by single fields."""

import json
from typing import Any

from evens.core.values.betting import MarketTerms, ReductionRule
from evens.core.values.odds import ladder


def format_terms(terms: MarketTerms) -> str:
    """Return the JSON that :func:`read_terms` reads. What came later is left out while it has its default."""
    later: dict[str, Any] = {
        "winners_min": terms.winners_min,
        "reductions": terms.reductions,
        "cover_removals": terms.cover_removals,
        "every_reduction": terms.every_reduction,
        "event_type": terms.event_type,
        "competition": terms.competition,
        "country": terms.country,
        "venue": terms.venue,
        "market_type": terms.market_type,
        "cross_matching": terms.cross_matching,
    }
    defaults = {
        "winners_min": None,
        "reductions": ReductionRule.POSITION,
        "cover_removals": False,
        "every_reduction": False,
        "event_type": None,
        "competition": None,
        "country": None,
        "venue": None,
        "market_type": None,
        "cross_matching": False,
    }
    return json.dumps(
        {
            "name": terms.name,
            "runners": terms.runners,
            "winners": terms.winners,
            "starts_at": terms.starts_at,
            "min_stake_minor": terms.min_stake_minor,
            "commission_bps": terms.commission_bps,
            "bet_delay_ms": terms.bet_delay_ms,
            "event": terms.event,
            "ladder": {"name": terms.ladder.name, "bands": terms.ladder.bands},
            **{name: value for name, value in later.items() if value != defaults[name]},
        },
        ensure_ascii=False,
    )


def read_terms(text: str) -> MarketTerms:
    """Return the terms that a row holds."""
    fields: dict[str, Any] = json.loads(text)
    steps = fields.pop("ladder")
    runners = tuple(fields.pop("runners"))
    bands = tuple([(upper, step) for upper, step in steps["bands"]])
    reductions = ReductionRule(fields.pop("reductions", ReductionRule.POSITION))
    return MarketTerms(runners=runners, reductions=reductions, ladder=ladder(steps["name"], bands), **fields)
