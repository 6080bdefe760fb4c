"""Tokens with more digits than the currency, or fewer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.feeds.chain.evm.node import Log
from evens.feeds.chain.evm.token import TRANSFER_TOPIC, Scales, Transferred, read_transfer, says_yes
from evens.feeds.chain.evm.transfer_call import transfer_data
from tests.conftest import Stage
from tests.feeds.chain.chain import Chain, Token, call_data, deploy
from tests.feeds.chain.conftest import CONFIRMATIONS, Quay

pytestmark = pytest.mark.anyio


@given(st.integers(0, 2**256 - 1), st.integers(0, 36), st.integers(0, 12))
def test_minor_units_and_dust_are_all_that_there_was(units: int, token: int, currency: int) -> None:
    minor, dust = Scales(token, currency).minor(units)
    assert minor * 10**token + dust * 10**currency == units * 10**currency
    assert 0 <= dust < 10 ** max(token - currency, 0)


@given(st.integers(1, 10**18), st.integers(0, 36), st.integers(0, 12))
def test_what_is_paid_out_is_exactly_the_amount_or_nothing(minor: int, token: int, currency: int) -> None:
    scales = Scales(token, currency)
    units = scales.units(minor)
    if units is None:
        assert minor % 10 ** (currency - token)
    else:
        assert scales.minor(units) == (minor, 0)


@given(st.integers(1, 2**160 - 1), st.integers(0, 2**256 - 1))
def test_the_call_is_what_a_compiler_would_make_of_it(recipient: int, units: int) -> None:
    address = f"0x{recipient:040x}"
    assert transfer_data(address, units) == call_data("transfer(address,uint256)", address, units)


def test_only_a_log_of_an_erc20_transfer_is_one() -> None:
    word, sender, recipient = "0" * 24, "aa" * 20, "bb" * 20
    topics = (TRANSFER_TOPIC, f"0x{word}{sender}", f"0x{word}{recipient}")
    log = Log("0xcc", topics, "0x" + "00" * 31 + "07")
    assert read_transfer(log) == Transferred("0xcc", f"0x{sender}", f"0x{recipient}", 7)
    assert read_transfer(Log("0xcc", (*topics, topics[2]), "0x")) is None  # a collectible's
    assert read_transfer(Log("0xcc", topics, "0x")) is None
    assert read_transfer(Log("0xcc", ("0x00", *topics[1:]), log.data)) is None
    assert read_transfer(Log("0xcc", (), log.data)) is None


@pytest.mark.parametrize(("answer", "is_yes"), [(b"", True), (b"\0" * 31 + b"\1", True), (b"\0" * 32, False)])
def test_tokens_say_yes_in_two_ways(answer: bytes, is_yes: bool) -> None:
    assert says_yes(answer) is is_yes


class TestEighteenDigits:
    """A token of 18 digits for a currency of 6."""

    @pytest.fixture
    async def token(self, chain: Chain) -> Token:
        return deploy(chain, "DAI", 18)

    async def test_whole_micro_units_are_credited_and_the_dust_is_recorded(self, quay: Quay, stage: Stage) -> None:
        """Pools 5: tokens of 18 decimals credit whole micro-units and record the dust."""
        ann = await stage.customer("ann")
        address = await quay.address(ann)
        quay.token.transfer(address, 1_500_000_000_000_000_007)
        quay.token.transfer(address, 999_999_999_999)
        quay.chain.mine(CONFIRMATIONS)
        await quay.rail.watch()
        assert quay.cash(ann) == 1_500_000
        rows = await quay.desk.deposits.deposits(ann, None, ignored=True, before=2**62, limit=9)
        assert [(row.status, row.reason, row.arrival.dust) for row in reversed(rows)] == [
            ("credited", None, 7),
            ("ignored", "dust", 999_999_999_999),
        ]

    async def test_more_than_any_amount_stops_nothing(self, quay: Quay, stage: Stage) -> None:
        ann = await stage.customer("ann")
        address = await quay.address(ann)
        quay.token.mint(address, 2**250)
        quay.token.transfer(address, 10**18)
        quay.chain.mine(CONFIRMATIONS)
        await quay.rail.watch()
        assert quay.cash(ann) == 1_000_000
        assert (await quay.arrivals())[0] == ("ignored", "too_large", None)
