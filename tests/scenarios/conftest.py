"""Scenarios over HTTP are played in the house that the tests of the edge open."""

from tests.edges.conftest import house, settings

__all__ = ["house", "settings"]
