"""`evens round verify`: how anybody checks a round."""

from typing import Any, cast

import typer

from evens.edges.cli.api import Api, Document, connect
from evens.edges.cli.console_command import ConsoleCommand
from evens.edges.cli.failures import Refused
from evens.edges.cli.operations import Operations
from evens.edges.cli.options import DATA_DIR, DataOption, JsonOption, UrlOption
from evens.edges.cli.pools.committed_round import Proof, Published, earlier_codes, had_session
from evens.edges.cli.pools.paths import CodeArgument, PoolOption, find_pool, pool_path
from evens.edges.cli.pools.proven_results import Check
from evens.edges.cli.pools.verifying import check_proof, is_open
from evens.edges.cli.screen import Screen, escape


def register(rounds: typer.Typer, operations: Operations) -> None:
    """Add the command to those of rounds. The days of an exchange are asked of ``operations``, not of the server."""

    @rounds.command("verify", cls=ConsoleCommand)
    def verify(
        code: CodeArgument,
        pool: PoolOption = None,
        data: DataOption = DATA_DIR,
        url: UrlOption = None,
        as_json: JsonOption = False,
    ) -> None:
        """Check a round from its public proof: what it committed to, its result, and every payout."""
        with connect(data, url) as api:
            known = find_pool(api, pool)
            wanted = known["key"]
            proof = api.get(pool_path(wanted, "rounds", code, "proof"))
            before = _proof_before(api, wanted, proof)
        published = _published(operations, proof, known["closed"])
        checked = check_proof(proof, wanted, code, before, published)
        holds = all(each.holds for each in checked)
        screen = Screen(as_json=as_json)
        if as_json:
            screen.document({"code": code, "holds": holds, "checks": _listed(checked)})
        for each in () if as_json else checked:
            screen.say(f"{'[green]✓[/]' if each.holds else '[red]✗[/]'} {escape(each.text)}")
        if not holds:
            raise Refused(f"Round {code} does not hold.")


def _published(operations: Operations, proof: Proof, closed: list[str]) -> Published:
    """Return what is known of a round's days. Of what is no proof, and of no exchange that is known here, nothing."""
    said, days = proof.get("committed"), frozenset(closed)
    if not isinstance(said, dict) or is_open(proof):
        return Published(days)
    known = cast("dict[str, Any]", said)
    found = operations.round_days(str(known.get("running")), closed, str(known.get("code")))
    return Published(days) if found is None else Published(days, frozenset(found.before), found.is_session)


def _proof_before(api: Api, pool: str, proof: Proof) -> Proof | None:
    """Return the proof of the last round before one that had a session, if there is one."""
    for code in earlier_codes(proof):
        try:
            found = api.get(pool_path(pool, "rounds", code, "proof"))
        except Refused as refusal:
            if refusal.code != "round_unknown":
                raise
            continue
        if had_session(found):
            return found
    return None


def _listed(checked: list[Check]) -> list[Document]:
    return [{"holds": each.holds, "text": each.text} for each in checked]
