"""Commands with keys, codes and users that are none: each says which argument is wrong, and what it looks like."""

import pytest

from tests.edges.conftest import Caller, Desk, OpenHouse
from tests.edges.pools.window import CODE, PATH, create, open_round

pytestmark = pytest.mark.anyio

NO_CODE = "is no code of a round. It is such as 20261127"
NO_KEY = "is no key of a pool. It is such as ndx-daily"
KEY_FORM = "must be 1 to 32 small letters, digits and dashes, such as ndx-daily"
CODE_FORM = "must be 1 to 32 letters, digits and dashes, such as 20261127"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("round verify a/b?c", f"'a/b?c' {NO_CODE}"),
        ("round verify ../current", f"'../current' {NO_CODE}"),
        ("round lock a%2Fb", f"'a%2Fb' {NO_CODE}"),
        ("round settle a/b --result up --yes", f"'a/b' {NO_CODE}"),
        ("round price a/b --price 1 --reason x", f"'a/b' {NO_CODE}"),
        ("round void a/b --reason x --yes", f"'a/b' {NO_CODE}"),
        ("round correct a/b --result up --yes", f"'a/b' {NO_CODE}"),
        ("round verify 20990103", "The pool has no such round; check its code."),
        ("round list --pool nope", "There is no pool 'nope'. Those that there are: ndx-daily."),
        ("round list --pool Nope!", "There is no pool 'Nope!'. Those that there are: ndx-daily."),
        ("pool stop a/b?c", f"'a/b?c' {NO_KEY}"),
        ("pool resume a/b?c", f"'a/b?c' {NO_KEY}"),
        ("pool stop nope", "There is no such pool; check its key."),
        ("pool create Bad_Key --name X --symbol X", f"key {KEY_FORM}"),
        ("pool create rounds --name X --symbol X", "key is a word of ours; choose another one"),
        ("pool bet --user ada --side up --amount 1 --round a/b", f"round {CODE_FORM}"),
        ("pool bets --user nobody", "There is no user called nobody."),
        ("pool bets --round a/b", f"round {CODE_FORM}"),
        ("pool bets --pool nope", "There is no pool 'nope'."),
        ("round open 20990106 --locks-at soon", "locks_at must be a time"),
    ],
)
async def test_what_is_wrong_is_named_and_shown(
    desk: Desk, operator: Caller, ada: Caller, arguments: str, said: str
) -> None:
    await create(operator)
    await open_round(operator)
    ended = await desk.call(*arguments.split())
    assert ended.code in (1, 2)
    assert said in " ".join(ended.err.split()), ended


async def test_one_pool_is_shown_to_everybody(house: OpenHouse, operator: Caller) -> None:
    made = await create(operator)
    shown = await house.nobody.get(PATH)
    assert (shown.status_code, shown.json()) == (200, made)
    listed = (await house.nobody.get("/v1/pools")).json()["items"]
    assert listed == [shown.json()]
    unknown = await house.nobody.get("/v1/pools/nope")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "pool_unknown")
    # What stands in an address where a key could stand is what it was.
    assert (await house.nobody.get("/v1/pools/rounds")).json()["items"] == []
    assert (await operator.get("/v1/pools/bets?user_id=me")).json()["code"] == "customer_unknown"


async def test_the_form_of_a_key_or_code_is_told_wherever_one_is_asked_for(operator: Caller, ada: Caller) -> None:
    await create(operator)
    for path, field, form in (
        ("/v1/pools/bets?pool=Bad_Key", "pool", KEY_FORM),
        ("/v1/pools/bets?pool=ndx-daily&round=a.b", "round", CODE_FORM),
    ):
        refused = await ada.get(path)
        assert refused.json()["errors"] == [{"field": field, "message": form}], refused.text
    opened = await operator.post(f"{PATH}/rounds", {"code": f"{CODE}/x"})
    assert opened.json()["errors"] == [{"field": "code", "message": CODE_FORM}]
