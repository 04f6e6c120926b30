"""Write docs/configuration.md from the section definitions: `python -m micro_integrator.config.page FILE`."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from micro_integrator.config.catalogue import sections_within
from micro_integrator.config.keys import REQUIRED, Key, Section, Table
from micro_integrator.config.later import LATER_SECTIONS, WAITING
from micro_integrator.config.meaningless import MEANINGLESS
from micro_integrator.config.sections import ROOTS

_BEGINNING = """\
# Configuration

A node reads `conf/deployment.toml` of its home once, when it starts. This page is made from the definitions of the
keys (`make docs`).

Rules for the whole file:

* Numbers and truth values may be written as texts (`"5"`, `"true"`), lists as texts with commas. Sizes take a unit:
  `"16 MiB"`.
* A wrong value stops the start with exit code 3; all problems are listed with file and line. An unknown key is a
  warning, or a problem with `check --strict` and `-DstrictConfig`.
* `[a] b`, `a.b` and `'a.b'` are one key. Writing a key twice in different ways is a problem.
* The variable `MI__SECTION__KEY` replaces the value of a key: `MI__CLUSTER_CONFIG__NODE_ID=node-2`. A number chooses
  an element of an array: `MI__DATASOURCE__0__PASSWORD`.
* Keys marked *reload* are applied on SIGHUP; every other change needs a restart.

Placeholders work in every text, any number of times:

| placeholder | value |
|---|---|
| `$env{NAME}`, `$env{NAME:default}`, `${env:NAME}` | variable of the environment |
| `$sys{name}`, `$sys{name:default}` | system property (`-Dname=value`), then `[system.parameter]` |
| `$ref{section.key}` | value of another key |
| `$secret{alias}` | secret of the section `[secrets]` |
| `${name}` | system property, else variable, else left as it is; `${carbon.home}` is the home |
| `$$env{`, `$${` … | the text itself, with one dollar |
"""

_MEANINGLESS = """\
## Without meaning here

Keys of thread pools, buffers and a second client, which this product is not made of. They are accepted and named in one
line at the start.
"""

_ENDING = """\
## Known, not used yet

Keys of these sections are accepted and named in one line at the start: {names}.
"""


def configuration_page() -> str:
    """Return the page as Markdown."""
    parts = [_BEGINNING]
    for root in ROOTS:
        for name, section in sections_within(root):
            parts.append("\n".join(_section(name, section)))
    names = ", ".join(f"`{name}`" for name in LATER_SECTIONS)
    parts.append("\n".join([_MEANINGLESS, *_meaningless_rows()]))
    return "\n".join([*parts, _ENDING.format(names=names)])


def _section(name: str, section: Section) -> Iterator[str]:
    heading = f"[[{name}]]" if section.is_array else f"[{name}]"
    yield f"## {heading}\n"
    yield "\n".join(line.strip() for line in section.doc.splitlines()) + "\n"
    rows = [row for member in section.members.values() for row in _rows(member, section)]
    if rows:
        yield "| key | value | default | meaning |\n|---|---|---|---|"
        yield from rows
        yield ""
    if section.without_effect:
        yield f"Accepted without effect, always on: {_names(section.without_effect)}.\n"
    if name in WAITING:
        yield f"Checked, but not used yet: {_names(WAITING[name])}.\n"
    if section.later:
        yield f"Known, not used yet: {_names(section.later)}.\n"


def _meaningless_rows() -> Iterator[str]:
    yield "| section | keys | for |\n|---|---|---|"
    for group in MEANINGLESS:
        yield f"| `[{group.section}]` | {_names(group.names.split())} | {_cell(group.reason)} |"
    yield ""


def _rows(member: object, section: Section) -> Iterator[str]:
    if isinstance(member, Key):
        meaning = _meaning(member, section)
        yield f"| `{member.name}` | {_cell(member.kind.expected)} | {_default(member)} | {meaning} |"
    elif isinstance(member, Table):
        name = f"{member.name}.*" if member.name else "*"
        reload = " *(reload)*" if member.is_reloadable else ""
        yield f"| `{name}` | {_cell(member.kind.expected)} | | {_cell(member.doc)}{reload} |"


def _default(key: Key) -> str:
    if key.default is REQUIRED:
        return "**required**"
    if key.default is None or callable(key.default) or key.default in ("", []):
        return ""
    return f"`{_written(key.default)}`"


def _written(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _meaning(key: Key, section: Section) -> str:
    parts = []
    if key.properties or key.environment:
        names = [
            *(f"`-D{name}`" for name in key.properties),
            *(f"variable `{name}`" for name in key.environment),
        ]
        parts.append("Overridden by " + ", ".join(names) + ".")
    if key.aliases:
        parts.append(f"Also {_names(key.aliases)}.")
    if key.raw:
        parts.append(f"Also `'{key.raw}'` of `[{section.raw_table}]`.")
    meaning = ". ".join([_cell(key.doc), " ".join(parts)]) if parts else _cell(key.doc)
    return f"{meaning} *(reload)*" if key.is_reloadable else meaning


def _names(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(configuration_page(), encoding="utf-8")
