"""What requests about the chain rail are made of."""

from typing import Annotated

from pydantic import Field

from evens.edges.http.protocol.bodies import Body, example
from evens.edges.http.protocol.texts import AmountText, UserId


class WalletBody(Body):
    """Whose address is wanted, and of which rail; left out, one's own of the rail that there is."""

    model_config = example(rail="simulated")

    rail: Annotated[str | None, Field(min_length=1, max_length=64)] = None
    user_id: UserId | None = None


class SimulatedDepositBody(Body):
    """What is said to have arrived."""

    model_config = example(user_id="usr_42", amount="10.50", tx_hash="0x51a7", index=0)

    user_id: UserId
    amount: AmountText
    tx_hash: Annotated[str, Field(pattern=r"^0x[0-9a-f]{1,64}$", examples=["0x51a7"])]
    index: Annotated[int, Field(ge=0, le=1_000_000)] = 0
