"""Everything that may stand in deployment.toml, looked up by dotted name."""

from collections.abc import Iterator, Mapping
from typing import Any

from micro_integrator.config.key_positions import KeyPath
from micro_integrator.config.keys import REQUIRED, Key, Part, Section, Table, definition_of


def dotted(path: KeyPath) -> str:
    """Return the name of `path` as a user writes it, without the numbers of array elements."""
    return ".".join(step for step in path if isinstance(step, str))


class Catalogue:
    """The known keys of the given section classes, and of sections that are known without being used."""

    def __init__(
        self, roots: tuple[type[Any], ...], later_sections: tuple[str, ...], meaningless: Mapping[str, str]
    ) -> None:
        """`meaningless`: dotted name of a key for which nothing can be set → why."""
        self.keys: dict[str, Key] = {}
        self.tables: dict[str, Table] = {}
        self.aliases: dict[str, str] = {}
        self.without_effect: set[str] = set()
        self.meaningless = meaningless
        self.arrays: set[str] = set()
        self._later: dict[str, str] = {f"{name}.*": name for name in later_sections}
        self._headings: list[str] = []
        for root in roots:
            for name, section in sections_within(root):
                self._enter(name, section)

    def _enter(self, name: str, section: Section) -> None:
        self._headings.append(name)
        if section.is_array:
            self.arrays.add(name)
        for member in section.members.values():
            if isinstance(member, Key):
                self._enter_key(name, section, member)
            elif isinstance(member, Table):
                self.tables[f"{name}.{member.name}".rstrip(".")] = member
        self.without_effect.update(f"{name}.{key}" for key in section.without_effect)
        self._later.update({f"{name}.{key}": name for key in section.later})

    def _enter_key(self, name: str, section: Section, key: Key) -> None:
        full = f"{name}.{key.name}"
        self.keys[full] = key
        self.aliases.update({f"{name}.{alias}": full for alias in key.aliases})
        if key.raw:
            self.aliases[f"{section.raw_table}.{key.raw}"] = full

    def names(self) -> list[str]:
        """Return every name a user may have meant."""
        later = (name.removesuffix(".*") for name in self._later)
        return [*self.keys, *self.aliases, *self.without_effect, *self.meaningless, *later]

    def later_section(self, name: str) -> str | None:
        """Return the section under which the unused key `name` is listed; None when it is unknown."""
        if name in self._later:
            return self._later[name]
        steps = name.split(".")
        prefixes = (".".join(steps[:length]) + ".*" for length in range(len(steps) - 1, 0, -1))
        return next((self._later[prefix] for prefix in prefixes if prefix in self._later), None)

    def table_of(self, name: str) -> str | None:
        """Return the name of the freely keyed table that `name` belongs to."""
        return next((table for table in self.tables if name.startswith(f"{table}.")), None)

    def default(self, name: str) -> object:
        """Return the default of `name` as a user would write it; None when there is none."""
        key = self.keys.get(name)
        if key is None or key.default is REQUIRED or callable(key.default):
            return None
        return key.default

    def title(self, path: KeyPath) -> str:
        """Return `path` as messages write it: `[section] key`."""
        name = dotted(path)
        inside = [section for section in self._headings if name.startswith(f"{section}.")]
        section = max(inside, key=len, default=name.rpartition(".")[0])
        if not section:
            return name
        heading = f"[[{section}]]" if section in self.arrays else f"[{section}]"
        return f"{heading} {name[len(section) + 1 :]}"


def sections_within(root: type[Any], name: str = "") -> Iterator[tuple[str, Section]]:
    """Yield (dotted name, definition) of a section class and of all sections inside it."""
    section = definition_of(root)
    name = name or section.name
    yield name, section
    for at, member in section.members.items():
        if isinstance(member, Part):
            yield from sections_within(member.section, f"{name}.{at}")
