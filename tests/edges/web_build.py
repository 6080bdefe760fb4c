"""A small build of the browser app, which tests make themselves."""

import gzip
from pathlib import Path

INDEX = "<!DOCTYPE html>\n<html><head><title>Evens</title></head><body><script src='/assets/app-1a2b.js'></script>"
SCRIPT = "console.log('evens');\n" * 100
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
"""What a browser sends for a page."""


def write_build(folder: Path) -> None:
    """Write a build as `make web` would."""
    (folder / "assets").mkdir()
    (folder / "index.html").write_text(INDEX, "utf-8")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", "utf-8")
    (folder / "robots.txt").write_text("User-agent: *\n", "utf-8")
    script = folder / "assets" / "app-1a2b.js"
    script.write_text(SCRIPT, "utf-8")
    script.with_name("app-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    script.with_name("app-1a2b.js.br").write_bytes(b"brotli")
    (folder / "notes.md").write_text("not served", "utf-8")
