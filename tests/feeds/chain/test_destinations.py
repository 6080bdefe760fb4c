"""Where payouts go: to customers of the house itself, and to addresses that are nobody's."""

import pytest

from evens.core.values.ids import AccountClass, CustomerId
from evens.feeds.chain.evm.signing import SignerClient
from evens.store.auditing.audit import audit
from tests.feeds.chain.chain import deploy
from tests.feeds.chain.conftest import CONFIRMATIONS, Quay, signing
from tests.folders import passable_folder

pytestmark = pytest.mark.anyio

WITHDRAWING = AccountClass.WITHDRAWING
RICH = 10**15


@pytest.fixture
async def ann(quay: Quay) -> CustomerId:
    return await quay.stage.customer("ann", USDC=RICH)


async def pay(quay: Quay, customer: CustomerId, amount_minor: int, destination: str) -> tuple[str, str | None]:
    """Pay a withdrawal as far as it goes, and credit what has arrived; return how it stands."""
    asked = await quay.request(customer, amount_minor, destination)
    await quay.desk.approving.take_up()
    await quay.desk.withdrawals.approve(asked, "operator:test")
    for _ in range(2):
        await quay.rail.pay()
        quay.chain.mine(CONFIRMATIONS)
        await quay.rail.watch()
    await quay.rail.pay()
    assert (await audit(quay.stage.dsns.app)).problems == []
    return await quay.status(asked)


@pytest.mark.parametrize("to_oneself", [False, True])
async def test_a_payout_to_a_customers_own_address_is_a_payout_and_a_deposit(
    quay: Quay, ann: CustomerId, to_oneself: bool
) -> None:
    """Pools 5: destination is our own deposit address: it leaves once, and is credited once."""
    bob = await quay.stage.customer("bob")
    payee = ann if to_oneself else bob
    address = await quay.address(payee)
    before = quay.token.balance(address)
    assert await pay(quay, ann, 7_000_000, address) == ("confirmed", None)
    assert quay.token.balance(address) - before == 7_000_000
    assert (quay.cash(ann), quay.cash(bob)) == ((RICH, 0) if to_oneself else (RICH - 7_000_000, 7_000_000))
    assert (quay.cash(ann, WITHDRAWING), quay.outside()) == (0, 0)
    assert await quay.arrivals() == [("credited", None, 7_000_000)]


async def destinations(quay: Quay, signer: str) -> dict[str, str]:
    mixed = quay.rail.address(CustomerId(1))
    return {
        "the token": quay.token.address,
        "nobody": "0x" + "00" * 20,
        "the signer itself": signer,
        "the signer itself, in capitals": "0x" + signer[2:].upper(),
        "mistyped": mixed[:-1] + ("0" if mixed[-1] != "0" else "1"),
        "capitals swapped": "0x" + mixed[2:].swapcase(),
    }


async def test_what_would_be_lost_is_returned(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: the token's contract, the zero address, the signer's own, and an address whose capitals do not check."""
    assert quay.settings.chain_signer is not None
    signer = (await SignerClient(quay.settings.chain_signer).identity()).address
    for name, destination in (await destinations(quay, signer)).items():
        assert await pay(quay, ann, 5, destination) == ("returned", "destination_invalid"), name
    assert (quay.cash(ann), quay.cash(ann, WITHDRAWING), quay.chain.waiting()) == (RICH, 0, [])


@pytest.mark.parametrize("style", [str.lower, str.upper])
async def test_an_address_without_capitals_to_check_is_paid(quay: Quay, ann: CustomerId, style: object) -> None:
    assert callable(style)
    to = "0x" + str(style("ab" * 20))
    assert await pay(quay, ann, 5, to) == ("confirmed", None)
    assert quay.token.balance(to.lower()) == 5


async def test_the_largest_and_the_smallest_amount_are_exact(quay: Quay, ann: CustomerId) -> None:
    """Pools 5: 10¹⁵ and one micro-unit, to the last digit."""
    assert quay.settings.chain_signer is not None
    signer = (await SignerClient(quay.settings.chain_signer).identity()).address
    quay.token.mint(signer, RICH)
    quay.chain.mine()
    to = "0x" + "c0" * 20
    assert await pay(quay, ann, RICH - 1, to) == ("confirmed", None)
    assert await pay(quay, ann, 1, to) == ("confirmed", None)
    assert (quay.token.balance(to), quay.cash(ann), quay.outside()) == (RICH, 0, RICH)


@pytest.mark.parametrize(("decimals", "units"), [(18, 7 * 10**12), (2, None)])
async def test_a_token_of_another_scale_pays_the_amount_or_nothing(
    quay: Quay, ann: CustomerId, decimals: int, units: int | None
) -> None:
    """Pools 5: tokens of 18 decimals; and one whose last digit is larger than what is to be paid."""
    token = deploy(quay.chain, decimals=decimals)
    to = "0x" + "d0" * 20
    with passable_folder() as folder:
        async with signing(quay.chain, token, folder) as place:
            token.mint((await SignerClient(place).identity()).address, 10**30)
            quay.chain.mine()
            changed = {"chain_token": token.address, "chain_signer": place}
            quay.settings = quay.settings.model_copy(update=changed)
            await quay.restart()
            outcome = await pay(quay, ann, 7, to)
            assert outcome == (("returned", "token_too_coarse") if units is None else ("confirmed", None))
            assert (quay.cash(ann), token.balance(to)) == ((RICH, 0) if units is None else (RICH - 7, units))
            assert await pay(quay, ann, 70_000, to) == ("confirmed", None)
    assert token.balance(to) == (units or 0) + 7 * 10 ** (decimals - 2)
