"""Certificates that sign themselves, for `localhost` and 127.0.0.1."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_NAMES = x509.SubjectAlternativeName(
    [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
)


def self_signed(days_left: int = 1) -> bytes:
    """Return certificate and key as PEM; with a negative number of days it has expired."""
    key, number = ec.generate_private_key(ec.SECP256R1()), x509.random_serial_number()
    # names of their own: among authorities of one name a client does not find the one that it needs
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"signer {number}")])
    end = datetime.now(UTC) + timedelta(days=days_left)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(number)
        .not_valid_before(end - timedelta(days=10))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_NAMES, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM) + private


def serving_with(pem: Path) -> ssl.SSLContext:
    """Return what a server needs that shows the certificate in `pem`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def trusting(*pems: bytes) -> ssl.SSLContext:
    """Return what a client needs that trusts these certificates and no others."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=b"\n".join(pems).decode())
    return context


def as_der(pem: bytes) -> bytes:
    """Return the certificate of `pem` as it is shown in a handshake."""
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
