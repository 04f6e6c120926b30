"""Transport headers: looked up in any case, kept and sent as they were written."""

from collections.abc import Collection, Iterable, Iterator, MutableMapping, Sequence
from typing import overload

Field = tuple[str, str]
"""Name and value."""


class Headers(MutableMapping[str, str]):
    """A mapping name → value whose names compare case-insensitively.

    A name that came several times is looked up by its first value; the others are `repeated`, go out with it, and are
    gone when the header is set or removed. Else the last spelling of a name is kept.
    """

    __slots__ = ("_fields", "repeated")

    def __init__(self, fields: Collection[Field] = ()) -> None:
        self._fields: dict[str, Field] = {field[0].lower(): field for field in fields}
        self.repeated: Sequence[Field] = ()
        """Second and later fields of a name, in their order."""
        if len(self._fields) != len(fields):
            self._tell_apart(fields)

    @classmethod
    def adopt(cls, fields: dict[str, Field], repeated: Sequence[Field] = ()) -> "Headers":
        """Return headers over fields by their names in lower case; the mapping is theirs from now on."""
        headers = cls.__new__(cls)
        headers._fields, headers.repeated = fields, repeated
        return headers

    def _tell_apart(self, fields: Iterable[Field]) -> None:
        self._fields.clear()
        repeated: list[Field] = []
        for field in fields:
            key = field[0].lower()
            if key in self._fields:
                repeated.append(field)
            else:
                self._fields[key] = field
        self.repeated = repeated

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()][1]

    def __setitem__(self, name: str, value: str) -> None:
        self._fields[name.lower()] = (name, value)
        if self.repeated:
            self._forget_repeated(name)

    def __delitem__(self, name: str) -> None:
        del self._fields[name.lower()]
        self._forget_repeated(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __repr__(self) -> str:
        return f"Headers({list(self.fields())})"

    @overload  # type: ignore[override]  # values are texts; and it is faster than the inherited one
    def get(self, name: str, default: None = None) -> str | None: ...

    @overload
    def get(self, name: str, default: str) -> str: ...

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the value of `name`."""
        found = self._fields.get(name.lower())
        return default if found is None else found[1]

    def remove(self, name: str) -> None:
        """Remove `name`, if it is there."""
        if self._fields.pop(name.lower(), None) is not None and self.repeated:
            self._forget_repeated(name)

    def clear(self) -> None:
        """Remove all."""
        self._fields.clear()
        self.repeated = ()

    def fields(self) -> Collection[Field]:
        """Return everything that goes out: names as they were written, with their values."""
        return [*self._fields.values(), *self.repeated] if self.repeated else self._fields.values()

    def copy(self) -> "Headers":
        """Return headers of their own with the same content."""
        return Headers.adopt(self._fields.copy(), self.repeated)

    def having(self, name: str, value: str) -> "Headers":
        """Return headers in which `name` is `value`: these, when it is so already, else a changed copy."""
        found = self._fields.get(name.lower())
        if found is not None and found[1] == value and not self.repeated:
            return self
        changed = self.copy()
        changed[name] = value
        return changed

    def without(self, name: str) -> "Headers":
        """Return headers that have no `name`: these, when they have none, else a changed copy."""
        if name.lower() not in self._fields:
            return self
        changed = self.copy()
        changed.remove(name)
        return changed

    def _forget_repeated(self, name: str) -> None:
        key = name.lower()
        self.repeated = [field for field in self.repeated if field[0].lower() != key]
