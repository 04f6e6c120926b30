"""Passwords and what is kept of them: a hash, or the plain text where somebody has written that down.

    pbkdf2_sha256$ROUNDS$SALT$HASH          HASH in base64
    $argon2id$v=19$m=…,t=…,p=…$SALT$HASH    the PHC text form

Everything here computes for a good part of a second: call it in a thread.
"""

import base64
import hashlib
import hmac
import secrets

PBKDF2 = "pbkdf2_sha256$"
ARGON2 = "$argon2id$"
ROUNDS = 600_000
"""Of PBKDF2 with SHA-256 for a new hash."""

_SALT_BYTES = 16


def hashed(password: str, rounds: int = ROUNDS) -> str:
    """Return a salted hash of `password`."""
    salt = secrets.token_urlsafe(_SALT_BYTES)
    return f"{PBKDF2}{rounds}${salt}${_pbkdf2(password, salt, rounds)}"


def matches(password: str, stored: str) -> bool:
    """Whether `password` is the one that was stored; how long that takes does not tell how much of it is right."""
    if stored.startswith(PBKDF2):
        _, rounds, salt, digest = stored.split("$")
        return hmac.compare_digest(_pbkdf2(password, salt, int(rounds)), digest)
    if stored.startswith(ARGON2):
        return _matches_argon2(password, stored)
    return hmac.compare_digest(_digest(password), _digest(stored))


def _pbkdf2(password: str, salt: str, rounds: int) -> str:
    return base64.b64encode(hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), rounds)).decode()


def _digest(text: str) -> bytes:
    """Make texts equally long before they are compared, so that the time does not tell their length."""
    return hashlib.sha256(text.encode()).digest()


def _matches_argon2(password: str, stored: str) -> bool:
    # imported here: a library of megabytes, needed by nodes only that have such a hash
    from cryptography.exceptions import InvalidKey
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    try:
        Argon2id.verify_phc_encoded(password.encode(), stored)
    except (InvalidKey, ValueError):  # ValueError: parameters that nobody can compute with
        return False
    return True
