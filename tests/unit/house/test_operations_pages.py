"""The pages for operators say what the product says: their links lead somewhere, their keys and log lines exist."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import micro_integrator
from micro_integrator.config.loading import CATALOGUE

PACKAGE = Path(micro_integrator.__file__).parent
FOLDER = PACKAGE.parent / "docs" / "operations"
PAGES = sorted(FOLDER.glob("*.md"))
LINE = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}\] +[A-Z]+ \{(?P<logger>\w+)\} - (?P<text>.+)")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
FEWEST_LETTERS = 10
"""Letters that a text of the program must have beside its placeholders; `{error}` alone would explain any line."""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@every_page
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")):
        place, _, heading = link.partition("#")
        target = (page.parent / place) if place else page
        assert target.exists(), link
        assert not heading or heading in _headings(target), link


def test_the_index_names_every_file_of_the_folder() -> None:
    index = (FOLDER / "README.md").read_text("utf-8")
    missing = [file.name for file in FOLDER.iterdir() if f"]({file.name})" not in index]
    assert missing == ["README.md"]


@every_page
def test_every_key_is_one_that_is_read(page: Path) -> None:
    text = page.read_text("utf-8")
    named = {f"{section}.{key}" for section, key in re.findall(r"`\[+([a-z_.]+)\]+ ([a-z_]+)", text)}
    assert named <= CATALOGUE.keys.keys()
    bare = set(re.findall(r"`([a-z_]+) = ", text))
    assert bare <= {name.rpartition(".")[2] for name in CATALOGUE.keys}


@every_page
def test_every_log_line_is_one_that_the_product_writes(page: Path) -> None:
    loggers, texts = _loggers(), _texts()
    for line in _shown(page):
        assert (found := LINE.fullmatch(line)), line
        assert found["logger"] in loggers, line
        assert any(text.fullmatch(found["text"]) for text in texts), line


@every_page
def test_every_line_that_a_table_explains_is_written_or_stands_in_the_log_above(page: Path) -> None:
    shown, texts = [line.partition(" - ")[2] for line in _shown(page)], _texts()
    for quoted in _explained(page):
        beginning = quoted.removesuffix("…").rstrip()
        stands_above = beginning != quoted and any(line.startswith(beginning) for line in shown)
        assert stands_above or any(text.fullmatch(quoted) for text in texts), quoted


def test_the_pages_show_enough_to_make_these_tests_worth_while() -> None:
    assert sum(len(list(_shown(page))) for page in PAGES) > 40
    assert sum(len(list(_explained(page))) for page in PAGES) > 30


def _headings(page: Path) -> set[str]:
    """Return the anchors of a page, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def _shown(page: Path) -> Iterator[str]:
    """Yield the lines of all blocks of log."""
    for indent, block in re.findall(
        r"^( *)```log\n(.*?)^\1```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        yield from (line.removeprefix(indent) for line in block.splitlines())


def _explained(page: Path) -> Iterator[str]:
    """Yield what stands in the column `line` of all tables."""
    column = -1
    for row in page.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in row.split("|")]
        if not row.startswith("|"):
            column = -1
        elif "line" in cells:
            column = cells.index("line")
        elif column >= 0:
            yield from re.findall(r"`([^`]+)`", cells[column])


@cache
def _loggers() -> set[str]:
    return {
        name
        for file in PACKAGE.rglob("*.py")
        for name in re.findall(r'get_logger\(\s*"(\w+)"', file.read_text("utf-8"))
    }


@cache
def _texts() -> list[re.Pattern[str]]:
    """Return every text of the program as a pattern: a placeholder stands for anything."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            parts = _parts(node)
            if sum(letter.isalpha() for part in parts for letter in part) >= FEWEST_LETTERS:
                found.add(".*".join(map(re.escape, parts)))
    return [re.compile(text) for text in found]


def _parts(node: ast.AST) -> list[str]:
    """Return the fixed parts of a text, between its placeholders."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return PLACEHOLDER.split(node.value)
    if isinstance(node, ast.JoinedStr):
        whole = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        return PLACEHOLDER.split("".join(map(str, whole)))
    return []
