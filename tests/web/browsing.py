"""People at browsers: Debian's Chromium, driven by Playwright, and what a page must not do."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from evens.edges.cli.api import Api
from evens.edges.cli.server_file import Target
from evens.edges.http.protocol.cookies import APP_HEADER, APP_VALUE
from tests.cli.program import Server

PASSWORD = "a walk along the harbour wall"
PATIENCE_MS = 20_000
WIDE = 1440
NARROW = 360
HEIGHT = 900

Theme = Literal["light", "dark"]

_CUT_OFF = ("net::ERR_CONNECTION", "net::ERR_INTERNET_DISCONNECTED", "WebSocket connection to")
_REFUSED = ("the server responded with a status of 4",)
"""What the browser writes down by itself when a form is refused, which the page shows."""
_FAILED = ("the server responded with a status of 5",)

_GO_ON = """([path, patience]) => new Promise((arrived, late) => {
    const router = window.__TSR_ROUTER__;
    const stop = router.subscribe("onRendered", () => {
        stop();
        arrived();
    });
    setTimeout(() => late(new Error(`${path} has not come`)), patience);
    void router.navigate({ href: path });
})"""
"""Ask the app's router for a page, and wait until it is drawn."""

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Complaints:
    """What a page should not have said: errors of its scripts, and what its security policy stopped."""

    said: list[str] = field(default_factory=list[str])
    expects_refusals: bool = True
    expects_cuts: bool = False
    expects_failures: bool = False

    def hear(self, page: Page) -> None:
        """Listen to a page from now on."""
        page.on("pageerror", lambda error: self.said.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._console(page, message))

    def _console(self, page: Page, message: ConsoleMessage) -> None:
        expected = (
            (_REFUSED if self.expects_refusals else ())
            + (_CUT_OFF if self.expects_cuts else ())
            + (_FAILED if self.expects_failures else ())
        )
        if message.type == "error" and not any(each in message.text for each in expected):
            self.said.append(f"{page.url}: {message.text}")


class People:
    """Opens browsers for people on one server."""

    def __init__(self, browser: Browser, server: Server, complaints: Complaints) -> None:
        self.server = server
        self.complaints = complaints
        self._browser = browser
        self._open: list[BrowserContext] = []

    def visitor(self, *, theme: Theme = "light", width: int = WIDE) -> Page:
        """Return a page of a browser that has never been here."""
        context = self._browser.new_context(
            base_url=self.server.url,
            color_scheme=theme,
            viewport={"width": width, "height": HEIGHT},
            has_touch=width < 600,
            timezone_id="Europe/Vienna",
            locale="en-GB",
        )
        context.set_default_timeout(PATIENCE_MS)
        self._open.append(context)
        page = context.new_page()
        self.complaints.hear(page)
        return page

    def customer(self, name: str, *, theme: Theme = "light", width: int = WIDE, **cash: str) -> Page:
        """Return the page of somebody new who has an account, this much money in each currency, and logged in."""
        page = self.visitor(theme=theme, width=width)
        self._enter(page, "register", username=name, email=f"{name}@example.org", password=PASSWORD)
        user = self.id_of(name)
        with self.api() as api:
            for currency, amount in cash.items():
                api.post("/v1/deposits", {"user_id": user, "amount": amount, "currency": currency})
        page.goto("/")
        expect(page.get_by_role("link", name=f"Account of {name}")).to_be_visible()
        return page

    def operator(self, name: str, *, role: str = "operator", theme: Theme = "light", width: int = WIDE) -> Page:
        """Return the page of an operator or administrator, logged in, at the console."""
        page = self.visitor(theme=theme, width=width)
        self._enter(page, "register", username=name, email=f"{name}@example.org", password=PASSWORD)
        with self.api() as api:
            api.put(f"/v1/users/{self.id_of(name)}/role", {"role": role})
        # With another role one logs in anew.
        self._enter(page, "login", login=name, password=PASSWORD)
        page.goto("/console")
        expect(page.get_by_role("heading", name="Console")).to_be_visible()
        return page

    def _enter(self, page: Page, by: str, **body: str) -> None:
        """Do what a form of the app does: ask for a session, whose cookie is from then on the browser's."""
        own = {"Origin": self.server.url, APP_HEADER: APP_VALUE}
        answer = page.context.request.post(f"/v1/auth/{by}", data={**body, "cookie": True}, headers=own)
        assert answer.ok, answer.text()

    @contextmanager
    def api(self) -> Generator[Api]:
        """Ask the server as its administrator."""
        with Api(Target(self.server.url, self.server.key)) as api:
            yield api

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """Post as the administrator and return the answer."""
        with self.api() as api:
            return api.post(path, body).document

    def get(self, path: str, **query: str) -> Any:
        """Read as the administrator."""
        with self.api() as api:
            return api.get(path, **query)

    def id_of(self, name: str) -> str:
        """Return somebody's id."""
        with self.api() as api:
            return str(api.find_user(name)["id"])

    def close(self) -> None:
        """Close every browser."""
        for context in self._open:
            context.close()
        self._open.clear()


def register(page: Page, name: str, *, at: str = "") -> None:
    """Open an account by the form and be logged in; ``at`` is the origin if it is not the browser's usual one."""
    page.goto(f"{at}/register")
    page.get_by_label("Username").fill(name)
    page.get_by_label("E-mail").fill(f"{name}@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Open an account").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def log_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Log in by the form."""
    page.goto("/login")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def go_on(page: Page, path: str) -> None:
    """Go from a page to another one as a link of the app does: nothing is loaded anew. It must not be the same page."""
    page.evaluate(_GO_ON, [path, PATIENCE_MS])


def blank_below(page: Page) -> int:
    """Return by how many pixels a page goes on below all that is on it."""
    return int(
        page.evaluate(
            """() => {
                const { scrollHeight, clientHeight } = document.documentElement;
                const end = document.body.getBoundingClientRect().bottom + scrollY;
                return scrollHeight - Math.max(clientHeight, Math.ceil(end));
            }"""
        )
    )


def overflow(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
