"""`evens deposit`, `withdraw` and `transfer`: money in, money out, and from one customer to another."""

from typing import Annotated

import typer

from evens.edges.cli.api import Answer, connect, is_user_id
from evens.edges.cli.options import (
    DATA_DIR,
    AmountArgument,
    CurrencyOption,
    DataOption,
    EffectiveOption,
    JsonOption,
    KeyOption,
    ReferenceOption,
    UrlOption,
    UserArgument,
)
from evens.edges.cli.screen import Screen, escape
from evens.edges.cli.wording import day_begin, money_text


def deposit(
    user: UserArgument,
    amount: AmountArgument,
    currency: CurrencyOption = None,
    reference: ReferenceOption = None,
    effective_at: EffectiveOption = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book money that came in for a customer."""
    with connect(data, url) as api:
        customer = api.find_user(user)
        body = {
            "user_id": customer["id"],
            "amount": amount,
            "currency": currency,
            "reference": reference,
            "effective_at": day_begin(effective_at) if effective_at is not None else None,
        }
        answer = api.post("/v1/deposits", body, key=key)
    _show(answer, "{amount} came in for {user}", customer["username"], as_json=as_json)


def withdraw(
    user: UserArgument,
    amount: AmountArgument,
    currency: CurrencyOption = None,
    destination: Annotated[
        str | None, typer.Option("--destination", metavar="TEXT", help="Where the money goes.")
    ] = None,
    reference: ReferenceOption = None,
    effective_at: EffectiveOption = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book money that went out to a customer.

    With a customer's own API key it is requested, and the money is set aside until an operator has paid it out.
    """
    with connect(data, url) as api:
        customer = api.find_user(user)
        body = {
            "user_id": customer["id"],
            "amount": amount,
            "currency": currency,
            "destination": destination,
            "reference": reference,
            "effective_at": day_begin(effective_at) if effective_at is not None else None,
        }
        answer = api.post("/v1/withdrawals", body, key=key)
    waits = answer.document["status"] == "pending"
    sentence = "{amount} is set aside to be paid out to {user}" if waits else "{amount} went out to {user}"
    _show(answer, sentence, customer["username"], as_json=as_json)


def transfer(
    payer: Annotated[str, typer.Argument(metavar="FROM", help="Who pays: username or usr_… id, or `me`.")],
    payee: Annotated[str, typer.Argument(metavar="TO", help="Who is paid: username or usr_… id.")],
    amount: AmountArgument,
    currency: CurrencyOption = None,
    memo: Annotated[str | None, typer.Option("--memo", metavar="TEXT", help="What it is for.")] = None,
    key: KeyOption = None,
    data: DataOption = DATA_DIR,
    url: UrlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Move money from one customer to another."""
    with connect(data, url) as api:
        customer = api.find_user(payer)
        by_id = is_user_id(payee)
        body = {
            "from_user_id": customer["id"] if payer != "me" else None,
            "to_user_id": payee if by_id else None,
            "to_username": None if by_id else payee,
            "amount": amount,
            "currency": currency,
            "memo": memo,
        }
        answer = api.post("/v1/transfers", body, key=key)
    _show(answer, f"{{user}} paid {{amount}} to {escape(payee)}", customer["username"], as_json=as_json)


def _show(answer: Answer, sentence: str, username: str, *, as_json: bool) -> None:
    screen = Screen(as_json=as_json)
    transaction = answer.document
    if as_json:
        screen.document(transaction)
        return
    amount = f"[bold]{money_text(transaction['amount'], transaction['currency'])}[/]"
    after = money_text(transaction["balance_after"], transaction["currency"])
    done = sentence.format(amount=amount, user=f"[bold]{escape(username)}[/]")
    screen.done(f"{done}; {escape(username)} has {after} now. [dim]{transaction['id']}[/]", replayed=answer.replayed)
