"""Webhooks over HTTP: permissions, refusals, and the list of deliveries."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from evens.edges.http.app import create_app
from evens.edges.http.challenges.links import ChallengeLinks
from evens.edges.http.protocol.currencies import Currencies
from evens.edges.http.protocol.metrics import Metrics
from evens.edges.http.reads import Reads
from evens.edges.http.services import compose_services
from evens.edges.jobs.addresses import Destinations
from evens.edges.jobs.messages import Secrets
from evens.edges.jobs.sending import Sender
from evens.edges.jobs.webhooks import Webhooks
from evens.identity.keys import InstallationKeys
from evens.identity.principal import CONSOLE, Role
from evens.identity.service import Identity
from evens.program.in_process import InProcessGateway
from evens.sequencer.inbox import Inbox
from evens.store.deliveries import DeliveryStatus
from evens.store.identity import IdentityTables
from evens.store.outbox import WEBHOOKS_MAX
from evens.store.wallets.queries import Queries
from tests.jobs.conftest import DeliveryHarness
from tests.jobs.receiver import Receiver, Reply

pytestmark = pytest.mark.anyio


def identity_of(harness: DeliveryHarness) -> Identity:
    return Identity(IdentityTables(harness.database), InstallationKeys(bytes(range(32))))


class Api:
    """The HTTP API, called as an operator unless a role is given."""

    def __init__(self, harness: DeliveryHarness, sender: Sender, keys: dict[Role, str]) -> None:
        services = compose_services(
            InProcessGateway(Inbox(1), Queries(harness.database)),
            Reads.on(harness.database),
            identity_of(harness),
            Webhooks(harness.outbox, sender),
            challenge_links=ChallengeLinks(InstallationKeys(bytes(range(32))), "http://house"),
            metrics=Metrics(),
            currencies=Currencies(),
        )
        transport = httpx2.ASGITransport(create_app(services))
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://house")
        self.keys = keys

    async def call(
        self, method: str, path: str, body: Any = None, *, role: Role = Role.OPERATOR, key: str | None = None
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.keys[role]}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self.client.request(method, path, json=body, headers=headers)

    async def subscribe(self, url: str, *topics: str, key: str | None = None) -> httpx2.Response:
        return await self.call("POST", "/v1/webhooks", {"url": url, "topics": topics or ["account.funded"]}, key=key)


@pytest.fixture
async def keys(harness: DeliveryHarness) -> dict[Role, str]:
    identity = identity_of(harness)
    roles = (Role.SERVICE, Role.OPERATOR, Role.ADMIN)
    return {role: (await identity.create_api_key(CONSOLE, role=role)).key for role in roles}


@pytest.fixture
async def api(harness: DeliveryHarness, sender: Sender, keys: dict[Role, str]) -> AsyncIterator[Api]:
    api = Api(harness, sender, keys)
    yield api
    await api.client.aclose()


async def test_an_operator_makes_finds_lists_and_removes_a_webhook(api: Api, receiver: Receiver) -> None:
    made = await api.subscribe(receiver.url, "account.funded", "account.emptied")
    assert made.status_code == 201
    created = made.json()
    assert set(created) == {"id", "url", "topics", "secret", "created_at"}
    assert (created["url"], created["topics"]) == (receiver.url, ["account.funded", "account.emptied"])
    assert created["secret"].startswith("whsec_")

    path = f"/v1/webhooks/{created['id']}"
    shown = (await api.call("GET", path)).json()
    assert "secret" not in shown
    assert (shown["id"], shown["created_at"], shown["removed_at"]) == (created["id"], created["created_at"], None)
    assert (await api.call("GET", "/v1/webhooks")).json() == {"items": [shown], "next": None}

    assert (await api.call("DELETE", path)).status_code == 204
    assert (await api.call("DELETE", path)).status_code == 204
    assert (await api.call("GET", path)).json()["removed_at"] is not None


async def test_webhooks_are_listed_page_by_page(api: Api, receiver: Receiver) -> None:
    ids = [(await api.subscribe(receiver.url)).json()["id"] for _ in range(3)]
    first = (await api.call("GET", "/v1/webhooks?limit=2")).json()
    rest = (await api.call("GET", f"/v1/webhooks?limit=2&after={first['next']}")).json()
    assert [item["id"] for item in [*first["items"], *rest["items"]]] == ids[::-1]
    assert rest["next"] is None
    wrong = await api.call("GET", "/v1/webhooks?after=whk_%00")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "after")


async def test_a_repeated_request_gets_the_first_answer(api: Api, receiver: Receiver) -> None:
    first = await api.subscribe(receiver.url, key="k")
    again = await api.subscribe(receiver.url, key="k")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    other = await api.subscribe(receiver.url, "account.emptied", key="k")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "https://h.example/", "topics": []}, "topics"),
        ({"url": "https://h.example/", "topics": ["account.opened"]}, "topics[0]"),
        ({"url": "https://h.example/", "topics": ["webhook.test"]}, "topics[0]"),
        ({"url": "https://h.example/", "topics": ["account.funded", "account.funded"]}, "topics"),
        ({"url": "https://h.example/", "topics": "account.funded"}, "topics"),
        ({"url": "https://h.example/"}, "topics"),
        ({"topics": ["account.funded"]}, "url"),
        ({"url": 7, "topics": ["account.funded"]}, "url"),
        ({"url": "", "topics": ["account.funded"]}, "url"),
        ({"url": "https://h.example/" + "a" * 2048, "topics": ["account.funded"]}, "url"),
        ({"url": "ftp://h.example/", "topics": ["account.funded"]}, "url"),
        ({"url": "https://nobody.invalid/", "topics": ["account.funded"]}, "url"),
        ({"url": "http://169.254.169.254/", "topics": ["account.funded"]}, "url"),
        ({"url": "https://h.example/", "topics": ["account.funded"], "secret": "mine"}, "secret"),
    ],
)
async def test_a_bad_subscription_is_refused_with_the_field_named(api: Api, body: Any, field: str) -> None:
    refused = await api.call("POST", "/v1/webhooks", body)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == [field]


async def test_a_receiver_inside_the_operators_network_is_refused(
    harness: DeliveryHarness, secrets: Secrets, keys: dict[Role, str], receiver: Receiver
) -> None:
    async with Sender(Destinations(allow_private=False), secrets) as sender:
        api = Api(harness, sender, keys)
        refused = await api.subscribe(f"https://localhost:{receiver.port}/")
        await api.client.aclose()
    assert (refused.status_code, refused.json()["code"]) == (422, "url_refused")
    assert "not on the public internet" in refused.json()["detail"]
    assert receiver.connections == 0


async def test_one_webhook_too_many_is_refused(api: Api, receiver: Receiver) -> None:
    for _ in range(WEBHOOKS_MAX):
        await api.subscribe(receiver.url)
    refused = await api.subscribe(receiver.url)
    assert (refused.status_code, refused.json()["code"]) == (409, "webhooks_limit")


async def test_deliveries_show_the_status_of_each_notice(
    api: Api, harness: DeliveryHarness, receiver: Receiver
) -> None:
    webhook = (await api.subscribe(receiver.url)).json()["id"]
    await harness.post('{"n":1}')
    async with harness.delivering():
        await harness.wait_for(webhook, DeliveryStatus.DELIVERED)
        receiver.replies = [Reply(503)]
        await harness.post('{"n":2}')
        await harness.tried(webhook)
    failed, delivered = (await api.call("GET", f"/v1/webhooks/{webhook}/deliveries")).json()["items"]
    assert delivered["id"] == receiver.requests[0].id
    assert delivered["topic"] == "account.funded"
    assert delivered["occurred_at"] == "2027-01-15T08:00:00Z"
    assert (delivered["status"], delivered["attempts"]) == ("delivered", 1)
    assert (delivered["last_error"], delivered["next_attempt_at"]) == (None, None)
    assert (failed["status"], failed["last_error"]) == ("due", "answered 503")
    assert failed["next_attempt_at"] > failed["last_attempt_at"]
    due = (await api.call("GET", f"/v1/webhooks/{webhook}/deliveries?status=due")).json()
    assert due == {"items": [failed], "next": None}


async def test_deliveries_are_listed_page_by_page(api: Api, harness: DeliveryHarness, receiver: Receiver) -> None:
    webhook = (await api.subscribe(receiver.url)).json()["id"]
    await harness.post(*["{}"] * 3)
    path = f"/v1/webhooks/{webhook}/deliveries"
    first = (await api.call("GET", f"{path}?limit=2")).json()
    rest = (await api.call("GET", f"{path}?limit=2&after={first['next']}")).json()
    assert [item["id"] for item in [*first["items"], *rest["items"]]] == ["msg_3", "msg_2", "msg_1"]
    assert rest["next"] is None
    assert (await api.call("GET", f"{path}?after=x")).status_code == 422
    assert (await api.call("GET", f"{path}?status=lost")).status_code == 422


async def test_a_trial_reports_the_receivers_answer(api: Api, receiver: Receiver) -> None:
    webhook = (await api.subscribe(receiver.url)).json()["id"]
    path = f"/v1/webhooks/{webhook}/test"
    tried = (await api.call("POST", path)).json()
    assert (tried["delivered"], tried["status"], tried["error"]) == (True, 204, None)
    receiver.replies = [Reply(500)]
    tried = (await api.call("POST", path)).json()
    assert (tried["delivered"], tried["status"], tried["error"]) == (False, 500, "answered 500")
    await api.call("DELETE", f"/v1/webhooks/{webhook}")
    refused = await api.call("POST", path)
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_removed")
    assert len(receiver.requests) == 2


@pytest.mark.parametrize("webhook", ["whk_aaaaaaaaaaaaaaaa", "whk_", "usr_1"])
async def test_an_unknown_webhook_is_not_found(api: Api, webhook: str) -> None:
    for method, path in [("GET", ""), ("DELETE", ""), ("GET", "/deliveries"), ("POST", "/test")]:
        answer = await api.call(method, f"/v1/webhooks/{webhook}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "webhook_unknown")


async def test_only_operators_may_manage_webhooks(api: Api, receiver: Receiver) -> None:
    webhook = (await api.subscribe(receiver.url)).json()["id"]
    one = f"/v1/webhooks/{webhook}"
    for method, path in [
        ("POST", "/v1/webhooks"),
        ("GET", "/v1/webhooks"),
        ("GET", one),
        ("GET", f"{one}/deliveries"),
        ("POST", f"{one}/test"),
        ("DELETE", one),
    ]:
        body = {"url": receiver.url, "topics": ["account.funded"]} if path == "/v1/webhooks" else None
        assert (await api.client.request(method, path)).status_code == 401
        assert (await api.call(method, path, body, role=Role.SERVICE)).status_code == 403
        assert (await api.call(method, path, body, role=Role.ADMIN)).status_code < 300
