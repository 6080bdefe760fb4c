"""The core stays pure: no clock, chance, I/O, floats or order taken from sets, as DESIGN promises replay needs."""

from pathlib import Path

import pytest

from tests.house.purity import names_of_sets, violations

CORE = Path(__file__).resolve().parents[2] / "src" / "evens" / "core"


def test_the_core_breaks_no_rule_of_purity() -> None:
    sources = {path: path.read_text("utf-8") for path in sorted(CORE.rglob("*.py"))}
    set_names = frozenset[str]().union(*(names_of_sets(source) for source in sources.values()))
    found = [
        f"{path.relative_to(CORE)}:{violation.line}: {violation.rule}"
        for path, source in sources.items()
        for violation in violations(
            source,
            may_divide=path.is_relative_to(CORE / "values"),
            knows_calendar=path == CORE / "values" / "moments.py",
            set_names=set_names,
        )
    ]
    assert sources, "the core has no files: this test looks in the wrong place"
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "fee = 0.05",
        "odds = float(text)",
        "half = amount / 2",
        "amount /= 2",
        "half = amount // 2",
        "rest = amount % 3",
        "amount //= 2",
        "fee = round(amount)",
        "share, rest = divmod(amount, 3)",
        "import time",
        "from datetime import datetime, UTC",
        "begun = datetime.now(UTC)",
        "day = date.today",
        "import os.path",
        "import random",
        "import asyncio",
        "from uuid import uuid4",
        "import decimal",
        "import asyncpg",
        "from evens.store import journal",
        "import evens",
        "for account in {1, 2}: use(account)",
        "for account in set(accounts): use(account)",
        "for account in frozenset(accounts): use(account)",
        "ordered = [a for a in {b for b in accounts}]",
        "ordered = {a: 1 for a in set(accounts)}",
        "total = list(set(accounts))",
        "first = next(iter({1, 2}))",
        "both = [*{1, 2}]",
        "first, second = {1, 2}",
        "for name in left.keys() - right.keys(): use(name)",
        "for name in left.union(right): use(name)",
        "frozen: set[int] = make()\nfor customer in frozen: use(customer)",
        "class House:\n    frozen: set[int]\n\ndef f(house):\n    for customer in house.frozen: use(customer)",
        "def f(frozen: frozenset[int] | None):\n    return tuple(frozen)",
        "seen = set()\nseen.pop()",
        "names = ', '.join({'a', 'b'})",
        "key = hash(name)",
        "key = id(name)",
        "print(amount)",
        "def f():\n    global total\n    total = 1",
        "async def f(): ...",
    ],
)
def test_code_that_breaks_purity_is_found(source: str) -> None:
    assert violations(source) != []


@pytest.mark.parametrize(
    "source",
    [
        "amount = 5 * 3 - 2",
        "import hashlib\nfrom dataclasses import dataclass\nfrom evens.core.values import money",
        "for account in sorted({1, 2}): use(account)",
        "known = {1, 2}\nfound = 1 in known",
        "total = len(set(accounts))",
        "for name in accounts.keys(): use(name)",
        "unique = {a for a in set(accounts)}",
        "left = 7 - 3\nfor step in range(left): use(step)",
    ],
)
def test_pure_code_is_left_alone(source: str) -> None:
    assert violations(source) == []


@pytest.mark.parametrize("source", ["half = amount // 2", "rest = amount % 3", "fee = round(amount)"])
def test_values_may_divide_and_round(source: str) -> None:
    assert violations(source, may_divide=True) == []


def test_not_even_values_may_make_floats() -> None:
    assert violations("half = amount / 2", may_divide=True) != []


def test_a_set_declared_in_one_module_is_recognised_in_another() -> None:
    declared = names_of_sets("class House:\n    frozen: set[int]\n")
    assert violations("for customer in house.frozen: use(customer)", set_names=declared) != []


def test_a_violation_names_its_line() -> None:
    assert [violation.line for violation in violations("a = 1\nb = 2.0\n")] == [2]


def test_the_calendar_may_be_known_but_not_the_time() -> None:
    assert violations("from datetime import datetime", knows_calendar=True) == []
    assert violations("from datetime import datetime\nbegun = datetime.now()", knows_calendar=True) != []
    assert violations("import time", knows_calendar=True) != []
