import pytest

from evens.core.values.ids import CustomerId
from evens.feeds.chain.evm.addresses import ExtendedKeyInvalid, ReceivingAddresses
from tests.feeds.chain.conftest import XPUB

XPRV = "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi"


def test_addresses_are_those_that_every_wallet_derives() -> None:
    """Pools 5: the same as the well-known accounts of the mnemonic, one per customer."""
    addresses = ReceivingAddresses(XPUB)
    assert addresses.address(CustomerId(0)) == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert addresses.address(CustomerId(1)) == "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


def test_no_two_customers_have_the_same_address() -> None:
    addresses = ReceivingAddresses(XPUB)
    ids = [*range(50), 2**31 - 1, 2**31, 2**31 + 1, 2**32, 2**48]
    found = [addresses.address(CustomerId(each)) for each in ids]
    assert len(set(found)) == len(ids)
    assert found == [ReceivingAddresses(XPUB).address(CustomerId(each)) for each in ids]


@pytest.mark.parametrize("text", [XPRV, XPUB[:-1] + "1", "", "a mnemonic of twelve words"])
def test_a_private_key_or_nonsense_is_refused_and_not_shown(text: str) -> None:
    """Pools 5: never a private key on the web host."""
    with pytest.raises(ExtendedKeyInvalid) as refused:
        ReceivingAddresses(text)
    assert not text or text[:20] not in str(refused.value)
