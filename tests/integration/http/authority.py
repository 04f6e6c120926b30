"""A certificate authority of our own, and certificates for servers on this machine."""

import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from harness.certificates import made, serving_with


class Authority:
    """Signs what it is asked to; its own certificate lies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._own = made("Test authority", is_authority=True)
        self.pem = folder / "authority.pem"
        self.pem.write_bytes(self._own.certificate.public_bytes(Encoding.PEM))

    def pkcs12(self, password: str) -> Path:
        """Write a trust store as Java's keytool makes them: certificates without a key."""
        content = pkcs12.serialize_key_and_certificates(
            None, None, None, [self._own.certificate], BestAvailableEncryption(password.encode())
        )
        path = self.folder / "truststore.p12"
        path.write_bytes(content)
        return path

    def server(self, name: x509.GeneralName) -> ssl.SSLContext:
        """Return what a server needs that calls itself `name`."""
        path = self.folder / f"{name.value}.pem"
        path.write_bytes(made("server", signer=self._own, known_as=[name]).pem)
        return serving_with(path)

    def client(self, name: str, form: str, password: str = "") -> Path:
        """Write a key store of somebody called `name`: `form` is pem or p12."""
        pair = made(name, signer=self._own, known_as=[x509.DNSName(name)])
        path = self.folder / f"client-{name}.{form}"
        if form == "p12":
            encryption = BestAvailableEncryption(password.encode())
            path.write_bytes(
                pkcs12.serialize_key_and_certificates(None, pair.key, pair.certificate, None, encryption)
            )
        else:
            path.write_bytes(pair.pem)
        return path


LOOPBACK = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
ELSEWHERE = x509.DNSName("elsewhere.example")
