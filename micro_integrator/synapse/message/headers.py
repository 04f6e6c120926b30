"""Transport headers: looked up in any case, kept and sent as they were written."""

from collections.abc import Iterable, Iterator, MutableMapping
from typing import overload


class Headers(MutableMapping[str, str]):
    """A mapping name → value whose names compare case-insensitively; the last spelling of a name is kept."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: dict[str, tuple[str, str]] = {name.lower(): (name, value) for name, value in fields}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()][1]

    def __setitem__(self, name: str, value: str) -> None:
        self._fields[name.lower()] = (name, value)

    def __delitem__(self, name: str) -> None:
        del self._fields[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._fields

    def __repr__(self) -> str:
        return f"Headers({list(self._fields.values())})"

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
        self._fields.pop(name.lower(), None)

    def fields(self) -> Iterable[tuple[str, str]]:
        """Return names, as they were written, with their values."""
        return self._fields.values()

    def copy(self) -> "Headers":
        """Return headers of their own with the same content."""
        copied = Headers()
        copied._fields = self._fields.copy()
        return copied
