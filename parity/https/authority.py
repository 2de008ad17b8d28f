"""A certificate authority that can vouch for this machine and for nothing else.

Whoever gets hold of its key can forge no other site for a browser that trusts it: the name
constraints (RFC 5280, 4.2.1.10) bind every certificate that it signs to localhost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# No *.localhost: OpenSSL takes no wildcard right below the root, so curl would not either.
HOST = "localhost"
NAMES = (x509.DNSName(HOST), *(x509.IPAddress(ip_address(each)) for each in ("127.0.0.1", "::1")))
PERMITTED = (
    x509.DNSName(HOST),
    *(x509.IPAddress(ip_network(each)) for each in ("127.0.0.0/8", "::1/128")),
)
AUTHORITY_LIFE = timedelta(days=3650)
# Apple's systems refuse a server's certificate that is valid for longer than 825 days.
CERTIFICATE_LIFE = timedelta(days=397)
RENEWED_BEFORE = timedelta(days=30)
CLOCK_SKEW = timedelta(days=1)  # an engine's virtual machine may wake up in the past


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, both in PEM."""

    certificate: bytes
    key: bytes


def make_authority(name: str, now: datetime) -> Pair:
    """Return a new authority, which browsers list by that name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(name)
    built = (
        _begin(subject, subject, key, now, AUTHORITY_LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(PERMITTED, None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _pem(built, key)


def issue(authority: Pair, now: datetime) -> Pair:
    """Return a new certificate for NAMES, of a new key, signed by the authority."""
    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signer = serialization.load_pem_private_key(authority.key, password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)  # noqa: S101 - as it was made above
    key = ec.generate_private_key(ec.SECP256R1())
    above = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    built = (
        _begin(_name(HOST), issuer.subject, key, now, CERTIFICATE_LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(NAMES), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), critical=False
        )
        .sign(signer, hashes.SHA256())
    )
    return _pem(built, key)


def lasts(authority: bytes, now: datetime) -> bool:
    """Tell whether an authority outlives the certificates that it would issue now."""
    try:
        known = x509.load_pem_x509_certificate(authority)
    except ValueError:
        return False
    return known.not_valid_after_utc >= now + CERTIFICATE_LIFE


def serves(certificate: bytes, authority: bytes, now: datetime) -> bool:
    """Tell whether a certificate is this authority's, for NAMES, and not about to expire."""
    try:
        known = x509.load_pem_x509_certificate(certificate)
        known.verify_directly_issued_by(x509.load_pem_x509_certificate(authority))
        names = known.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, InvalidSignature, x509.ExtensionNotFound):
        return False
    return set(names) == set(NAMES) and known.not_valid_after_utc >= now + RENEWED_BEFORE


def public_key_hash(certificate: bytes) -> bytes:
    """Return the SHA-256 of the certificate's SubjectPublicKeyInfo."""
    key = x509.load_pem_x509_certificate(certificate).public_key()
    encoded = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return sha256(encoded).digest()


def now() -> datetime:
    """Return the time as certificates have it."""
    return datetime.now(UTC)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _begin(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    now: datetime,
    life: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    encoded = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Pair(certificate.public_bytes(serialization.Encoding.PEM), encoded)
