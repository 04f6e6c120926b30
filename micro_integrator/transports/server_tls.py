"""TLS of listeners: at least version 1.2, keys from PEM or PKCS#12 files, profiles by address and by name.

Changed files are read again while the server runs; a file that cannot be used then is told, and what was read before
stays in force.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

from micro_integrator.config import HttpListenerSettings, KeyStoreSettings, TrustStoreSettings
from micro_integrator.kit import MicroIntegratorError, Signature, signatures_of
from micro_integrator.observability import get_logger
from micro_integrator.transports.end_dates import EndDates
from micro_integrator.transports.key_store import KeyStoreError, load_key
from micro_integrator.transports.listener_profiles import ListenerProfile, read_profiles
from micro_integrator.transports.profile_elements import ProfileError
from micro_integrator.transports.tls import TrustStoreError, trusted_certificates
from micro_integrator.transports.tls_versions import speak

_VERIFYING = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "require": ssl.CERT_REQUIRED}

log = get_logger("ServerTls")


@dataclass(frozen=True)
class _Contexts:
    """What was read from the files at one time."""

    everybody: ssl.SSLContext
    by_address: dict[str, ssl.SSLContext]


class ServerTls:
    """The contexts of one listener: one for each address and name of a profile, and one for everybody else."""

    def __init__(
        self,
        settings: HttpListenerSettings,
        home: Path,
        node_key: KeyStoreSettings,
        owner: str = "HTTPS listener",
    ) -> None:
        """Remember: `node_key` is used when the listener has no key store of its own; the log calls it `owner`."""
        self._settings, self._home, self._node_key = settings, home, node_key
        self._contexts: _Contexts | None = None
        self._seen: dict[Path, Signature] = {}
        """What the files looked like when they were read last, usable or not."""
        self._owner, self._ends = owner, EndDates(owner)

    def load(self) -> _Contexts:
        """Read all files. Raises MicroIntegratorError; then what was in force stays so."""
        self._seen = signatures_of(self._files([]))
        profiles = self._profiles()
        self._seen |= signatures_of(self._files(profiles))
        by_name: dict[str, ssl.SSLContext] = {}
        everybody = self._context(self._settings, by_name)
        by_address: dict[str, ssl.SSLContext] = {}
        for profile in profiles:
            context = self._context(profile.settings, by_name)
            if profile.names and profile.settings.verify_client != self._settings.verify_client:
                # the library changes the certificate when it learns the name, not whom it asks for one
                raise ProfileError("a profile with <serverName> cannot have a <SSLVerifyClient> of its own")
            by_address.update(dict.fromkeys(profile.addresses, context))
            by_name.update(dict.fromkeys(profile.names, context))
        self._ends.note(map(self._key_store, self._each(profiles)), self._home)
        self._contexts = _Contexts(everybody, by_address)
        return self._contexts

    def tell_ends(self) -> None:
        """Log certificates that have ended or soon will, once a day."""
        self._ends.tell()

    def reload_if_changed(self) -> None:
        """Read the files again when one of them is not what it was; tells how that went, once for every change."""
        if self._seen == signatures_of(self._seen):
            return
        try:
            self.load()
        except MicroIntegratorError as error:
            log.error("The former certificates stay in force: {error}", error=error)
        else:
            log.info("The certificates of the {owner} have been read again", owner=self._owner)

    def context_for(self, address: str) -> ssl.SSLContext:
        """Return the context for a client that has come to `address`."""
        contexts = self._contexts or self.load()
        return contexts.by_address.get(address, contexts.everybody)

    def lasting_context(self) -> ssl.SSLContext:
        """Return a context for a server that takes one for its whole life; it shows the newest certificate.

        Whether it asks clients for a certificate stays as it is now.
        """
        lasting = self.context_for("")

        def show_newest(connection: ssl.SSLObject, _: str | None, __: ssl.SSLContext) -> None:
            connection.context = self.context_for("")

        lasting.sni_callback = show_newest
        return lasting

    def _profiles(self) -> list[ListenerProfile]:
        file = self._settings.ssl_profile.file_path
        if file is None:
            return []
        path = self._home / file
        try:
            return read_profiles(_content(path))
        except MicroIntegratorError as error:
            raise ProfileError(f"{path}: {error}") from error

    def _files(self, profiles: list[ListenerProfile]) -> set[Path]:
        names = {self._settings.ssl_profile.file_path}
        for settings in self._each(profiles):
            store = self._key_store(settings)
            names |= {store.file_name, store.key_file, settings.truststore.file_name}
        return {self._home / name for name in names if name}

    def _each(self, profiles: list[ListenerProfile]) -> list[HttpListenerSettings]:
        return [self._settings, *(profile.settings for profile in profiles)]

    def _key_store(self, settings: HttpListenerSettings) -> KeyStoreSettings:
        return settings.keystore if settings.keystore.file_name else self._node_key

    def _context(self, settings: HttpListenerSettings, by_name: dict[str, ssl.SSLContext]) -> ssl.SSLContext:
        context = server_context(
            self._key_store(settings),
            self._home,
            versions=settings.speaks,
            ciphers=settings.preferred_ciphers,
            verify=settings.verify_client,
            trust=settings.truststore,
        )

        def by_asked_name(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            found = by_name.get((name or "").lower())
            if found is not None:
                connection.context = found

        context.sni_callback = by_asked_name
        return context


def server_context(
    store: KeyStoreSettings,
    home: Path,
    *,
    versions: tuple[str, ...],
    ciphers: str = "",
    verify: str = "none",
    trust: TrustStoreSettings | None = None,
) -> ssl.SSLContext:
    """Return what a listener needs that shows the certificate of `store`. Raises MicroIntegratorError.

    `versions` are TLSv1.2 and TLSv1.3, or one of them; `verify` is none, optional or require: whether clients show a
    certificate that `trust` knows.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    speak(context, versions)
    context.options |= ssl.OP_NO_RENEGOTIATION
    if ciphers:
        try:
            context.set_ciphers(ciphers)
        except ssl.SSLError as error:
            raise KeyStoreError(f"preferred_ciphers: '{ciphers}' names no known cipher suite") from error
    if store.file_name is None:
        raise KeyStoreError("there is no key store: set [transport.http.listener.keystore] location")
    load_key(context, store, home)
    context.verify_mode = _VERIFYING[verify]
    if verify != "none":
        _load_trust(context, trust or TrustStoreSettings(), home)
    return context


def _load_trust(context: ssl.SSLContext, trust: TrustStoreSettings, home: Path) -> None:
    if trust.is_system:
        context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
        return
    try:
        context.load_verify_locations(cadata=trusted_certificates(trust, home))
    except ssl.SSLError as error:
        raise TrustStoreError(f"{trust.file_name} holds no usable certificates: {error}") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProfileError(f"{path} cannot be read: {error.strerror}") from error
