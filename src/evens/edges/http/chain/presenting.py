"""What arrivals and payouts look like from outside."""

from evens.core.values.moments import format_datetime
from evens.core.values.money import Currency, format_minor
from evens.core.values.public_ids import format_transaction_id, format_user_id
from evens.edges.http.chain import shapes
from evens.store.chain.rows import COINS, ChainDeposit, ChainWithdrawal


def present_deposit(row: ChainDeposit, currency: Currency) -> shapes.ChainDeposit:
    """Return an arrival, in the rail's currency."""
    arrival = row.arrival
    amount = None if arrival.amount_minor is None else format_minor(arrival.amount_minor, currency.scale)
    return shapes.ChainDeposit(
        id=f"arr_{row.id}",
        rail=row.rail,
        user_id=format_user_id(arrival.customer),
        address=arrival.address,
        tx_hash=arrival.tx_hash,
        index=None if arrival.ordinal == COINS else arrival.ordinal,
        block_number=arrival.block.number,
        token=arrival.token,
        sender=arrival.sender,
        units=str(arrival.units),
        amount=amount,
        dust=str(arrival.dust),
        currency=currency.code,
        status=row.status,
        reason=row.reason,
        transaction_id=None if row.transfer is None else format_transaction_id(row.transfer),
        found_at=format_datetime(row.found_at),
    )


def present_withdrawal(row: ChainWithdrawal, currency: Currency) -> shapes.ChainWithdrawal:
    """Return a payout, in the rail's currency."""
    return shapes.ChainWithdrawal(
        id=format_transaction_id(row.id),
        rail=row.rail,
        user_id=format_user_id(row.customer),
        destination=row.destination,
        amount=format_minor(row.amount_minor, currency.scale),
        currency=currency.code,
        status=row.status,
        reason=row.reason,
        tx_hash=row.tx_hash,
        block_number=row.block_number,
        taken_up_at=format_datetime(row.taken_at),
    )
