"""How the house is laid out, as functions over paths and text: names, sizes, docstrings, links, addresses.

Each returns complaints in words, empty when all is well, so that each can be tested with something wrong.
"""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

EMPTY_NAMES = frozenset({"base", "common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"})
"""Module names that say nothing of what is inside."""

USUAL_NAMES = {
    "auditing": "audit",
    "body": "bodies",
    "dto": "bodies",
    "endpoints": "routes",
    "load": "loading",
    "loader": "loading",
    "models": "bodies",
    "presentation": "presenting",
    "presenter": "presenting",
    "projecting": "projections",
    "projection": "projections",
    "query": "queries",
    "reader": "queries",
    "reason": "reasons",
    "route": "routes",
    "router": "routes",
    "schemas": "bodies",
    "views": "presenting",
}
"""Other words for what every product has, and how the module is called in each product's room."""

MARKDOWN_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
CODE_BLOCK = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
CODE_SPAN = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
INDEX_ADDRESS = re.compile(
    r"(?:--)?(?:extra-)?index-url|--find-links|--trusted-host|pypi\.org|pythonhosted|registry\.npmjs|artifactory|/simple\b",
    re.IGNORECASE,
)


def empty_names(paths: Iterable[Path]) -> list[str]:
    """Complain about modules and packages whose name says nothing."""
    return [f"{path}: name it for what it does" for path in paths if EMPTY_NAMES & {path.stem, path.parent.name}]


def products_of(core: Path) -> list[str]:
    """Return the names of the products: the rooms of the core that have reasons of their own to refuse.

    What all reasons have in common is among the values.
    """
    return sorted(path.parent.name for path in core.glob("*/reasons.py") if path.parent.name != "values")


def incomplete_products(core: Path) -> list[str]:
    """Complain about products that have a room in the core, but no page of commands or of events."""
    pages = [core / kind / f"{product}.py" for product in products_of(core) for kind in ("commands", "events")]
    return [f"{page}: missing, though {page.stem} has a room" for page in pages if not page.exists()]


def unusual_names(paths: Iterable[Path], products: Iterable[str]) -> list[str]:
    """Complain about modules in a product's room whose name is not what other products' rooms call the same thing."""
    rooms = frozenset(products)
    return [
        f"{path}: elsewhere this is {USUAL_NAMES[path.stem]}.py"
        for path in paths
        if path.parent.name in rooms and path.stem in USUAL_NAMES
    ]


def rooms_without_source(tests: Path, source: Path) -> list[str]:
    """Complain about folders of tests that do not have the name of a room or of a module of what they test."""
    rooms = sorted({path.parent for path in tests.glob("*/*.py")})
    return [
        f"{room}: {source} has no {room.name}"
        for room in rooms
        if not (source / room.name).is_dir() and not (source / f"{room.name}.py").exists()
    ]


def long_files(sources: dict[Path, str], lines_max: int) -> list[str]:
    """Complain about files of more than `lines_max` lines."""
    lengths = {path: len(source.splitlines()) for path, source in sources.items()}
    return [f"{path}: {length} lines, at most {lines_max}" for path, length in lengths.items() if length > lines_max]


def long_functions(sources: dict[Path, str], lines_max: int) -> list[str]:
    """Complain about functions of more than `lines_max` lines, from `def` to the last line."""
    return [
        f"{path}:{node.lineno}: {node.name} has {(node.end_lineno or node.lineno) - node.lineno + 1} lines"
        for path, source in sources.items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (node.end_lineno or node.lineno) - node.lineno >= lines_max
    ]


def mentions_outside(sources: dict[Path, str], word: str, room: Path) -> list[str]:
    """Complain about files outside of `room` whose text, be it an import or a path, mentions `word`."""
    return [
        f"{path}:{number}: only {room} knows {word}"
        for path, source in sources.items()
        if not path.is_relative_to(room)
        for number, line in enumerate(source.splitlines(), 1)
        if word in line
    ]


def rooms_without_words(package: Path) -> list[str]:
    """Complain about folders with Python files but no `__init__.py`, or one that does not say what the room is for."""
    complaints: list[str] = []
    for folder in sorted({path.parent for path in package.rglob("*.py")}):
        door = folder / "__init__.py"
        if not door.exists():
            complaints.append(f"{folder}: no __init__.py")
        elif not ast.get_docstring(ast.parse(door.read_text("utf-8"))):
            complaints.append(f"{door}: no docstring")
    return complaints


def index_addresses(texts: dict[Path, str]) -> list[str]:
    """Complain about lines that name a package index or how to reach one."""
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if INDEX_ADDRESS.search(line)
    ]


def broken_links(page: Path) -> list[str]:
    """Complain about relative links of a Markdown page that lead to no file, or to no heading of a page."""
    prose = CODE_SPAN.sub("", CODE_BLOCK.sub("", page.read_text("utf-8")))
    complaints: list[str] = []
    for link in MARKDOWN_LINK.findall(prose):
        if ELSEWHERE.match(link):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists():
            complaints.append(f"{page}: {link} leads nowhere")
        elif anchor and target.suffix == ".md" and anchor not in anchors(target):
            complaints.append(f"{page}: {link} names no heading of {target.name}")
    return complaints


def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as the usual viewers derive them."""
    headings = HEADING.findall(CODE_BLOCK.sub("", page.read_text("utf-8")))
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)
