"""The file as a flat list of written values, one spelling for each key.

Dotted keys, tables, inline tables and quoted keys with dots all lead to the same path; aliases and raw
names of the reference are replaced by the name of the catalogue. A key that was written twice in different
ways is a problem.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from micro_integrator.config.catalogue import Catalogue
from micro_integrator.config.errors import Place
from micro_integrator.config.key_positions import KeyPath
from micro_integrator.config.report import Report
from micro_integrator.config.toml_file import TomlFile

MAX_DEPTH = 50
"""Tables inside tables that no honest file reaches."""


@dataclass(frozen=True)
class Entry:
    """A value as it was written: where, and under which name."""

    path: KeyPath
    value: object
    place: Place
    spelling: str


class Entries:
    """All written values by path."""

    def __init__(self, catalogue: Catalogue, report: Report) -> None:
        self._catalogue, self._report = catalogue, report
        self._by_path: dict[KeyPath, Entry] = {}
        self._tables: dict[KeyPath, Place] = {}

    def add_file(self, file: TomlFile) -> None:
        """Take over all values of `file`."""
        self._add_table(file, (), file.tables)

    def put(self, path: KeyPath, value: object, place: Place) -> None:
        """Set one value, over whatever the file says."""
        path = self.canonical(path)
        self._by_path[path] = Entry(path, value, place, str(place))

    def get(self, path: KeyPath) -> Entry | None:
        """Return what is written at `path`."""
        return self._by_path.get(path)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._by_path.values())

    def below(self, prefix: KeyPath) -> list[Entry]:
        """Return the values below `prefix`, in the order of the file."""
        return [entry for path, entry in self._by_path.items() if path[: len(prefix)] == prefix != path]

    def elements(self, name: str) -> list[KeyPath]:
        """Return the paths of the tables of the array `name`, also of empty ones, in their order."""
        prefix = tuple(name.split("."))
        at = len(prefix)
        paths = (path for path in (*self._tables, *self._by_path) if path[:at] == prefix and len(path) > at)
        numbers = {number for path in paths if isinstance(number := path[at], int)}
        return [(*prefix, number) for number in sorted(numbers)]

    def table_place(self, path: KeyPath) -> Place | None:
        """Return where the table `path` begins, if it has a header."""
        return self._tables.get(path)

    def canonical(self, path: KeyPath) -> KeyPath:
        """Return the path of the catalogue for a path as written."""
        path = tuple(
            part for step in path for part in (step.split(".") if isinstance(step, str) else (step,))
        )
        for name in self._catalogue.arrays:
            prefix = tuple(name.split("."))
            at = len(prefix)
            if path[:at] == prefix and not (len(path) > at and isinstance(path[at], int)):
                path = (*prefix, 0, *path[at:])
        known = self._catalogue.aliases.get(".".join(map(str, path)))
        return tuple(known.split(".")) if known else path

    def _add_table(self, file: TomlFile, written: KeyPath, table: Mapping[str, object]) -> None:
        if written:
            self._tables.setdefault(self.canonical(written), file.place(written))
        if len(written) > MAX_DEPTH:
            self._report.problem(file.place(written), f"tables are nested deeper than {MAX_DEPTH} levels")
            return
        for name, value in table.items():
            self._add_value(file, (*written, name), value)

    def _add_value(self, file: TomlFile, written: KeyPath, value: object) -> None:
        if isinstance(value, dict):
            self._add_table(file, written, value)
        elif isinstance(value, list) and any(isinstance(element, dict) for element in value):
            for number, element in enumerate(value):
                self._add_value(file, (*written, number), element)
        else:
            self._add_entry(Entry(self.canonical(written), value, file.place(written), _spelling(written)))

    def _add_entry(self, entry: Entry) -> None:
        earlier = self._by_path.setdefault(entry.path, entry)
        if earlier is not entry:
            first, second = sorted((earlier, entry), key=lambda one: one.place.line)
            self._report.problem(
                second.place,
                f"{self._catalogue.title(entry.path)} is given twice: as {first.spelling} in line "
                f"{first.place.line} and as {second.spelling} in line {second.place.line}",
            )


def _spelling(written: KeyPath) -> str:
    return ".".join(f"'{step}'" if "." in step else step for step in written if isinstance(step, str))
