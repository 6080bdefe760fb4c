"""`evens secret`: a server refuses another secret than the one that its database is used with, and rotating helps."""

from pathlib import Path

from evens.edges.cli.api import Api
from evens.edges.cli.server_file import Target
from tests.cli.program import call, run, running


def test_a_server_whose_secret_is_gone_does_not_start_and_says_what_to_do(tmp_path: Path) -> None:
    """Hold 8: the secret is not made anew in silence; rotating it is the way on, and keys go on working."""
    data = tmp_path / "data"
    assert call("migrate", "--data", str(data)).code == 0
    key = call("api-key", "create", "--role", "operator", "--data", str(data)).out.strip()
    (data / "secret").unlink()

    refused = run("serve", "--port", "0", "--data", str(data))

    assert (refused.code, refused.out) == (1, "")
    assert "'evens secret rotate'" in refused.err
    assert "Traceback" not in refused.err
    assert not (data / "secret").exists()
    doctor = call("doctor", "--data", str(data), "--json")
    assert doctor.code == 0, "the database does not run, so the doctor cannot look into it"
    rotated = call("secret", "rotate", "--data", str(data))
    assert rotated.code == 0
    assert "Restart every server" in rotated.out
    with running(["serve", "--port", "0"], data) as server, Api(Target(server.url, key)) as api:
        assert api.post("/v1/users", {"username": "ada"}).document["username"] == "ada"
        shown = server.ask("secret", "show")
        assert shown["earlier"] == []
        assert server.ask("secret", "rotate")["earlier"][0]["fingerprint"] == shown["in_use"]["fingerprint"]
        (data / "secret").write_text("ab" * 32)
        findings = {each["name"]: each for each in server.call("doctor", "--json").document["findings"]}
        assert not findings["secret in use"]["ok"]
