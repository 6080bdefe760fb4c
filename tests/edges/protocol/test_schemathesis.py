"""The OpenAPI document taken at its word: requests made up from it, valid and not, and every answer held against it."""

import asyncio
import logging
import socket
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
import schemathesis
import structlog
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance
from schemathesis.core.failures import FailureGroup

from tests.edges.conftest import Caller, OpenHouse

REFUSED = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422, 428, 429, "5xx"]
"""What may be answered to wrong data: beside the tool's own list, 413 to a list so long that the body is."""

CHECKS: dict[str, Any] = {"checks": {"negative_data_rejection": {"expected-statuses": REFUSED}}}


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncGenerator[str]:
    """Serve an application on a free port, and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
        answering = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await answering


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.reset_defaults()


def contradictions(document: Mapping[str, Any], url: str, bearer: str | None, examples: int) -> list[str]:
    """Return what the server does otherwise than its document says, at most one thing for each operation and mode."""
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    found: list[str] = []
    config: Any = schemathesis.Config
    schema: Any = schemathesis.openapi.from_dict(dict(document), config=config.from_dict(CHECKS))
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in GenerationMode:
            if mode is GenerationMode.NEGATIVE and not takes_input(operation):
                continue
            try:
                probe(operation, mode, url, headers, examples)
            except (Exception, FailureGroup) as error:
                if isinstance(error, Unsatisfiable) and mode is GenerationMode.NEGATIVE and takes_only_paths(operation):
                    # Whatever stands in a path is a text, so there is nothing of a wrong form to ask with.
                    continue
                found.append(f"{operation.label}, {mode.value}: {error}")
    return found


def takes_input(operation: Any) -> bool:
    return any((operation.path_parameters, operation.query, operation.headers, operation.body))


def takes_only_paths(operation: Any) -> bool:
    return not any((operation.query, operation.headers, operation.body))


def probe(operation: Any, mode: GenerationMode, url: str, headers: dict[str, str], examples: int) -> None:
    # A header that no operation declares may be no HTTP at all: the server itself answers a Content-Length of "J".
    declared = {header.name.lower() for header in operation.headers}

    @settings(
        max_examples=examples,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        sent: Mapping[str, Any] = case.headers or {}
        case.headers = {name: sent[name] for name in sent if name.lower() in declared}
        # What is well-formed may still name a currency that does not exist, or an account that has no money.
        case.call_and_validate(base_url=url, headers=headers, excluded_checks=[positive_data_acceptance])

    check()


@pytest.mark.parametrize(
    ("caller", "examples"),
    [
        ("operator", 3),
        ("customer", 1),
        ("nobody", 1),
        *(pytest.param(who, 30, marks=pytest.mark.soak) for who in ("operator", "customer", "nobody")),
    ],
)
async def test_no_request_makes_the_server_contradict_its_document(
    house: OpenHouse, operator: Caller, ada: Caller, caller: str, examples: int
) -> None:
    bearer = {"operator": operator.bearer, "customer": ada.bearer, "nobody": None}[caller]
    async with serving(house.app) as url:
        assert await asyncio.to_thread(contradictions, house.app.openapi(), url, bearer, examples) == []
