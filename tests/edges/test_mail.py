"""Mails about logins: handed to a real SMTP server, with and without TLS, and what happens if it does not take them."""

import asyncio
import dataclasses
import ssl
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from evens.edges.http.login.mails import Mail, MailFailed
from evens.edges.mail.smtp import SmtpMailer, SmtpServer
from evens.settings import SettingsInvalid, parse_smtp_url, read_settings
from tests.certificates import LOOPBACK, make_certificate
from tests.edges.conftest import Caller, OpenHouse

pytestmark = pytest.mark.anyio

FROM = "Evens <desk@example.com>"
MAIL = Mail("ada@example.com", "Hello", "How are you? Žluťoučký kůň.\n")


class Postbox:
    """Keeps what a mail server is given, or refuses it."""

    def __init__(self) -> None:
        self.port = 0
        self.refuses = False
        self.envelopes: list[Envelope] = []
        self.logins: list[tuple[bytes, bytes]] = []

    async def take(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:
        if self.refuses:
            return "550 No such mailbox"
        self.envelopes.append(envelope)
        return "250 Taken"

    def authenticate(self, _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append((given.login, given.password))
        return AuthResult(success=given.password == b"se cret")

    @property
    def messages(self) -> list[EmailMessage]:
        """The messages, parsed."""
        found: list[EmailMessage] = []
        for envelope in self.envelopes:
            assert isinstance(envelope.content, bytes)
            found.append(message_from_bytes(envelope.content, policy=policy.default))
        return found


@asynccontextmanager
async def serving(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncGenerator[Postbox]:
    """Run a mail server on a port that is free."""
    box = Postbox()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            SimpleNamespace(handle_DATA=box.take),
            hostname="mail.example.com",
            tls_context=starttls,
            authenticator=box.authenticate,
            loop=loop,
            **options,
        ),
        LOOPBACK,
        0,
        ssl=tls,
    )
    box.port = server.sockets[0].getsockname()[1]
    async with server:
        yield box


@pytest.fixture
async def postbox() -> AsyncIterator[Postbox]:
    async with serving() as box:
        yield box


def plain(box: Postbox) -> SmtpMailer:
    return SmtpMailer(SmtpServer("smtp+plain", LOOPBACK, box.port), FROM)


async def test_a_mail_is_handed_over(postbox: Postbox) -> None:
    """Hold 19: mail delivery by an SMTP setting."""
    await plain(postbox).send(MAIL)
    (envelope,), (message,) = postbox.envelopes, postbox.messages
    assert (envelope.mail_from, envelope.rcpt_tos) == ("desk@example.com", ["ada@example.com"])
    assert (message["From"], message["To"], message["Subject"]) == (FROM, MAIL.to, MAIL.subject)
    assert message["Date"]
    assert message["Message-ID"].endswith("@example.com>")
    assert message.get_content().replace("\r\n", "\n") == MAIL.text


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_mail_is_handed_over_encrypted_and_with_a_login(scheme: str, tmp_path: Path) -> None:
    """Hold 19: a password goes to the mail server only over TLS."""
    shown, trusting = make_certificate(tmp_path, LOOPBACK)
    starts = scheme == "smtp"
    options = {"require_starttls": starts, "auth_require_tls": starts}
    async with serving(starttls=shown if starts else None, tls=None if starts else shown, **options) as box:
        server = SmtpServer(scheme, LOOPBACK, box.port, "desk", "se cret")
        await SmtpMailer(server, FROM, ssl_context=trusting).send(MAIL)
        assert len(box.envelopes) == 1
        assert box.logins == [(b"desk", b"se cret")]
        box.logins.clear()
        with pytest.raises(MailFailed, match=f"{LOOPBACK}:{box.port} says"):
            await SmtpMailer(server, FROM).send(MAIL)
        assert box.logins == []


async def test_without_starttls_nothing_is_sent_in_the_clear(postbox: Postbox) -> None:
    with pytest.raises(MailFailed):
        await SmtpMailer(SmtpServer("smtp", LOOPBACK, postbox.port, "desk", "se cret"), FROM).send(MAIL)
    assert postbox.envelopes == []
    assert postbox.logins == []


async def test_a_reset_token_is_mailed_and_not_shown(house: OpenHouse, operator: Caller, postbox: Postbox) -> None:
    """Hold 19: an operator has a reset token mailed."""
    ada = await house.user("ada", "correct horse")
    give_mailer(house, plain(postbox))
    answer = await operator.post(f"/v1/users/{ada.id}/reset-token", {"delivery": "mail"})
    assert answer.status_code == 201
    assert (answer.json()["token"], answer.json()["mailed_to"]) == (None, "ada@example.com")
    (message,) = postbox.messages
    (token,) = [word for word in message.get_content().split() if word.startswith("evp_")]
    used = await house.nobody.post("/v1/auth/reset", {"token": token, "new": "battery staple"})
    assert used.status_code == 204


async def test_a_mail_links_to_the_page_for_new_passwords(house: OpenHouse, operator: Caller, postbox: Postbox) -> None:
    ada = await house.user("ada", "correct horse")
    server = SmtpServer("smtp+plain", LOOPBACK, postbox.port)
    give_mailer(house, SmtpMailer(server, FROM, "https://bets.example/reset"))
    await operator.post(f"/v1/users/{ada.id}/reset-token", {"delivery": "mail"})
    assert "https://bets.example/reset#token=evp_" in postbox.messages[0].get_content()


async def test_a_token_that_cannot_be_mailed_is_of_no_use(house: OpenHouse, operator: Caller, postbox: Postbox) -> None:
    ada = await house.user("ada", "correct horse")
    give_mailer(house, plain(postbox))
    postbox.refuses = True
    answer = await operator.post(f"/v1/users/{ada.id}/reset-token", {"delivery": "mail"})
    assert (answer.status_code, answer.json()["code"]) == (503, "mail_failed")
    assert "No such mailbox" in answer.json()["detail"]
    bob = (await operator.post("/v1/users", {"username": "bob"})).json()
    answer = await operator.post(f"/v1/users/{bob['id']}/reset-token", {"delivery": "mail"})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "delivery")
    async with house.database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM evens.reset_tokens") == 0


def give_mailer(house: OpenHouse, mailer: SmtpMailer) -> None:
    """Let a house that is open already send mail."""
    house.app.state.services = dataclasses.replace(
        house.services, login=dataclasses.replace(house.services.login, mailer=mailer)
    )


def test_an_smtp_setting_is_read() -> None:
    assert parse_smtp_url("smtps://desk%40x:se%20cret@mail.example.com") == (
        "smtps",
        "mail.example.com",
        465,
        "desk@x",
        "se cret",
    )
    assert parse_smtp_url("smtp://mail.example.com:2525") == ("smtp", "mail.example.com", 2525, None, None)
    assert "se cret" not in repr(SmtpServer("smtp", "mail.example.com", 25, "desk", "se cret"))


@pytest.mark.parametrize("url", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://host/path", ""])
def test_an_smtp_setting_that_makes_no_sense_stops_the_start(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENS_SMTP_URL", url)
    with pytest.raises(SettingsInvalid, match="EVENS_SMTP_URL"):
        read_settings()


def test_mail_needs_an_address_to_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVENS_SMTP_URL", "smtp://mail.example.com")
    with pytest.raises(SettingsInvalid, match="EVENS_SMTP_FROM"):
        read_settings()
    monkeypatch.setenv("EVENS_SMTP_FROM", FROM)
    assert read_settings().smtp_from == FROM
