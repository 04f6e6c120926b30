"""The pages of mediators and artifacts: as fresh as the source, complete, and with examples that deploy."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from unit.synapse.synapse_lab import loaded

from micro_integrator.synapse import artifacts, mediators
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.pages import main, modules, page, pages

DOCS = Path(__file__).parents[3] / "docs"
FOLDERS = {"mediators": mediators, "artifacts": artifacts}
SOURCES = [
    pytest.param(module, id=module.__name__.rpartition(".")[2])
    for package in FOLDERS.values()
    for module in modules(package)
]


def examples(module: ModuleType) -> Iterator[str]:
    for block in (module.__doc__ or "").partition("Example:")[2].split("\n\n"):
        if block.strip():
            yield "\n".join(line.removeprefix("    ") for line in block.strip("\n").splitlines())


@pytest.mark.parametrize("path", [path for path, _ in pages()], ids=str)
def test_a_page_is_what_the_source_says(path: Path) -> None:
    expected = dict(pages())[path]
    assert (DOCS / path).read_text(encoding="utf-8") == expected, "run `make docs`"


def test_there_is_no_page_without_a_source() -> None:
    known = {path for path, _ in pages()}
    assert {path.relative_to(DOCS) for folder in FOLDERS for path in (DOCS / folder).glob("*.md")} == known


@pytest.mark.parametrize("module", SOURCES)
def test_every_example_deploys_without_a_remark(module: ModuleType) -> None:
    found = list(examples(module))
    assert found
    for example in found:
        result = loaded(example)
        assert [str(error) for error in result.errors] == []
        assert [str(notice) for notice in result.notices] == []


@pytest.mark.parametrize("module", SOURCES)
def test_a_page_names_everything_its_reader_asks_for(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: dict[str, XmlReader] = {}
    finish = XmlReader.finish

    def noted(reader: XmlReader) -> None:
        readers[reader.position] = reader
        finish(reader)

    monkeypatch.setattr(XmlReader, "finish", noted)
    for example in examples(module):
        loaded(example)
    tag, text = page(module.__doc__ or "")
    is_artifact = module in modules(artifacts)
    mine = [
        reader
        for position, reader in readers.items()
        if readers[owner_of(position)].tag == tag and ("/" not in owner_of(position)) is is_artifact
    ]
    assert mine
    asked = {name for reader in mine for name in reader.asked_attributes | reader.asked_elements}
    assert [name for name in asked - {"description"} if name not in text] == []


def owner_of(position: str) -> str:
    """Return the position of the mediator, or else the artifact, on whose page an element is described."""
    steps = position.split("/")
    while len(steps) > 1 and not steps[-1].isdecimal():
        steps.pop()
    return "/".join(steps)


def test_a_docstring_without_a_title_is_refused() -> None:
    with pytest.raises(ValueError, match="a page begins with"):
        page("Something else.")


def test_text_tables_and_xml_look_different() -> None:
    _, text = page(
        "<x> - do it.\n\n    <x/>\n\na   one | two\n    and more\nb   three\n\nPlain text\nof two lines.\n"
    )
    assert text == (
        "# &lt;x&gt;\n\n<!-- written by `make docs` from the source; change it there -->\n\nDo it.\n\n"
        "```xml\n<x/>\n```\n\n| name | meaning |\n|---|---|\n| `a` | one \\| two and more |\n| `b` | three |\n\n"
        "Plain text\nof two lines.\n"
    )


def test_pages_are_written_below_a_folder(tmp_path: Path) -> None:
    main(tmp_path)
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.md")}
    assert written == {path for path, _ in pages()}
