"""Values after their placeholders were replaced; each is resolved once, when it is first asked for."""

from dataclasses import dataclass
from functools import cached_property

from micro_integrator.config.catalogue import Catalogue
from micro_integrator.config.entries import Entries, Entry
from micro_integrator.config.home import Home
from micro_integrator.config.key_positions import KeyPath
from micro_integrator.config.placeholders import PlaceholderError, has_placeholder, resolve
from micro_integrator.config.report import Report
from micro_integrator.config.secrets import FORMS, SecretError, master_key, plain_text, reveal


@dataclass(frozen=True)
class Resolved:
    """A value ready for conversion; `is_secret` when a secret went into it."""

    value: object
    is_secret: bool = False


class Resolution:
    """Resolves the values of `entries`; the clear text of every secret used is noted in `secrets`."""

    def __init__(self, entries: Entries, catalogue: Catalogue, home: Home, report: Report) -> None:
        self._entries, self._catalogue, self._home, self._report = entries, catalogue, home, report
        self._known: dict[KeyPath, Resolved | None] = {}
        self._open: list[KeyPath] = []
        self.secrets: set[str] = set()

    def of(self, entry: Entry) -> Resolved | None:
        """Return the value of `entry`; None when a placeholder has no value, which is reported once."""
        if entry.path not in self._known:
            self._known[entry.path] = self._resolved(entry)
        return self._known[entry.path]

    def _resolved(self, entry: Entry) -> Resolved | None:
        self._open.append(entry.path)
        try:
            return self._value(entry.value)
        except (PlaceholderError, SecretError) as error:
            self._report.problem(entry.place, f"{self._catalogue.title(entry.path)}: {error}")
            return None
        finally:
            self._open.pop()

    def _value(self, value: object) -> Resolved:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            parts = [self._value(part) for part in value]
            return Resolved([part.value for part in parts], any(part.is_secret for part in parts))
        return Resolved(value)

    def _text(self, text: str) -> Resolved:
        look_up = _LookUp(self)
        return Resolved(resolve(text, look_up), look_up.met_secret)

    def variable(self, name: str) -> str | None:
        """Return a variable of the environment."""
        return self._home.environ.get(name)

    def system_property(self, name: str) -> str | None:
        """Return a property of the command line, else of `[system.parameter]`; empty counts as missing."""
        if given := self._home.properties.get(name):
            return given
        found = self._reference(("system", "parameter", *name.split(".")))
        return str(found.value) if found and found.value != "" else None

    def reference(self, name: str) -> Resolved | None:
        """Return the value of another key, or its default."""
        path = self._entries.canonical(
            tuple(int(step) if step.isdecimal() else step for step in name.split("."))
        )
        found = self._reference(path)
        if (
            found is None
            and self._entries.get(path) is None
            and (default := self._catalogue.default(name)) is not None
        ):
            return Resolved(default)
        return found

    def secret(self, alias: str) -> str | None:
        """Return the clear text of a secret, and remember it for the log mask."""
        entry = self._entries.get(("secrets", *alias.split(".")))
        if entry is None:
            return None
        resolved = self._reference(entry.path)
        if resolved is None:
            raise SecretError(f"Secret '{alias}' can't be resolved")
        clear = self._clear(alias, str(entry.value), str(resolved.value))
        self.secrets.update({clear} - {""})
        return clear

    def _reference(self, path: KeyPath) -> Resolved | None:
        entry = self._entries.get(path)
        return self.of(entry) if entry and path not in self._open else None

    def _clear(self, alias: str, written: str, resolved: str) -> str:
        if (plain := plain_text(written)) is not None:
            if "encryptSecrets" not in self._home.properties:
                raise SecretError(f"Secret references can't be plain text for {alias}")
            return plain
        if has_placeholder(written) and not resolved.startswith(FORMS):
            return resolved
        return reveal(alias, resolved, self._key, self._home)

    @cached_property
    def _key(self) -> bytes | None:
        return master_key(self._home)


class _LookUp:
    """What one string asks for; remembers whether a secret was among it."""

    def __init__(self, resolution: Resolution) -> None:
        self._resolution = resolution
        self.met_secret = False

    def __call__(self, form: str, name: str) -> str | None:
        match form:
            case "env":
                return self._resolution.variable(name)
            case "sys":
                return self._resolution.system_property(name)
            case "ref":
                return self._reference(name)
            case "secret":
                self.met_secret = True
                return self._resolution.secret(name)
            case _:
                found = self._resolution.system_property(name)
                return self._resolution.variable(name) if found is None else found

    def _reference(self, name: str) -> str | None:
        found = self._resolution.reference(name)
        if found is None:
            return None
        self.met_secret = self.met_secret or found.is_secret
        return _as_text(found.value)


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(_as_text(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
