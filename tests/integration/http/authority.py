"""A certificate authority of our own, and certificates for servers on this machine."""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


class Authority:
    """Signs what it is asked to; its own certificate lies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("Test authority")
        self.certificate = self._signed(self._name, self._key.public_key(), None)
        self.pem = folder / "authority.pem"
        self.pem.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    def pkcs12(self, password: str) -> Path:
        """Write a trust store as Java's keytool makes them: certificates without a key."""
        content = pkcs12.serialize_key_and_certificates(
            None, None, None, [self.certificate], BestAvailableEncryption(password.encode())
        )
        path = self.folder / "truststore.p12"
        path.write_bytes(content)
        return path

    def server(self, name: x509.GeneralName) -> ssl.SSLContext:
        """Return what a server needs that calls itself `name`."""
        key = ec.generate_private_key(ec.SECP256R1())
        path = self.folder / f"{name.value}.pem"
        path.write_bytes(
            self._signed(_named("server"), key.public_key(), name).public_bytes(Encoding.PEM)
            + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def client(self, name: str, form: str, password: str = "") -> Path:
        """Write a key store of somebody called `name`: `form` is pem or p12."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._signed(_named(name), key.public_key(), x509.DNSName(name))
        path = self.folder / f"client-{name}.{form}"
        if form == "p12":
            encryption = BestAvailableEncryption(password.encode())
            path.write_bytes(pkcs12.serialize_key_and_certificates(None, key, certificate, None, encryption))
        else:
            path.write_bytes(
                certificate.public_bytes(Encoding.PEM)
                + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            )
        return path

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, name: x509.GeneralName | None
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=name is None, path_length=None), critical=True)
        )
        if name is not None:
            builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)
        return builder.sign(self._key, hashes.SHA256())


LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
ELSEWHERE = x509.DNSName("elsewhere.example")
