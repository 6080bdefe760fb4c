"""Messages to webhooks: signed, at least once, in order for each event, and the sign of life."""

import json

import pytest
from standardwebhooks import Webhook

from tests.jobs.receiver import Receiver, Reply
from tests.line_provider.conftest import Line
from tests.waiting import until

pytestmark = pytest.mark.anyio


def told(receiver: Receiver) -> list[int]:
    bodies = [json.loads(each.body) for each in receiver.requests]
    return [each["data"]["change"] for each in bodies if each["type"] != "alive"]


async def test_every_change_is_told_signed_and_in_order(line: Line, receiver: Receiver) -> None:
    made = (await line.ask("PUT", "/webhooks", {"url": receiver.url})).json()
    assert (await line.ask("PUT", "/webhooks", {"url": receiver.url})).json() == made
    async with line.working():
        await line.publish("m-1")
        for odds in range(10):
            await line.change("m-1", coefficient=f"{odds + 2}.00")
        await line.change("m-1", status="FINISHED_WIN")
        await until(lambda: len(told(receiver)) == 12)
        await until(lambda: any('"type":"alive"' in each.body for each in receiver.requests))
    assert told(receiver) == list(range(1, 13))
    for request in receiver.requests:
        Webhook(made["secret"]).verify(request.body, dict(request.headers))
    last = json.loads(receiver.requests[-1].body)
    assert last["data"].get("event", {"status": "FINISHED_WIN"})["status"] == "FINISHED_WIN"


async def test_what_fails_holds_back_its_own_event_alone(line: Line, receiver: Receiver) -> None:
    await line.ask("PUT", "/webhooks", {"url": receiver.url})
    await line.publish("m-1")

    async def behave(request: object) -> Reply:
        first = [each for each in receiver.requests if each.id == "msg_1"]
        return Reply(500 if len(first) == 1 and receiver.requests[-1].id == "msg_1" else 204)

    receiver.behave = behave
    async with line.working():
        await until(lambda: told(receiver) == [1])
        await line.change("m-1", coefficient="2.00")
        await line.publish("m-2")
        await until(lambda: told(receiver) == [1, 3])
        await until(lambda: len(told(receiver)) == 4)
    assert told(receiver) == [1, 3, 1, 2]


async def test_what_waits_survives_the_end_of_the_process(line: Line, receiver: Receiver) -> None:
    await line.ask("PUT", "/webhooks", {"url": receiver.url})
    await line.publish("m-1")
    await line.change("m-1", coefficient="2.00")
    async with line.working():
        await until(lambda: told(receiver) == [1, 2])


async def test_a_webhook_that_is_gone_hears_nothing(line: Line, receiver: Receiver) -> None:
    made = (await line.ask("PUT", "/webhooks", {"url": receiver.url})).json()
    assert (await line.ask("DELETE", f"/webhooks/{made['id']}")).status_code == 204
    assert (await line.ask("GET", "/webhooks")).json() == {"items": []}
    assert (await line.ask("PUT", "/webhooks", {"url": "http://169.254.169.254/"})).json()["errors"][0][
        "field"
    ] == "url"
