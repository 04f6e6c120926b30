"""A key and a certificate for a node that was given none: made once for its home, signed by itself.

Callers cannot know whether to trust it; it keeps passwords from being read on their way, and no more.
"""

import os
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from micro_integrator.config import Home, KeyStoreSettings
from micro_integrator.kit import MicroIntegratorError, self_signed_pair, wall_ms, write_atomically
from micro_integrator.observability import get_logger

FILE = "self-signed.pem"
ENDS = "Self-signed, good until "
"""First words of the file, before an ISO date: so that it can be judged without a library that reads certificates."""

VALID = timedelta(days=365)
RENEWED = timedelta(days=30)
"""Before its end a start makes a new one."""

log = get_logger("KeyStore")


def own_key_store(home: Home, hostname: str) -> KeyStoreSettings:
    """Return the key store of a node without a configured one: that of an earlier start, else a new one. Blocks.

    A home that cannot be written to gets a new one at every start, in the folder for temporary files. Raises
    MicroIntegratorError when none can be made.
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
    good_until = _now() + VALID
    try:
        pair = self_signed_pair(hostname, VALID.days)
    except MicroIntegratorError as error:
        raise MicroIntegratorError(f"{error}; name one in [keystore.primary]") from error
    return f"{ENDS}{good_until.isoformat()}\n".encode() + pair


def _now() -> datetime:
    return datetime.fromtimestamp(wall_ms() / 1000, UTC)
