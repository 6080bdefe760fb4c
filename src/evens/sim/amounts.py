"""Amounts as decimal text, made from whole numbers of the smallest unit."""


def format_cents(cents: int) -> str:
    """Return hundredths as a decimal: ``1250`` is ``"12.50"``."""
    return f"{cents // 100}.{cents % 100:02d}"


def format_micros(micros: int) -> str:
    """Return millionths as a decimal: ``1250000`` is ``"1.250000"``."""
    return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"
