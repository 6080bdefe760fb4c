"""One's account: how one gets in and who else is in, limits for oneself, keys for programs, and how odds are shown."""

import re
import time
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, Route, expect
from pyotp.totp import TOTP

from evens.edges.cli.failures import Refused
from tests.web.browsing import NARROW, PASSWORD, People, log_in, overflow, register

pytestmark = pytest.mark.e2e

STEP_S = 30
NEW_PASSWORD = "a tram along the river bank"


def test_whoever_goes_elsewhere_while_their_account_is_opened_stays_there(people: People) -> None:
    page = people.visitor()
    page.goto("/register")
    page.get_by_label("Username").fill("web-elsewhere")
    page.get_by_label("E-mail").fill("web-elsewhere@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    held: dict[str, Route] = {}
    who, wallet = "**/v1/auth/session", "**/assets/wallet-page*.js"
    page.route(who, lambda route: held.setdefault(who, route))
    page.route(wallet, lambda route: held.setdefault(wallet, route))
    with page.expect_request(who):
        page.get_by_role("button", name="Open an account").click()
    with page.expect_request(wallet):
        page.get_by_role("link", name="Wallet").first.click()
    held[who].continue_()
    page.unroute(who)
    expect(page.get_by_role("link", name="Account of web-elsewhere")).to_be_visible()
    held[wallet].continue_()
    expect(page.get_by_role("tab", name="Deposit")).to_be_visible()
    expect(page).to_have_url(re.compile("/wallet"))


def test_a_changed_password_ends_every_other_session_and_is_asked_for_from_then_on(people: People) -> None:
    here = people.customer("web-secret")
    there = people.visitor()
    log_in(there, "web-secret")
    here.goto("/account")
    here.get_by_label("The present one").fill("something else entirely")
    here.get_by_label("The new one").fill(NEW_PASSWORD)
    here.get_by_role("button", name="Change it", exact=True).click()
    expect(here.get_by_label("The present one")).to_have_attribute("aria-invalid", "true")
    here.get_by_label("The present one").fill(PASSWORD)
    here.get_by_role("button", name="Change it", exact=True).click()
    expect(here.get_by_text("The password is changed")).to_be_visible()
    # The other page is open all the time, and says so by itself.
    expect(there.get_by_role("link", name="Log in")).to_be_visible()
    expect(here.get_by_role("link", name="web-secret")).to_be_visible()
    there.goto("/login")
    there.get_by_label("Username").fill("web-secret")
    there.get_by_label("Password").fill(PASSWORD)
    there.get_by_role("button", name="Log in", exact=True).click()
    expect(there.get_by_role("main").get_by_role("alert")).to_be_visible()
    log_in(there, "web-secret", NEW_PASSWORD)


def test_the_tab_that_is_chosen_stands_in_view_on_a_phone(people: People) -> None:
    page = people.customer("web-tabs", width=NARROW)
    page.goto("/account?view=preferences")
    expect(page.get_by_role("tab", name="Preferences")).to_be_in_viewport(ratio=0.9)


def test_a_session_elsewhere_is_ended_and_the_page_there_knows_it(people: People) -> None:
    here = people.customer("web-two-places")
    there = people.visitor()
    log_in(there, "web-two-places")
    there.goto("/wallet")
    here.goto("/account?view=sessions")
    rows = here.get_by_role("region", name="Sessions").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="This one")).to_have_count(1)
    rows.filter(has_not_text="This one").get_by_role("button", name="End it").click()
    expect(rows).to_have_count(1)
    expect(there.get_by_text("Log in to see your wallet")).to_be_visible()
    rows.get_by_role("button", name="this session").click()
    expect(here.get_by_text("Log in to see your account")).to_be_visible()


def test_a_second_factor_is_set_up_asked_for_and_turned_off(people: People) -> None:
    page = people.customer("web-factor")
    app = _propose(page)
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("main").get_by_role("alert")).to_be_visible()
    # A code counts in its 30 s and those after: the one before leaves the present one for logging in.
    page.get_by_label("Code", exact=True).fill(app.at(_early_in_a_step() - STEP_S))
    page.get_by_role("button", name="Confirm").click()
    codes = page.locator("ul").filter(has=page.locator("code")).get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    page.get_by_role("button", name="I have them").click()
    expect(page.get_by_text("10 recovery codes are left.")).to_be_visible()

    page.get_by_role("button", name="Log out").last.click()
    page.goto("/login")
    page.get_by_label("Username").fill("web-factor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    code = page.get_by_label("Code of your second factor")
    code.fill("000000")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("main").get_by_role("alert")).to_be_visible()
    code.fill(app.now())
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("link", name="web-factor")).to_be_visible()

    page.goto("/account")
    page.get_by_label("Code, to turn it off").fill(recovery)
    page.get_by_role("button", name="Turn it off").click()
    expect(page.get_by_role("button", name="Turn it on")).to_be_visible()


def _propose(page: Page) -> TOTP:
    """Ask for a second factor and return the app that has its secret."""
    page.goto("/account")
    page.get_by_role("button", name="Turn it on").click()
    expect(page.get_by_role("img", name="QR code for an authenticator app")).to_be_visible()
    return TOTP(page.locator("form").filter(has_text="Scan this").locator("code").inner_text())


def test_whoever_leaves_before_they_have_their_recovery_codes_is_asked(people: People) -> None:
    page = people.customer("web-recovers", width=NARROW)
    app = _propose(page)
    factor = page.locator("section").filter(has=page.get_by_role("heading", name="Second factor"))
    expect(factor.get_by_text("Off", exact=True)).to_be_visible()
    assert overflow(page) <= 0
    page.get_by_label("Code", exact=True).fill(app.now())
    page.get_by_role("button", name="Confirm").click()
    codes = factor.get_by_role("listitem")
    expect(codes).to_have_count(10)
    expect(factor.get_by_text("On", exact=True)).to_be_visible()
    assert overflow(page) <= 0
    asked = page.get_by_role("dialog", name="Do you have the recovery codes?")
    page.get_by_role("tab", name="Sessions").click()
    asked.get_by_role("button", name="Show them again").click()
    expect(asked).to_be_hidden()
    expect(codes).to_have_count(10)
    page.get_by_role("link", name="Wallet").last.click()
    asked.get_by_role("button", name="Leave without them").click()
    expect(page.get_by_role("tab", name="Deposit")).to_be_visible()


def _early_in_a_step() -> float:
    """Return the time, at a moment from which a code stays good for some seconds."""
    left = STEP_S - time.time() % STEP_S
    if left < 8:
        time.sleep(left)
    return time.time()


def test_a_passkey_lets_one_in_without_a_password(people: People) -> None:
    page = people.visitor()
    at_home = people.server.url.replace("127.0.0.1", "localhost")
    devtools: Any = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": {**device, "isUserVerified": True}})
    register(page, "web-passkey", at=at_home)
    page.goto(f"{at_home}/account")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("What you call it").fill("A telephone")
    page.get_by_role("button", name="Add it").click()
    keys = page.get_by_role("region", name="Passkeys").locator("tbody tr")
    expect(keys).to_contain_text("A telephone")
    page.get_by_role("button", name="Log out").last.click()
    page.goto(f"{at_home}/login")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("link", name="web-passkey")).to_be_visible()
    page.goto(f"{at_home}/account")
    expect(keys).not_to_contain_text("never")
    page.get_by_role("button", name="Remove A telephone").click()
    page.get_by_role("dialog").get_by_role("button", name="Remove it").click()
    expect(page.get_by_text("You have no passkeys")).to_be_visible()
    page.get_by_role("button", name="Log out").last.click()
    page.goto(f"{at_home}/login")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_role("main").get_by_role("alert")).to_be_visible()


def test_a_key_for_programs_is_shown_once_works_and_is_ended(people: People) -> None:
    page = people.customer("web-program", USD="3")
    page.goto("/account?view=keys")
    page.get_by_label("What it is for").fill("My spreadsheet")
    page.get_by_role("button", name="Make it").click()
    dialog = page.get_by_role("dialog", name="Your new key")
    key = dialog.locator("code").inner_text()
    dialog.get_by_role("button", name="Close").click()
    rows = page.get_by_role("region", name="API keys").locator("tbody tr")
    expect(rows).to_contain_text("My spreadsheet")
    expect(page.get_by_text(key)).to_have_count(0)
    with httpx2.Client(base_url=people.server.url, headers={"Authorization": f"Bearer {key}"}) as program:
        assert program.get("/v1/users/me/balance").json()["cash"] == "3.00"
        rows.get_by_role("button", name="End it").click()
        expect(rows).to_contain_text("Ended")
        assert program.get("/v1/users/me/balance").status_code == httpx2.codes.UNAUTHORIZED


def test_limits_hold_at_once_and_whoever_stays_away_only_sees_what_they_have(people: People) -> None:
    page = people.customer("web-limits")
    user = people.id_of("web-limits")
    page.goto("/account?view=limits")
    page.get_by_label("Currency").select_option("EUR")
    page.get_by_label("At most a day").fill("50")
    page.get_by_role("button", name="Set these limits").click()
    expect(page.get_by_text("Your limits are set")).to_be_visible()
    people.post("/v1/deposits", {"user_id": user, "amount": "30.00", "currency": "EUR"})
    with pytest.raises(Refused, match="limit"):
        people.post("/v1/deposits", {"user_id": user, "amount": "30.00", "currency": "EUR"})
    page.reload()
    page.get_by_label("Currency").select_option("EUR")
    expect(page.get_by_label("At most a day")).to_have_value("50.00")
    expect(page.get_by_text("Paid in so far: 30.00 EUR").first).to_be_visible()
    page.get_by_label("At most a day").fill("80")
    page.get_by_role("button", name="Set these limits").click()
    expect(page.get_by_text("80.00 EUR a day")).to_be_visible()

    page.get_by_label("For").select_option("a week")
    page.get_by_role("button", name="Stay away").click()
    page.get_by_role("dialog").get_by_role("button", name="Yes, stay away").click()
    expect(page.get_by_text("Log in to see your account")).to_be_visible()
    # Whoever comes back sees what they have, and until when they stay away; they cannot pay anybody.
    log_in(page, "web-limits")
    page.goto("/account?view=limits")
    expect(page.get_by_text("You stay away until")).to_be_visible()
    people.post("/v1/users", {"username": "web-friend"})
    with pytest.raises(Refused, match="frozen"):
        people.post("/v1/transfers", {"from_user_id": user, "to_username": "web-friend", "amount": "1.00"})


def test_what_is_changed_before_the_server_says_what_it_keeps_is_kept(people: People) -> None:
    page = people.customer("web-hasty")
    held: list[Route] = []
    own = re.compile("/v1/me/preferences$")
    page.route(own, lambda route: held.append(route) if route.request.method == "GET" else route.continue_())
    with page.expect_request(own):
        page.goto("/account?view=preferences")
    page.get_by_label("Odds", exact=True).select_option("american")
    with page.expect_request(lambda request: request.method == "PUT" and request.url.endswith("/preferences")) as kept:
        held[0].continue_()
    assert (kept.value.post_data_json or {})["odds_format"] == "american"
    expect(page.get_by_label("Odds", exact=True)).to_have_value("american")


@pytest.mark.parametrize(
    ("kept", "typed", "look"),
    [("fractional", "5/2", "5/2"), ("american", "+250", "+250"), ("percent", "28.6", "28.6 %")],
)
def test_odds_are_shown_as_one_likes_them_and_sent_in_decimals(
    people: People, kept: str, typed: str, look: str
) -> None:
    name = f"web-{kept}"
    page = people.customer(name, USD="20")
    runners = [{"name": "Ash"}, {"name": "Oak"}]
    body = {"name": f"Odds {kept}", "runners": runners, "starts_at": "2030-01-01T12:00:00Z"}
    market = people.post("/v1/exchange/markets", body)["id"]
    page.goto("/account?view=preferences")
    with page.expect_response(lambda answer: answer.url.endswith("/preferences") and answer.request.method == "PUT"):
        page.get_by_label("Odds", exact=True).select_option(kept)
    page.goto(f"/markets/{market}")
    prices = page.get_by_role("table", name="Prices")
    prices.get_by_role("button", name="Back Ash").last.click()
    slip = page.get_by_role("form", name="Back Ash")
    slip.get_by_label("Odds").fill(typed)
    slip.get_by_label("Stake", exact=True).fill("2")
    slip.get_by_role("button", name="Place back").click()
    expect(page.get_by_text(f"Back Ash at {look}")).to_be_visible()
    expect(prices.get_by_role("button", name=f"Lay Ash at {look}")).to_be_visible()
    (order,) = people.get("/v1/exchange/orders", user_id=people.id_of(name), status="executable")["items"]
    assert order["odds"] == "3.50"
    # It is the person's, wherever they are.
    elsewhere = people.visitor()
    log_in(elsewhere, name)
    elsewhere.goto(f"/markets/{market}")
    expect(elsewhere.get_by_role("region", name="Unmatched orders")).to_contain_text(look)
