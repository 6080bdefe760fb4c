"""JSON, read strictly: UTF-8 without a mark, no constants that are none of JSON's, no key that is given twice."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from evens.edges.http.protocol.problem import Refused, problem, refuse_fields

_MESSAGES: Final[Mapping[str, str]] = {
    "Expecting value": "a value is missing",
    "Expecting ',' delimiter": "a comma is missing",
    "Expecting ':' delimiter": "a colon is missing",
    "Expecting property name enclosed in double quotes": "a name in double quotes is missing",
    "Illegal trailing comma before end of object": "a comma stands before the end of an object",
    "Illegal trailing comma before end of array": "a comma stands before the end of a list",
    "Unterminated string starting at": "a string has no end that begins",
    "Invalid control character at": "a string has a control character",
    "Invalid \\escape": "a string has a backslash that means nothing",
    "Invalid \\uXXXX escape": "a string has a \\u without four hexadecimal digits",
    "Extra data": "something follows the value",
}
"""What to say instead of the parser's own words."""

_OTHERWISE: Final = "something is wrong"
_MARK: Final = "\ufeff"
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


def parse_json(content: bytes) -> Any:
    """Return the value of a JSON text. Raises :class:`Refused` with 400 or, for a repeated key, 422."""
    try:
        text = content.decode()
        if text.startswith(_MARK):
            raise _malformed("it begins with a byte order mark at line 1, column 1")
        return _DECODER.decode(text)
    except _Repeated as error:
        raise refuse_fields((_find_repeated(content) or error.name, "is given more than once")) from error
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start} is not UTF-8") from error
    except json.JSONDecodeError as error:
        message = _MESSAGES.get(error.msg.removesuffix(": "), _OTHERWISE)
        raise _malformed(f"{message} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise _malformed("it is nested too deeply") from error
    except ValueError as error:
        raise _malformed("a number has too many digits") from error


def parse_encodable(content: bytes) -> Any:
    """Return the value of a JSON text that can be said again. Raises what :func:`parse_json` raises.

    Half of a surrogate pair has no encoding, and is refused with 400. Where fields have shapes, these refuse it.
    """
    value = parse_json(content)
    if _SURROGATE.search(content):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise _malformed("a string has half of a surrogate pair, \\ud800 to \\udfff, by itself") from error
    return value


class _Repeated(Exception):
    """An object has a key twice."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True, slots=True)
class _Object:
    """An object with its members as they were given."""

    members: list[tuple[str, Any]]


def _read_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Repeated(_first_repeated(pairs) or "")
    return members


def _first_repeated(pairs: list[tuple[str, Any]]) -> str | None:
    seen: set[str] = set()
    return next((name for name, _ in pairs if name in seen or seen.add(name)), None)


def _find_repeated(content: bytes) -> str | None:
    """Return the whole path of the first key that is given twice, such as ``rows[3].amount``.

    An object does not know where it stands while it is read, so what is wrong anyway is read once more. Returns
    ``None`` if something else is wrong before the end.
    """
    try:
        value = json.loads(content, object_pairs_hook=_Object)
    except (ValueError, RecursionError):
        return None
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Object):
            repeated = _first_repeated(value.members)
            if repeated is not None:
                return _join(path, repeated)
            waiting += [(_join(path, name), inner) for name, inner in reversed(value.members)]
        elif isinstance(value, list):
            items = cast("list[Any]", value)
            waiting += [(f"{path}[{place}]", item) for place, item in reversed(list(enumerate(items)))]
    return None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _refuse_constant(name: str) -> Any:
    raise _malformed(f"{name} is not a JSON value")


def _malformed(why: str) -> Refused:
    return Refused(problem(400, "malformed_json", f"The body is not JSON that can be read: {why}."))


_DECODER: Final = json.JSONDecoder(object_pairs_hook=_read_object, parse_constant=_refuse_constant)
