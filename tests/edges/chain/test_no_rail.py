import pytest

from evens.settings import Settings
from tests.edges.conftest import Caller, OpenHouse

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings() -> Settings:
    return Settings()


async def test_a_house_without_a_rail_says_so(house: OpenHouse, ada: Caller, operator: Caller) -> None:
    body = {"user_id": ada.id, "amount": "1", "tx_hash": "0x1"}
    answers = [
        await ada.post("/v1/chain/wallet"),
        await operator.post("/v1/simulate/deposits", body),
        await operator.post("/v1/withdrawals/txn_1/approve"),
    ]
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(404, "rail_unknown")] * 3
    assert (await ada.get("/v1/chain/deposits")).json() == {"items": [], "next": None}
    assert (await ada.get("/v1/chain/withdrawals")).json() == {"items": [], "next": None}
