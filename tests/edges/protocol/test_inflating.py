"""Compressed bodies: read as if they had not been, within the same limits, or refused."""

import gzip
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evens.edges.http.protocol.inflating import InflatedTooLong, check_encoding, inflate
from evens.edges.http.protocol.problem import Refused
from evens.edges.http.protocol.strict import BATCH_BYTES_MAX, BODY_BYTES_MAX
from tests.edges.conftest import Caller, OpenHouse


def deflate_raw(content: bytes) -> bytes:
    """Compress as some clients do who are asked for ``deflate``: without a header."""
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


COMPRESS = {"gzip": gzip.compress, "x-gzip": gzip.compress, "deflate": zlib.compress, "Deflate": deflate_raw}


async def send(house: OpenHouse, caller: Caller, path: str, content: bytes, encoding: str) -> tuple[int, str]:
    headers = {
        "Authorization": f"Bearer {caller.bearer}",
        "Content-Type": "application/json",
        "Content-Encoding": encoding,
    }
    answer = await house.http.post(path, content=content, headers=headers)
    return answer.status_code, answer.json().get("code", "")


@pytest.mark.parametrize("encoding", [*COMPRESS, "identity", " GZIP "])
async def test_a_compressed_body_is_booked_like_any_other(
    house: OpenHouse, ada: Caller, bob: Caller, encoding: str
) -> None:
    """Hold 25: bodies that were compressed are read."""
    body = json.dumps({"to_user_id": bob.id, "amount": "1.00"}).encode()
    compress = COMPRESS.get(encoding, gzip.compress if "GZIP" in encoding else bytes)
    assert await send(house, ada, "/v1/transfers", compress(body), encoding) == (201, "")
    assert (await bob.get("/v1/users/me/balance")).json()["cash"] == "1.00"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "x", "*"])
async def test_any_other_encoding_is_415_and_says_what_is_read(house: OpenHouse, ada: Caller, encoding: str) -> None:
    """Hold 25: what cannot be read is refused as such, not as broken JSON."""
    headers = {"Authorization": f"Bearer {ada.bearer}", "Content-Type": "application/json"}
    answer = await house.http.post("/v1/transfers", content=b"{}", headers={**headers, "Content-Encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_encoding")
    assert answer.headers["accept-encoding"] == "gzip, deflate"
    assert "gzip, deflate" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{}", "cannot be read"),
        (gzip.compress(b"{}", mtime=0)[:-1], "ends too early"),
        (gzip.compress(b"{}", mtime=0) + b"x", "something follows"),
        (gzip.compress(b"{}", mtime=0) * 2, "something follows"),
        (gzip.compress(b"{}", mtime=0)[:-8] + bytes(8), "cannot be read"),
    ],
)
async def test_what_cannot_be_inflated_is_400(house: OpenHouse, ada: Caller, content: bytes, why: str) -> None:
    assert await send(house, ada, "/v1/transfers", content, "gzip") == (400, "malformed_encoding")
    with pytest.raises(Refused, match=why):
        inflate(content, "gzip", 100)


@pytest.mark.parametrize(
    ("path", "most"), [("/v1/transfers", BODY_BYTES_MAX), ("/v1/transfers/batch", BATCH_BYTES_MAX)]
)
async def test_a_body_has_the_same_largest_size_when_inflated(
    house: OpenHouse, ada: Caller, path: str, most: int
) -> None:
    """Hold 25: a kilobyte that would grow to a megabyte is not let grow."""
    body = b"{}" + b" " * (most - 2)
    assert await send(house, ada, path, gzip.compress(body), "gzip") == (422, "validation_failed")
    assert await send(house, ada, path, gzip.compress(body + b" "), "gzip") == (413, "body_too_large")


def test_no_more_is_made_of_a_bomb_than_may_be_read() -> None:
    """Hold 25: 100 MB of zeros in 100 kB."""
    bomb = zlib.compress(bytes(100_000_000), 9)
    with pytest.raises(InflatedTooLong):
        inflate(bomb, "deflate", BODY_BYTES_MAX)


@given(st.binary())
def test_whatever_was_compressed_comes_out_as_it_was(content: bytes) -> None:
    for encoding, compress in COMPRESS.items():
        assert inflate(compress(content), check_encoding(encoding), max(len(content), 1)) == content


@given(st.binary(max_size=200), st.sampled_from(["gzip", "deflate"]))
def test_no_bytes_break_the_reader(content: bytes, encoding: str) -> None:
    try:
        inflate(content, encoding, 100)
    except (Refused, InflatedTooLong):
        return
