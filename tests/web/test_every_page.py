"""Every page, in both themes, on a desk and on a phone: nothing that axe calls serious, nothing wider than the window.

They are looked at in a house with simulated customers, so that there is something on them.
"""

import re
from dataclasses import asdict, dataclass
from typing import Final
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page, expect

from evens.edges.cli.api import Api
from evens.edges.cli.server_file import Target
from evens.sim.newcomers import newcomers
from tests.cli.program import Server, eventually
from tests.web.browsing import HEIGHT, NARROW, WIDE, Complaints, People, go_on, register
from tests.web.dialogs import Opening, asking, looked_at, press
from tests.web.looking import DIALOG, faults, wait_until_there

pytestmark = pytest.mark.e2e

FOR_ANYBODY: Final = ("/", "/sports", "/pools", "/challenges", "/leaders", "/login", "/register", "/nowhere")
FOR_CUSTOMERS: Final = (
    *("/wallet", "/wallet?view=deposit", "/wallet?view=withdraw", "/wallet?view=transfer"),
    *("/bets", "/bets?status=all", "/notifications", "/challenges?status=mine", "/challenges?status=new", "/following"),
    *(f"/account?view={each}" for each in ("security", "sessions", "keys", "limits", "profile", "preferences")),
)
SECTIONS: Final = ("approvals", "markets", "events", "rounds", "customers", "withdrawals", "house", "ledger", "journal")
FOR_OPERATORS: Final = ("/console", *(f"/console?view={each}" for each in SECTIONS))


@dataclass(frozen=True)
class Things:
    """What there is in the house, by id, of each kind that has a page."""

    market: str
    event: str
    pool: str
    round: str
    customer: str
    order: str
    bet: str
    challenge: str
    transfer: str
    approval: str
    person: str
    follow: str

    @property
    def for_anybody(self) -> tuple[str, ...]:
        """The pages of a challenge's link, and of somebody as others see them."""
        return (f"/c/{self.challenge}", f"/people/{self.person}", f"/people/{self.person}?period=day&product=exchange")

    @property
    def for_customers(self) -> tuple[str, ...]:
        """The pages of things as customers see them."""
        return (
            *(f"/markets/{self.market}", f"/markets/{self.market}?view=chart", f"/markets/{self.market}?view=trades"),
            *(f"/orders/{self.order}", f"/sports/{self.event}", f"/bets?status=all&bet={self.bet}"),
            *(f"/pools/{self.pool}", f"/pools/{self.round}", f"/c/{self.challenge}", f"/people/{self.person}"),
            f"/following/{self.follow}",
        )

    @property
    def for_operators(self) -> tuple[str, ...]:
        """The pages of things as operators see them."""
        found = asdict(self) | {"record": "3", "ledger": f"{self.customer}.USD.cash"}
        # What they show of themselves is no page of the console, and whom they follow is theirs.
        del found["person"], found["follow"]
        return (*(f"/console?view={view}&id={id}" for view, id in found.items()), "/console?view=search&q=usr_1")

    @property
    def with_deeds(self) -> tuple[str, ...]:
        """The pages of the console that ask something before they do it."""
        views = {"market": self.market, "event": self.event, "round": self.round, "pool": self.pool}
        views |= {"customer": self.customer, "transfer": self.transfer}
        lists = (f"/console?view={each}" for each in ("markets", "events", "rounds", "house"))
        return (*lists, *(f"/console?view={view}&id={id}" for view, id in views.items()))

    @property
    def openings(self) -> tuple[Opening, ...]:
        """What opens above the pages of customers."""
        market, follow = f"/markets/{self.market}", f"/following/{self.follow}"
        return (
            Opening("more places", "/", press("More"), within="#more-places", widths=(NARROW,)),
            Opening("slip of the exchange", market, press(re.compile("^Back .* at")), within="form"),
            Opening("one-click betting", market, press("One-click betting", role="switch"), widths=(WIDE,)),
            Opening("cash-out", "/bets", press("Cash out")),
            Opening("payment", "/wallet?view=transfer&currency=USD", _pay),
            Opening("limits of a follow", follow, press("Change limits")),
            Opening("end of a follow", follow, press("Stop")),
            Opening("staying away", "/account?view=limits", press("Stay away")),
            Opening("a new key", "/account?view=keys", _make_key),
            Opening("a message", "/account?view=profile", press("Keep"), within=None),
            Opening("slip of the sportsbook", "/sports", _pick, within="form"),
        )


def _pay(page: Page) -> None:
    page.get_by_label("To (username)").fill("bo")
    page.get_by_label("Amount").fill("1")
    page.get_by_role("button", name="Go on").click()


def _make_key(page: Page) -> None:
    page.get_by_label("What it is for").fill("Looking")
    page.get_by_role("button", name="Make it").click()


def _pick(page: Page) -> None:
    """Put a selection into the slip, and open it where it does not stand beside the page."""
    page.get_by_role("article").get_by_role(
        "button", name=re.compile(r"\d\.\d\d$"), pressed=False, disabled=False
    ).first.click()
    if page.viewport_size == {"width": NARROW, "height": HEIGHT}:
        page.get_by_role("button", name=re.compile("^Bet slip")).click()


@pytest.fixture(scope="module")
def things(browser: Browser, house: Server) -> Things:
    """Find one of each kind of thing in the house, or make it."""
    people = People(browser, house, Complaints())
    names = [each.username for each in newcomers(2)]
    customer = people.id_of(names[0])
    market = people.get("/v1/exchange/markets", status="open")["items"][0]["id"]
    deposit = people.post("/v1/deposits", {"user_id": customer, "amount": "20.00", "currency": "USD"})
    runners = [{"name": "Ash"}, {"name": "Oak"}]
    own = people.post(
        "/v1/exchange/markets", {"name": "Looked at", "runners": runners, "starts_at": "2030-01-01T12:00:00Z"}
    )["id"]
    order = {"market_id": own, "runner_id": "1", "side": "back", "odds": "3.00", "stake": "5.00"}
    claim = {"title": "It snows in May", "side": "back", "odds": "3.0", "stake": "5.00", "currency": "USD"}
    claim |= {"resolver": people.id_of(names[1]), "expires_at": "2030-01-01T00:00:00Z"}
    settling = {"what": "settle_market", "id": own, "body": {"winners": ["1"]}}
    bets: list[dict[str, str]] = []

    def they_have_bet() -> bool:
        bets.extend(people.get("/v1/sportsbook/bets", user_id=customer)["items"])
        return bool(bets)

    assert eventually(they_have_bet)
    round = people.get("/v1/pools/rounds", limit="1")["items"][0]
    return Things(
        market=market,
        event=people.get("/v1/sportsbook/events")["items"][0]["id"],
        pool=round["pool"],
        round=f"{round['pool']}/{round['code']}",
        customer=customer,
        order=people.post("/v1/exchange/orders", {"user_id": customer, **order})["id"],
        bet=bets[0]["id"],
        challenge=people.post("/v1/challenges", {"user_id": customer, **claim})["token"],
        transfer=deposit["id"],
        approval=people.post("/v1/approvals", {"request": settling, "reason": "Ash was first"})["id"],
        person=names[0],
        follow=_follow_of(people, customer),
    )


def _follow_of(people: People, customer: str) -> str:
    """Return a follow of a customer of the demo, once something was copied."""
    key = people.post("/v1/api-keys", {"role": "customer", "user_id": customer})["key"]
    found: list[str] = []
    with Api(Target(people.server.url, key)) as own:

        def has_copied() -> bool:
            follows = own.get("/v1/follows")["items"]
            found.extend(each["id"] for each in follows if own.get(f"/v1/follows/{each['id']}/copies")["items"])
            return bool(found)

        assert eventually(has_copied)
    return found[0]


def _enter(people: People, guest: str) -> Page:
    """Return the page of a customer or operator of the demo."""
    page = people.visitor()
    page.goto("/")
    page.get_by_role("button", name=f"Enter as {guest}").click()
    expect(page.get_by_role("link", name="Account of")).to_be_visible()
    return page


@pytest.mark.parametrize("guest", [None, "customer", "operator"])
def test_no_page_has_a_serious_fault(browser: Browser, house: Server, things: Things, guest: str | None) -> None:
    complaints = Complaints(expects_refusals=False)
    people = People(browser, house, complaints)
    page = people.visitor() if guest is None else _enter(people, guest)
    paths = FOR_ANYBODY + things.for_anybody
    if guest == "customer":
        paths = FOR_CUSTOMERS + things.for_customers
    if guest == "operator":
        paths = FOR_OPERATORS + things.for_operators
    found: list[str] = []
    for path in paths:
        # A page is loaded by its address for visitors here, and for customers in test_every_state.
        if guest is None:
            page.goto(path)
        else:
            go_on(page, path)
        wait_until_there(page)
        # It is the page that was asked for, and not one that says that something went wrong.
        shown = unquote(page.url.removeprefix(house.url)).replace('"', "")
        assert shown == path or (path.startswith("/orders/") and shown.startswith("/markets/"))
        expect(page.get_by_role("main").get_by_role("alert")).to_have_count(0)
        found += faults(page, f"{path} as {guest or 'a visitor'}")
    people.close()
    assert found == []
    assert complaints.said == []


def test_no_dialog_of_the_console_has_a_serious_fault(browser: Browser, house: Server, things: Things) -> None:
    complaints = Complaints(expects_refusals=False)
    people = People(browser, house, complaints)
    page = _enter(people, "operator")
    found: list[str] = []
    opened: set[str] = set()
    for path in things.with_deeds:
        for title, shown in asking(page, path):
            found += faults(shown, f"dialog of {path}: {title}".lower(), within=DIALOG)
            opened.add(title)
    people.close()
    assert found == []
    assert len(opened) > len(things.with_deeds)
    assert complaints.said == []


def test_nothing_that_opens_above_a_page_has_a_serious_fault(browser: Browser, house: Server, things: Things) -> None:
    # In a busy house a cash-out may be refused at the moment in which its dialog opens.
    complaints = Complaints()
    people = People(browser, house, complaints)
    page = _enter(people, "customer")
    found: list[str] = []
    for opening in things.openings:
        found += looked_at(page, opening)
    people.close()
    assert found == []
    assert complaints.said == []


def test_whoever_joins_a_demo_books_play_money_and_bets(browser: Browser, house: Server) -> None:
    complaints = Complaints()
    people = People(browser, house, complaints)
    page = people.visitor()
    register(page, "web-joins")
    page.goto("/wallet?currency=USD&view=deposit")
    page.get_by_label("Amount").fill("40")
    page.get_by_role("button", name="Deposit play money").click()
    expect(page.get_by_text("40.00 USD is yours to play with")).to_be_visible()
    page.goto("/pools")
    page.get_by_role("main").get_by_role("link").first.click()
    page.get_by_label("Stake", exact=True).fill("5")
    page.get_by_role("button", name="Stake on up").click()
    expect(page.get_by_text("5.00 USD on up")).to_be_visible()
    page.get_by_role("button", name="Enter as second operator").click()
    expect(page.get_by_role("heading", name="Console")).to_be_visible()
    people.close()
    assert complaints.said == []
