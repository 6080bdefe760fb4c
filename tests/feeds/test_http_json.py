"""Results from a real server on loopback: what is asked, what is believed, and what is a failure."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from evens.feeds.results.document import DOCUMENT_BYTES_MAX
from evens.feeds.results.http_json import HttpJsonSource
from evens.feeds.results.sources import SourceFailed
from tests.jobs.receiver import Receiver, Reply, Request

pytestmark = pytest.mark.anyio

DERBY = b'[{"event": "derby", "market": "Winner", "winners": ["Alpha"]}]'
OAKS = b'[{"event": "oaks", "winners": ["Beta"]}]'


@pytest.fixture
async def publisher() -> AsyncIterator[Receiver]:
    async with Receiver.open() as publisher:
        yield publisher


@pytest.fixture
async def source(publisher: Receiver) -> AsyncIterator[HttpJsonSource]:
    async with HttpJsonSource("times", publisher.url) as source:
        yield source


async def events(source: HttpJsonSource) -> list[str]:
    return [result.event for result in await source.fetch()]


async def failure(source: HttpJsonSource) -> str:
    with pytest.raises(SourceFailed) as failed:
        await source.fetch()
    return str(failed.value)


async def test_results_are_read_and_signed_with_the_sources_name(publisher: Receiver, source: HttpJsonSource) -> None:
    publisher.replies = [Reply(200, body=DERBY)]
    (result,) = await source.fetch()
    assert (result.source, result.event, result.winners) == ("times", "derby", ("Alpha",))
    assert publisher.requests[0].path == "/hook"
    assert "if-none-match" not in publisher.requests[0].headers


async def test_what_did_not_change_is_not_sent_again(publisher: Receiver, source: HttpJsonSource) -> None:
    publisher.replies = [
        Reply(200, {"etag": '"1"'}, DERBY),
        Reply(304, {"etag": '"1"'}),
        Reply(200, {"etag": 'W/"2"'}, OAKS),
        Reply(304),
    ]
    assert [await events(source) for _ in range(4)] == [["derby"], ["derby"], ["oaks"], ["oaks"]]
    asked = [request.headers.get("if-none-match") for request in publisher.requests]
    assert asked == [None, '"1"', '"1"', 'W/"2"']
    assert publisher.connections == 1


async def test_a_tag_that_is_no_longer_sent_is_no_longer_asked_for(publisher: Receiver, source: HttpJsonSource) -> None:
    publisher.replies = [Reply(200, {"etag": '"1"'}, DERBY), Reply(200, body=OAKS), Reply(200, body=OAKS)]
    for _ in range(3):
        await source.fetch()
    assert "if-none-match" not in publisher.requests[2].headers


async def test_a_malformed_answer_fails_and_its_tag_is_not_remembered(
    publisher: Receiver, source: HttpJsonSource
) -> None:
    publisher.replies = [
        Reply(200, {"etag": '"1"'}, DERBY),
        Reply(200, {"etag": '"2"'}, DERBY[:-5]),
        Reply(200, {"etag": '"2"'}, OAKS),
    ]
    assert await events(source) == ["derby"]
    assert (await failure(source)).startswith("line 1: ")
    assert await events(source) == ["oaks"]
    assert publisher.requests[2].headers["if-none-match"] == '"1"'


@pytest.mark.parametrize("status", [201, 204, 302, 304, 404, 429, 500, 503])
async def test_any_other_answer_is_a_failure(publisher: Receiver, source: HttpJsonSource, status: int) -> None:
    publisher.replies = [Reply(status)]
    assert await failure(source) == f"answered {status}"


async def test_a_redirect_leads_nowhere(publisher: Receiver, source: HttpJsonSource) -> None:
    async with Receiver.open() as elsewhere:
        publisher.replies = [Reply(307, {"location": elsewhere.url})]
        assert await failure(source) == "answered 307"
        assert elsewhere.connections == 0


async def test_an_endless_answer_is_cut_off(publisher: Receiver, source: HttpJsonSource) -> None:
    publisher.replies = [Reply(200, body=b"\n" * (DOCUMENT_BYTES_MAX + 1)), Reply(200, body=DERBY)]
    assert "more than" in await failure(source)
    assert await events(source) == ["derby"]


async def test_a_small_answer_that_unpacks_to_an_endless_one_is_cut_off(
    publisher: Receiver, source: HttpJsonSource
) -> None:
    packed = gzip.compress(b"\n" * (4 * DOCUMENT_BYTES_MAX))
    publisher.replies = [Reply(200, {"content-encoding": "gzip"}, packed)]
    assert "more than" in await failure(source)


async def test_a_packed_answer_is_unpacked(publisher: Receiver, source: HttpJsonSource) -> None:
    publisher.replies = [Reply(200, {"content-encoding": "gzip"}, gzip.compress(DERBY))]
    assert await events(source) == ["derby"]


async def test_an_answer_that_cannot_be_unpacked_is_a_failure(publisher: Receiver, source: HttpJsonSource) -> None:
    publisher.replies = [Reply(200, {"content-encoding": "gzip"}, DERBY)]
    assert (await failure(source)).startswith("could not be read")


async def test_an_answer_that_breaks_off_is_a_failure(publisher: Receiver, source: HttpJsonSource) -> None:
    async def break_off(_request: Request) -> Reply:
        raise ConnectionError

    publisher.behave = break_off
    assert (await failure(source)).startswith("could not be read")


async def test_a_server_that_does_not_answer_in_time_has_failed(publisher: Receiver) -> None:
    async def hang(_request: Request) -> Reply:
        await asyncio.Event().wait()
        return Reply()

    publisher.behave = hang
    async with HttpJsonSource("times", publisher.url, timeout_s=0.1) as source:
        assert await failure(source) == "did not answer within 0.1 s"


async def test_a_refused_connection_is_a_failure_that_shows_no_password() -> None:
    async with Receiver.open() as closed:
        port = closed.port
    async with HttpJsonSource("times", f"http://me:hunter2@127.0.0.1:{port}/") as source:
        complaint = await failure(source)
    assert complaint.startswith("could not be read")
    assert "hunter2" not in complaint


async def test_a_user_name_and_password_in_the_url_are_sent(publisher: Receiver) -> None:
    publisher.replies = [Reply(200, body=DERBY)]
    async with HttpJsonSource("times", f"http://me:hunter2@127.0.0.1:{publisher.port}/") as source:
        await source.fetch()
    assert publisher.requests[0].headers["authorization"] == "Basic bWU6aHVudGVyMg=="


@pytest.mark.parametrize(
    "url", ["", "results.json", "ftp://example.com/", "http://", "file:///etc/hosts", "http://example.com:port/"]
)
def test_what_is_no_http_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="such as https"):
        HttpJsonSource("times", url)
