"""Resources of the registry as files below one root.

    conf:path  /_system/config/path       <root>/config/path
    gov:path   /_system/governance/path   <root>/governance/path      also keys without a prefix
    local:path /_system/local/path        <root>/local/path
    resources:path                        <root>/governance/mi-resources/path
    file:path                             <root>/path

Properties of a resource `dir/name` stand in `dir/name.properties`, one `key=value` a line.
"""

from dataclasses import dataclass
from pathlib import Path

from micro_integrator.kit import Clock, MicroIntegratorError, SystemClock, write_atomically

LOOK_AGAIN = 15.0
"""Seconds for which a resource is taken as unchanged without looking at its file."""
KEPT = 200
"""Resources held in memory."""

_FOLDERS = {
    "conf:": "config",
    "gov:": "governance",
    "local:": "local",
    "resources:": "governance/mi-resources",
    "file:": ".",
    "/_system/config/": "config",
    "/_system/governance/": "governance",
    "/_system/local/": "local",
}


class RegistryError(MicroIntegratorError):
    """A key cannot be used: it leads out of the registry, or names a folder."""


@dataclass(slots=True)
class _Held:
    content: bytes
    stamp: tuple[int, int]
    seen_at: float


class Registry:
    """Reads and writes resources; what was read stays in memory while its file does not change."""

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        self._root = root
        self._clock = clock or SystemClock()
        self._held: dict[str, _Held] = {}

    def read(self, key: str) -> bytes | None:
        """Return the content of `key`, None when there is no such resource. Raises RegistryError."""
        held, now = self._held.get(key), self._clock.now()
        if held is not None and now - held.seen_at < LOOK_AGAIN:
            return held.content
        path = self.path_of(key)
        try:
            state = path.stat()
            stamp = state.st_mtime_ns, state.st_size
            if held is None or held.stamp != stamp:
                held = _Held(path.read_bytes(), stamp, now)
        except (FileNotFoundError, NotADirectoryError):
            self._held.pop(key, None)
            return None
        except OSError as error:
            raise RegistryError(f"Registry resource {key} cannot be read: {error.strerror}") from error
        held.seen_at = now
        self._keep(key, held)
        return held.content

    def write(self, key: str, content: bytes) -> None:
        """Replace or create the resource `key`. Raises RegistryError or OSError; then nothing changed."""
        path = self.path_of(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
        self._held.pop(key, None)

    def remove(self, key: str) -> None:
        """Delete the resource `key`, if it exists. Raises RegistryError or OSError."""
        self.path_of(key).unlink(missing_ok=True)
        self._held.pop(key, None)

    def property(self, key: str, name: str) -> str | None:
        """Return the property `name` of the resource `key`, None when it is not set."""
        return self._properties(key).get(name)

    def set_property(self, key: str, name: str, value: str) -> None:
        """Set the property `name` of the resource `key`, whose content becomes empty, as in the reference.

        Raises RegistryError for what a line `name=value` cannot hold, or OSError.
        """
        if not name.strip() or "=" in name or any(len(text.splitlines()) > 1 for text in (name, value)):
            raise RegistryError(f"Registry property {name!r} cannot be kept: it is one line name=value")
        lines = (f"{known}={text}\n" for known, text in {**self._properties(key), name: value}.items())
        self.write(key, b"")
        self.write(f"{key}.properties", "".join(lines).encode())

    def _properties(self, key: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in (self.read(f"{key}.properties") or b"").decode("utf-8", "replace").splitlines():
            name, separator, value = line.partition("=")
            if separator:
                found.setdefault(name.strip(), value.strip())
        return found

    def path_of(self, key: str) -> Path:
        """Return the file of `key`. Raises RegistryError when it lies outside the registry, links followed."""
        prefix = next((prefix for prefix in _FOLDERS if key.startswith(prefix)), "")
        folder = self._root.resolve() / _FOLDERS.get(prefix, "governance")
        if "\0" in key:
            raise RegistryError("A registry key cannot hold a NUL character")
        path = (folder / key.removeprefix(prefix).lstrip("/")).resolve()
        if not path.is_relative_to(folder.resolve()) or path == folder:
            raise RegistryError(f"Registry key {key} leads out of {folder}")
        return path

    def _keep(self, key: str, held: _Held) -> None:
        if key not in self._held and len(self._held) >= KEPT:
            del self._held[next(iter(self._held))]
        self._held[key] = held
