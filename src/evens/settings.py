"""The settings, read from environment variables; every one has a default."""

import os
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import unquote, urlsplit

from iso4217 import Currency
from pydantic import AfterValidator, Field, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from evens.betfair_settings import BetfairSettings
from evens.chain_settings import ChainSettings, check_chain
from evens.console_settings import ConsoleSettings
from evens.core.commands.challenges import CHALLENGES_MAX, DISPUTE_WINDOW_MS_MAX, RESOLVE_WITHIN_MS_MAX
from evens.core.commands.exchange import ORDERS_PER_MARKET_MAX
from evens.core.values.money import SCALE_MAX, parse_amount
from evens.core.values.odds import BPS_UNIT, CLASSIC, FINEST, ODDS_SCALE, Ladder, ladder, parse_odds
from evens.line_settings import check_line, check_line_keys, check_line_sources
from evens.sequencer.steady_clock import DIFFERENCE_S
from evens.validation_messages import message_of

CURRENCIES: Final = "USD:2,EUR:2,GBP:2,CZK:2,USDC:6"

COINS: Final = frozenset({"BTC", "DAI", "ETH", "EURC", "LTC", "SOL", "USDC", "USDT"})
"""The currencies that Evens takes besides those of ISO 4217 that are counted in units."""

ANY_ORIGIN: Final = "*"
_PREFIX: Final = "EVENS_"
_OF_OTHERS: Final = frozenset({"DATABASE_URL", "EVENS_URL", "EVENS_API_KEY", "EVENS_PG_USER"})
"""Variables that the command line and the private PostgreSQL read, or that have no prefix."""
_PUBLIC_URL: Final = re.compile(r"https?://[^/?#\s]+(/[^?#\s]*)?")
_SMTP_PORTS: Final = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
_CURRENCY: Final = re.compile(r"([A-Z][A-Z0-9]{1,11}):([0-9]{1,2})", re.ASCII)
_ORIGIN: Final = re.compile(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.ASCII)
_LADDER: Final = re.compile(r"([a-z][a-z0-9_-]{0,63})=([0-9.:/]+)", re.ASCII)


def parse_currencies(text: str) -> dict[str, int]:
    """Return scales by code from ``"USD:2,BTC:8"``. Raises ``ValueError`` naming the part that is wrong."""
    scales: dict[str, int] = {}
    for part in text.split(","):
        match = _CURRENCY.fullmatch(part.strip())
        if match is None or int(match[2]) > SCALE_MAX:
            raise ValueError(f"{part!r} is not CODE:SCALE with a scale of 0 to {SCALE_MAX}, such as USD:2")
        if not _exists(match[1]):
            coins = ", ".join(sorted(COINS))
            raise ValueError(
                f"there is no currency {match[1]}; take a code of ISO 4217, such as EUR, or one of {coins}"
            )
        if match[1] in scales:
            raise ValueError(f"{match[1]} is given more than once")
        scales[match[1]] = int(match[2])
    return scales


def _exists(code: str) -> bool:
    # Gold, the codes for tests and the like have no units to count.
    return code in COINS or any(each.code == code and each.exponent is not None for each in Currency)


def _check_currencies(text: str) -> str:
    parse_currencies(text)
    return text


def parse_sources(text: str) -> dict[str, str]:
    """Return paths and URLs by name from ``"racing=/srv/results.jsonl"``. Raises ``ValueError`` naming a wrong part."""
    places: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        name, equals, place = part.partition("=")
        if not (name and equals and place) or name in places:
            raise ValueError(f"{part!r} is not NAME=PATH or NAME=URL with a name of its own")
        places[name] = place
    return places


def _check_sources(text: str) -> str:
    parse_sources(text)
    return text


def parse_ladders(text: str) -> dict[str, Ladder]:
    """Return ladders by name from ``"tens=2.00:0.10/10.00:0.50"``: up to which odds by which step, band after band.

    Raises ``ValueError`` naming the part that is wrong.
    """
    ladders = {each.name: each for each in (CLASSIC, FINEST)}
    for part in filter(None, map(str.strip, text.split(","))):
        match = _LADDER.fullmatch(part)
        if match is None or match[1] in ladders:
            raise ValueError(f"{part!r} is not NAME=UP_TO:STEP/UP_TO:STEP… with a name of its own")
        ladders[match[1]] = ladder(match[1], tuple([_parse_band(band) for band in match[2].split("/")]))
    return ladders


def _parse_band(text: str) -> tuple[int, int]:
    upper, _, step = text.partition(":")
    try:
        return parse_odds(upper), parse_amount(step, ODDS_SCALE)
    except ValueError as error:
        raise ValueError(f"{text!r} is not UP_TO:STEP, such as 2.00:0.10: {error}") from error


def _check_ladders(text: str) -> str:
    parse_ladders(text)
    return text


def parse_origins(text: str) -> frozenset[str]:
    """Return origins as browsers write them, from ``"https://tips.example, https://tv.example:8443"``.

    Raises ``ValueError`` naming the part that is wrong.
    """
    origins = [part.lower() for part in filter(None, map(str.strip, text.split(",")))]
    for origin in origins:
        if _ORIGIN.fullmatch(origin) is None:
            raise ValueError(
                f"{origin!r} is not the origin of a web page, such as https://tips.example, without a path"
            )
    return frozenset(origins)


def _check_origins(text: str) -> str:
    parse_origins(text)
    return text


def parse_smtp_url(url: str) -> tuple[str, str, int, str | None, str | None]:
    """Return scheme, host, port, user and password of ``"smtps://user:password@host:465"``.

    ``smtps`` is TLS from the beginning, ``smtp`` STARTTLS or nothing, and ``smtp+plain`` no TLS, for a server on the
    same machine. Raises ``ValueError``.
    """
    parts = urlsplit(url)
    if parts.scheme not in _SMTP_PORTS or not parts.hostname or parts.path not in {"", "/"} or parts.query:
        raise ValueError("must be smtps://USER:PASSWORD@HOST:PORT, with smtps, smtp (STARTTLS) or smtp+plain")
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return parts.scheme, parts.hostname, parts.port or _SMTP_PORTS[parts.scheme], user, password


def _check_smtp_url(url: str | None) -> str | None:
    if url is not None:
        parse_smtp_url(url)
    return url


def _check_amount(text: str) -> str:
    parse_amount(text, SCALE_MAX)
    return text


def parse_cors_origins(text: str) -> frozenset[str]:
    """Return origins as :func:`parse_origins` does, or ``*`` alone."""
    return frozenset([ANY_ORIGIN]) if text.strip() == ANY_ORIGIN else parse_origins(text)


def _check_cors_origins(text: str) -> str:
    parse_cors_origins(text)
    return text


def _check_public_url(text: str | None) -> str | None:
    if text is not None and _PUBLIC_URL.fullmatch(text) is None:
        raise ValueError("must be an address such as https://bets.example, without a query")
    return text


class Settings(BetfairSettings, ChainSettings, ConsoleSettings):
    """Read from environment variables ``EVENS_…``; ``DATABASE_URL`` is read without the prefix, as everyone does."""

    model_config = SettingsConfigDict(env_prefix="EVENS_", extra="ignore", populate_by_name=True)

    data: Path = Path("evens-data")
    """Folder of the embedded PostgreSQL, the installation's secret and the local operator key."""

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """Any PostgreSQL from version 15 on, instead of the embedded one."""

    secret: str | None = None
    """64 hexadecimal digits that tokens and webhook secrets derive from; by default a file in the data folder.
    Servers that share a database must share it."""

    secret_previous: str | None = None
    """What ``secret`` was before it was replaced, so that what was made with it counts for a while; several, the latest
    first, with commas."""

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)

    public_url: Annotated[str | None, AfterValidator(_check_public_url)] = None
    """The public address of this server, for links that people send each other; by default where it listens."""

    currency: str = "USD"
    """Currency of requests that name none."""

    currencies: Annotated[str, AfterValidator(_check_currencies)] = CURRENCIES
    """Currencies to define at start, as ``CODE:SCALE`` separated by commas. One that is defined stays as it is."""

    commission_bps: int = Field(default=500, ge=0, le=BPS_UNIT)
    """Commission of new markets that name none, in basis points of a user's net profit."""

    min_stake: Annotated[str, AfterValidator(_check_amount)] = "1.00"
    """Smallest stake in new markets that name none, in units of their currency."""

    ladders: Annotated[str, AfterValidator(_check_ladders)] = ""
    """Odds that a market can offer besides ``classic`` and ``finest``, as ``name=up_to:step/…`` separated by commas."""

    inbox_capacity: int = Field(default=20_000, ge=1)
    """How many commands may wait; further ones are refused with 503."""

    clock_tolerance_s: float = Field(default=DIFFERENCE_S, ge=0.1)
    """How far clocks may be apart, in seconds. A server whose clock is further behind the journal does not lead, and
    one whose clock jumps further goes by its monotonic clock."""

    connections_max: int = Field(default=10_000, ge=1)
    """Most connections at a time; fewer if the limit of file descriptors asks for it."""

    connections_per_address_max: int = Field(default=256, ge=1)
    """Most connections at a time from one address, or IPv6 /64 network. Proxies in FORWARDED_ALLOW_IPS are exempt."""

    batch_max: int = Field(default=1_000, ge=1, le=10_000)
    """Most commands in one transaction."""

    challenge_fee_bps: int = Field(default=200, ge=0, le=BPS_UNIT)
    """The fee on a challenge winner's profit, in basis points. A challenge keeps the fee of its offer."""

    challenge_dispute_window_s: int = Field(default=24 * 3600, ge=0, le=DISPUTE_WINDOW_MS_MAX // 1000)
    """How long a challenge's decision can be disputed before it is paid, in seconds."""

    challenge_resolve_within_s: int = Field(default=30 * 24 * 3600, ge=0, le=RESOLVE_WITHIN_MS_MAX // 1000)
    """Seconds after a challenge's expiry in which its resolver may rule; else stakes go back. 0: for ever."""

    challenges_max: int = Field(default=CHALLENGES_MAX, ge=1)
    """Most live challenges of a user: offered or accepted, and neither paid nor over."""

    orders_per_market_max: int = Field(default=ORDERS_PER_MARKET_MAX, ge=1, le=10_000)
    """Most open orders of a user in one market."""

    results_sources: Annotated[str, AfterValidator(_check_sources)] = ""
    """The sources of official results, as ``name=path`` or ``name=http(s)://…``, separated by commas."""

    results_every_s: float = Field(default=10, gt=0, allow_inf_nan=False)
    results_confirmation_s: float = Field(default=60, ge=0, allow_inf_nan=False)
    """How often they are read; and how long a result stays undisputed before a market is settled by it. Seconds."""

    pools: Path | None = None
    """A TOML file of pools that are there after a start, each under ``[[pool]]`` with what ``POST /v1/pools`` takes."""

    line_sources: Annotated[str, AfterValidator(check_line_sources)] = ""
    """Providers of fixed odds, as ``name=evens+https://…``, ``oddsapi+https://…`` or ``uof+https://…``, with commas."""

    line_keys: Annotated[str, AfterValidator(check_line_keys)] = ""
    """Their keys, as ``name=KEY`` or ``name=@FILE``, separated by commas."""

    redis_url: str | None = Field(default=None, validation_alias="REDIS_URL", pattern=r"^(rediss?|unix)://")
    """Redis or Valkey, in which the servers of a house share what they read of line providers."""

    api_keys_max: int = Field(default=50, ge=1)
    """How many live API keys may act for one user; also how many a service may have made for nobody."""

    sessions_max: int = Field(default=50, ge=1)
    """How many live sessions a user may have."""

    operators_need_second_factor: bool = False
    """Whether people who log in as operators or admins act as customers unless they log in with a second factor."""

    smtp_url: Annotated[str | None, AfterValidator(_check_smtp_url)] = None
    """Where mails are handed over, as ``smtps://user:password@host:465``, ``smtp://…`` or ``smtp+plain://…``."""

    smtp_from: str | None = Field(default=None, pattern=r"^[^@\r\n]+@[^@\r\n]+$")
    """The address that mails come from; needed with ``smtp_url``."""

    reset_url: Annotated[str | None, AfterValidator(_check_public_url)] = None
    """The page on which people set a new password; mails link to it with the token behind ``#token=``."""

    webhooks_allow_private: bool = False
    """Whether notices may be sent to private and local addresses, and without TLS."""

    stream_origins: Annotated[str, AfterValidator(_check_origins)] = ""
    """Origins of web pages that may follow the stream besides the server's own, separated by commas."""

    cors_origins: Annotated[str, AfterValidator(_check_cors_origins)] = ""
    """Origins of web pages whose scripts may use the API, separated by commas; ``*`` is every page."""

    requests_per_minute: int = Field(default=6_000, ge=0)
    """Most requests in a minute of one customer, and of one address without a login; 0 is without limit."""

    service_requests_per_minute: int = Field(default=1_000_000, ge=0)
    """Most requests in a minute with the API keys of one service or operator; 0 is without limit."""

    metrics: Literal["open", "closed"] = "open"
    """Who may read the metrics: everybody who reaches the server, or only services and operators with an API key."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @model_validator(mode="after")
    def _check_currency(self) -> Self:
        codes = parse_currencies(self.currencies)
        if self.currency not in codes:
            raise ValueError(
                f"EVENS_CURRENCY: {self.currency!r} is none of EVENS_CURRENCIES ({', '.join(codes)}); add it there"
            )
        check_line(self.line_sources, self.line_keys)
        check_chain(self, frozenset(codes))
        if self.smtp_url is not None and self.smtp_from is None:
            raise ValueError("EVENS_SMTP_FROM is needed with EVENS_SMTP_URL: the address that mails come from")
        return self


class SettingsInvalid(Exception):
    """An environment variable has an invalid value, or is none of ours; ``str()`` names each one."""


def read_settings() -> Settings:
    """Read the environment. Raises :class:`SettingsInvalid`."""
    wrong = [_explain_unknown(name) for name in unknown_variables(os.environ)]
    try:
        settings = Settings()
    except ValidationError as error:
        wrong += [_explain(part["loc"], message_of(part)) for part in error.errors()]
        raise _refuse(wrong) from error
    if wrong:
        raise _refuse(wrong)
    return settings


def known_variables() -> frozenset[str]:
    """Return the names of all environment variables that are settings."""
    return frozenset(_variable(name) for name in Settings.model_fields)


def unknown_variables(names: Iterable[str]) -> list[str]:
    """Return those names that look like settings and are none, so that nobody relies on what is never read."""
    known = known_variables() | _OF_OTHERS
    return sorted(name for name in names if name.upper().startswith(_PREFIX) and name.upper() not in known)


def _refuse(wrong: Iterable[str]) -> SettingsInvalid:
    return SettingsInvalid(f"A setting is wrong: {'; '.join(wrong)}.")


def _explain_unknown(name: str) -> str:
    alike = get_close_matches(name.upper(), known_variables(), n=1)
    hint = f"; do you mean {alike[0]}?" if alike else ""
    return f"{name} is not a setting of this version{hint}"


def _explain(location: tuple[int | str, ...], message: str) -> str:
    """Return what is wrong with a variable; what has no place names its variables itself."""
    return f"{_variable(str(location[0]))}: {message}" if location else message


def _variable(name: str) -> str:
    upper = name.upper()
    return upper if upper in {"DATABASE_URL", "REDIS_URL"} else f"{_PREFIX}{upper}"
