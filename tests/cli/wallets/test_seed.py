"""`evens seed`: creates each customer once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evens.sim.newcomers import newcomers
from tests.cli.program import Server, running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server without customers."""
    with running(["serve", "--port", "0"], tmp_path / "data") as server:
        yield server


def test_seeding_twice_makes_nothing_twice(server: Server) -> None:
    first = server.ask("seed", "--users", "5")
    assert (first["made"], first["there_before"], first["left_alone"]) == (5, 0, [])
    assert set(first["deposited"]) == {"USD", "EUR", "USDC"}
    again = server.ask("seed", "--users", "5")
    assert (again["made"], again["there_before"], again["deposited"]) == (0, 5, {})
    ada = newcomers(5)[0]
    assert [server.cash(ada.username, currency) for _, currency in ada.deposits] == [
        amount for amount, _ in ada.deposits
    ]


def test_a_larger_seeding_adds_to_a_smaller_one(server: Server) -> None:
    server.ask("seed", "--users", "5")
    more = server.ask("seed", "--users", "7")
    assert (more["made"], more["there_before"]) == (2, 5)


def test_an_existing_customer_of_the_same_name_is_not_changed(server: Server) -> None:
    name = newcomers(9)[-1].username
    server.customer(name)
    report = server.ask("seed", "--users", "9")
    assert report["left_alone"] == [name]
    assert [server.cash(name, currency) for currency in ("USD", "EUR", "USDC")] == ["0.00", "0.00", "0.000000"]
