"""The authority vouches for this machine only, and clients as strict as OpenSSL believe it."""

from __future__ import annotations

import hashlib
import socket
import ssl
import subprocess
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from parity.https import authority
from parity.https.authority import CERTIFICATE_LIFE, RENEWED_BEFORE, Pair, issue, make_authority

if TYPE_CHECKING:
    from pathlib import Path

DAY = timedelta(days=1)


def handshake(folder: Path, served: Pair, trusted: bytes, name: str) -> None:
    """Shake hands over TLS as a client that checks all there is to check. Raises ssl.SSLError."""
    file = folder / "served.pem"
    file.write_bytes(served.key + served.certificate)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cadata=trusted.decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            server.wrap_socket(theirs, server_side=True).close()
        except OSError:
            theirs.close()

    thread = Thread(target=serve)
    thread.start()
    try:
        client.wrap_socket(ours, server_hostname=name).close()
    finally:
        ours.close()
        thread.join()


@pytest.fixture(scope="module")
def known() -> Pair:
    """Give an authority."""
    return make_authority("Parity Kit (p)", authority.now())


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_certificate_is_good_for_this_machine(known: Pair, name: str, tmp_path: Path) -> None:
    """By each of its names, to a client that trusts nobody but the authority."""
    handshake(tmp_path, issue(known, authority.now()), known.certificate, name)


def test_certificate_is_good_for_no_other_name(known: Pair, tmp_path: Path) -> None:
    """A host name is checked as ever."""
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(tmp_path, issue(known, authority.now()), known.certificate, "example.com")


def test_stolen_authority_can_forge_no_other_site(
    known: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though it signs well: its own constraints forbid the name."""
    site = "bank.example.com"
    monkeypatch.setattr(authority, "NAMES", (x509.DNSName(site),))
    forged = issue(known, authority.now())
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(tmp_path, forged, known.certificate, site)


def test_certificate_of_another_authority_is_not_trusted(known: Pair, tmp_path: Path) -> None:
    """Though it has the same name."""
    other = make_authority("Parity Kit (p)", authority.now())
    certificate = issue(other, authority.now())
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(tmp_path, certificate, known.certificate, "localhost")
    assert not authority.serves(certificate.certificate, known.certificate, authority.now())


def test_certificate_serves_until_it_is_about_to_expire(known: Pair) -> None:
    """A month before, the next one is due."""
    began = authority.now()
    certificate = issue(known, began).certificate
    due = began + CERTIFICATE_LIFE - RENEWED_BEFORE
    assert authority.serves(certificate, known.certificate, began)
    assert authority.serves(certificate, known.certificate, due - DAY)
    assert not authority.serves(certificate, known.certificate, due + DAY)


def test_certificate_for_other_names_serves_no_more(
    known: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after an update of the kit that knows one more."""
    certificate = issue(known, authority.now()).certificate
    monkeypatch.setattr(authority, "NAMES", (*authority.NAMES, x509.DNSName("chat.localhost")))
    assert not authority.serves(certificate, known.certificate, authority.now())


@pytest.mark.parametrize("damaged", [b"", b"-----BEGIN CERTIFICATE-----\nMII\n", b"\xff\xfe"])
def test_what_is_no_certificate_neither_serves_nor_lasts(known: Pair, damaged: bytes) -> None:
    """It is made anew, and no error."""
    assert not authority.serves(damaged, known.certificate, authority.now())
    assert not authority.lasts(damaged, authority.now())


def test_authority_outlives_what_it_issues(known: Pair) -> None:
    """Or a certificate would end before its time."""
    ends = authority.now() + authority.AUTHORITY_LIFE
    assert authority.lasts(known.certificate, ends - CERTIFICATE_LIFE - DAY)
    assert not authority.lasts(known.certificate, ends - CERTIFICATE_LIFE + DAY)


def test_public_key_is_hashed_as_openssl_encodes_it(known: Pair) -> None:
    """That is what Chromium compares."""
    extract = ["openssl", "x509", "-noout", "-pubkey"]
    pem = subprocess.run(extract, input=known.certificate, capture_output=True, check=True).stdout
    encode = ["openssl", "pkey", "-pubin", "-outform", "DER"]
    der = subprocess.run(encode, input=pem, capture_output=True, check=True).stdout
    assert authority.public_key_hash(known.certificate) == hashlib.sha256(der).digest()
