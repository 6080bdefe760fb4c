"""Clients of a program on the same machine use no proxy, and read the authorities only where they need them."""

import ssl

import pytest

from evens.one_machine import client_options


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost/x", "http://[::1]:80"])
def test_plain_http_on_this_machine_trusts_no_authority_and_uses_no_proxy(url: str) -> None:
    options = client_options(url)
    assert not options["trust_env"]
    assert isinstance(options["verify"], ssl.SSLContext)
    assert options["verify"].verify_mode is ssl.CERT_REQUIRED
    assert options["verify"].get_ca_certs() == []


@pytest.mark.parametrize(
    ("url", "uses_proxy"), [("https://127.0.0.1", False), ("http://house", True), ("https://h", True)]
)
def test_all_others_trust_the_authorities_of_the_system(url: str, uses_proxy: bool) -> None:
    assert client_options(url) == {"trust_env": uses_proxy, "verify": True}
