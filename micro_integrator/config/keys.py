"""Declare a section of deployment.toml: one class, whose fields are keys with kind, default and purpose.

    @section("cluster_config")
    class ClusterSettings:
        \"\"\"What the section is for.\"\"\"

        heart_beat_interval: float = key(5000, kind=milliseconds(at_least=100), doc="time between snapshots")

The class becomes a frozen dataclass whose constructor takes values as the program uses them (seconds,
tuples); defaults are written as a user writes them in the file. Reading, "did you mean" and the catalogue
page come from the same lines.

A class may define `complete(given)` to fill in values that depend on others, `problems(self)` yielding
(key, what is wrong), and `remarks(self)` yielding texts that are worth a warning.
"""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast, dataclass_transform, overload

from micro_integrator.config.kinds import Kind

T = TypeVar("T")
S = TypeVar("S")

_DEFINITION = "__section__"
_LIKE_THE_FIELD = "."

REQUIRED: Any = object()
"""Default of a key that has none: leaving it out is an error."""


@dataclass(frozen=True)
class Key:
    """One key: how it is written, read and explained."""

    kind: Kind[Any]
    default: object
    doc: str
    name: str
    aliases: tuple[str, ...] = ()
    raw: str = ""
    properties: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    is_secret: bool = False
    forgiven: str = ""
    is_reloadable: bool = False

    def initial(self) -> Any:
        """Return the default as the program sees it."""
        return None if self.default is None else self.kind.read(self.default)


@dataclass(frozen=True)
class Table:
    """All keys below `name`, freely named by the user ('' = the whole section)."""

    kind: Kind[Any]
    doc: str
    name: str
    is_reloadable: bool = False
    is_secret: bool = False


@dataclass(frozen=True)
class Part:
    """A section inside a section, called like the field; one for each table when the section is an array."""

    section: type[Any]


Member = Key | Table | Part


@dataclass(frozen=True)
class Section:
    """What `@section` noted about a class; the members are named by their fields."""

    name: str
    doc: str
    is_array: bool
    raw_table: str
    later: tuple[str, ...]
    without_effect: tuple[str, ...]
    members: Mapping[str, Member]


@overload
def key(default: None, *, kind: Kind[T], doc: str, **more: Any) -> T | None: ...
@overload
def key(default: object, *, kind: Kind[T], doc: str, **more: Any) -> T: ...
def key(default: object, *, kind: Kind[T], doc: str, name: str = _LIKE_THE_FIELD, **more: Any) -> T | None:
    """Declare a key; `default` may be a function, `name` is needed where it differs from the field's.

    `more`: aliases, further names in the same section; raw, the reference's internal name; properties and
    environment, names that win over the file in this order; is_secret, its value appears nowhere;
    forgiven, a bad value is this warning with its `{value}` and the `{default}`, which counts;
    is_reloadable, a change is applied without a restart.
    """
    return cast(T, Key(kind, default, doc, name, **more))


def table(*, kind: Kind[T], doc: str, name: str = _LIKE_THE_FIELD, **more: bool) -> Mapping[str, T]:
    """Declare a table whose keys the user names; `name=""` is the whole section.

    `more`: is_reloadable and is_secret, as for a key.
    """
    return cast(Mapping[str, T], Table(kind, doc, name, **more))


def part(section: type[S]) -> S:
    """Declare a section inside this one."""
    return cast(S, Part(section))


def parts(section: type[S]) -> tuple[S, ...]:
    """Declare an array of tables inside this section."""
    return cast(tuple[S, ...], Part(section))


@dataclass_transform(frozen_default=True, kw_only_default=True)
def section(
    name: str,
    *,
    is_array: bool = False,
    raw_table: str = "",
    later: str = "",
    without_effect: str = "",
) -> Callable[[type[S]], type[S]]:
    """Make a class the section `name`.

    `later` names keys (blank separated, `x.*` for all below) that the product knows and does not use yet,
    `without_effect` those whose behaviour is always on; `raw_table` is where the raw names of its keys are
    looked up.
    """

    def declare(cls: type[S]) -> type[S]:
        members = {at: _named(member, at) for at, member in vars(cls).items() if isinstance(member, Member)}
        for at, member in members.items():
            setattr(cls, at, _dataclass_field(member))
        doc = (cls.__doc__ or "").strip()
        definition = Section(
            name, doc, is_array, raw_table, tuple(later.split()), tuple(without_effect.split()), members
        )
        setattr(cls, _DEFINITION, definition)
        return dataclass(frozen=True, kw_only=True)(cls)

    return declare


def definition_of(cls: type[Any]) -> Section:
    """Return what `@section` noted about `cls`."""
    return cast(Section, getattr(cls, _DEFINITION))


def _named(member: Member, at: str) -> Member:
    if isinstance(member, Part) or member.name != _LIKE_THE_FIELD:
        return member
    return dataclasses.replace(member, name=at)


def _dataclass_field(member: Member) -> Any:
    if isinstance(member, Part):
        return field(default_factory=tuple if definition_of(member.section).is_array else member.section)
    if isinstance(member, Table):
        return field(default_factory=dict)
    if member.default is REQUIRED:
        return field(repr=not member.is_secret)
    make = member.default if callable(member.default) else member.initial
    return field(default_factory=make, repr=not member.is_secret)
