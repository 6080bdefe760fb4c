"""`make check`: everything but the tests. The types take as long as all the rest, so they are looked at beside it."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
BIN: Final = Path(sys.executable).parent

TYPES: Final = ("pyright",)
OTHERS: Final[Sequence[tuple[str, ...]]] = (
    ("ruff", "format", "--check", "--quiet", "."),
    ("ruff", "check", "--quiet", "."),
    ("lint-imports", "--no-logo"),
    ("deptry", "src"),
    ("squawk", *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("src/*/**/migrations/*.sql")))),
)


def main() -> int:
    """Run every check to its end, say what each said, and return 1 if any is not satisfied."""
    types = subprocess.Popen(_command(TYPES), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    failed = [_title(check) for check in OTHERS if not _passes(check)]
    said, _ = types.communicate()
    print(_title(TYPES), said, sep="\n", end="", flush=True)
    if types.returncode:
        failed.append(_title(TYPES))
    print(f"Not satisfied: {', '.join(failed)}." if failed else "All checks passed.")
    return 1 if failed else 0


def _passes(check: Sequence[str]) -> bool:
    print(_title(check), flush=True)
    return subprocess.run(_command(check), cwd=ROOT, check=False).returncode == 0


def _command(check: Sequence[str]) -> list[str]:
    return [str(BIN / check[0]), *check[1:]]


def _title(check: Sequence[str]) -> str:
    return " ".join([word for word in check[:2] if not word.startswith("-") and not word.endswith(".sql")])


if __name__ == "__main__":
    sys.exit(main())
