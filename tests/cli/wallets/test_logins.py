"""`evens user reset-password`, `role` and `remove-second-factor`."""

import httpx2

from tests.cli.program import Server

PASSWORD = "correct horse"


def log_in(server: Server, login: str) -> httpx2.Response:
    return httpx2.post(f"{server.url}/v1/auth/login", json={"login": login, "password": PASSWORD})


def test_a_customer_gets_a_password_by_a_token_from_the_command_line(server: Server) -> None:
    """Hold 19: the command line hands out a reset token."""
    server.ask("user", "create", "ada")
    assert log_in(server, "ada").status_code == 401
    made = server.ask("user", "reset-password", "ada")
    body = {"token": made["token"], "new": PASSWORD}
    assert httpx2.post(f"{server.url}/v1/auth/reset", json=body).status_code == 204
    assert log_in(server, "ada").status_code == 200
    told = server.call("user", "reset-password", "ada").out
    assert "Hand this token to ada." in told
    assert any(line.startswith("evp_") for line in told.splitlines())
    refused = server.call("user", "reset-password", "ada", "--mail")
    assert refused.code == 1
    assert "EVENS_SMTP_URL" in refused.err
    assert server.call("user", "reset-password", "nobody").code == 1


def test_a_user_becomes_an_operator_and_loses_a_second_factor(server: Server) -> None:
    server.ask("user", "create", "bob")
    token = server.ask("user", "reset-password", "bob")["token"]
    httpx2.post(f"{server.url}/v1/auth/reset", json={"token": token, "new": PASSWORD})
    assert "bob logs in as operator from now on." in server.call("user", "role", "bob", "operator").out
    bearer = {"Authorization": f"Bearer {log_in(server, 'bob').json()['access_token']}"}
    assert httpx2.get(f"{server.url}/v1/me", headers=bearer).json()["role"] == "operator"
    assert server.call("user", "role", "bob", "service").code == 2
    assert server.call("user", "remove-second-factor", "bob").code == 1
    httpx2.post(f"{server.url}/v1/me/totp", headers=bearer)
    assert "bob logs in with the password alone." in server.call("user", "remove-second-factor", "bob").out
