"""Evens: an open wagering platform with one ledger and three markets.

Every change is a command; the single writer puts commands in one order; a pure core decides them; the events
and their effects are one database transaction. The rooms of the house are the sub-packages: `core` (the rules),
`sequencer` (the single writer), `store` (the only SQL), `edges` (HTTP, CLI and jobs), `identity` (who is
calling), `feeds` (the outside world) and `sim` (seeded traffic).
"""

__version__ = "0.1.0"
"""The version that `evens --version`, `GET /version` and the wheel report; pyproject.toml reads it from here."""
