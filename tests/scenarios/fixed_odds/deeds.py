"""What can stand in a scenario about the sportsbook, by the names it has in the file.

Amounts and odds are decimal text as written, rates are in basis points, times are nanoseconds since 1970 (UTC).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PayIntoBank:
    """The operator pays into the bank."""

    amount: str
    code: str


@dataclass(frozen=True, slots=True)
class DrawFromBank:
    """The operator takes money out of the bank."""

    amount: str
    code: str


@dataclass(frozen=True, slots=True)
class Publish:
    """The provider publishes a market of a fixture; without ``deadline_at`` one can bet for ever."""

    fixture: str
    market: str
    selections: tuple[tuple[str, str], ...]
    deadline_at: int | None = None
    suspended: bool = False
    version: int | None = None
    winners: int = 1
    group: str | None = None


@dataclass(frozen=True, slots=True)
class TakeOut:
    """The provider takes a selection out."""

    selection: str
    market: str
    fixture: str
    reduction_bps: int = 0


@dataclass(frozen=True, slots=True)
class SayResults:
    """The provider, or the desk, says how selections of a market ended; only the desk corrects."""

    results: tuple[tuple[str, str], ...]
    market: str
    fixture: str
    correction: bool = False
    by_desk: bool = False


@dataclass(frozen=True, slots=True)
class TakeResultsBack:
    """The provider, or the desk, takes back what was said of a fixture."""

    fixture: str
    by_desk: bool = False


@dataclass(frozen=True, slots=True)
class Dispute:
    """What the provider says comes to no rest, so its feed has the desk decide."""

    fixture: str


@dataclass(frozen=True, slots=True)
class CancelSince:
    """The provider voids bets on a fixture from a moment until now, or until another."""

    fixture: str
    since_at: str
    until_at: str | None = None
    restored: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """The desk stops bets on a fixture, or lets them go on."""

    fixture: str
    held: bool


@dataclass(frozen=True, slots=True)
class VoidEvent:
    """The desk voids a whole fixture."""

    fixture: str


@dataclass(frozen=True, slots=True)
class Hear:
    """The provider falls silent, or is complete again."""

    silent: bool


@dataclass(frozen=True, slots=True)
class Decide:
    """The desk leaves a market's contradicted result as it is."""

    market: str
    fixture: str


@dataclass(frozen=True, slots=True)
class Bet:
    """A customer bets; each leg is a selection, its market, its fixture, and the odds that were seen, if any."""

    who: str
    stake: str
    code: str
    legs: tuple[tuple[str, str, str, str | None], ...]
    name: str
    accept: str = "better"


@dataclass(frozen=True, slots=True)
class CashOut:
    """A customer takes what a bet is worth; without ``expires_at`` the quote is a fresh one."""

    who: str
    name: str
    amount: str
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The desk gives a bet back."""

    name: str


@dataclass(frozen=True, slots=True)
class LimitBets:
    """The desk limits what is taken in a currency."""

    code: str
    min_stake: str = "0.01"
    max_stake: str | None = None
    max_payout: str | None = None
    liability: str | None = None
    margin_bps: int = 500


@dataclass(frozen=True, slots=True)
class Factor:
    """The desk lets a customer stake a part of what others may."""

    who: str
    percent: int


DeedOnFixture = TakeOut | SayResults | TakeResultsBack | Dispute | CancelSince | Hold | VoidEvent | Decide
DeedOnBet = Bet | CashOut | GiveBack
PersonalDeed = Bet | CashOut
FixedOddsDeed = DeedOnBet | DeedOnFixture | PayIntoBank | DrawFromBank | Publish | Hear | LimitBets | Factor
