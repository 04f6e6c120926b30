"""Certificates for servers and clients on this machine: signed by themselves, or by another one."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

_LIFETIME = timedelta(days=10)


@dataclass(frozen=True)
class Pair:
    """A certificate and the key that belongs to it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def certificate_pem(self) -> bytes:
        """The certificate alone."""
        return self.certificate.public_bytes(Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key alone."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    @property
    def pem(self) -> bytes:
        """Both, as a server keeps them in a file."""
        return self.certificate_pem + self.key_pem


def made(
    name: str,
    *,
    signer: Pair | None = None,
    known_as: Sequence[x509.GeneralName] = (),
    is_authority: bool = False,
    days_left: int = 1,
) -> Pair:
    """Return a new pair for `name`, by default signed by itself; with negative `days_left` it has expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=days_left)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if signer is None else signer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - _LIFETIME)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if known_as:
        builder = builder.add_extension(x509.SubjectAlternativeName(known_as), critical=False)
    return Pair(builder.sign(key if signer is None else signer.key, hashes.SHA256()), key)


def serving_with(pem: Path) -> ssl.SSLContext:
    """Return what a server needs that shows the certificate in the file `pem`, which holds its key too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
