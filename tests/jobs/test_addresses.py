"""Allowed destinations of webhooks: public addresses by https, whatever the host name."""

from collections.abc import Sequence
from ipaddress import IPv4Address

import pytest

from evens.edges.jobs.addresses import DestinationRefused, Destinations

pytestmark = pytest.mark.anyio

PUBLIC = "93.184.215.14"


def resolving(*addresses: str) -> Destinations:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return Destinations(allow_private=False, resolve=resolve)


@pytest.mark.parametrize(
    "address",
    [
        str(IPv4Address(0)),
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.1.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff0e::1",
    ],
)
async def test_an_address_that_is_not_a_public_machine_is_refused(address: str) -> None:
    with pytest.raises(DestinationRefused, match="leads to"):
        await resolving(address).check("https://hooks.example/")


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
async def test_a_public_address_is_fine_on_any_port(address: str) -> None:
    destinations = resolving(address)
    await destinations.check("https://hooks.example/")
    await destinations.check("https://hooks.example:8443/a?b=c")


async def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(DestinationRefused, match=r"leads to 10\.0\.0\.1"):
        await resolving(PUBLIC, "10.0.0.1").check("https://hooks.example/")


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:7f00:1]"]
)
async def test_a_host_that_resolves_to_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(DestinationRefused, match="leads to"):
        await Destinations(allow_private=False).check(f"https://{host}/hook")


async def test_a_host_without_an_address_is_refused() -> None:
    with pytest.raises(DestinationRefused, match="cannot be found"):
        await Destinations(allow_private=True).check("https://nobody.invalid/hook")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example/", "https://"),
        ("ftp://hooks.example/", "absolute URL"),
        ("file:///etc/passwd", "absolute URL"),
        ("hooks.example/hook", "absolute URL"),
        ("https:///hook", "absolute URL"),
        ("https://0177.0.0.1/", "absolute URL"),
        ("", "absolute URL"),
        ("https://hooks.example/\x00", "absolute URL"),
        ("https://hooks.example/\ud800", "absolute URL"),
        ("https://ann:secret@hooks.example/", "user name"),
        ("https://hooks.example@127.0.0.1/", "user name"),
        ("https://hooks.example/#part", "fragment"),
        ("https://hooks.example/#", "fragment"),
        ("https://hooks.example:0/", "port"),
        ("https://hooks.example:65536/", "port"),
        ("https://hooks.example/" + "a" * 2048, "at most"),
    ],
)
async def test_a_url_of_the_wrong_form_is_refused(url: str, why: str) -> None:
    with pytest.raises(DestinationRefused, match=why):
        await resolving(PUBLIC).check(url)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.1.2.3", "[::1]", "[fd12:3456::1]"])
async def test_private_addresses_and_plain_http_are_fine_where_the_operator_allows_them(host: str) -> None:
    await Destinations(allow_private=True).check(f"http://{host}:8080/hook")


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "100.100.100.200", "[fd00:ec2::254]", "[fe80::1]", str(IPv4Address(0))]
)
async def test_cloud_credentials_are_out_of_reach_even_then(host: str) -> None:
    with pytest.raises(DestinationRefused, match="leads to"):
        await Destinations(allow_private=True).check(f"http://{host}/latest/meta-data")
