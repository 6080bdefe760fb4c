"""What `evens market create` takes: an argument or option for each field of a new market."""

from typing import Annotated

import typer

Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is about, such as 'Ashford v Kelso'.")]
Runners = Annotated[
    list[str], typer.Option("--runner", metavar="NAME", help="Who can win. Give it once for each, two or more.")
]
Event = Annotated[
    str | None, typer.Option("--event", metavar="TEXT", help="The contest, as the outside world names it.")
]
StartsAt = Annotated[
    str | None, typer.Option("--starts-at", metavar="WHEN", help="A day or a time.  Default: in a day.")
]
Winners = Annotated[int, typer.Option("--winners", min=1, metavar="N", help="How many of them win, at most.")]
WinnersMin = Annotated[
    int | None, typer.Option("--winners-min", min=0, metavar="N", help="How few can win, if that is not known before.")
]
CommissionBps = Annotated[
    int | None,
    typer.Option("--commission-bps", min=0, max=10_000, metavar="N", help="Hundredths of a percent of net profits."),
]
Ladder = Annotated[
    str | None, typer.Option("--ladder", metavar="NAME", help="The prices there are: classic or finest.")
]
MinStake = Annotated[str | None, typer.Option("--min-stake", metavar="AMOUNT", help="The least stake.")]
BetDelay = Annotated[
    int | None, typer.Option("--bet-delay", min=0, metavar="SECONDS", help="How long orders wait in-play.")
]
CoverRemovals = Annotated[
    bool, typer.Option("--cover-removals", help="Hold what can be lost if a runner is removed before the off.")
]
EventType = Annotated[str | None, typer.Option("--event-type", metavar="TEXT", help="The sport, such as Tennis.")]
Competition = Annotated[
    str | None, typer.Option("--competition", metavar="TEXT", help="What the contest is part of, such as a league.")
]
Country = Annotated[str | None, typer.Option("--country", metavar="CC", help="Where: two capital letters, such as GB.")]
Venue = Annotated[str | None, typer.Option("--venue", metavar="TEXT", help="The place there, such as a race course.")]
MarketType = Annotated[
    str | None, typer.Option("--market-type", metavar="TYPE", help="What is asked, in capitals, such as MATCH_ODDS.")
]
CrossMatching = Annotated[
    bool,
    typer.Option("--cross-matching", help="Match orders on one side of all runners together. None can be removed."),
]
