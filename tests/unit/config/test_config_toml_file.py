"""Every key of a file has a line, in whatever way TOML lets one write it."""

from pathlib import Path

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.config.errors import Place
from micro_integrator.config.key_positions import KeyPath, key_positions
from micro_integrator.config.toml_file import read_toml

EVERYTHING = '''# a comment with [brackets] and a = sign
top = "text with \\" quote, # and ] too"
dotted.key . deep = 1

[table]   # comment
bare_key-1 = [ 1, 2,   # comment with ] in it
  3,
]
"quoted.key" = 'literal # text'
"\\u00fcber" = 2025-01-01 10:00:00
text = """
[not a table]
not = "a key" \\"""
"""
after = \'\'\'
x = \'\' quotes
\'\'\'
inline = { a = 1, "b c" = { d = [ { e = 5 } ] } }
[ "odd table" . sub ]
x = 1
[[list]]
name = "first"
[list.inner]
x = 1
[[list]]
name = "second"
[[list.many]]
y = 1
[[list.many]]
y = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("dotted",), 3),
        (("dotted", "key", "deep"), 3),
        (("table",), 5),
        (("table", "bare_key-1"), 6),
        (("table", "bare_key-1", 2), 7),
        (("table", "quoted.key"), 9),
        (("table", "über"), 10),
        (("table", "text"), 11),
        (("table", "after"), 15),
        (("table", "inline", "b c", "d", 0, "e"), 18),
        (("odd table", "sub"), 19),
        (("odd table", "sub", "x"), 20),
        (("list", 0), 21),
        (("list", 0, "inner", "x"), 24),
        (("list", 1, "name"), 26),
        (("list", 1, "many", 0, "y"), 28),
        (("list", 1, "many", 1, "y"), 30),
    ],
)
def test_a_key_is_found_on_its_line(path: KeyPath, line: int) -> None:
    assert key_positions(EVERYTHING)[path].line == line


def test_windows_line_ends_count_once() -> None:
    assert key_positions(EVERYTHING.replace("\n", "\r\n"))[("list", 1, "many", 1, "y")].line == 30


def leaves(value: object, path: KeyPath = ()) -> dict[KeyPath, object]:
    if isinstance(value, dict):
        return {k: v for name, inner in value.items() for k, v in leaves(inner, (*path, name)).items()}
    if isinstance(value, list):
        return {k: v for n, inner in enumerate(value) for k, v in leaves(inner, (*path, n)).items()}
    return {path: value}


def test_the_slice_of_a_value_holds_exactly_that_value() -> None:
    positions = key_positions(EVERYTHING)
    for path, value in leaves(tomli.loads(EVERYTHING)).items():
        position = positions[path]
        assert tomli.loads(f"v = {EVERYTHING[position.start : position.end]}")["v"] == value


NAMES = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,5}", fullmatch=True),
    st.from_regex(r'"[a-z .#=\[\]\']{0,5}"', fullmatch=True),
    st.from_regex(r"'[a-z .#=\[\]\"]{0,5}'", fullmatch=True),
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)
SCALARS = st.one_of(
    st.integers(-99, 99).map(str),
    st.sampled_from(["true", "1.5e3", "2025-01-01 10:00:00", "-inf"]),
    TEXTS.filter(lambda text: "'" not in text).map(lambda text: f"'{text}'"),
    TEXTS.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'),
    TEXTS.map(lambda text: '"""\n' + text.replace("\\", "\\\\").replace('"', '\\"') + '\n"""'),
    TEXTS.filter(lambda text: "'''" not in text and not text.endswith("'")).map(lambda t: f"'''\n{t}'''"),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: "[ # ]\n" + ",\n".join(parts) + "\n]"),
        st.dictionaries(st.from_regex(r"[a-z]{1,3}", fullmatch=True), inner, max_size=3).map(
            lambda table: "{ " + ", ".join(f"{name} = {value}" for name, value in table.items()) + " }"
        ),
    ),
    max_leaves=5,
)


@given(st.lists(st.tuples(st.sampled_from(["key", "table", "array"]), NAMES, VALUES), max_size=8))
def test_whatever_the_parser_accepts_has_a_position(parts: list[tuple[str, str, str]]) -> None:
    text = ""
    for kind, name, value in parts:
        longer = text + {"key": f"{name} = {value}\n", "table": f"[{name}]\n", "array": f"[[{name}]]\n"}[kind]
        try:
            tomli.loads(longer)
        except tomli.TOMLDecodeError:
            continue
        text = longer
    positions = key_positions(text)
    for path, leaf in leaves(tomli.loads(text)).items():
        position = positions[path]
        assert text.count("\n", 0, position.start) + 1 == position.line
        assert repr(tomli.loads(f"v = {text[position.start : position.end]}")["v"]) == repr(leaf)


def test_a_byte_order_mark_is_tolerated(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\n")
    file = read_toml(path, "x.toml")
    assert file.tables == {"a": 1}
    assert file.place(("a",)) == Place("x.toml", 1)
