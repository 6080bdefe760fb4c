"""What a document of results means, and which line and field are named when it is wrong."""

import pytest

from evens.feeds.results.document import DOCUMENT_BYTES_MAX, parse_results
from evens.feeds.results.sources import OfficialResult, SourceFailed

DERBY = b'{"event": "derby", "market": "Winner", "winners": ["Alpha"]}'
OAKS = b'{"event": "oaks", "winners": ["Beta", "Gamma"], "dead_heat": true}'
LEGER = b'{"event": "leger", "market": null, "void": true}'
RESULTS = (
    OfficialResult("times", "derby", "Winner", ("Alpha",)),
    OfficialResult("times", "oaks", None, ("Beta", "Gamma"), dead_heat=True),
    OfficialResult("times", "leger", None, (), void=True),
)


@pytest.mark.parametrize(
    "document",
    [
        b"\n".join([DERBY, OAKS, LEGER]),
        b"\r\n\r\n".join([DERBY, OAKS, LEGER]) + b"\n",
        b"\xef\xbb\xbf" + b"\n".join([DERBY, OAKS, LEGER]),
        b"[" + b",".join([DERBY, OAKS, LEGER]) + b"]",
        b"\n [\n" + b"\n,\n".join([DERBY, OAKS, LEGER]) + b"\n]\n",
    ],
)
def test_lines_and_a_list_say_the_same(document: bytes) -> None:
    assert parse_results(document, "times") == RESULTS


@pytest.mark.parametrize("document", [b"", b"\n\n", b"[]", b" [ ] "])
def test_a_document_without_results_is_one(document: bytes) -> None:
    assert parse_results(document, "times") == ()


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (b'{"winners": ["Alpha"]}', "missing required field `event`"),
        (b'{"event": 7, "winners": ["Alpha"]}', "$.event"),
        (b'{"event": "", "winners": ["Alpha"]}', "$.event"),
        (b'{"event": "derby", "market": 7, "winners": ["Alpha"]}', "$.market"),
        (b'{"event": "derby", "winners": "Alpha"}', "$.winners"),
        (b'{"event": "derby", "winners": ["Alpha", 7]}', "$.winners[1]"),
        (b'{"event": "derby", "winners": ["Alpha"], "void": "no"}', "$.void"),
        (b'{"event": "derby", "winners": ["Alpha"], "dead_heat": 1}', "$.dead_heat"),
        (b'{"event": "derby", "winner": ["Alpha"]}', "unknown field `winner`"),
        (b'{"event": "derby"}', "`winners` must name"),
        (b'{"event": "derby", "winners": []}', "`winners` must name"),
        (b'{"event": "derby", "winners": ["Alpha", " ALPHA"]}', "`winners` names a runner twice"),
        (b'{"event": "derby", "winners": ["Alpha"], "void": true}', "`winners` must be empty"),
        (b'{"event": "derby", "dead_heat": true, "void": true}', "`dead_heat` cannot be true"),
        (b'{"event": "der\xff", "winners": ["Alpha"]}', "is not UTF-8"),
        (b'["derby"]', "Expected `object`, got `array`"),
        (b"7", "Expected `object`, got `int`"),
    ],
)
def test_a_wrong_entry_is_named_by_its_line_and_field(entry: bytes, complaint: str) -> None:
    for document in (
        b"\n".join([DERBY, b"", entry, OAKS]),
        b"[\n" + DERBY + b",\n" + entry + b",\n" + OAKS + b"]",
        b"[" + DERBY.replace(b", ", b",\n", 1) + b",\n" + entry + b"]",
    ):
        with pytest.raises(SourceFailed) as failure:
            parse_results(document, "times")
        assert str(failure.value).startswith("line 3: ")
        assert complaint in str(failure.value)


@pytest.mark.parametrize(
    ("document", "line"),
    [
        (DERBY + b"\n" + OAKS[:-10], 2),
        (DERBY + b"\n" + OAKS + LEGER, 2),
        (b"[" + DERBY + b",\n" + OAKS, 2),
        (b"[" + DERBY + b"\n" + OAKS + b"]", 2),
        (b"[" + DERBY + b",\n" + OAKS[:-10], 2),
        (b"[" + DERBY + b",\n]", 2),
        (b"[" + DERBY + b"]\n" + OAKS, 2),
        (b"not JSON at all", 1),
    ],
)
def test_what_is_half_written_or_no_json_is_refused_as_a_whole(document: bytes, line: int) -> None:
    with pytest.raises(SourceFailed, match=f"^line {line}: "):
        parse_results(document, "times")


def test_brackets_without_end_are_refused() -> None:
    for document in (b"[" * 100_000, b'[{"event": ' + b"[" * 100_000, b'{"event": ' + b"[" * 100_000):
        with pytest.raises(SourceFailed):
            parse_results(document, "times")


def test_every_beginning_of_a_document_is_read_as_whole_lines_or_refused() -> None:
    document = b"\n".join([DERBY, OAKS, LEGER])
    for length in range(len(document)):
        try:
            results = parse_results(document[:length], "times")
        except SourceFailed:
            continue
        assert results == RESULTS[: len(results)]


def test_a_document_that_is_too_long_is_refused() -> None:
    assert parse_results(b"\n" * DOCUMENT_BYTES_MAX, "times") == ()
    with pytest.raises(SourceFailed, match="more than"):
        parse_results(b"\n" * (DOCUMENT_BYTES_MAX + 1), "times")
