"""Certificates that sign themselves, for `localhost` and 127.0.0.1."""

import ipaddress
import ssl
import uuid

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from harness.certificates import made

_NAMES = (x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1")))


def self_signed(days_left: int = 1) -> bytes:
    """Return certificate and key as PEM; with a negative number of days it has expired."""
    # names of their own: among authorities of one name a client does not find the one that it needs
    return made(f"signer {uuid.uuid4()}", known_as=_NAMES, is_authority=True, days_left=days_left).pem


def trusting(*pems: bytes) -> ssl.SSLContext:
    """Return what a client needs that trusts these certificates and no others."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=b"\n".join(pems).decode())
    return context


def as_der(pem: bytes) -> bytes:
    """Return the certificate of `pem` as it is shown in a handshake."""
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
