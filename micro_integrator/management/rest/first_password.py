"""A password for `admin` on a node whose file names no users: made once, shown once, kept as a hash.

Whoever has missed it removes the file of the hash and starts the node again.
"""

import secrets
import sys
from pathlib import Path

from micro_integrator.config import Home, UserSettings
from micro_integrator.kit import write_atomically
from micro_integrator.management.rest.passwords import hashed
from micro_integrator.observability import get_logger

FILE = "admin-password.hash"
_BYTES = 18
_ROUNDS = 1000
"""Of the hash: nobody gets through so many random bytes, however little one guess costs."""

log = get_logger("FileUserStore")


def first_admin(home: Home) -> UserSettings:
    """Return `admin` with the password of an earlier start, or with a new one that is printed. Blocks."""
    path = home.security / FILE
    if (known := _known(path, home)) is not None:
        return known
    password = secrets.token_urlsafe(_BYTES)
    stored = hashed(password, _ROUNDS)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, f"{stored}\n".encode(), mode=0o600)
    except OSError as error:
        log.warning(
            "{file} cannot be written: {error}; the password of 'admin' is good for this start only",
            file=home.shown(path),
            error=error.strerror,
        )
    _show(password)
    log.info("No users are configured: a password for 'admin' was made and printed on the console, this once")
    return _admin(stored)


def _known(path: Path, home: Home) -> UserSettings | None:
    """Return `admin` with the hash in the file; None when there is none."""
    try:
        found = _admin(path.read_text("ascii").strip())
        if found.is_hashed:  # any other text would be a password itself, also an empty one
            return found
        reason = "it holds no hash"
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        reason = str(error)
    log.warning(
        "{file} cannot be used: {reason}; 'admin' gets a new password", file=home.shown(path), reason=reason
    )
    return None


def _admin(stored: str) -> UserSettings:
    return UserSettings(name="admin", password_hash=stored, is_admin=True)


def _show(password: str) -> None:
    # past the log: its files are kept, copied and read by many
    sys.stdout.write(f"\nManagement API: user admin, password {password}\n\n")
    sys.stdout.flush()
