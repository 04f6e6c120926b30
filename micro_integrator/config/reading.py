"""Turn written values into section objects, and account for every value that no section asked for."""

from collections.abc import Mapping
from datetime import date, time
from typing import Any, TypeVar

from micro_integrator.config.catalogue import Catalogue, dotted
from micro_integrator.config.entries import Entries, Entry
from micro_integrator.config.errors import Place
from micro_integrator.config.key_positions import KeyPath
from micro_integrator.config.keys import REQUIRED, Key, Part, Table, definition_of
from micro_integrator.config.kinds import Mismatch
from micro_integrator.config.placeholders import has_placeholder
from micro_integrator.config.report import Report
from micro_integrator.config.resolution import Resolution
from micro_integrator.kit import did_you_mean
from micro_integrator.observability import MASK

S = TypeVar("S")

_ABSENT: Any = object()


class SectionReader:
    """Reads sections one by one; `finish` then looks at what is left over."""

    def __init__(
        self, entries: Entries, catalogue: Catalogue, resolution: Resolution, report: Report, file: Place
    ) -> None:
        self._entries, self._catalogue = entries, catalogue
        self._resolution, self._report, self._file = resolution, report, file
        self._taken: set[KeyPath] = set()

    def read(self, section: type[S], prefix: KeyPath) -> S | None:
        """Return the section written at `prefix`; None when a required key is missing or wrong."""
        given: dict[str, Any] = {}
        complete, problems = True, len(self._report.problems)
        for field, member in definition_of(section).members.items():
            value = self._member(member, prefix, field)
            if value is not _ABSENT:
                given[field] = value
            elif isinstance(member, Key) and member.default is REQUIRED:
                complete = False
        if not complete:
            return None
        getattr(section, "complete", _nothing_more)(given)
        found = section(**given)
        if len(self._report.problems) == problems:  # else keys are missing to it that somebody has written
            self._examine(found, prefix)
        return found

    def read_each(self, section: type[S], path: KeyPath) -> tuple[S, ...]:
        """Return the tables of an array, but those that `read` refuses."""
        found = (self.read(section, element) for element in self._entries.elements(dotted(path)))
        return tuple(one for one in found if one is not None)

    def _member(self, member: Key | Table | Part, prefix: KeyPath, field: str) -> Any:
        match member:
            case Key():
                return self._key(member, (*prefix, *member.name.split(".")), prefix)
            case Table():
                return self._table(member, (*prefix, *filter(None, member.name.split("."))))
            case Part() if definition_of(member.section).is_array:
                return self.read_each(member.section, (*prefix, field))
            case Part():
                return self.read(member.section, (*prefix, field))

    def _key(self, key: Key, path: KeyPath, prefix: KeyPath) -> Any:
        entry = self._entries.get(path)
        if entry is None:
            if key.default is REQUIRED:
                place = self._entries.table_place(prefix) or self._first_place(prefix)
                self._report.problem(place, f"{self._catalogue.title(path)} is missing")
            return _ABSENT
        self._taken.add(path)
        return self._converted(entry, key)

    def _first_place(self, prefix: KeyPath) -> Place:
        written = [*self._entries.below(prefix), self._entries.get(prefix)]
        return next((entry.place for entry in written if entry), self._file)

    def _converted(self, entry: Entry, key: Key | Table) -> Any:
        resolved = self._resolution.of(entry)
        if resolved is None:
            return _ABSENT
        is_secret = resolved.is_secret or key.is_secret
        try:
            value = key.kind.read(resolved.value)
        except Mismatch:
            self._mismatch(entry, key, MASK if is_secret else _shown(entry.value, resolved.value))
            return _ABSENT
        if isinstance(key, Key) and key.is_secret and isinstance(value, str) and value:
            self._resolution.secrets.add(value)
        return value

    def _mismatch(self, entry: Entry, key: Key | Table, shown: str) -> None:
        if isinstance(key, Key) and key.forgiven:
            self._report.warn(entry.place, key.forgiven.format(value=shown, default=key.default))
        else:
            message = f"{self._catalogue.title(entry.path)} = {shown}: expected {key.kind.expected}"
            self._report.problem(entry.place, message)

    def _table(self, table: Table, path: KeyPath) -> Mapping[str, Any]:
        found = {}
        for entry in self._entries.below(path):
            self._taken.add(entry.path)
            value = self._converted(entry, table)
            if value is not _ABSENT:
                found[dotted(entry.path[len(path) :])] = value
        return found

    def _examine(self, section: Any, prefix: KeyPath) -> None:
        for name, message in getattr(section, "problems", tuple)():
            path = (*prefix, *name.split("."))
            self._report.problem(self._place(path, prefix), f"{self._catalogue.title(path)}: {message}")
        for remark in getattr(section, "remarks", tuple)():
            heading = f"[{dotted(prefix)}]"
            self._report.warn(self._first_place(prefix), f"{heading} {remark}")

    def _place(self, path: KeyPath, prefix: KeyPath) -> Place:
        entry = self._entries.get(path)
        return entry.place if entry else self._first_place(prefix)

    def finish(self, *, strict: bool) -> None:
        """Report what no section asked for: known keys once per section, unknown ones one by one."""
        # what is missing may have been written under another name
        strict = strict or bool(self._report.problems)
        unused: dict[str, list[str]] = {}
        meaningless: dict[tuple[str, str], list[str]] = {}
        for entry in self._entries:
            if entry.path in self._taken:
                continue
            self._resolution.of(entry)
            name = dotted(entry.path)
            if name in self._catalogue.without_effect:
                self._report.notice(f"[{entry.path[-1]}] is not needed; the behaviour is always on")
            elif name in self._catalogue.keys:
                title = self._catalogue.title(entry.path)
                self._report.problem(
                    entry.place, f"{title} stands in an array of tables: write one pair of brackets"
                )
            elif (reason := self._catalogue.meaningless.get(name)) is not None:
                heading, _, key = name.rpartition(".")
                meaningless.setdefault((heading, reason), []).append(key)
            elif (section := self._catalogue.later_section(name)) is not None:
                unused.setdefault(section, []).append(name[len(section) + 1 :])
            else:
                self._unknown(entry.place, name, strict=strict)
        for (heading, reason), names in meaningless.items():
            self._report.notice(f"[{heading}] {', '.join(names)}: without meaning here, for {reason}")
        for section, names in unused.items():
            self._report.notice(f"[{section}] {', '.join(dict.fromkeys(names))}: known, not used yet")

    def _unknown(self, place: Place, name: str, *, strict: bool) -> None:
        message = f"Unknown configuration key '{name}'{did_you_mean(name, self._catalogue.names())}"
        if strict:
            self._report.problem(place, message)
        else:
            self._report.warn(place, message)


def _nothing_more(given: dict[str, Any]) -> None:
    """Stand in for a section that fills in nothing."""


def _shown(written: object, value: object) -> str:
    if isinstance(written, str) and has_placeholder(written):
        return f"{value!r} (from '{written}')"
    return _in_toml(value)


def _in_toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case date() | time():
            return value.isoformat()
        case list():
            return f"[{', '.join(map(_in_toml, value))}]"
        case _:
            return repr(value)
