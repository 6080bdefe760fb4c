"""The scenario language is strict: what it cannot read it names by line, and a scenario that is wrong fails."""

import re

import pytest

from tests.scenarios.deeds import Act, Look, Restart
from tests.scenarios.kernel_driver import KernelDriver
from tests.scenarios.language import Unreadable, parse
from tests.scenarios.play import Disagreement, play
from tests.scenarios.wallets.deeds import Batch, Define, Money, Pay, PayIn, PayOut, Register, Request

HEAD = "currencies USD 2\ncustomers ann, bob\n"


def deeds_in(text: str) -> list[object]:
    return [step.deed for step in parse(text, "a.txt").steps if isinstance(step, Act)]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("ann dances", "nobody knows how to do 'ann dances'"),
        ("ann pays 1.00 USD to bob", 'a deed needs "-> " and what comes of it'),
        ("ann pays 1.00 USD to bob ->", 'a deed needs "-> " and what comes of it'),
        ("ann pays -1.00 USD to bob -> paid", "nobody knows how to do"),
        ("ann pays 1.00 USD to bob and cid -> paid", "nobody knows how to do"),
        ("bank deposits 1.00 USD to ann -> deposited", "nobody knows how to do"),
        ("ann pays 1.00 USD to bob, quickly -> paid", "nobody knows the condition 'quickly'"),
        ("ann pays 1.00 USD to bob, 3 times, with key k -> paid", "nobody knows the condition '3 times'"),
        ("ann pays 1.00 USD to bob, 0 times -> paid", "nobody knows the condition '0 times'"),
        ('ann pays 1.00 USD to bob, reference "x" -> paid', "a Pay has no reference"),
        ("ann requests 1.00 USD as w, effective 2024-01-31 -> pending", "a Request has no effective"),
        ("ann pays 1.00 USD to bob, effective 2024-02-30 -> paid", "a date is written like 2024-01-31"),
        ("ann pays 1.00 USD to bob, effective 2024-01-31T10:00:00 -> paid", "a date is written like 2024-01-31"),
        ("ann pays 1.00 USD to bob -> Paid!", "a result is one word, not 'Paid!'"),
        ("ann pays 1.00 USD to bob -> paid, well done sir", "a fact is a name and a value"),
        ("again with key k9 -> same answer", "again needs a key that was used before"),
        ("    ann pays 1.00 USD to bob", "an indented line belongs to a batch"),
        ("batch, some -> paid", 'a batch is "all or none" or "each on its own"'),
        ("batch, all or none -> paid", "a batch has payments, indented, in the lines below it"),
        ("batch -> paid", "nobody knows how to do 'batch'"),
        ("balances USD", "balances need a currency and amounts, not 'USD'"),
        ("balances USD  ann 1.00 -> right", "nobody knows how to do"),
        ("balances USD  ann", "a balance is a name and an amount, not 'ann'"),
        ("balances USD  ann 1.00 bob 2.00", "a balance is a name and an amount"),
        ("balances USD as of yesterday  ann 1.00", "a date is written like 2024-01-31"),
        ("restart -> restarted", "nobody knows how to do 'restart'"),
        ("currencies EUR 2", "is said before anything happens"),
        ("levels kernel", "levels come first"),
        ("customers a b", "a customer is one word, not 'a b'"),
    ],
)
def test_a_line_that_is_not_of_the_language_is_named(line: str, why: str) -> None:
    with pytest.raises(Unreadable, match=r"^a\.txt:3: .*" + re.escape(why)):
        parse(f"{HEAD}{line}\n", "a.txt")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("levels kernel, moon\n", 1),
        ("currencies USD\n", 1),
        ("batch, all or none -> paid\n    ann pays 1.00 USD to bob -> paid\n", 2),
        ("batch, each on its own -> decided\n    ann pays 1.00 USD to bob\n", 2),
        ("batch, all or none -> paid\n    ann pays 1.00 USD to bob, with key k\nrestart\n", 2),
        ("batch, all or none -> paid\n    desk freezes ann\nrestart\n", 2),
        ("batch, all or none\n    ann pays 1.00 USD to bob\nrestart\n", 1),
        ("batch, all or none, 2 times -> paid\n    ann pays 1.00 USD to bob\n", 1),
    ],
)
def test_the_line_at_fault_is_named_also_in_headers_and_batches(text: str, line: int) -> None:
    with pytest.raises(Unreadable, match=rf"^a\.txt:{line}: "):
        parse(text, "a.txt")


def test_comments_and_blank_lines_say_nothing() -> None:
    assert parse("# a comment\n\n   \nrestart # another\n", "a.txt").steps == (Restart(4),)


def test_quoted_text_may_hold_commas_and_number_signs() -> None:
    (paid,) = deeds_in('ann pays 1.00 USD to bob, memo "June, flat #3" -> paid, memo "June, flat #3"')
    assert paid == Pay("ann", "bob", Money("1.00", "USD"), None, "June, flat #3")


def test_deeds_carry_what_follows_them() -> None:
    text = (
        'import deposits 1.50 USD to ann, effective 2024-01-31, reference "r" -> deposited\n'
        'desk withdraws 1.00 USD from ann, destination "d", effective 1970-01-01T00:00:00+01:00 -> withdrawn\n'
        'ann requests 1 JPY as w, reference "r" -> pending\n'
        "desk defines GBP with 2 digits -> defined\n"
    )
    assert deeds_in(text) == [
        PayIn("ann", Money("1.50", "USD"), "import", 1_706_659_200_000_000_000, "r"),
        PayOut("ann", Money("1.00", "USD"), "desk", -3_600_000_000_000, None, "d"),
        Request("ann", Money("1", "JPY"), "w", "r"),
        Define("GBP", 2),
    ]


def test_a_repeated_line_counts_from_one() -> None:
    assert deeds_in("desk registers c{n}, with key k{n}, 3 times -> registered") == [
        Register("c1"),
        Register("c2"),
        Register("c3"),
    ]


def test_a_batch_ends_where_the_indentation_ends() -> None:
    steps = parse(
        "batch, all or none, with key k -> paid\n  ann pays 1 USD to bob\nagain with key k -> same answer", ""
    ).steps
    batch = Batch((Pay("ann", "bob", Money("1", "USD")),), atomic=True)
    assert [(step.line, step.deed, step.key) for step in steps if isinstance(step, Act)] == [
        (1, batch, "k"),
        (3, batch, "k"),
    ]


def test_a_look_names_cash_and_what_is_not_at_hand() -> None:
    (look,) = parse("balances USD as of 1970-01-01  ann 1.00 | withdrawing bob 2.00 | escrow cid 3.00\n", "a.txt").steps
    aside = {"withdrawing": {"bob": "2.00"}, "escrow": {"cid": "3.00"}, "owing": {}}
    assert look == Look(1, "USD", 0, {"ann": "1.00"}, aside)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("line", "difference"),
    [
        ("desk deposits 1.00 USD to ann -> withdrawn", "the result is deposited, and should be withdrawn"),
        ("desk deposits 1.00 USD to zoe -> deposited", "the result is customer_unknown, and should be deposited"),
        ("ann pays 6.00 USD to bob -> insufficient_funds, needed 6.01", "needed is 6.00, and should be 6.01"),
        ("ann pays 1.00 USD to bob -> paid, memo x", "memo is None, and should be x"),
        ("ann pays 1.00 USD to bob -> paid, bob has 2.00 USD", "what bob has is 1.00, and should be 2.00"),
        ("balances USD  ann 5.01", "cash of ann is 5.00, and should be 5.01"),
        ("balances USD  nothing", "cash of ann is 5.00, and should be 0.00"),
        ("balances USD  ann 5.00 | withdrawing ann 1.00", "withdrawing of ann is 0.00, and should be 1.00"),
        ("balances USD  ann 5.00 | zoe 0.00", "nobody knows zoe"),
        ("again with key k -> deposited", "replayed is True, and should be False"),
        ("desk deposits 6.00 USD to ann, with key k -> same answer", "the answer is Outcome"),
        ("batch, each on its own -> decided\n  ann pays 1.00 USD to bob -> same_customer", "the result is paid"),
    ],
)
async def test_a_scenario_that_is_wrong_fails_and_names_the_line(line: str, difference: str) -> None:
    scenario = parse(f"{HEAD}desk deposits 5.00 USD to ann, with key k -> deposited\n{line}\n", "a.txt")
    with pytest.raises(Disagreement, match=r"^a\.txt:4: " + re.escape(difference)):
        await play(scenario, KernelDriver(scenario.currencies))
