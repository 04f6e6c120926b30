"""A key and a certificate for a node that was given none: made once for its home, signed by itself.

Callers cannot know whether to trust it; it keeps passwords from being read on their way, and no more.
"""

import ipaddress
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from micro_integrator.config import Home, KeyStoreSettings
from micro_integrator.kit import wall_ms, write_atomically
from micro_integrator.observability import get_logger

if TYPE_CHECKING:
    from cryptography import x509

FILE = "self-signed.pem"
ENDS = "Self-signed, good until "
"""First words of the file, before an ISO date: so that it can be judged without a library that reads certificates."""

VALID = timedelta(days=365)
RENEWED = timedelta(days=30)
"""Before its end a start makes a new one."""

log = get_logger("KeyStore")


def own_key_store(home: Home, hostname: str) -> KeyStoreSettings:
    """Return the key store of a node without a configured one: that of an earlier start, else a new one. Blocks.

    A home that cannot be written to gets a new one at every start, in the folder for temporary files.
    """
    path = home.security / FILE
    if not _is_good(path):
        path = _keep(_made(hostname), path)
        log.info(
            "No key store is configured: a self-signed certificate for [{hostname}] was made in {file}",
            hostname=hostname,
            file=home.shown(path),
        )
    return KeyStoreSettings(file_name=str(path), type="PEM")


def _is_good(path: Path) -> bool:
    """Whether an earlier start has made the file, and it can be used for a while."""
    try:
        first = path.read_bytes().partition(b"\n")[0].decode()
        return datetime.fromisoformat(first.removeprefix(ENDS)) - RENEWED > _now()
    except (OSError, ValueError, TypeError):  # TypeError: a date without a zone is not one of ours
        return False


def _keep(pem: bytes, path: Path) -> Path:
    """Write the file for its owner only; returns where it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, pem, mode=0o600)
    except OSError:
        descriptor, name = tempfile.mkstemp(suffix=f"-{FILE}")
        with os.fdopen(descriptor, "wb") as file:
            file.write(pem)
        return Path(name)
    return path


def _made(hostname: str) -> bytes:
    from cryptography import x509  # megabytes, and this is the one start that needs them
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hostname[:64])])
    now = _now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks of callers may be late
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName(list(_names(hostname))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    head = f"{ENDS}{certificate.not_valid_after_utc.isoformat()}\n".encode()
    written_key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return head + written_key + certificate.public_bytes(Encoding.PEM)


def _names(hostname: str) -> "Iterator[x509.GeneralName]":
    """Yield what the node may be called by: its host name, and this machine's own name for itself."""
    from cryptography import x509

    for name in dict.fromkeys([hostname, "localhost", "127.0.0.1", "::1"]):
        try:
            yield x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            yield x509.DNSName(name)


def _now() -> datetime:
    return datetime.fromtimestamp(wall_ms() / 1000, UTC)
