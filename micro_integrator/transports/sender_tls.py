"""TLS of a sender: one set of keys and trust for all servers, others for those that a profile names.

The file of the profiles and the stores are read again when they have changed; what cannot be used then is told, and
what was read before stays in force. Connections made with former keys are not used for further requests.
"""

import ssl
from dataclasses import dataclass, replace
from pathlib import Path

from micro_integrator.config import HttpSenderSettings
from micro_integrator.kit import MicroIntegratorError, Signature, signatures_of
from micro_integrator.observability import get_logger
from micro_integrator.transports.end_dates import EndDates
from micro_integrator.transports.profile_elements import ProfileError
from micro_integrator.transports.sender_profiles import SenderProfile, chosen, read_profiles
from micro_integrator.transports.tls import TlsProfile

log = get_logger("SenderTls")


@dataclass(frozen=True)
class _Generation:
    """What was read from the files at one time."""

    number: int
    usual: TlsProfile
    profiles: list[SenderProfile]
    by_name: dict[str, TlsProfile]


class SenderTls:
    """Which TLS context is for which server."""

    def __init__(self, settings: HttpSenderSettings, home: Path) -> None:
        """File names count from `home`."""
        self._settings, self._home = settings, home
        self._current = _Generation(0, TlsProfile(settings, home), [], {})
        self._seen: dict[Path, Signature] = {}
        """What the files looked like when they were read last, usable or not."""
        self._ends = EndDates("HTTP sender")

    def load(self) -> None:
        """Read all files. Raises MicroIntegratorError; then what was in force stays so."""
        self._seen = signatures_of(self._files([]))
        profiles = self._profiles()
        self._seen |= signatures_of(self._files(profiles))
        usual = TlsProfile(self._settings, self._home)
        by_name = {
            one.name: TlsProfile(
                replace(self._settings, keystore=one.key_store, truststore=one.trust_store), self._home
            )
            for one in profiles
        }
        for tls in (usual, *by_name.values()):
            tls.check()
        self._ends.note([self._settings.keystore, *(one.key_store for one in profiles)], self._home)
        self._ends.tell()
        self._current = _Generation(self._current.number + 1, usual, profiles, by_name)

    def reload_if_changed(self) -> None:
        """Read the files again when one of them is not what it was; tells of that once, and of keys that end."""
        self._ends.tell()
        if self._seen == signatures_of(self._seen):
            return
        try:
            self.load()
        except MicroIntegratorError as error:
            log.error("The former keys and certificates of the sender stay in force: {error}", error=error)
        else:
            log.info("The keys and certificates of the sender have been read again")

    def profile_name(self, host: str, port: int, client: str | None) -> str:
        """Return what tells apart connections made with different keys; `client` is what a message has named."""
        current = self._current
        found = chosen(current.profiles, host, port, client) if current.profiles else None
        return f"{current.number}:{'' if found is None else found.name}"

    def context_for(self, profile: str, host: str) -> ssl.SSLContext:
        """Return the context for connections to `host`; `profile` as `profile_name` returned it."""
        current = self._current
        return current.by_name.get(profile.partition(":")[2], current.usual).context_for(host)

    def _profiles(self) -> list[SenderProfile]:
        file = self._settings.ssl_profile.file_path
        if file is None:
            return []
        path = self._home / file
        try:
            return read_profiles(path.read_bytes())
        except OSError as error:
            raise ProfileError(f"{path} cannot be read: {error.strerror}") from error
        except ProfileError as error:
            raise ProfileError(f"{path}: {error}") from error

    def _files(self, profiles: list[SenderProfile]) -> set[Path]:
        settings = self._settings
        names = {settings.ssl_profile.file_path, settings.keystore.file_name, settings.keystore.key_file}
        names.add(settings.truststore.file_name)
        for one in profiles:
            names |= {one.key_store.file_name, one.key_store.key_file, one.trust_store.file_name}
        return {self._home / name for name in names if name}
