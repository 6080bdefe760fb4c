"""Composes the rail over an EVM chain. Whoever imports this has the libraries for chains in memory."""

from typing import Final

from evens.feeds.chain.evm.addresses import ExtendedKeyInvalid, ReceivingAddresses
from evens.feeds.chain.evm.node import EvmNode
from evens.feeds.chain.evm.payer import Payer, PayerSettings
from evens.feeds.chain.evm.rail import EvmRail, rail_name
from evens.feeds.chain.evm.signing import SignerClient
from evens.feeds.chain.evm.watcher import Watcher
from evens.program.chain import Desk
from evens.settings import Settings, SettingsInvalid

_GWEI: Final = 10**9


def open_rail(settings: Settings, desk: Desk) -> EvmRail:
    """Return the rail of complete settings. Raises :class:`SettingsInvalid` if the extended key is none."""
    url, chain_id, token, xpub = settings.chain_url, settings.chain_id, settings.chain_token, settings.chain_xpub
    # The settings are complete: that is checked where they are read.
    assert url is not None
    assert chain_id is not None
    assert token is not None
    assert xpub is not None
    node, name = EvmNode(url), rail_name(chain_id)
    watcher = Watcher(
        name,
        node,
        token,
        desk.deposits,
        desk.reports,
        desk.metrics,
        confirmations=settings.chain_confirmations,
        start=settings.chain_start_block,
    )
    payer = None
    if settings.chain_signer is not None:
        choices = PayerSettings(
            chain_id,
            token,
            settings.chain_confirmations,
            settings.chain_raise_fee_after_s,
            settings.chain_fee_gwei_max * _GWEI,
        )
        signer = SignerClient(settings.chain_signer)
        payer = Payer(name, node, signer, desk.withdrawals, desk.approving, desk.reports, desk.metrics, choices)
    try:
        addresses = ReceivingAddresses(xpub)
    except ExtendedKeyInvalid as error:
        raise SettingsInvalid(f"A setting is wrong: EVENS_CHAIN_XPUB: {error}.") from error
    return EvmRail(chain_id, token, node, addresses, watcher, desk.crediting, desk.approving, payer, desk.books)


async def close(rail: EvmRail) -> None:
    """Close every connection."""
    await rail.close()
