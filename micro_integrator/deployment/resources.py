"""Two kinds of artifact that are not Synapse: files for the registry, and the values an application declares.

registry-info.xml    <resources> <item><file/><path/><mediaType/><properties/></item>*
                                 <collection><directory/><path/><properties/></collection>*
config.properties    KEY:type or KEY=type, one per line; type is string, int, boolean, code or cert
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from lxml.etree import _Element

from micro_integrator.deployment.index import line_of
from micro_integrator.deployment.members import Members
from micro_integrator.deployment.package import Declared, Resource, local_name, parse_part
from micro_integrator.deployment.problem import Faulty

DECLARED_TYPES = ("string", "int", "boolean", "code", "cert")

_PREFIXES = {"/_system/governance": "gov:", "/_system/config": "conf:", "/_system/local": "local:"}


def read_resources(members: Members, info: str, max_xml: int) -> list[Resource]:
    """Return the registry files that the registry-info.xml called `info` places. Raises Faulty."""
    shown = members.shown_as(info)
    root = parse_part(members.read(info, max_xml), shown)
    if local_name(root) != "resources":
        raise Faulty.at(shown, f"needs the root <resources>, found <{local_name(root)}>", line_of(root))
    folder = PurePosixPath(info).parent / "resources"
    found: list[Resource] = []
    for element in root.iterchildren("{*}*"):
        match local_name(element):
            case "item":
                found.append(_item(element, members, folder, shown))
            case "collection":
                found += _collection(element, members, folder, shown)
            case other:
                raise Faulty.at(shown, f"<{other}> is not supported yet", line_of(element))
    return found


def read_declared(members: Members, name: str, max_size: int) -> list[Declared]:
    """Return the keys and types that the config.properties called `name` declares. Raises Faulty."""
    shown = members.shown_as(name)
    return list(_declared(members.read(name, max_size).decode(errors="replace"), shown))


def _declared(text: str, shown: str) -> Iterator[Declared]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip()[0] in "#!":
            continue
        key, _, kind = line.replace("=", ":", 1).partition(":")
        kind = kind.strip() or "string"
        if kind not in DECLARED_TYPES:
            raise Faulty.at(shown, f"type '{kind}' is none of {', '.join(DECLARED_TYPES)}", number)
        yield Declared(key.strip(), kind, shown, number)


def _item(element: _Element, members: Members, folder: PurePosixPath, shown: str) -> Resource:
    file = _text(element, "file", shown).lstrip("/")
    name = str(folder / file)
    if name not in members.names:
        raise Faulty.at(shown, f"the file '{file}' is not in '{folder}'", line_of(element))
    key = _key(_text(element, "path", shown), file)
    return Resource(
        key, members.read(name), (element.findtext("{*}mediaType") or "").strip(), _properties(element)
    )


def _collection(element: _Element, members: Members, folder: PurePosixPath, shown: str) -> Iterator[Resource]:
    path, place = _text(element, "path", shown), folder / _text(element, "directory", shown).lstrip("/")
    for name in sorted(members.names):
        inside = PurePosixPath(name)
        if not inside.is_relative_to(place) or ".meta" in inside.parts:
            continue
        yield Resource(
            _key(path, str(inside.relative_to(place))), members.read(name), _member_type(members, inside)
        )


def _member_type(members: Members, name: PurePosixPath) -> str:
    """A member of a collection has its media type in `.meta/~NAME.xml` beside it."""
    meta = str(name.parent / ".meta" / f"~{name.name}.xml")
    if meta not in members.names:
        return ""
    root = parse_part(members.read(meta), members.shown_as(meta))
    return (root.findtext("{*}mediaType") or "").strip()


def _key(path: str, file: str) -> str:
    prefix, rest = "gov:", path
    for known, short in _PREFIXES.items():
        if path == known or path.startswith(known + "/"):
            prefix, rest = short, path[len(known) :]
    return prefix + str(PurePosixPath(rest.strip("/"), file))


def _text(element: _Element, tag: str, shown: str) -> str:
    value = (element.findtext(f"{{*}}{tag}") or "").strip()
    if not value:
        raise Faulty.at(shown, f"<{local_name(element)}> needs <{tag}>", line_of(element))
    if ".." in PurePosixPath(value).parts:
        raise Faulty.at(shown, f"<{tag}> '{value}' leads out of its folder", line_of(element))
    return value


def _properties(element: _Element) -> dict[str, str]:
    return {
        name: found.get("value", "")
        for found in element.iterfind("{*}properties/{*}property")
        if (name := found.get("key"))
    }
