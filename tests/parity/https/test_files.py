"""An authority is made once, a certificate when it is due, and keys are nobody else's to read."""

from __future__ import annotations

import os
import stat
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from parity.errors import ParityError
from parity.https import authority, files

if TYPE_CHECKING:
    from pathlib import Path

    from parity.https.files import Files


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """Give the files of a stack, made a moment ago."""
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    found = files.of("p")
    files.ensure(found, "p")
    return found


def contents(found: Files) -> dict[str, bytes]:
    """Return every file by name."""
    return {path.name: path.read_bytes() for path in found.folder.rglob("*") if path.is_file()}


def test_what_is_good_stays(kept: Files) -> None:
    """So that nobody has to trust a new authority for nothing, and nginx runs on."""
    before, fingerprint = contents(kept), kept.fingerprint
    files.ensure(kept, "p")
    assert contents(kept) == before
    assert kept.fingerprint == fingerprint


def test_certificate_is_renewed_by_the_same_authority(kept: Files) -> None:
    """With a new key; the fingerprint tells Compose that nginx has to read it."""
    before, fingerprint = contents(kept), kept.fingerprint
    files.ensure(kept, "p", authority.now() + authority.CERTIFICATE_LIFE - timedelta(days=1))
    after = contents(kept)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"certificate.pem", "key.pem"}
    assert kept.fingerprint != fingerprint


@pytest.mark.parametrize("lost", ["ca.pem", "ca-key.pem", "nginx/certificate.pem", "nginx/key.pem"])
def test_lost_file_is_made_anew_with_all_that_hangs_on_it(kept: Files, lost: str) -> None:
    """And is good again."""
    (kept.folder / lost).unlink()
    files.ensure(kept, "p")
    now = authority.now()
    assert authority.lasts(kept.authority.read_bytes(), now)
    assert authority.serves(kept.certificate.read_bytes(), kept.authority.read_bytes(), now)
    assert kept.key.exists()


def test_keys_are_for_their_owner_only_and_nginx_finds_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the umask of whoever ran `up`."""
    monkeypatch.setattr(files, "FOLDER", tmp_path)
    found = files.of("p")
    before = os.umask(0o077)
    try:
        files.ensure(found, "p")
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in found.folder.rglob("*")}
    assert modes == {
        "ca.pem": 0o644,
        "ca-key.pem": 0o600,
        "nginx": 0o755,
        "certificate.pem": 0o644,
        "key.pem": 0o600,
    }


def test_interrupted_renewal_is_done_again(kept: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new key beside the old certificate would keep nginx from starting, for ever."""
    put = files._put

    def interrupted(file: Path, content: bytes, *, mode: int) -> None:
        if file.name == "certificate.pem":
            raise KeyboardInterrupt
        put(file, content, mode=mode)

    later = authority.now() + authority.CERTIFICATE_LIFE
    with monkeypatch.context() as patch:
        patch.setattr(files, "_put", interrupted)
        with pytest.raises(KeyboardInterrupt):
            files.ensure(kept, "p", later)
    files.ensure(kept, "p", authority.now())
    known = authority.Pair(kept.certificate.read_bytes(), kept.key.read_bytes())
    signer = load_pem_private_key(known.key, password=None)
    shown = load_pem_x509_certificate(known.certificate)
    assert signer.public_key() == shown.public_key()


def test_deleting_takes_one_projects_files_and_is_no_error_without(kept: Files) -> None:
    """Another stack of this checkout keeps its own."""
    other = files.of("other")
    files.ensure(other, "other")
    files.delete("p")
    files.delete("p")
    assert not kept.folder.exists()
    assert other.authority.exists()


def test_folder_that_cannot_be_written_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the command that mends it."""
    (tmp_path / "https").write_text("in the way")
    monkeypatch.setattr(files, "FOLDER", tmp_path / "https")
    with pytest.raises(ParityError, match="cannot be used") as caught:
        files.ensure(files.of("p"), "p")
    assert caught.value.hint.startswith("sudo rm -r")
