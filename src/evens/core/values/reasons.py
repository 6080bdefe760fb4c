"""Why a command is refused: what all reasons are. Each product lists its own in its room."""

from enum import StrEnum


class Reason(StrEnum):
    """A stable snake_case code for a refusal, stored in the journal and told to callers. No two products share one.

    Each product's room lists its reasons in a subclass, and in a tuple called ``PRECEDENCE`` all that its commands can
    be refused for: where several apply, the first of the tuple is given. First what the command names is looked up,
    then whether the parties may act, then the state of the thing acted on, and money last.
    """
