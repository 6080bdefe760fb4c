"""The settings about the chain rail: which chain and token, where node and signer are, what needs no operator."""

import re
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from evens.core.values.money import SCALE_MAX, parse_amount

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}", re.ASCII)
_NODE: Final = re.compile(r"https?://\S+", re.ASCII)
_XPUB: Final = re.compile(r"xpub[1-9A-HJ-NP-Za-km-z]{100,112}", re.ASCII)


def _check_address(text: str | None) -> str | None:
    if text is not None and _ADDRESS.fullmatch(text) is None:
        raise ValueError("must be an address: 0x and 40 hexadecimal digits")
    return text and text.lower()


def _check_node(text: str | None) -> str | None:
    if text is not None and _NODE.fullmatch(text) is None:
        raise ValueError("must be the address of a node, such as http://127.0.0.1:8545")
    return text


def _check_xpub(text: str | None) -> str | None:
    if text is not None and _XPUB.fullmatch(text) is None:
        raise ValueError("must be an extended PUBLIC key, which begins with xpub; a private key must never be here")
    return text


def _check_limit(text: str) -> str:
    if text != "0":
        parse_amount(text, SCALE_MAX)
    return text


class ChainSettings(BaseSettings):
    """What an operator chooses about the rail. With ``chain_rail`` off, nothing else counts."""

    chain_rail: Literal["off", "simulated", "evm"] = "off"
    """How customers pay in and out: not at all, by a rail that is only simulated, or by an EVM chain."""

    chain_currency: str = "USDC"
    """The currency of the rail."""

    chain_url: Annotated[str | None, AfterValidator(_check_node)] = None
    """The JSON-RPC address of the chain's node."""

    chain_id: int | None = Field(default=None, ge=1)
    """The number of the chain, which the node must confirm."""

    chain_token: Annotated[str | None, AfterValidator(_check_address)] = None
    """The contract of the one token that counts."""

    chain_xpub: Annotated[str | None, AfterValidator(_check_xpub)] = None
    """The extended public key that customers' addresses derive from."""

    chain_confirmations: int = Field(default=12, ge=1, le=500)
    """How many blocks must be on the chain, the one of the transfer counted, before a transfer counts."""

    chain_start_block: int | None = Field(default=None, ge=0)
    """The first block to read; by default the first one that is deep enough after the first start."""

    chain_every_s: float = Field(default=3.0, gt=0, allow_inf_nan=False)
    """How often the chain is read and payouts are moved on, in seconds."""

    chain_signer: Path | None = None
    """The Unix socket of `evens chain-signer`; without it, payouts wait."""

    chain_approval_limit: Annotated[str, AfterValidator(_check_limit)] = "0"
    """How much of a customer's payouts within 24 hours needs no operator; 0 is nothing."""

    chain_raise_fee_after_s: float = Field(default=120.0, gt=0, allow_inf_nan=False)
    """After how long a payout that is not mined is sent again with a higher fee, in seconds."""

    chain_fee_gwei_max: int = Field(default=300, ge=1)
    """The most to pay per gas, in gwei."""


def check_chain(settings: ChainSettings, currencies: frozenset[str]) -> None:
    """Raise ``ValueError`` for what a rail needs and is missing."""
    if settings.chain_rail == "off":
        return
    if settings.chain_currency not in currencies:
        raise ValueError(f"EVENS_CHAIN_CURRENCY: {settings.chain_currency!r} is none of EVENS_CURRENCIES; add it there")
    if settings.chain_rail == "evm":
        needed = ("chain_url", "chain_id", "chain_token", "chain_xpub")
        missing = [f"EVENS_{name.upper()}" for name in needed if getattr(settings, name) is None]
        if missing:
            raise ValueError(f"EVENS_CHAIN_RAIL=evm needs {', '.join(missing)}")
