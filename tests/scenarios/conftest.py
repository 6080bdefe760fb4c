"""Scenarios over HTTP are played in the house that the tests of the edge open."""

from tests.edges.conftest import house

__all__ = ["house"]
