"""Valid and invalid forms of e-mail addresses."""

import pytest

from evens.identity.emails import check_email
from evens.identity.errors import EmailInvalid


@pytest.mark.parametrize(
    "email",
    [
        "ada@example.com",
        "Ada.Lovelace+bets@mail.example.co.uk",
        "o'hara_1@a-b.example",
        "jürgen@müller.example",
        "用户@例子.公司",
        "राम@उदाहरण.भारत",
        "a@1.example",
        "a" * 64 + "@example.com",
        "a@" + ".".join(["b" * 59] * 4) + ".example",
    ],
)
def test_an_address_is_accepted_as_given(email: str) -> None:
    assert check_email(email) == email


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "ada@@example.com",
        "ada@example.com@example.com",
        "ada lovelace@example.com",
        "ada@exam ple.com",
        " ada@example.com",
        "ada@example.com\n",
        ".ada@example.com",
        "ada.@example.com",
        "a..da@example.com",
        "ada@.example.com",
        "ada@example..com",
        "ada@example.com.",
        "ada@-example.com",
        "ada@example-.com",
        "ada@exa_mple.com",
        "Ada <ada@example.com>",
        '"ada"@example.com',
        "ada@example.com,bob@example.com",
        "ada\0@example.com",
        "ada\u202e@example.com",
        "ada\ud800@example.com",
        "a" * 65 + "@example.com",
        "a@" + "b" * 64 + ".example",
        "a" * 60 + "@" + ".".join(["b" * 60] * 3) + ".example.com",
    ],
)
def test_what_cannot_be_an_address_is_refused(email: str) -> None:
    with pytest.raises(EmailInvalid) as refusal:
        check_email(email)
    assert (refusal.value.field, refusal.value.code) == ("email", "email_invalid")


def test_a_hostile_address_is_refused_without_delay() -> None:
    with pytest.raises(EmailInvalid):
        check_email("a." * 31 + "@" + "b" * 254)
    with pytest.raises(EmailInvalid):
        check_email("a@" + "b-" * 126)
