"""Outgoing TLS: at least version 1.2, certificates checked against the configured trust store, host names verified.

A key store makes us show a certificate of our own to servers that ask for one.
"""

import ssl
from functools import cached_property
from pathlib import Path

from micro_integrator.config import HttpSenderSettings, TrustStoreSettings
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.transports.key_store import java_form, load_key
from micro_integrator.transports.tls_versions import speak

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class TrustStoreError(MicroIntegratorError):
    """The trust store cannot be used; the text names the file and the reason."""


class TlsProfile:
    """What outgoing TLS connections of one transport have in common. A context is made when it is first needed."""

    def __init__(self, settings: HttpSenderSettings, home: Path) -> None:
        self._settings, self._home = settings, home

    def check(self) -> None:
        """Read configured stores now. Raises TrustStoreError, KeyStoreError."""
        if not self._settings.truststore.is_system or self._settings.keystore.file_name is not None:
            _ = self._strict

    def context_for(self, host: str) -> ssl.SSLContext:
        """Return the context for connections to `host`. Raises TrustStoreError, KeyStoreError."""
        verifier = self._settings.hostname_verifier
        if verifier == "AllowAll" or (verifier == "DefaultAndLocalhost" and host in LOCAL_NAMES):
            return self._for_any_name
        return self._strict

    @cached_property
    def _strict(self) -> ssl.SSLContext:
        return self._context()

    @cached_property
    def _for_any_name(self) -> ssl.SSLContext:
        context = self._context()
        context.check_hostname = False
        return context

    def _context(self) -> ssl.SSLContext:
        store = self._settings.truststore
        certificates = None if store.is_system else trusted_certificates(store, self._home)
        try:
            context = ssl.create_default_context(cadata=certificates)
        except ssl.SSLError as error:
            raise TrustStoreError(f"{store.file_name} holds no usable certificates: {error}") from error
        speak(context, self._settings.speaks)
        if self._settings.keystore.file_name is not None:
            load_key(context, self._settings.keystore, self._home)
        return context


def trusted_certificates(store: TrustStoreSettings, home: Path) -> str:
    """Return the certificates of a PEM or PKCS#12 file as PEM text. Raises TrustStoreError."""
    path = home / (store.file_name or "")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TrustStoreError(f"The trust store {path} cannot be read: {error.strerror}") from error
    text = _from_pkcs12(content, store.password, path) if store.is_pkcs12 else content.decode("latin-1")
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise TrustStoreError(f"The trust store {path} holds no certificate")
    return text


def _from_pkcs12(content: bytes, password: str, path: Path) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding  # megabytes that few nodes need
    from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

    try:
        store = load_pkcs12(content, password.encode() or None)
    except ValueError as error:
        reason = java_form(content, path) or str(error)
        raise TrustStoreError(f"The trust store {path} cannot be opened: {reason}") from error
    found = [*store.additional_certs, *([store.cert] if store.cert else [])]
    return "".join(one.certificate.public_bytes(Encoding.PEM).decode() for one in found)
