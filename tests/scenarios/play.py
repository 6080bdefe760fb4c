"""Playing a scenario: step by step, with everything that must always hold checked after each."""

from collections.abc import Mapping

from tests.scenarios.deeds import SAME_ANSWER, Act, Expected, Look, Register, Restart, Scenario, actor_of
from tests.scenarios.driver import Driver, Outcome


class Disagreement(AssertionError):
    """What happened is not what the scenario says."""


async def play(scenario: Scenario, driver: Driver) -> None:
    """Play a scenario. Raises :class:`Disagreement`, naming the line, where it turns out otherwise."""
    stage = _Stage(driver)
    for step in scenario.steps:
        try:
            match step:
                case Act():
                    await stage.act(step)
                case Look():
                    await stage.look(step)
                case Restart():
                    await driver.restart()
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
        strangers = {*look.cash, *look.withdrawing}.difference(self._people)
        assert not strangers, f"nobody knows {', '.join(sorted(strangers))}"
        for who in self._people:
            holding = await self._driver.holding(who, look.code, look.at)
            for part, said, had in (
                ("cash", look.cash, holding.cash),
                ("withdrawing", look.withdrawing, holding.withdrawing),
            ):
                nothing = had.translate(str.maketrans("123456789", "000000000"))
                _agree(f"{part} of {who}", had, said.get(who, nothing))


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
