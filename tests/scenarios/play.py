"""Playing a scenario: step by step, with everything that must always hold checked after each line."""

from collections.abc import Mapping

from tests.scenarios.deeds import (
    SAME_ANSWER,
    Act,
    Expected,
    Idle,
    Look,
    Restart,
    Scenario,
    StateLook,
    Step,
    actor_of,
)
from tests.scenarios.driver import Driver, Outcome
from tests.scenarios.exchange.deeds import BookLook, Cells, PositionsLook, Wait
from tests.scenarios.wallets.deeds import Register


class Disagreement(AssertionError):
    """What happened is not what the scenario says."""


async def play(scenario: Scenario, driver: Driver) -> None:
    """Play a scenario. Raises :class:`Disagreement`, naming the line, where it turns out otherwise."""
    stage = _Stage(driver)
    for step, following in zip(scenario.steps, (*scenario.steps[1:], None), strict=True):
        try:
            await stage.take(step)
            # A line that says "a hundred times" is checked once, or it would take a hundred times as long.
            if following is None or following.line != step.line:
                await driver.check()
        except AssertionError as difference:
            raise Disagreement(f"{scenario.source}:{step.line}: {difference}") from None
        except Exception as error:
            error.add_note(f"at {scenario.source}:{step.line}")
            raise


class _Stage:
    """Who has appeared so far, and which answers were given under which key."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._people: list[str] = []
        self._answers: dict[tuple[str, str], Outcome] = {}

    async def take(self, step: Step) -> None:
        """Do what a step says, or compare."""
        match step:
            case Act():
                await self.act(step)
            case Look():
                await self.look(step)
            case StateLook(_, kind, name, expected):
                _compare(expected, await self._driver.standing(kind, name))
            case BookLook(_, market, rows):
                waiting = {runner: cells for runner, cells in (await self._driver.book(market)).items() if any(cells)}
                _agree("the book", _drawn(waiting), _drawn(rows))
            case PositionsLook():
                await self.look_at_positions(step)
            case Wait(_, ns):
                await self._driver.wait(ns)
            case Restart():
                await self._driver.restart()
            case Idle(_, idle):
                await self._driver.idle(idle)

    async def act(self, act: Act) -> None:
        """Let somebody do something, and compare what comes of it."""
        outcome = await self._driver.do(act.deed, act.key)
        again = act.expected.result == SAME_ANSWER
        if again:
            assert act.key is not None, "only what has a key can be answered again"
            _agree("the answer", outcome, self._answers[actor_of(act.deed), act.key])
        else:
            _compare(act.expected, outcome)
        _agree("replayed", outcome.replayed, again)
        if act.key is not None:
            self._answers.setdefault((actor_of(act.deed), act.key), outcome)
        if isinstance(act.deed, Register) and outcome.result == "registered" and not outcome.replayed:
            self._people.append(act.deed.who)
        for who, money in act.expected.holdings:
            holding = await self._driver.holding(who, money.code, None)
            _agree(f"what {who} has", holding.cash, money.amount)

    async def look(self, look: Look) -> None:
        """Compare what everybody has in a currency."""
        self._know(*look.cash, *(who for amounts in look.aside.values() for who in amounts))
        for who in self._people:
            holding = await self._driver.holding(who, look.code, look.at)
            _agree(f"cash of {who}", holding.cash, look.cash.get(who, _nothing_of(holding.cash)))
            for kept, had in holding.aside.items():
                _agree(f"{kept} of {who}", had, look.aside[kept].get(who, _nothing_of(had)))

    async def look_at_positions(self, look: PositionsLook) -> None:
        """Compare what everybody's bets in a market can bring."""
        self._know(*(who for who, _ in look.rows))
        positions = {
            f"{who} | {runner}": cells
            for who in self._people
            for runner, cells in (await self._driver.position(who, look.market)).items()
        }
        said = {" | ".join(key): cells for key, cells in look.rows.items()}
        _agree("who can win and lose", _drawn(positions), _drawn(said))

    def _know(self, *names: str) -> None:
        strangers = set(names).difference(self._people)
        assert not strangers, f"nobody knows {', '.join(sorted(strangers))}"


def _nothing_of(amount: str) -> str:
    return amount.translate(str.maketrans("123456789", "000000000"))


def _drawn(rows: Mapping[str, Cells]) -> str:
    return "\n" + "\n".join(sorted(f"    {name} | {' | '.join(cells)}" for name, cells in rows.items())) + "\n"


def _compare(expected: Expected, outcome: Outcome) -> None:
    told = _told(outcome.facts)
    _agree("the result", f"{outcome.result}{told}", f"{expected.result}{told}")
    for name, value in expected.facts.items():
        _agree(name, outcome.facts.get(name), value)
    _agree("the number of parts", len(outcome.parts), len(expected.parts))
    for part, expected_part in zip(outcome.parts, expected.parts, strict=True):
        _compare(expected_part, part)


def _told(facts: Mapping[str, str]) -> str:
    return "".join(f", {name} {value}" for name, value in facts.items())


def _agree(what: str, had: object, said: object) -> None:
    assert had == said, f"{what} is {had}, and should be {said}"
