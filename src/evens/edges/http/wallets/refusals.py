"""How refusals about customers, payments and withdrawals are presented."""

from typing import Final

from evens.core.wallets.reasons import WalletReason
from evens.core.wallets.withdrawals import PENDING_WITHDRAWALS_MAX
from evens.edges.http.protocol.refusals import Refusal

WALLET_REFUSALS: Final = (
    Refusal(WalletReason.USERNAME_TAKEN, 409, "This username is taken; choose another one."),
    Refusal(WalletReason.RECIPIENT_UNKNOWN, 404, "There is no such recipient; check the id or the username."),
    Refusal(
        WalletReason.SAME_CUSTOMER,
        422,
        "Payer and recipient are the same user; name another recipient.",
        field="to_user_id",
    ),
    Refusal(WalletReason.CUSTOMER_NOT_FROZEN, 409, "This user is not frozen."),
    Refusal(WalletReason.WITHDRAWAL_NOT_PENDING, 409, "This withdrawal is completed or rejected already."),
    Refusal(
        WalletReason.NOT_REVERSIBLE,
        409,
        "Only deposits, withdrawals and transfers can be reversed; correct the result of a market instead.",
    ),
    Refusal(
        WalletReason.ALREADY_REVERSED,
        409,
        "This transaction is reversed already; its `reversed_by` names the transaction that did it.",
    ),
    Refusal(
        WalletReason.PENDING_WITHDRAWALS_LIMIT,
        409,
        f"{PENDING_WITHDRAWALS_MAX} withdrawals are waiting already; ask again when one of them is decided.",
    ),
)
