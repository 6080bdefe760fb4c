"""The front door: the ``evens`` command, with everything behind it joined together."""

from evens.edges.cli import build
from evens.program.operations import ProgramOperations

cli = build(ProgramOperations())
