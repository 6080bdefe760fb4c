"""The signer: what it signs, what it refuses, and who may read its key."""

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account

from evens.feeds.chain.evm.signer import KeyFileInvalid, Signer, SignerRules, make_key, read_key
from evens.feeds.chain.evm.transfer_call import transfer_data

TOKEN = "0x" + "70" * 20
RECIPIENT = "0x" + "b0" * 20
RULES = SignerRules(chain_id=1, token=TOKEN, units_max=1_000, units_per_day_max=2_500, fee_wei_max=100)
PAYMENT = {
    "ask": "payment",
    "recipient": RECIPIENT,
    "units": "1000",
    "nonce": "0",
    "gas": "90000",
    "fee_wei": "100",
    "tip_wei": "1",
}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def signer(tmp_path: Path, clock: Clock) -> Signer:
    make_key(tmp_path / "key")
    return Signer(read_key(tmp_path / "key"), RULES, clock)


def ask(signer: Signer, **change: str) -> dict[str, Any]:
    return signer.answer(json.dumps(PAYMENT | change).encode())


def test_it_makes_the_transaction_by_itself(signer: Signer, tmp_path: Path) -> None:
    """Pools 5: a payment of its own token on its own chain, from its own account."""
    answer = ask(signer)
    address = read_key(tmp_path / "key").address
    assert Account.recover_transaction(answer["raw"]) == address
    assert TOKEN[2:] in answer["raw"]
    assert transfer_data(RECIPIENT, 1_000)[2:] in answer["raw"]
    assert signer.answer(b'{"ask": "identity"}') == {"address": address.lower(), "chain_id": 1, "token": TOKEN}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"units": "1001"}, "more than the 1000 of one payment"),
        ({"units": "0"}, "at least one unit"),
        ({"units": "-1"}, "whole numbers"),
        ({"units": "1e3"}, "whole numbers"),
        ({"nonce": "٣"}, "whole numbers"),
        ({"fee_wei": "101"}, "more than 100"),
        ({"tip_wei": "101"}, "more than 100"),
        ({"gas": "500001"}, "more than the 500000"),
        ({"recipient": "0x" + "0" * 40}, "an address that somebody has"),
        ({"recipient": RECIPIENT[:-1]}, "an address that somebody has"),
        ({"data": "0x"}, "exactly these fields"),
        ({"ask": "key"}, "neither a payment"),
    ],
)
def test_it_refuses_what_is_against_its_rules(signer: Signer, change: dict[str, str], why: str) -> None:
    """Pools 5: whatever the server asks for, limits are the signer's own."""
    answer = ask(signer, **change)
    assert list(answer) == ["refused"]
    assert why in answer["refused"]


@pytest.mark.parametrize("line", [b"", b"\n", b"[]", b"{", b"\xff\xfe", b"null", b'{"ask": ["payment"]}'])
def test_what_is_no_request_is_refused(signer: Signer, line: bytes) -> None:
    assert list(signer.answer(line)) == ["refused"]


def test_a_day_has_a_limit_and_a_higher_fee_is_no_other_payment(signer: Signer, clock: Clock) -> None:
    """Pools 5: fee bumping does not use up the day's limit."""
    assert "raw" in ask(signer, nonce="0")
    assert "raw" in ask(signer, nonce="0", fee_wei="99")
    assert "raw" in ask(signer, nonce="1")
    assert "units of a day" in ask(signer, nonce="2")["refused"]
    assert "raw" in ask(signer, nonce="2", units="500")
    clock.now = 86_400
    assert "raw" in ask(signer, nonce="3")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Pools 5: the signer's key file is its owner's alone."""
    key = tmp_path / "key"
    address = make_key(key)
    assert (key.stat().st_mode & 0o777, read_key(key).address) == (0o600, address)
    key.chmod(0o640)
    with pytest.raises(KeyFileInvalid, match="chmod 600"):
        read_key(key)


@pytest.mark.parametrize("text", ["", "abc", "0x" + "1" * 63, "g" * 64])
def test_a_file_without_a_key_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    key = tmp_path / "key"
    key.touch(0o600)
    key.write_text(text)
    with pytest.raises(KeyFileInvalid) as refused:
        read_key(key)
    assert not text or text not in str(refused.value)


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    with pytest.raises(FileExistsError):
        make_key(tmp_path / "key")
