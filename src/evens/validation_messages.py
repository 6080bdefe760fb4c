"""What is wrong with a value, in our own words: the validator's own are for programmers, and change with its versions.

Used for requests and for settings alike, so each message completes a sentence that begins with the value's name.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

OTHERWISE: Final = "has a value that cannot be taken"
"""What is said of a kind of error that has no message here."""

_QUOTED: Final = re.compile(r"'((?:[^'\\]|\\.)*)'")


def message_of(error: Mapping[str, Any]) -> str:
    """Return what to say of one of the validator's errors, as it lists them: with ``type`` and perhaps ``ctx``."""
    context: Mapping[str, Any] = error.get("ctx") or {}
    kind: str = error["type"]
    message = _MESSAGES.get(kind)
    if message is not None:
        return message
    explain = _EXPLANATIONS.get(kind)
    return OTHERWISE if explain is None else explain(context)


def _least_length(context: Mapping[str, Any]) -> str:
    least = int(context["min_length"])
    return "must not be empty" if least == 1 else f"must have at least {least} characters"


def _least_items(context: Mapping[str, Any]) -> str:
    least = int(context["min_length"])
    return "must not be empty" if least == 1 else f"must have at least {least} items"


def _choices(context: Mapping[str, Any]) -> str:
    choices = _QUOTED.findall(str(context["expected"]))
    return f"must be {choices[0]}" if len(choices) == 1 else f"must be one of {', '.join(choices)}"


_MESSAGES: Final[Mapping[str, str]] = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this request",
    "string_type": "must be a string",
    "string_unicode": "must be valid Unicode text",
    "string_pattern_mismatch": "does not have the form that it must have",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "has too many digits",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "path_type": "must be a path",
}

_EXPLANATIONS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "string_too_short": _least_length,
    "string_too_long": lambda context: f"must have at most {context['max_length']} characters",
    "too_short": _least_items,
    "too_long": lambda context: f"must have at most {context['max_length']} items",
    "greater_than_equal": lambda context: f"must be at least {context['ge']}",
    "greater_than": lambda context: f"must be more than {context['gt']}",
    "less_than_equal": lambda context: f"must be at most {context['le']}",
    "less_than": lambda context: f"must be less than {context['lt']}",
    "literal_error": _choices,
    "enum": _choices,
    # Our own checks say it in our own words.
    "value_error": lambda context: str(context["error"]),
}
