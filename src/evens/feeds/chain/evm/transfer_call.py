"""The call that sends units of an ERC-20 token: what the signer signs, and what is tried out before."""

from typing import Final

_TRANSFER: Final = "0xa9059cbb"
"""The first four bytes of the hash of ``transfer(address,uint256)``."""


def transfer_data(recipient: str, units: int) -> str:
    """Return the call's data, in hexadecimal."""
    return f"{_TRANSFER}{int(recipient, 16):064x}{units:064x}"
