"""The settings about Betfair's Exchange Stream: where it listens, and with which certificate."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings


class BetfairSettings(BaseSettings):
    """What an operator chooses about Betfair's Exchange Stream."""

    betfair_stream_port: int | None = Field(default=None, ge=0, le=65535)
    """The TCP port of Betfair's Exchange Stream; by default that of HTTP and 1000, and any free one beside 0."""

    betfair_stream_tls: Literal["on", "off"] = "on"
    """Whether the Exchange Stream speaks TLS, as Betfair's does and its clients expect."""

    betfair_stream_certificate: Path | None = None
    """A PEM file with the Exchange Stream's private key and certificates; by default one is made at each start."""
