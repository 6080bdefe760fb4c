"""Comparing names regardless of case, spaces and the encoding of accents."""

from unicodedata import normalize


def folded(name: str) -> str:
    """Return the form of a name that all its spellings share."""
    return " ".join(normalize("NFC", normalize("NFC", name).casefold()).split())
