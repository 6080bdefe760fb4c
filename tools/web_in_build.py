"""Put the built browser app into wheels and source distributions, where there is one.

Hatchling runs this. It builds nothing: `make web` does, before. What was built from other sources than are here is
refused, because nobody would notice that a release has an old app.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_DIST = "web/dist"
_IN_WHEEL = "evens/edges/web/dist"


class CustomBuildHook(BuildHookInterface[Any]):
    """Hatchling finds it by this name."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add `web/dist` to what is built. An editable install reads it where it lies."""
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / _DIST / "index.html").is_file():
            print(f"There is no {_DIST}, so the browser app is not in this build; make web builds it.", file=sys.stderr)
            return
        if (root / "tools" / "build_web.py").is_file():
            sys.path.insert(0, self.root)
            from tools.build_web import is_fresh

            if not is_fresh(root):
                raise SystemExit(f"{_DIST} was built from other sources than these; run make web, then this again.")
        build_data["force_include"][str(root / _DIST)] = _IN_WHEEL if self.target_name == "wheel" else _DIST
