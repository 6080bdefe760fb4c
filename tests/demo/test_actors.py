"""The simulator's customers and payments: the same every time, and within the rules."""

from itertools import islice

from evens.core.values.money import parse_amount
from evens.sim.actors import PAUSE_S_MAX, moves
from evens.sim.newcomers import newcomers

SCALES = {"USD": 2, "EUR": 2, "USDC": 6}


def test_a_larger_town_begins_with_the_smaller_one() -> None:
    town = newcomers(200)
    assert newcomers(40) == town[:40]
    assert len({customer.username for customer in town}) == 200


def test_every_newcomer_has_money_in_three_currencies() -> None:
    for customer in newcomers(100):
        assert sorted(currency for _, currency in customer.deposits) == ["EUR", "USD", "USDC"]
        assert all(parse_amount(amount, SCALES[currency]) > 0 for amount, currency in customer.deposits)


def test_the_same_seed_moves_the_same_money() -> None:
    names = [customer.username for customer in newcomers(10)]
    assert list(islice(moves(names), 500)) == list(islice(moves(names), 500))
    assert list(islice(moves(names, "another"), 500)) != list(islice(moves(names), 500))


def test_actors_pay_each_other_and_never_themselves() -> None:
    names = [customer.username for customer in newcomers(10)]
    made = list(islice(moves(names), 5000))
    kinds = [move.kind for move in made]
    assert set(kinds) == {"transfer", "deposit", "withdrawal"}
    assert kinds.count("transfer") > 4000
    for move in made:
        assert parse_amount(move.amount, SCALES[move.currency]) > 0
        assert 0 <= move.pause_s <= PAUSE_S_MAX
        assert (move.payee is not None) == (move.kind == "transfer")
        assert move.username in names
        assert move.payee != move.username
