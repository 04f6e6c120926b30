"""Write the pages of mediators and artifacts from their docstrings: `python -m micro_integrator.synapse.pages docs`.

A docstring has blocks, separated by empty lines: indented ones are XML, lines of `name   meaning` are a table, the
rest is text. The first line is `<tag> - what it is for.`
"""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from types import ModuleType

from micro_integrator.synapse import artifacts, mediators

FOLDERS = {"mediators": mediators, "artifacts": artifacts}
NOTICE = "<!-- written by `make docs` from the source; change it there -->"

_TITLE = re.compile(r"<(\w+)( key)?> - (.+)")
_ROW = re.compile(r"(\S.*?) {2,}(\S.*)")


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every page: its path below the folder of documents, and its text."""
    for folder, package in FOLDERS.items():
        for module in modules(package):
            tag, text = page(module.__doc__ or "")
            yield Path(folder) / f"{tag}.md", text


def modules(package: ModuleType) -> Iterator[ModuleType]:
    """Yield the modules of a catalogue's package, in their order there."""
    for name in package.__all__:
        yield importlib.import_module(f"{package.__name__}.{name}")


def page(docstring: str) -> tuple[str, str]:
    """Return the element a docstring is about, and its page. Raises ValueError when it does not begin with one."""
    title, _, rest = docstring.partition("\n")
    found = _TITLE.fullmatch(title)
    if found is None:
        raise ValueError(f"a page begins with '<tag> - what it is for.', not with '{title}'")
    purpose = found[3][0].upper() + found[3][1:]
    blocks = [f"# &lt;{found[1]}{found[2] or ''}&gt;", NOTICE, purpose]
    blocks += [_block(block) for block in _blocks(rest)]
    return found[1], "\n\n".join(blocks) + "\n"


def _blocks(text: str) -> Iterator[str]:
    yield from (block.strip("\n") for block in re.split(r"\n[ ]*\n", text) if block.strip())


def _block(block: str) -> str:
    if block.startswith("    "):
        return f"```xml\n{dedent(block)}\n```"
    if rows := _rows(block):
        body = "\n".join(f"| `{name}` | {meaning} |" for name, meaning in rows)
        return f"| name | meaning |\n|---|---|\n{body}"
    return block


def _rows(block: str) -> list[tuple[str, str]]:
    """Return the rows of a table, none when the block is text; an indented line goes on with the row above."""
    rows: list[tuple[str, str]] = []
    for line in block.splitlines():
        found = _ROW.fullmatch(line)
        if found is not None and not line.startswith(" "):
            rows.append((found[1], _cell(found[2])))
        elif rows and line.startswith(" "):
            name, meaning = rows[-1]
            rows[-1] = name, f"{meaning} {_cell(line.strip())}"
        else:
            return []
    return rows


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(folder: Path) -> None:
    """Write all pages below `folder`."""
    for path, text in pages():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
