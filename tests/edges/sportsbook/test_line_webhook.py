"""The route that line providers send their messages to, as HTTP."""

from collections.abc import Mapping
from types import SimpleNamespace

import httpx2
import pytest
from fastapi import FastAPI

from evens.edges.http.protocol import faults
from evens.edges.http.sportsbook.webhooks import Intake, IntakeResult, LineIntake, NoIntake, router
from evens.sequencer.errors import NotLeading

pytestmark = pytest.mark.anyio

PATH = "/v1/sportsbook/webhooks/line"


class Told:
    """An intake that answers what it is told to."""

    def __init__(self, result: IntakeResult | Exception) -> None:
        self.result = result
        self.heard: list[tuple[Mapping[str, str], bytes]] = []

    async def take(self, headers: Mapping[str, str], body: bytes) -> IntakeResult:
        self.heard.append((headers, body))
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


async def post(intake: LineIntake, body: bytes = b"<alive/>", **headers: str) -> httpx2.Response:
    app = FastAPI()
    app.router.routes.extend(router.routes)
    faults.install(app)
    app.state.services = SimpleNamespace(line_intake=intake)
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://house") as http:
        return await http.post(PATH, content=body, headers=headers)


async def test_a_message_is_taken_byte_by_byte() -> None:
    intake = Told(IntakeResult(Intake.TAKEN))
    answer = await post(intake, b"<alive/>\n", **{"Webhook-Id": "msg_1", "content-type": "application/xml"})
    assert (answer.status_code, answer.content) == (204, b"")
    ((headers, body),) = intake.heard
    assert (headers["webhook-id"], body) == ("msg_1", b"<alive/>\n")


async def test_an_event_of_as_many_selections_as_there_may_be_fits_into_a_message() -> None:
    """40,000 selections are taken (200 markets of 200), and the provider sends the event as a whole."""
    body = b"s" * (128 * 40_000)
    answer = await post(intake := Told(IntakeResult(Intake.TAKEN)), body)
    assert (answer.status_code, len(intake.heard[0][1])) == (204, len(body))
    answer = await post(intake, b"s" * (8 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_what_nobody_signed_is_refused() -> None:
    answer = await post(NoIntake())
    assert (answer.status_code, answer.json()["code"]) == (401, "signature_invalid")


async def test_what_cannot_be_understood_names_the_field() -> None:
    answer = await post(Told(IntakeResult(Intake.INVALID, "coefficient", "must be a number")))
    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"field": "coefficient", "message": "must be a number"}],
    )


@pytest.mark.parametrize("result", [IntakeResult(Intake.UNAVAILABLE), NotLeading("it is starting")])
async def test_what_is_not_booked_is_to_be_sent_again(result: IntakeResult | Exception) -> None:
    answer = await post(Told(result))
    assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)
