"""Amounts: text to minor units and back, always as the plain decimal reading has it, and nothing sloppy accepted."""

import re
from decimal import Decimal, localcontext

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evens.core.values.money import (
    AMOUNT_MINOR_MAX,
    SCALE_MAX,
    AmountInvalid,
    format_minor,
    parse_amount,
)

SCALES = st.integers(0, SCALE_MAX)
NUMBER_LIKE = st.from_regex(r"\A[-+]?[0-9]{0,22}(\.[0-9]{0,14})?([eE][0-9])?\s?\Z")


def naive_amount(text: str, scale: int) -> int | None:
    """Read an amount the slow way, digit by digit and with decimal.Decimal; None where it must be refused."""
    if any(letter not in "0123456789." for letter in text) or text.count(".") > 1:
        return None
    whole, dot, fraction = text.partition(".")
    if not whole or (dot and not fraction) or (len(whole) > 1 and whole[0] == "0") or len(fraction) > scale:
        return None
    with localcontext(prec=1000):
        minor = Decimal(text).scaleb(scale)
        return int(minor) if 0 < minor < Decimal(10) ** 18 else None


@given(minor=st.integers(1, AMOUNT_MINOR_MAX), scale=SCALES)
@example(minor=1, scale=SCALE_MAX)
@example(minor=AMOUNT_MINOR_MAX, scale=0)
@example(minor=AMOUNT_MINOR_MAX, scale=SCALE_MAX)
def test_what_is_written_is_read_back(minor: int, scale: int) -> None:
    assert parse_amount(format_minor(minor, scale), scale) == minor


@given(minor=st.integers(-(2**63), 2**63), scale=SCALES)
@example(minor=0, scale=2)
@example(minor=-1, scale=2)
def test_an_amount_is_written_as_the_decimal_it_is(minor: int, scale: int) -> None:
    text = format_minor(minor, scale)
    assert Decimal(text) == Decimal(minor).scaleb(-scale)
    assert len(text.partition(".")[2]) == scale
    assert re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", text)


@given(text=NUMBER_LIKE | st.text(max_size=50), scale=SCALES)
@example(text="10.50", scale=2)
@example(text="10.500", scale=2)
@example(text="0.5", scale=0)
@example(text="1.", scale=2)
@example(text="999999999999999999", scale=0)
@example(text="1000000000000000000", scale=0)
def test_a_text_is_read_exactly_if_the_naive_reading_accepts_it(text: str, scale: int) -> None:
    expected = naive_amount(text, scale)
    if expected is None:
        with pytest.raises(AmountInvalid):
            parse_amount(text, scale)
    else:
        assert parse_amount(text, scale) == expected


@pytest.mark.parametrize(
    ("text", "minor"),
    [("10.50", 1050), ("10.5", 1050), ("10", 1000), ("0.01", 1), ("9999999999999999.99", AMOUNT_MINOR_MAX)],
)
def test_missing_fraction_digits_count_as_zeros(text: str, minor: int) -> None:
    assert parse_amount(text, 2) == minor


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ".", ".5", "5.", "-1", "+1", " 1", "1 ", "1\n", "\n1", "1\x00", "01", "00.1", "1.2.3", "1,50", "1_000",
        "1e3", "1E-2", "0x10", "NaN", "nan", "inf", "Infinity", "-0", "ten", "１", "١", "½", "$1", "1 USD",
    ],
)  # fmt: skip
def test_anything_but_a_plain_decimal_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(AmountInvalid, match=re.escape('must be a plain positive decimal such as "10.50"')):
        parse_amount(text, 2)


@pytest.mark.parametrize("text", ["0", "0.0", "0.00"])
def test_zero_is_refused(text: str) -> None:
    with pytest.raises(AmountInvalid, match="must be greater than zero"):
        parse_amount(text, 2)


@pytest.mark.parametrize(("text", "scale"), [("1.000", 2), ("0.001", 2), ("1.0", 0), ("1.0000000", 6)])
def test_more_fraction_digits_than_the_scale_are_refused_even_if_zero(text: str, scale: int) -> None:
    with pytest.raises(AmountInvalid, match=f"has more than {scale} fraction digits"):
        parse_amount(text, scale)


def test_an_amount_above_the_largest_is_refused_with_the_largest() -> None:
    with pytest.raises(AmountInvalid, match=re.escape("must be at most 9999999999999999.99")):
        parse_amount("10000000000000000.00", 2)


@pytest.mark.parametrize("text", ["1" * 41, "1" * 400, "0." + "1" * 400, "x" * 41])
def test_a_text_of_absurd_length_is_refused_unread(text: str) -> None:
    with pytest.raises(AmountInvalid, match="has too many digits"):
        parse_amount(text, 2)
