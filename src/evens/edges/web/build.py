"""The files of the app's build, read once and kept in memory with what was compressed when it was built."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

INDEX: Final = "/index.html"
ASSETS: Final = "/assets/"

PACKAGED: Final = Path(__file__).parent / "dist"
"""Where a wheel has the build."""

_CHECKOUT: Final = Path(__file__).parents[4]
_IDENTITY: Final = ""
_SUFFIXES: Final = {"br": ".br", "gzip": ".gz"}
"""By encoding, the better one first: what the name of a compressed file ends in."""

_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
"""Ours, and not the machine's, which may know others."""


@dataclass(frozen=True, slots=True)
class Variant:
    """A file as it is sent: its bytes and the tag by which a browser asks whether they have changed."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class WebFile:
    """A file of the build, with its variants by content coding; the one under the empty name is as it is."""

    media_type: str
    variants: Mapping[str, Variant]

    @property
    def plain(self) -> Variant:
        """The file without compression."""
        return self.variants[_IDENTITY]

    def best(self, accepted: str) -> tuple[str, Variant]:
        """Return the smallest variant that a header ``Accept-Encoding`` takes, with its coding."""
        taken = _codings_in(accepted)
        coding = next((each for each in self.variants if each in taken), _IDENTITY)
        return coding, self.variants[coding]


@dataclass(frozen=True, slots=True)
class WebBuild:
    """All files of a build by the path at which they are served."""

    files: Mapping[str, WebFile]

    @property
    def index(self) -> WebFile:
        """The page that is the app."""
        return self.files[INDEX]


def find_build() -> WebBuild | None:
    """Return the build that this program comes with: in a wheel, or in a checkout where it was made."""
    return read_build(PACKAGED) or read_build(_CHECKOUT / "web" / "dist")


def read_build(folder: Path) -> WebBuild | None:
    """Return the build in a folder, ``None`` if there is none."""
    if not (folder / INDEX[1:]).is_file():
        return None
    paths = {f"/{path.relative_to(folder).as_posix()}": path for path in sorted(folder.rglob("*")) if path.is_file()}
    compressed = {f"{path}{suffix}" for path in paths for suffix in _SUFFIXES.values()}
    return WebBuild({path: _read(file) for path, file in paths.items() if path not in compressed and _is_served(file)})


def etag_of(body: bytes) -> str:
    """Return the tag of some bytes."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def _is_served(path: Path) -> bool:
    return path.suffix in _MEDIA_TYPES and not path.name.startswith(".")


def _read(path: Path) -> WebFile:
    plain = path.read_bytes()
    bodies: dict[str, bytes] = {}
    for coding, suffix in _SUFFIXES.items():
        compressed = path.with_name(path.name + suffix)
        if compressed.is_file():
            bodies[coding] = compressed.read_bytes()
    bodies[_IDENTITY] = plain
    return WebFile(_MEDIA_TYPES[path.suffix], {coding: Variant(body, etag_of(body)) for coding, body in bodies.items()})


def _codings_in(accepted: str) -> set[str]:
    """Return the content codings that a client takes; one with weight 0 it does not."""
    taken: set[str] = set()
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        weight = parameters.strip().removeprefix("q=").strip()
        if weight.strip("0.") or not parameters:
            taken.add(name.strip())
    return taken
