"""docs/origins.md tells the truth: every route, command, setting and page that it names is there."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

from evens.main import cli
from evens.settings import known_variables
from tests.house.layout import broken_links

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "origins.md"
MAKEFILE = ROOT / "Makefile"
EVENS = ROOT / "tests" / "edges" / "protocol" / "openapi.json"
LINE_PROVIDER = ROOT / "tests" / "line_provider" / "openapi.json"
"""Both documents are held against the services by the tests beside them."""

NOT_YET: dict[str, str] = {}
"""What is not built yet, each with a path that will be there when it is: then its rows are to be written anew."""

ASKED = {
    "1": ["GET /events", "POST /bet", "GET /bets", "docker compose"],
    "2": [
        *("GET /rounds/current", "POST /bets", "POST /users", "POST /wallets", "POST /withdrawals", "GET /tvl"),
        *("GET /health", "GET /metrics", "POST /simulate/deposit_webhook", "migrate", "seed --users N"),
        *("open-round --code", "lock-round --code", "settle-round --code --result AUTO", "bet --user --side --amount"),
        *("deposit", "withdraw", "tvl"),
    ],
    "3": [],
    "4": ["docker-compose up"],
    "5": ["bet matched"],
}
"""The endpoints and commands of the five systems, in the words of those who asked."""

SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[[^\]]+\]\([^)]+\)")
SETTING = re.compile(r"(EVENS_[A-Z_]+|REDIS_URL|DATABASE_URL)")
TARGET = re.compile(r"make ([a-z-]+)")
ROUTE = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (:8001)?(/\S*)")


@dataclass(frozen=True)
class Row:
    system: str
    asked: str
    here: str
    different: str


def rows(text: str) -> list[Row]:
    found: list[Row] = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        for line in re.findall(r"^\| (.*) \|$", section, re.MULTILINE):
            asked, here, different = (cell.strip() for cell in f"{line} ".split("|"))
            if asked != "asked for":
                found.append(Row(section[0], asked, here, different))
    return found


def routes(snapshot: Path) -> set[str]:
    paths: Mapping[str, Mapping[str, object]] = json.loads(snapshot.read_text("utf-8"))["paths"]
    return {f"{method.upper()} {path}" for path, operations in paths.items() for method in operations}


def is_command(words: str) -> bool:
    """Whether the program has this command, with these options."""
    _, *rest = words.split()
    command: Any = typer.main.get_command(cli)
    while rest and not rest[0].startswith("--"):
        command = getattr(command, "commands", {}).get(rest.pop(0))
    # A group of commands is none.
    parameters: list[Any] = [] if hasattr(command, "commands") else getattr(command, "params", [])
    return bool(parameters) and {*rest} <= {name for parameter in parameters for name in parameter.opts}


def is_there(claim: str) -> bool:
    """Whether a route, command, setting or target of make is there; whatever else stands in code claims nothing."""
    if route := ROUTE.fullmatch(claim):
        return f"{route[1]} {route[3]}" in routes(LINE_PROVIDER if route[2] else EVENS)
    if SETTING.fullmatch(claim):
        return claim in known_variables() or claim == "REDIS_URL"
    if target := TARGET.fullmatch(claim):
        return re.search(rf"^{target[1]}:", MAKEFILE.read_text("utf-8"), re.MULTILINE) is not None
    return is_command(claim) if claim.startswith("evens ") else True


def complaints(table: Iterable[Row]) -> list[str]:
    found: list[str] = []
    for row in table:
        claims = SPAN.findall(LINK.sub("", row.here))
        found += [
            f"{row.asked}: {claim} is not there"
            for claim in (*claims, *SPAN.findall(row.different))
            if not is_there(claim)
        ]
        found += [f"{row.asked}: {claim} is no route, command or setting" for claim in claims if not is_claim(claim)]
        product = row.here.removeprefix("not yet: ")
        if product == row.here:
            found += [] if claims or LINK.search(row.here) else [f"{row.asked}: is nowhere"]
        elif product not in NOT_YET:
            found.append(f"{row.asked}: waits for {product}, which nobody builds")
        elif f"GET {NOT_YET[product]}" in routes(EVENS):
            found.append(f"{row.asked}: {product} is there by now")
    return found


def is_claim(text: str) -> bool:
    return bool(ROUTE.fullmatch(text) or SETTING.fullmatch(text) or text.startswith("evens "))


def test_everything_that_was_asked_for_has_a_place_that_is_there() -> None:
    table = rows(PAGE.read_text("utf-8"))
    assert len(table) > 50
    assert complaints(table) == []
    assert broken_links(PAGE) == []


def test_no_endpoint_or_command_of_the_five_systems_is_left_out() -> None:
    table = rows(PAGE.read_text("utf-8"))
    named = {
        number: {span for row in table if row.system == number for span in SPAN.findall(row.asked)} for number in ASKED
    }
    assert {
        number: sorted({*asked} - named[number]) for number, asked in ASKED.items() if {*asked} - named[number]
    } == {}


def unnamed(page: str, known: Iterable[str]) -> list[str]:
    """Return which routes of the chain rail the page does not name: all of them were asked for."""
    rail = [route for route in known if route.split()[1].startswith(("/v1/chain/", "/v1/simulate/"))]
    return sorted(route for route in rail if f"`{route}`" not in page)


def test_every_route_of_the_chain_rail_has_a_row() -> None:
    page = PAGE.read_text("utf-8")
    assert unnamed(page, routes(EVENS)) == []
    assert "/v1/chain/wallet" in str(routes(EVENS))
    assert unnamed(page.replace("`POST /v1/simulate/deposits`", ""), routes(EVENS)) == ["POST /v1/simulate/deposits"]
    assert unnamed(page, ["GET /v1/chain/nowhere", "GET /v1/nowhere"]) == ["GET /v1/chain/nowhere"]


@pytest.mark.parametrize(
    ("here", "complaint"),
    [
        ("`GET /v1/nowhere`", "GET /v1/nowhere is not there"),
        ("`POST :8001/v1/users`", "POST :8001/v1/users is not there"),
        ("`DELETE /v1/users`", "DELETE /v1/users is not there"),
        ("`evens user forget`", "evens user forget is not there"),
        ("`evens user`", "evens user is not there"),
        ("`evens balance --when`", "evens balance --when is not there"),
        ("`EVENS_NOTHING`", "EVENS_NOTHING is not there"),
        ("`somewhere`", "somewhere is no route, command or setting"),
        ("somewhere", "is nowhere"),
        ("not yet: someday", "waits for someday, which nobody builds"),
    ],
)
def test_a_wrong_claim_is_found(here: str, complaint: str) -> None:
    assert complaints([Row("1", "it", here, "")]) == [f"it: {complaint}"]


def test_a_product_that_is_there_by_now_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(NOT_YET, "copying", "/v1/tvl")
    assert complaints([Row("2", "copies", "not yet: copying", "")]) == ["copies: copying is there by now"]


def test_every_figure_is_on_an_operators_page() -> None:
    pages = sorted((ROOT / "docs").glob("operating-*.md"))
    page = "".join(each.read_text("utf-8") for each in pages)
    assert [link for each in pages for link in broken_links(each)] == []
    made = re.compile(r'(?:Gauge|Counter|Histogram)\(\s*"((?:evens|line_provider)_[a-z_]+)"')
    figures = {name for path in (ROOT / "src").rglob("*.py") for name in made.findall(path.read_text("utf-8"))}
    assert len(figures) > 20
    assert {name for name in figures if name not in page} == set()


def typed(line: str) -> str:
    """Return the command of a line as it is typed, without its arguments, and with its options."""
    words, command = line.split("#", maxsplit=1)[0].split(), ["evens"]
    found: Any = typer.main.get_command(cli)
    for word in words[1:]:
        found = getattr(found, "commands", {}).get(word)
        # A command that is not there keeps its word, so that it is missed.
        if found is None and len(command) > 1:
            break
        command.append(word)
        if not hasattr(found, "commands"):
            break
    return " ".join([*command, *re.findall(r"(?<!\S)--[a-z-]+", line)])


def missing_commands(page: str) -> list[str]:
    """Return the lines of a page that type a command, or an option, that there is not."""
    joined = re.sub(r" \\\n\s+", " ", page)
    lines = [*SPAN.findall(joined), *re.findall(r"^ {4}(evens .*)$", joined, re.MULTILINE)]
    return [line for line in lines if line.startswith("evens ") and not is_command(typed(line))]


def test_every_command_on_the_operators_pages_is_there() -> None:
    pages = {path.name: path.read_text("utf-8") for path in (ROOT / "docs").glob("operating-*.md")}
    assert len(pages) > 2
    assert {name: missing for name, page in pages.items() if (missing := missing_commands(page))} == {}


@pytest.mark.parametrize(
    "line",
    [
        "evens nothing",
        "evens round",
        "evens round forget 20260105",
        "evens round list --colour",
        "evens tvl \\\n        --colour",
    ],
)
def test_a_wrong_command_on_a_page_is_found(line: str) -> None:
    page = f"Type `evens tvl` or\n\n    {line}\n    evens round list\n"
    assert len(missing_commands(page)) == 1
