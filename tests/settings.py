"""The settings of a server for which nothing was chosen."""

from functools import cache

from evens.settings import Settings


@cache
def usual_settings() -> Settings:
    """Return the settings of an environment without any, read once: it takes as long as the rest of many a test."""
    return Settings()
