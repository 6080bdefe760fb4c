"""One address per customer, derived from an extended public key.

The address of customer 42 is the key's child ``0/42``: with the key of the account ``m/44'/60'/0'``, what every wallet
shows as the account's 43rd receiving address. Ids from 2³¹ on do not fit into one step, so their upper bits are the
first. Who has the wallet's seed finds every address again without any table of ours.
"""

from typing import Final

from bip_utils import (  # pyright: ignore[reportMissingTypeStubs]
    Base58ChecksumError,
    Bip32KeyError,
    Bip32PathError,
    Bip32Slip10Secp256k1,
    EthAddrEncoder,
)

from evens.core.values.ids import CustomerId

_STEP_BITS: Final = 31
_STEP_MASK: Final = (1 << _STEP_BITS) - 1


class ExtendedKeyInvalid(ValueError):
    """The text is no extended public key."""


class ReceivingAddresses:
    """The addresses below an extended public key. Raises :class:`ExtendedKeyInvalid`, whose text does not show it."""

    def __init__(self, xpub: str) -> None:
        try:
            key = Bip32Slip10Secp256k1.FromExtendedKey(xpub)
        except (Base58ChecksumError, Bip32KeyError, ValueError, IndexError) as error:
            raise ExtendedKeyInvalid("is no extended public key; it begins with xpub") from error
        if not key.IsPublicOnly():
            raise ExtendedKeyInvalid("is a private key, which must never be here; take the extended PUBLIC key")
        self._key = key

    def address(self, customer: CustomerId) -> str:
        """Return the customer's address, with the capitals that check it."""
        try:
            child = self._key.ChildKey(customer >> _STEP_BITS).ChildKey(customer & _STEP_MASK)
        except (Bip32KeyError, Bip32PathError) as error:  # one in 2**127, says BIP-32
            raise ExtendedKeyInvalid(f"has no address for customer {customer}") from error
        return EthAddrEncoder.EncodeKey(child.PublicKey().KeyObject())
