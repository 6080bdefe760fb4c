"""How files say what is to be booked: our own columns, those of well-known exports, and whatever the options name.

A shape maps **fields** (what a row means) to columns (what a file calls it). The fields are ``date``, ``time``,
``zone`` and ``order`` (what rows are sorted by, if not the date); ``account``, ``kind``, ``reference`` and
``currency``; and ``amount``, or ``in`` and ``out``, less ``fee``.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from evens.edges.cli.failures import Misused
from evens.edges.cli.wallets.import_values import AUTO, ISO, read_format

MAPPED: Final = ("date", "time", "account", "kind", "amount", "in", "out", "fee", "reference", "currency")
"""The fields that ``--map`` can name."""

_ALIASES: Final = {"effective_date": "date", "effective_at": "date"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a file looks like.

    ``columns`` has for each field the names it may have, in lower case, of which the first that is there counts.
    ``formats`` are those of dates, and ``choices`` further ones, of which one holds for the whole file. ``signed``: a
    negative amount is a withdrawal, and amounts may have zeros at their end. ``account`` is whose the rows are if no
    column says so. ``booked`` has columns, if they are there, and what they say of rows that are to be booked.
    ``derives_reference``: without a column for it, a row's reference follows from everything that the row says.
    """

    columns: Mapping[str, tuple[str, ...]]
    formats: tuple[str, ...] = (ISO,)
    choices: tuple[str, ...] = ()
    decimal: str | None = None
    signed: bool = False
    account: str | None = None
    booked: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    derives_reference: bool = False
    skip_lines: int = 0


class Preset(StrEnum):
    """The exports that are known by name."""

    REVOLUT = "revolut"
    N26 = "n26"
    PAYPAL = "paypal"
    WISE = "wise"
    MONZO = "monzo"
    BETFAIR = "betfair"
    EVENS = "evens"


OWN: Final = Shape(
    {
        "date": ("effective_date",),
        "at": ("effective_at",),
        "account": ("account",),
        "kind": ("kind",),
        "amount": ("amount",),
        "reference": ("reference",),
        "currency": ("currency",),
    }
)
"""A file that was written for `evens import`."""

_AMOUNT: Final = {"amount": ("amount",), "currency": ("currency",)}

PRESETS: Final[Mapping[Preset, Shape]] = {
    Preset.REVOLUT: Shape(
        {"date": ("completed date", "date completed (utc)", "started date"), "fee": ("fee",), **_AMOUNT},
        formats=("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", ISO),
        decimal=".",
        booked={"state": frozenset({"completed"})},
    ),
    Preset.N26: Shape(
        {"date": ("value date", "date", "valuta", "datum", "booking date"), "amount": ("amount", "betrag")},
        decimal=".",
    ),
    Preset.PAYPAL: Shape(
        {
            "date": ("date", "datum"),
            "time": ("time", "uhrzeit"),
            "zone": ("timezone", "time zone", "zeitzone"),
            "amount": ("net", "netto"),
            "currency": ("currency", "währung"),
            "reference": ("transaction id", "transaktionscode"),
        },
        formats=("%d.%m.%Y %H:%M:%S", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S"),
        choices=("%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S"),
        decimal=AUTO,
        booked={
            "status": frozenset({"completed", "abgeschlossen"}),
            "balance impact": frozenset({"credit", "debit"}),
            "auswirkung auf guthaben": frozenset({"haben", "soll"}),
        },
    ),
    Preset.WISE: Shape(
        {"date": ("date time", "date"), "reference": ("transferwise id", "wise id", "id"), **_AMOUNT},
        formats=("%d-%m-%Y %H:%M:%S.%f", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y", ISO),
        decimal=".",
    ),
    Preset.MONZO: Shape(
        {"date": ("date",), "time": ("time",), "reference": ("transaction id",), **_AMOUNT},
        formats=("%d/%m/%Y %H:%M:%S", "%d/%m/%Y", ISO),
        decimal=".",
    ),
    Preset.BETFAIR: Shape(
        {
            "date": ("settled date", "settled", "date", "itemdate", "time"),
            "reference": ("ref id", "refid", "ref. id", "reference"),
            "amount": ("amount", "profit/loss"),
            "in": ("money in", "in"),
            "out": ("money out", "out"),
            "currency": ("currency",),
        },
        formats=("%d-%b-%y %H:%M:%S", "%d-%b-%y %H:%M", "%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M", "%d-%b-%y",
                 "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S", ISO),
        decimal=".",
    ),
    Preset.EVENS: Shape(
        {
            "date": ("effective_at",),
            "order": ("recorded_at",),
            "account": ("account",),
            "kind": ("direction",),
            "amount": ("amount",),
            "currency": ("currency",),
            "reference": ("id",),
        },
    ),
}  # fmt: skip
_STATEMENT: Final = frozenset({"recorded_at", "effective_at", "id", "direction", "amount", "balance_after"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options say about the file, as they were written."""

    preset: Preset | None = None
    columns: Sequence[str] = ()
    date_format: str | None = None
    decimal: str | None = None
    signed: bool = False
    skip_lines: int = 0
    account: str | None = None


def shape_of(asked: Asked, columns: Sequence[str]) -> Shape:
    """Return the shape of a file with these columns. Raises :class:`Misused` for options that mean nothing."""
    preset = asked.preset
    if preset is None and not asked.columns and {name.lower() for name in columns} >= _STATEMENT:
        preset = Preset.EVENS
    shape = OWN if preset is None else PRESETS[preset]
    if preset not in {None, Preset.EVENS}:
        assert preset is not None
        shape = replace(shape, signed=True, derives_reference=True, account=preset.value)
    mapped = _read_mapping(asked.columns)
    if mapped:
        shape = replace(shape, columns=_merge(shape.columns, mapped), derives_reference=True)
    if asked.date_format is not None:
        try:
            shape = replace(shape, formats=(read_format(asked.date_format),), choices=())
        except ValueError as error:
            advice = "Write one such as DD.MM.YYYY or %d.%m.%Y."
            raise Misused(f"--date-format {asked.date_format!r} is no format of dates.", advice) from error
    if asked.decimal is not None:
        if asked.decimal not in {".", ","}:
            raise Misused(f"--decimal {asked.decimal!r} is no decimal mark.", "Write --decimal , or --decimal .")
        shape = replace(shape, decimal=asked.decimal)
    signed = shape.signed or asked.signed or "in" in mapped or "out" in mapped
    return replace(
        shape,
        signed=signed,
        account=asked.account or shape.account,
        derives_reference=shape.derives_reference or asked.signed,
    )


def _read_mapping(texts: Sequence[str]) -> dict[str, str]:
    """Return the column of each field that ``--map`` names: ``date=Buchungstag,amount=Betrag``."""
    mapped: dict[str, str] = {}
    for part in next(csv.reader([",".join(texts)], skipinitialspace=True), list[str]()):
        name, equals, column = (text.strip() for text in part.partition("="))
        wanted = _ALIASES.get(name.lower(), name.lower())
        if not equals or not column:
            raise Misused(f"--map {part!r} names no field and column.", "Write FIELD=COLUMN, such as date=Buchungstag.")
        if wanted not in MAPPED:
            raise Misused(f"--map knows no field {name}.", f"There are {', '.join(MAPPED)}.")
        if wanted in mapped:
            raise Misused(f"--map names {name} more than once.", "Name one column for each field.")
        mapped[wanted] = column.lower()
    return mapped


def _merge(columns: Mapping[str, tuple[str, ...]], mapped: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the columns with those that were named in the place of others for the same."""
    replaced = {"date": {"at", "order"}, "in": {"amount"}, "out": {"amount"}, "amount": {"in", "out", "fee"}}
    gone = {other for name in mapped for other in replaced.get(name, ())} - mapped.keys()
    kept = {name: names for name, names in columns.items() if name not in gone}
    return {**kept, **{name: (column,) for name, column in mapped.items()}}
