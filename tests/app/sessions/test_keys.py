import hashlib
from pathlib import Path

import pytest

from app.sessions import InvalidKey, SessionStore, digest, is_valid, mint, public_id

from .helpers import tree

FORGED = [
    None,
    0,
    b"A" * 43,
    ["A" * 43],
    "",
    "A" * 42,
    "A" * 44,
    "A" * 1_000_000,
    "A" * 42 + "\n",
    "A" * 43 + "\n",
    "A" * 42 + "é",
    "A" * 42 + "\uff21",  # a full-width A
    "A" * 42 + "\u0660",  # an Arabic digit
    "A" * 42 + "\ud800",
    "A" * 42 + "\0",
    "A" * 42 + "=",
    "../" * 14 + "x",
    "/etc/passwd".ljust(43, "/"),
    "A" * 41 + "/.",
    "%2e%2e%2f" * 4 + "AAAAAAA",
]


def test_minted_keys_are_valid_and_never_repeat() -> None:
    """A key is 43 URL-safe characters, and no two are alike."""
    minted = {mint() for _ in range(1000)}
    assert len(minted) == 1000
    assert all(len(key) == 43 and is_valid(key) for key in minted)


def test_public_id_is_the_first_eight_hex_digits_of_the_hash() -> None:
    """What pages and logs show of a key can be computed by a black-box test."""
    key = "A" * 43
    assert digest(key) == hashlib.sha256(key.encode()).hexdigest()
    assert public_id(key) == digest(key)[:8]


@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: ascii(forged)[:24])
def test_forged_keys_touch_nothing(forged: object, store: SessionStore, tmp_path: Path) -> None:
    """Whatever is not a key is refused, without being quoted, before the volume is touched."""
    before = tree(tmp_path)
    assert not is_valid(forged)
    with pytest.raises(InvalidKey) as refusal:
        store.open(forged)
    assert str(refusal.value) == "This is not a session key: it must be 43 URL-safe characters."
    assert tree(tmp_path) == before


def test_valid_keys_stay_inside_the_volume(tmp_path: Path, store: SessionStore) -> None:
    """A key made of the oddest characters a key may hold names one file of the volume."""
    for key in ("-" * 43, "_" * 43, "0" * 43):
        store.open(key).messages.append({"text": "x"})
    assert {name.split("/")[0] for name in tree(tmp_path)} == {"volume"}
    logs = list(store.root.rglob("*.log"))
    assert len(logs) == 3
    assert not any(key in str(log) for log in logs for key in ("-" * 43, "_" * 43, "0" * 43))
