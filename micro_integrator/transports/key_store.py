"""A certificate with its private key, from a PEM or a PKCS#12 file."""

import secrets
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from micro_integrator.config import KeyStoreSettings
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.transports.validity import end_of_der

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

_JAVA = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
"""How a file in one of Java's own forms begins, whatever its name says."""
_REASONS: Mapping[str | None, str] = {
    None: "PEM texts of both are needed, and key_password where the key is encrypted",
    "KEY_VALUES_MISMATCH": "the key is not that of the certificate",
}
"""The library's reason → what to do about it."""
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


class KeyStoreError(MicroIntegratorError):
    """The key store cannot be used; the text names the file and the reason."""


def end_of(store: KeyStoreSettings, home: Path) -> float:
    """Return until when the certificate of `store` is good, in seconds since 1970. Raises KeyStoreError."""
    path = home / (store.file_name or "")
    try:
        return end_of_der(_certificate_of(path, store))
    except OSError as error:
        raise KeyStoreError(f"The key store {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise KeyStoreError(f"The key store {path} holds no certificate that can be read: {error}") from error


def load_key(context: ssl.SSLContext, store: KeyStoreSettings, home: Path) -> None:
    """Make `context` show the certificate of `store`, whose paths count from `home`. Raises KeyStoreError."""
    path = home / (store.file_name or "")
    try:
        if store.is_pkcs12:
            _load_pkcs12(context, path, store.password)
        else:
            key = home / store.key_file if store.key_file else None
            context.load_cert_chain(path, key, lambda: store.key_password or store.password)
    except ssl.SSLError as error:
        text = f"The key store {path} holds no usable certificate with its key"
        raise KeyStoreError(f"{text}: {_REASONS.get(error.reason, error.reason)}") from error
    except OSError as error:
        raise KeyStoreError(f"The key store {path} cannot be read: {error.strerror}") from error


def _load_pkcs12(context: ssl.SSLContext, path: Path, password: str) -> None:
    from cryptography.hazmat.primitives.serialization import (  # megabytes that few nodes need
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    store = _pkcs12(path, password)
    if store.cert is None or store.key is None:
        raise KeyStoreError(f"The key store {path} holds no private key with its certificate")
    # the library reads keys from files only: what lies there for a moment is of no use without this password
    passing = secrets.token_hex(32).encode()
    parts = [store.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passing))]
    parts += [one.certificate.public_bytes(Encoding.PEM) for one in (store.cert, *store.additional_certs)]
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join(parts))
        file.flush()
        context.load_cert_chain(file.name, password=passing)


def _certificate_of(path: Path, store: KeyStoreSettings) -> bytes:
    """Return the certificate that is shown, in DER: in a PEM file it is the first one."""
    if not store.is_pkcs12:
        text = path.read_text("latin-1")
        begin = text.index(_BEGIN)
        return ssl.PEM_cert_to_DER_cert(text[begin : text.index(_END, begin) + len(_END)])
    from cryptography.hazmat.primitives.serialization import Encoding

    certificate = _pkcs12(path, store.password).cert
    if certificate is None:
        raise ValueError("there is none")
    return certificate.certificate.public_bytes(Encoding.DER)


def _pkcs12(path: Path, password: str) -> "PKCS12KeyAndCertificates":
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    content = path.read_bytes()
    try:
        return load_pkcs12(content, password.encode() or None)
    except ValueError as error:
        reason = java_form(content, path) or str(error)
        raise KeyStoreError(f"The key store {path} cannot be opened: {reason}") from error


def java_form(content: bytes, path: Path) -> str | None:
    """Return what to do with a file whose content is a Java key store; None when it is none."""
    if not content.startswith(_JAVA):
        return None
    form = "JKS" if content.startswith(_JAVA[0]) else "JCEKS"
    return (
        f"it is a Java key store; convert it with: keytool -importkeystore -srckeystore {path} -srcstoretype {form} "
        f"-destkeystore {path.with_suffix('.pkcs12')} -deststoretype PKCS12"
    )
