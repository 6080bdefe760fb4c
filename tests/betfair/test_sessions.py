"""Logging in with betfairlightweight, staying so, and logging out."""

import time

import httpx2
import pytest
from pyotp.totp import TOTP

from tests.betfair.conftest import PASSWORD, Floor, KeepAliveError, LoginError, Program


@pytest.fixture(scope="module")
def person(floor: Floor) -> tuple[str, str]:
    """Somebody with a password, and the access token of their registration."""
    name = f"person{next(floor.numbers)}"
    body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    return name, httpx2.post(f"{floor.server.url}/v1/auth/register", json=body).json()["access_token"]


def test_a_password_begins_a_session_of_twelve_hours_that_logging_out_ends(
    floor: Floor, person: tuple[str, str]
) -> None:
    name, access = person
    api = floor.client(name, PASSWORD)
    assert api.login_interactive(lightweight=True)["status"] == "SUCCESS"
    assert api.session_token.startswith("evs_")
    assert api.account.get_account_details(lightweight=True)["firstName"] == name
    listed = httpx2.get(f"{floor.server.url}/v1/me/sessions", headers={"Authorization": f"Bearer {access}"}).json()
    assert len(listed["items"]) == 2
    token = api.session_token
    assert api.keep_alive(lightweight=False).status == "SUCCESS"
    assert api.session_token == token
    assert api.logout(lightweight=False).status == "SUCCESS"
    program = Program(name, token, floor.server.url, "")
    error = program.call("AccountAPING/v1.0/getAccountFunds", {})["error"]
    assert error["data"]["AccountAPINGException"]["errorCode"] == "INVALID_SESSION_INFORMATION"
    api.set_session_token(token)
    with pytest.raises(KeepAliveError):
        api.keep_alive()


def test_no_certificate_is_asked_for_where_there_would_be_one(floor: Floor, person: tuple[str, str]) -> None:
    body = {"username": person[0], "password": PASSWORD}
    answer = httpx2.post(f"{floor.server.url}/api/certlogin", data=body, headers={"X-Application": "any"}).json()
    assert answer["loginStatus"] == "SUCCESS"
    answer = httpx2.post(
        f"{floor.server.url}/api/certlogin", data=body | {"password": "wrong"}, headers={"X-Application": "any"}
    ).json()
    assert answer == {"loginStatus": "INVALID_USERNAME_OR_PASSWORD"}


def test_an_api_key_is_the_password_of_its_own_customer_alone(floor: Floor, ann: Program, bob: Program) -> None:
    assert ann.api.session_token == ann.key
    stranger = floor.client(bob.name, ann.key)
    with pytest.raises(LoginError):
        stranger.login_interactive()


@pytest.mark.parametrize("body", [{}, {"username": "x"}, {"username": "x", "password": ""}])
def test_a_login_without_name_or_password_says_so(floor: Floor, body: dict[str, str]) -> None:
    answer = httpx2.post(f"{floor.server.url}/api/login", data=body, headers={"X-Application": "any"}).json()
    assert answer == {"token": "", "product": "any", "status": "FAIL", "error": "INPUT_VALIDATION_ERROR"}


def test_a_second_factors_code_stands_behind_the_password(floor: Floor) -> None:
    name = f"person{next(floor.numbers)}"
    body = {"username": name, "email": f"{name}@example.com", "password": PASSWORD}
    access = httpx2.post(f"{floor.server.url}/v1/auth/register", json=body).json()["access_token"]
    with httpx2.Client(base_url=floor.server.url, headers={"Authorization": f"Bearer {access}"}) as own:
        proposed = own.post("/v1/me/totp").json()
        code = TOTP(proposed["secret"])
        confirmed = own.post("/v1/me/totp/confirm", json={"code": code.at(time.time() - 30)})
        assert confirmed.status_code < 300, confirmed.text

    def log_in(password: str) -> dict[str, str]:
        form = {"username": name, "password": password}
        return httpx2.post(f"{floor.server.url}/api/login", data=form, headers={"X-Application": "any"}).json()

    assert log_in(PASSWORD)["error"] == "STRONG_AUTH_CODE_REQUIRED"
    assert log_in(PASSWORD + "000000")["error"] == "STRONG_CODE_FAIL"
    told = log_in(PASSWORD + code.now())
    assert (told["status"], told["error"]) == ("SUCCESS", "")
