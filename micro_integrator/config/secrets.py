"""Secrets at rest: AES-256-GCM with a master key that lies outside the configuration.

A cipher text is `{aesgcm:v1}` and the base64 of nonce (12 bytes), cipher and tag. The master key is 32
bytes in base64.
"""

import base64
import binascii
import os
from pathlib import Path
from typing import TYPE_CHECKING

from micro_integrator.config.home import Home
from micro_integrator.kit import MicroIntegratorError, write_atomically

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEME = "{aesgcm:v1}"
_NONCE = 12
_KEY = 32
_FILE = "{file:"

FORMS = (SCHEME, _FILE)
"""How a value of `[secrets]` begins that is not clear text."""


class SecretError(MicroIntegratorError):
    """A secret or the master key cannot be used; the text never contains either."""


def encrypt(text: str, key: bytes) -> str:
    """Return the cipher text of `text`."""
    nonce = os.urandom(_NONCE)
    return SCHEME + base64.b64encode(nonce + _cipher(key).encrypt(nonce, text.encode(), None)).decode()


def decrypt(cipher_text: str, key: bytes, alias: str) -> str:
    """Return the clear text. Raises SecretError when key and cipher text do not belong together."""
    from cryptography.exceptions import InvalidTag

    try:
        raw = base64.b64decode(cipher_text.removeprefix(SCHEME), validate=True)
        return _cipher(key).decrypt(raw[:_NONCE], raw[_NONCE:], None).decode()
    except (InvalidTag, ValueError) as error:  # ValueError: no base64, too short, no text
        raise SecretError(f"Secret '{alias}' cannot be decrypted with the configured key") from error


def plain_text(written: str) -> str | None:
    """Return what stands in brackets in `[secrets]`, waiting to be encrypted; None for other values."""
    return written[1:-1] if written.startswith("[") and written.endswith("]") else None


def master_key(home: Home) -> bytes | None:
    """Return the master key from the first place that has one. Raises SecretError when it is no key.

    The places: MI_SECRET_KEY, the file of MI_SECRET_KEY_FILE, `password-tmp` and `password-persist` in the
    home, `repository/resources/security/secret.key`.
    """
    if text := home.environ.get("MI_SECRET_KEY"):
        return _key(text, "environment variable MI_SECRET_KEY")
    if named := home.environ.get("MI_SECRET_KEY_FILE"):
        return _key(_read(home.root / named), named)
    for path in (home.root / "password-tmp", home.root / "password-persist", key_file(home)):
        if path.exists():
            return _key(_read(path), home.shown(path))
    return None


def key_file(home: Home) -> Path:
    """Return where a generated master key is kept."""
    return home.security / "secret.key"


def new_master_key(home: Home) -> bytes:
    """Generate a master key, keep it in `key_file` for the owner only, and return it. Raises OSError."""
    key = os.urandom(_KEY)
    path = key_file(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, base64.b64encode(key) + b"\n", mode=0o600)
    return key


def reveal(alias: str, written: str, key: bytes | None, home: Home) -> str:
    """Return the clear text of a value of `[secrets]`, cipher text or file. Raises SecretError."""
    if written.startswith(SCHEME):
        if key is None:
            raise SecretError(
                f"Secret '{alias}' cannot be decrypted: there is no key; "
                f"set MI_SECRET_KEY or MI_SECRET_KEY_FILE, or provide {home.shown(key_file(home))}"
            )
        return decrypt(written, key, alias)
    if written.startswith(_FILE) and written.endswith("}"):
        return _read(home.root / written[len(_FILE) : -1])
    raise SecretError(
        f"Secret '{alias}' is neither a cipher text {SCHEME}… nor {_FILE}…}} nor a placeholder: "
        "put the plain text into brackets and run bin/ciphertool.sh -Dconfigure"
    )


def _cipher(key: bytes) -> "AESGCM":
    # imported here: most nodes have no cipher texts, and the library is a large part of a quick start
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise SecretError(f"the secret in {path} cannot be read: {reason}") from error


def _key(text: str, origin: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY:
        raise SecretError(f"{origin} is not a master key: expected {_KEY} bytes as base64")
    return key
