"""When two names are the same: whatever the case of their letters, their spaces, and how accents are encoded."""

from unicodedata import normalize


def folded(name: str) -> str:
    """Return what all ways to write a name have in common."""
    return " ".join(normalize("NFC", normalize("NFC", name).casefold()).split())
