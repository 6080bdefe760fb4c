"""Sending to a real receiver: the request, the interpretation of the answer, and forbidden destinations."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from evens.edges.jobs.addresses import Destinations
from evens.edges.jobs.messages import Message, Secrets
from evens.edges.jobs.sending import ANSWER_BYTES_MAX, Answer, Sender
from tests.certificates import LOOPBACK, make_certificate
from tests.jobs.receiver import Receiver, Reply, Request
from tests.listening import listening

pytestmark = pytest.mark.anyio

MESSAGE = Message.of_notice(1, "account.funded", 1_800_000_000_000_000_000, '{"user_id":"usr_1"}')


class Names:
    """A name server that gives these answers in turn, the last one for ever, and counts the questions."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def test_a_message_arrives_signed_and_is_answered(sender: Sender, receiver: Receiver, secrets: Secrets) -> None:
    assert await sender.send("whk_a", receiver.url, MESSAGE) == Answer(204, None)
    request = receiver.requests[0]
    assert request.path == "/hook"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["content-type"] == "application/json"
    assert Webhook(secrets.secret_of("whk_a")).verify(request.body, dict(request.headers))["type"] == "account.funded"


@pytest.mark.parametrize("status", [200, 201, 202, 299])
async def test_any_success_is_success(sender: Sender, receiver: Receiver, status: int) -> None:
    receiver.replies = [Reply(status)]
    assert await sender.send("whk_a", receiver.url, MESSAGE) == Answer(status, None)


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
async def test_any_other_answer_is_a_failure(sender: Sender, receiver: Receiver, status: int) -> None:
    receiver.replies = [Reply(status)]
    answer = await sender.send("whk_a", receiver.url, MESSAGE)
    assert answer == Answer(status, f"answered {status}")
    assert not answer.is_gone


async def test_gone_means_gone(sender: Sender, receiver: Receiver) -> None:
    receiver.replies = [Reply(410)]
    assert (await sender.send("whk_a", receiver.url, MESSAGE)).is_gone


async def test_a_redirect_is_a_failure_and_leads_nowhere(sender: Sender, receiver: Receiver) -> None:
    async with Receiver.open() as inside:
        receiver.replies = [Reply(307, {"location": inside.url})]
        answer = await sender.send("whk_a", receiver.url, MESSAGE)
        assert answer == Answer(307, "answered 307; redirects are not followed")
        assert inside.connections == 0


async def test_a_connection_is_used_again(sender: Sender, receiver: Receiver) -> None:
    for _ in range(3):
        await sender.send("whk_a", receiver.url, MESSAGE)
    assert len(receiver.requests) == 3
    assert receiver.connections == 1


async def test_an_endless_answer_is_cut_off(sender: Sender, receiver: Receiver) -> None:
    # It promises far more than it sends: whoever waits for all of it waits until the time is up.
    receiver.replies = [Reply(200, {"content-length": "10000000"}, b"x" * (ANSWER_BYTES_MAX + 10_000))]
    assert await sender.send("whk_a", receiver.url, MESSAGE) == Answer(200, None)
    assert await sender.send("whk_a", receiver.url, MESSAGE) == Answer(204, None)
    assert receiver.connections == 2


async def test_a_receiver_that_does_not_answer_in_time_has_failed(receiver: Receiver, secrets: Secrets) -> None:
    async def hang(_request: Request) -> Reply:
        await asyncio.Event().wait()
        return Reply()

    receiver.behave = hang
    async with Sender(Destinations(allow_private=True), secrets, timeout_s=0.1) as sender:
        answer = await sender.send("whk_a", receiver.url, MESSAGE)
    assert answer == Answer(None, "did not answer within 0.1 s")


async def test_a_refused_connection_is_a_failure(sender: Sender) -> None:
    async with Receiver.open() as closed:
        url = closed.url
    answer = await sender.send("whk_a", url, MESSAGE)
    assert answer.status is None
    assert answer.error is not None
    assert answer.error.startswith("could not be reached")


async def test_an_answer_that_is_not_http_is_a_failure(sender: Sender) -> None:
    async def babble(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")

    async with listening(babble) as port:
        answer = await sender.send("whk_a", f"http://{LOOPBACK}:{port}/", MESSAGE)
    assert answer.status is None
    assert answer.error is not None


async def test_a_private_receiver_is_never_connected_to(receiver: Receiver, secrets: Secrets) -> None:
    async with Sender(Destinations(allow_private=False), secrets) as sender:
        answer = await sender.send("whk_a", f"https://localhost:{receiver.port}/", MESSAGE)
    assert answer.error is not None
    assert "not on the public internet" in answer.error
    assert receiver.connections == 0


async def test_a_name_that_turns_private_after_its_registration_is_refused(
    receiver: Receiver, secrets: Secrets
) -> None:
    destinations = Destinations(allow_private=False, resolve=Names(["93.184.215.14"], [LOOPBACK]))
    url = f"https://hooks.example:{receiver.port}/"
    await destinations.check(url)
    async with Sender(destinations, secrets) as sender:
        answer = await sender.send("whk_a", url, MESSAGE)
    assert answer.error == f"URL leads to {LOOPBACK}, which is not on the public internet"
    assert receiver.connections == 0


async def test_the_socket_is_opened_to_the_address_that_was_checked(receiver: Receiver, secrets: Secrets) -> None:
    # The name exists nowhere else, so a second look-up would find nothing.
    names = Names([LOOPBACK])
    async with Sender(Destinations(allow_private=True, resolve=names), secrets) as sender:
        answer = await sender.send("whk_a", f"http://hooks.example:{receiver.port}/hook", MESSAGE)
    assert answer == Answer(204, None)
    assert names.asked == [("hooks.example", receiver.port)]
    assert receiver.requests[0].headers["host"] == f"hooks.example:{receiver.port}"


async def test_the_next_address_is_tried_when_the_first_does_not_answer(receiver: Receiver, secrets: Secrets) -> None:
    names = Names(["127.0.0.2", LOOPBACK])
    async with Sender(Destinations(allow_private=True, resolve=names), secrets) as sender:
        assert await sender.send("whk_a", f"http://hooks.example:{receiver.port}/", MESSAGE) == Answer(204, None)


async def test_the_environment_cannot_send_us_through_a_proxy(
    receiver: Receiver, secrets: Secrets, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Receiver.open() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{LOOPBACK}:{proxy.port}")
        async with Sender(Destinations(allow_private=True), secrets) as sender:
            await sender.send("whk_a", receiver.url, MESSAGE)
        assert proxy.connections == 0
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(("name", "is_trusted"), [("hooks.example", True), ("other.example", False)])
async def test_the_certificate_must_be_for_the_name_in_the_url(
    tmp_path: Path, secrets: Secrets, name: str, is_trusted: bool
) -> None:
    serving, trusting = make_certificate(tmp_path, "hooks.example")
    destinations = Destinations(allow_private=True, resolve=Names([LOOPBACK]))
    async with (
        Receiver.open(serving) as receiver,
        Sender(destinations, secrets, ssl_context=trusting) as sender,
    ):
        answer = await sender.send("whk_a", f"https://{name}:{receiver.port}/", MESSAGE)
        assert (answer.error is None) is is_trusted
        assert len(receiver.requests) == int(is_trusted)


async def test_an_untrusted_certificate_is_refused(tmp_path: Path, secrets: Secrets) -> None:
    serving, _ = make_certificate(tmp_path, LOOPBACK)
    async with Receiver.open(serving) as receiver, Sender(Destinations(allow_private=True), secrets) as sender:
        answer = await sender.send("whk_a", receiver.url, MESSAGE)
    assert answer.error is not None
    assert "certificate" in answer.error
    assert receiver.requests == []
