"""The entry point: the ``evens`` command, composed of the command line, the demo and the program."""

from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from evens.demo.registering import register
from evens.edges.cli import build

if TYPE_CHECKING:
    from evens.edges.cli import Operations


class _LazyOperations:
    """Imports the program when the first operation is called: most commands only use HTTP and never need it."""

    @cached_property
    def _operations(self) -> "Operations":
        return import_module("evens.program.operations").ProgramOperations()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._operations, name)


cli = build(cast("Operations", _LazyOperations()), register)
