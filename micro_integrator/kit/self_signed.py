"""A key and a certificate that is signed with it: made in a process of its own, which gives its memory back.

The library that makes them takes ten megabytes, and a program needs it once in its life, if at all.

    python -m micro_integrator.kit.self_signed HOSTNAME DAYS     prints both as PEM
"""

import ipaddress
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from micro_integrator.kit.clock import wall_ms
from micro_integrator.kit.errors import MicroIntegratorError

if TYPE_CHECKING:
    from cryptography import x509

TIME_LIMIT = 60.0
"""Seconds the process may take."""

_PACKAGES = Path(__file__).parents[2]


def self_signed_pair(hostname: str, days: int) -> bytes:
    """Return key and certificate as PEM, good for `days`. Blocks. Raises MicroIntegratorError."""
    found = os.pathsep.join(filter(None, [str(_PACKAGES), os.environ.get("PYTHONPATH")]))
    command = [sys.executable, "-P", "-m", __name__, hostname, str(days)]
    try:
        done = subprocess.run(  # noqa: S603  # this very interpreter, with a host name and a number
            command,
            env={**os.environ, "PYTHONPATH": found},
            capture_output=True,
            check=True,
            timeout=TIME_LIMIT,
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", None) or b"").decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise MicroIntegratorError(f"a key with a certificate could not be made: {said or error}") from error
    return done.stdout


def _made(hostname: str, days: int) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hostname[:64])])
    now = datetime.fromtimestamp(wall_ms() / 1000, UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # clocks of callers may be late
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(list(_names(hostname))), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written_key = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return written_key + certificate.public_bytes(Encoding.PEM)


def _names(hostname: str) -> "Iterator[x509.GeneralName]":
    """Yield what the node may be called by: its host name, and this machine's own name for itself."""
    from cryptography import x509

    for name in dict.fromkeys([hostname, "localhost", "127.0.0.1", "::1"]):
        try:
            yield x509.IPAddress(ipaddress.ip_address(name))
        except ValueError:
            yield x509.DNSName(name)


if __name__ == "__main__":
    sys.stdout.buffer.write(_made(sys.argv[1], int(sys.argv[2])))
