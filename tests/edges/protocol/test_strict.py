"""Bodies: what is JSON, and what only looks like it."""

import json
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.edges.http.protocol.problem import Refused
from evens.edges.http.protocol.strict import BATCH_BYTES_MAX, BODY_BYTES_MAX, parse_json
from evens.edges.http.protocol.strict_json import parse_encodable
from tests.edges.conftest import Caller, OpenHouse

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(values)
def test_every_json_value_is_read(value: object) -> None:
    assert parse_json(json.dumps(value).encode()) == value


@pytest.mark.parametrize("content", [b'{"a": "\\ud800"}', b'{"\\uDFFF": 1}'])
def test_what_cannot_be_said_again_is_malformed(content: bytes) -> None:
    with pytest.raises(Refused) as caught:
        parse_encodable(content)
    assert (caught.value.problem.status, caught.value.problem.code) == (400, "malformed_json")


def test_a_whole_surrogate_pair_is_read() -> None:
    assert parse_encodable(b'"\\ud83d\\ude00"') == "\U0001f600"


@given(st.binary())
def test_no_bytes_break_the_parser(content: bytes) -> None:
    with suppress(Refused):
        parse_json(content)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"{'a': 1}",
        b'{"a": 1,}',
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": "\xff"}',
        '{"a": 1}'.encode("utf-16"),
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": "\x00"}',
        b"[" * 60_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"a": ' + b"9" * 5_000 + b"}",
        b"{} {}",
    ],
)
def test_what_is_not_json_is_malformed(content: bytes) -> None:
    with pytest.raises(Refused) as caught:
        parse_json(content)
    assert (caught.value.problem.status, caught.value.problem.code) == (400, "malformed_json")


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b'{"a": 1, "a": 2}', "a"),
        (b'{"deposit": {"day": "1", "week": "2", "day": "3"}}', "deposit.day"),
        (b'[{"b": {"a": 1, "c": 2, "a": 1}}]', "[0].b.a"),
        (b'{"rows": [{"a": 1}, {"a": {"x": [[], [{"y": 1, "y": 1}]]}}], "rows": 1}', "rows"),
        (b'{"rows": [{"a": 1}, {"a": {"x": [[], [{"y": 1, "y": 1}]]}}]}', "rows[1].a.x[1][0].y"),
    ],
)
def test_a_key_given_twice_is_refused_by_its_whole_path(content: bytes, path: str) -> None:
    """Hold 25: a key that is given twice is named from the outermost object on."""
    with pytest.raises(Refused) as caught:
        parse_json(content)
    assert caught.value.problem.status == 422
    assert [error.field for error in caught.value.problem.errors] == [path]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "a value is missing at line 1, column 1"),
        (b'{"a": }', "a value is missing at line 1, column 7"),
        (b'{"a" 1}', "a colon is missing at line 1, column 6"),
        (b'{"a": 1\n "b": 2}', "a comma is missing at line 2, column 2"),
        (b"{'a': 1}", "a name in double quotes is missing at line 1, column 2"),
        (b'{"a": "x', "a string has no end that begins at line 1, column 7"),
        (b'{"a": "\\x"}', "a string has a backslash that means nothing at line 1, column 8"),
        (b'{"a": "\\ux"}', "a string has a \\u without four hexadecimal digits at line 1, column 9"),
        (b'{"a": "\x00"}', "a string has a control character at line 1, column 8"),
        (b"{} {}", "something follows the value at line 1, column 4"),
        (b'\xef\xbb\xbf{"a": 1}', "it begins with a byte order mark at line 1, column 1"),
        (b'{"a": 1,}', " at line 1, column "),
    ],
)
def test_what_is_wrong_with_json_is_said_in_our_own_words(content: bytes, words: str) -> None:
    """Hold 25: the parser's own words, which change from version to version, reach nobody."""
    with pytest.raises(Refused) as caught:
        parse_json(content)
    detail = caught.value.problem.detail
    assert words in detail
    assert "Expecting" not in detail
    assert "something is wrong" not in detail


async def send(house: OpenHouse, caller: Caller, path: str, content: bytes, media_type: str | None) -> tuple[int, str]:
    headers = {"Authorization": f"Bearer {caller.bearer}"}
    if media_type is not None:
        headers["Content-Type"] = media_type
    answer = await house.http.post(path, content=content, headers=headers)
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    "media_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/xml", "json"]
)
async def test_a_body_that_is_not_declared_as_json_is_415(
    house: OpenHouse, ada: Caller, media_type: str | None
) -> None:
    assert await send(house, ada, "/v1/transfers", b"{}", media_type) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "Application/JSON; charset=utf-8",
        'application/json;v=1;Charset="UTF-8"',
        "application/vnd.me+json",
    ],
)
async def test_json_may_be_declared_in_several_ways(house: OpenHouse, ada: Caller, media_type: str) -> None:
    assert await send(house, ada, "/v1/transfers", b"{}", media_type) == (422, "validation_failed")


@pytest.mark.parametrize(
    "media_type",
    ["application/json; charset=latin-1", "application/json;v=1;CHARSET=utf-16", "application/vnd.me+json;charset="],
)
async def test_a_body_in_another_charset_is_415(house: OpenHouse, ada: Caller, media_type: str) -> None:
    """A body that is declared in another charset would be read as other letters than were meant."""
    assert await send(house, ada, "/v1/transfers", b"{}", media_type) == (415, "unsupported_media_type")


async def test_malformed_json_is_400(house: OpenHouse, ada: Caller) -> None:
    assert await send(house, ada, "/v1/transfers", b'{"amount"', "application/json") == (400, "malformed_json")


async def test_a_missing_body_is_422(house: OpenHouse, ada: Caller) -> None:
    assert await send(house, ada, "/v1/transfers", b"", "application/json") == (422, "validation_failed")


async def test_a_body_has_a_largest_size(house: OpenHouse, ada: Caller) -> None:
    blanks = b" " * (BODY_BYTES_MAX - 2)
    assert await send(house, ada, "/v1/transfers", b"{}" + blanks, "application/json") == (422, "validation_failed")
    assert await send(house, ada, "/v1/transfers", b"{} " + blanks, "application/json") == (413, "body_too_large")


async def test_a_body_of_many_items_may_be_larger(house: OpenHouse, ada: Caller) -> None:
    blanks = b" " * (BATCH_BYTES_MAX - 2)
    path = "/v1/transfers/batch"
    assert await send(house, ada, path, b"{}" + blanks, "application/json") == (422, "validation_failed")
    assert await send(house, ada, path, b"{} " + blanks, "application/json") == (413, "body_too_large")


async def test_a_body_without_an_announced_length_is_measured_as_it_comes(house: OpenHouse, ada: Caller) -> None:
    async def drip() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1024

    headers = {"Authorization": f"Bearer {ada.bearer}", "Content-Type": "application/json"}
    answer = await house.http.post("/v1/transfers", content=drip(), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b'{"to_username": "bob", "amount": "1", "memo": "\\ud800"}', "memo"),
        (b'{"to_username": "bob", "amount": "1", "\\ud800": 1}', "body"),
        (b'{"to_username": "bob", "amount": "1", "\\ud800": 1, "\\ud800": 1}', "\\ud800"),
    ],
)
async def test_halves_of_surrogate_pairs_are_refused(house: OpenHouse, ada: Caller, content: bytes, field: str) -> None:
    headers = {"Authorization": f"Bearer {ada.bearer}", "Content-Type": "application/json"}
    answer = await house.http.post("/v1/transfers", content=content, headers=headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_body_full_of_mistakes_gets_a_small_answer(house: OpenHouse, ada: Caller) -> None:
    """Hold 3: bodies of errors stay small: at most 20 problems are named, and long names are cut."""
    body = {f"{number:04}{'x' * 300}": 1 for number in range(200)}
    answer = await ada.post("/v1/transfers", body)
    assert answer.status_code == 422
    assert len(answer.json()["errors"]) == 20
    assert answer.json()["detail"].endswith("more.")
    assert len(answer.content) < 16_000
    query = await ada.get("/v1/users/me", **{f"{number:04}{'x' * 30}": "1" for number in range(200)})
    assert query.status_code == 422
    assert len(query.json()["errors"]) == 20
    one = await ada.post("/v1/transfers", {"y" * 60_000: 1})
    assert len(one.content) < 4_000
