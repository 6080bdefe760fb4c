"""The provider's OpenAPI document: kept beside this test, so that no change of the API goes unseen."""

import json
import os
from pathlib import Path

import pytest

from tests.line_provider.conftest import Line

pytestmark = pytest.mark.anyio

SNAPSHOT = Path(__file__).with_name("openapi.json")


async def test_the_document_is_the_one_that_was_agreed_on(line: Line) -> None:
    text = json.dumps((await line.http.get("/openapi.json")).json(), indent=1, ensure_ascii=False) + "\n"
    if "EVENS_SNAPSHOT" in os.environ:
        SNAPSHOT.write_text(text, "utf-8")
    assert text == SNAPSHOT.read_text("utf-8"), "If this change is meant, run this test with EVENS_SNAPSHOT=1."


async def test_the_pages_and_probes_answer(line: Line) -> None:
    for path in ("/docs", "/healthz", "/readyz", "/metrics"):
        assert (await line.http.get(path)).status_code == 200, path
