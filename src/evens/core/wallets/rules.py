"""The rules of the wallets, merged into the kernel."""

from typing import Final

from evens.core.commands import wallets as commands
from evens.core.events import wallets as events
from evens.core.rules import Rules, change_nothing
from evens.core.wallets import customers, deposit_limits, payments, reversals, withdrawals

RULES: Final = Rules(
    part="wallets",
    handlers={
        commands.RegisterCustomer: customers.register_customer,
        commands.FreezeCustomer: customers.freeze_customer,
        commands.UnfreezeCustomer: customers.unfreeze_customer,
        commands.ExcludeCustomer: customers.exclude_customer,
        commands.TagCustomer: customers.tag_customer,
        commands.SetDepositLimits: deposit_limits.set_deposit_limits,
        commands.Deposit: payments.deposit,
        commands.Withdraw: payments.withdraw,
        commands.RequestWithdrawal: withdrawals.request_withdrawal,
        commands.CompleteWithdrawal: withdrawals.complete_withdrawal,
        commands.RejectWithdrawal: withdrawals.reject_withdrawal,
        commands.Transfer: payments.transfer,
        commands.TransferBatch: payments.transfer_batch,
        commands.ReverseTransaction: reversals.reverse_transaction,
    },
    appliers={
        events.TransferRefused: change_nothing,
        events.CustomerRegistered: customers.apply_customer_registered,
        events.CustomerFrozen: customers.apply_customer_frozen,
        events.CustomerUnfrozen: customers.apply_customer_unfrozen,
        events.CustomerExcluded: customers.apply_customer_excluded,
        events.CustomerTagged: customers.apply_customer_tagged,
        events.DepositLimitsSet: deposit_limits.apply_deposit_limits_set,
        events.WithdrawalRequested: withdrawals.apply_withdrawal_requested,
        events.WithdrawalCompleted: withdrawals.apply_withdrawal_completed,
        events.WithdrawalRejected: withdrawals.apply_withdrawal_rejected,
        events.TransactionReversed: reversals.apply_transaction_reversed,
    },
    recalls={commands.SetDepositLimits: deposit_limits.recall_deposits},
)
