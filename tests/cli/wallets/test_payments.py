"""The payment commands: output, bookings and exit codes."""

from tests.cli.program import Server, call, run


def test_a_balances_service_works_from_end_to_end(server: Server) -> None:
    made = server.ask("user", "create", "ada", "--email", "ada@example.com")
    assert made["username"] == "ada"
    server.customer("bo")
    deposit = server.ask("deposit", "ada", "100.50", "--reference", "wire 7", "--effective-at", "2024-02-29")
    assert (deposit["amount"], deposit["reference"]) == ("100.50", "wire 7")
    assert deposit["effective_at"] == "2024-02-29T00:00:00Z"
    withdrawal = server.ask("withdraw", made["id"], "30", "--destination", "DE02 1203")
    assert (withdrawal["status"], withdrawal["balance_after"]) == ("completed", "70.50")
    transfer = server.ask("transfer", "ada", "bo", "12.5", "--memo", "lunch")
    assert (transfer["kind"], transfer["memo"], transfer["balance_after"]) == ("transfer", "lunch", "58.00")
    assert server.cash("bo") == "12.50"
    shown = server.ask("user", "show", "ada")
    assert shown["email"] == "ada@example.com"
    assert {wallet["currency"]: wallet["cash"] for wallet in shown["wallets"]}["USD"] == "58.00"
    items = server.ask("statement", "ada")["items"]
    assert [item["kind"] for item in items] == ["deposit", "withdrawal", "transfer"]
    assert [item["balance_after"] for item in items] == ["100.50", "70.50", "58.00"]


def test_a_balance_at_a_day_counts_what_took_effect_until_its_end(server: Server) -> None:
    server.customer("cleo")
    for day, amount in (("2024-03-01T23:59:59Z", "10"), ("2024-03-02", "5"), ("2024-02-28", "1")):
        server.ask("deposit", "cleo", amount, "--effective-at", day)
    at = {
        day: server.ask("balance", "cleo", "--currency", "USD", "--at", day)["cash"]
        for day in ("2024-02-27", "2024-02-28", "2024-03-01", "2024-03-02")
    }
    assert at == {"2024-02-27": "0.00", "2024-02-28": "1.00", "2024-03-01": "11.00", "2024-03-02": "16.00"}
    every = server.ask("balance", "cleo", "--at", "2024-02-28")["items"]
    assert {item["currency"]: item["cash"] for item in every}["USD"] == "1.00"


def test_a_statement_can_be_had_for_some_days_and_as_csv(server: Server) -> None:
    server.customer("dina")
    for day in ("2024-01-31", "2024-02-01", "2024-02-02", "2024-02-03"):
        server.ask("deposit", "dina", "1", "--effective-at", day, "--reference", day)
    items = server.ask("statement", "dina", "--from", "2024-02-01", "--to", "2024-02-02")["items"]
    assert [item["reference"] for item in items] == ["2024-02-01", "2024-02-02"]
    csv = server.call("statement", "dina", "--csv", "--from", "2024-02-02")
    assert csv.code == 0
    assert [line.split(",")[10] for line in csv.out.splitlines()] == ["reference", "2024-02-02", "2024-02-03"]


def test_the_same_key_books_once_and_says_so(server: Server) -> None:
    server.customer("emil", USD="50")
    first = server.ask("withdraw", "emil", "20", "--key", "payout-1")
    assert server.ask("withdraw", "emil", "20", "--key", "payout-1") == first
    assert "nothing was done twice" in server.call("withdraw", "emil", "20", "--key", "payout-1").out
    assert server.cash("emil") == "30.00"
    other = server.call("withdraw", "emil", "21", "--key", "payout-1")
    assert other.code == 1
    assert server.cash("emil") == "30.00"


def test_a_refusal_is_one_line_on_stderr_and_exit_code_1(server: Server) -> None:
    server.customer("fay", EUR="10")
    refused = server.call("withdraw", "fay", "10.01", "--currency", "EUR")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "✗ 10.01 EUR is needed and 10.00 EUR is available.\n"


def test_a_refusal_of_a_script_is_the_problem_document(server: Server) -> None:
    server.customer("gus", USDC="10")
    server.customer("ida")
    refused = server.call("transfer", "gus", "ida", "11", "--currency", "USDC", "--json")
    assert refused.code == 1
    problem = refused.document
    assert (problem["code"], problem["needed"], problem["available"]) == (
        "insufficient_funds",
        "11.000000",
        "10.000000",
    )


def test_a_wrong_value_is_refused_with_its_field(server: Server) -> None:
    refused = server.call("deposit", "me", "1")
    assert refused.code == 1
    assert "acts for no user" in refused.err
    server.customer("hana")
    refused = server.call("deposit", "hana", "1.234", "--currency", "EUR")
    assert refused.code == 1
    assert "amount" in refused.err
    assert "2 fraction digits" in refused.err


def test_an_unknown_user_is_refused_with_what_to_do_next(server: Server) -> None:
    refused = server.call("balance", "nobody")
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == "✗ There is no user called nobody. To make one: evens user create nobody\n"
    assert server.call("balance", "usr_999999").code == 1
    assert server.call("transfer", "nobody", "ada", "1").code == 1


def test_a_customers_own_key_moves_only_their_own_money(server: Server) -> None:
    server.customer("ivo", USD="40")
    server.customer("juno", USD="40")
    made = server.call("api-key", "create", "--role", "customer", "--user", "ivo")
    assert made.code == 0
    key = made.out.strip()
    assert server.ask("user", "show", "me", EVENS_API_KEY=key)["username"] == "ivo"
    assert server.ask("transfer", "me", "juno", "15", EVENS_API_KEY=key)["balance_after"] == "25.00"
    pending = server.ask("withdraw", "me", "5", EVENS_API_KEY=key)
    assert (pending["status"], pending["balance_after"]) == ("pending", "20.00")
    assert "set aside" in server.call("withdraw", "me", "5", EVENS_API_KEY=key).out
    balance = server.ask("balance", "me", "--currency", "USD", EVENS_API_KEY=key)
    assert (balance["cash"], balance["withdrawing"], balance["total"]) == ("15.00", "10.00", "25.00")
    assert server.call("balance", "juno", EVENS_API_KEY=key).code == 1
    assert "pending" in server.call("statement", "me", EVENS_API_KEY=key).out


def test_a_day_that_does_not_exist_is_a_misuse(server: Server) -> None:
    misused = server.call("balance", "ada", "--at", "2023-02-29")
    assert (misused.code, misused.out) == (2, "")
    assert misused.err == "✗ '2023-02-29' is no day and no time. Write 2026-11-20 or 2026-11-20T09:30:00Z.\n"


def test_a_mistyped_command_is_one_line_and_exit_code_2() -> None:
    for arguments, told in (
        (("depsit", "ada", "1"), "✗ No such command 'depsit'. Did you mean 'deposit'? Try: evens --help\n"),
        (("deposit", "ada"), "✗ Missing argument 'AMOUNT'. Try: evens deposit --help\n"),
        (("user",), "✗ Missing command. Try: evens user --help\n"),
        (("balance", "ada", "-5"), "✗ No such option: -5 Try: evens balance --help\n"),
    ):
        misused = call(*arguments)
        assert (misused.code, misused.out, misused.err) == (2, "", told)


def test_without_a_command_the_help_is_printed() -> None:
    helped = run()
    assert (helped.code, helped.err) == (0, "")
    for command in ("serve", "deposit", "import", "audit", "api-key"):
        assert command in helped.out


def test_a_payment_is_taken_back_once_and_what_is_gone_is_owed(server: Server) -> None:
    """Hold 17: `evens reverse` links the two, says what moved, and balances show what is owed."""
    server.customer("rolf")
    server.customer("runa")
    paid = server.ask("deposit", "rolf", "10")
    server.ask("transfer", "rolf", "runa", "4")
    back = server.call("reverse", paid["id"], "--reason", "charged back")
    assert back.code == 0
    assert "10.00 USD went back from rolf" in back.out
    wallet = server.ask("balance", "rolf", "--currency", "USD")
    assert (wallet["cash"], wallet["owed"]) == ("0.00", "4.00")
    assert "4.00" in server.call("balance", "rolf").out
    assert "Owed" in server.call("balance", "rolf").out
    assert "Owed" not in server.call("balance", "runa").out
    again = server.call("reverse", paid["id"], "--reason", "again")
    assert again.code == 1
    assert "reversed already" in again.err
    kinds = [(item["kind"], item["reversed_by"] is not None) for item in server.ask("statement", "rolf")["items"]]
    assert kinds == [("deposit", True), ("transfer", False), ("advance", False), ("reversal", False)]


def test_a_statement_goes_by_value_date_or_by_recording(server: Server) -> None:
    """Hold 23: by value date each row has the balance at that date, by recording that at the moment it was recorded."""
    server.customer("vera")
    server.ask("deposit", "vera", "990", "--effective-at", "2024-01-20")
    server.ask("deposit", "vera", "1", "--effective-at", "2024-01-01")
    assert [item["balance_after"] for item in server.ask("statement", "vera")["items"]] == ["1.00", "991.00"]
    recorded = server.ask("statement", "vera", "--recorded")["items"]
    assert [item["balance_after"] for item in recorded] == ["990.00", "991.00"]
    csv = server.call("statement", "vera", "--csv", "--from", "2024-01-01", "--to", "2024-01-01")
    assert [line.split(",")[8] for line in csv.out.splitlines()] == ["balance_after", "1.00"]


def test_an_id_is_an_id_and_with_an_at_sign_a_name_is_a_name(server: Server) -> None:
    """Hold 18: a customer who was called like another's id, or `me`, before that was refused gets nothing else."""
    server.customer("olga", USD="10")
    olga = server.ask("user", "show", "olga")["id"]
    server.customer("pavel")
    assert server.ask("user", "show", "@olga")["id"] == olga
    assert server.ask("transfer", "olga", "@pavel", "1")["counterparty_id"] == server.ask("user", "show", "pavel")["id"]
    assert server.ask("transfer", "@pavel", olga, "1")["counterparty_id"] == olga
    for payee in (f"@{olga}", "@me"):
        nobody = server.call("transfer", "olga", payee, "1")
        assert nobody.code == 1
        assert "no such recipient" in nobody.err
    refused = server.call("user", "create", olga)
    assert refused.code == 1
    assert "read as an id" in refused.err
