"""Environment files: what is a value, what is a comment, what is a mistake."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.cli.env_file import EnvFileError, read_env_file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("A=1", "1"),
        ("export A=1", "1"),
        ("  A  =  1  ", "1"),
        ("A=", ""),
        ("A=''", ""),
        ("A=two words", "two words"),
        ("A=1 # one", "1"),
        ("A=#1", "#1"),
        ("A=1 \t# one", "1"),
        ("A=a#b", "a#b"),
        ("A='a # b' # comment", "a # b"),
        ("A='$HOME \\n'", "$HOME \\n"),
        ('A="a\\nb\\t\\"c\\" \\\\ \\$d \\q"', 'a\nb\t"c" \\ $d \\q'),
        ("A='first\nsecond'", "first\nsecond"),
        ('A="first\nsecond"', "first\nsecond"),
        ("A=it's", "it's"),
        ("A=jdbc:postgresql://h/db?a=b&c=d", "jdbc:postgresql://h/db?a=b&c=d"),
        ("A=1\r\n", "1"),
        ("\ufeffA=1", "1"),
        ("A=1\nA=2", "2"),
        ("# A=0\n\n   # more\n\tA=1\n#", "1"),
    ],
)
def test_values(tmp_path: Path, text: str, value: str) -> None:
    assert read_env_file(_file(tmp_path, text)) == {"A": value}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("A=1\nB", 2),
        ("=1", 1),
        ("1A=1", 1),
        ("A B=1", 1),
        ("\n\nA='open\n", 3),
        ('A="1" 2', 1),
        ("A='1'2", 1),
    ],
)
def test_a_line_that_is_no_assignment_is_named(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(EnvFileError, match=rf"env:{line}: expected NAME=value"):
        read_env_file(_file(tmp_path, text))


@given(value=st.text(st.characters(exclude_characters="\0\r'", exclude_categories=["Cs"])))
def test_every_value_in_single_quotes_arrives_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    file = _file(tmp_path_factory.mktemp("env"), f"A='{value}'\nB=1\n")
    assert read_env_file(file) == {"A": value, "B": "1"}


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_bytes(b"A=\xff")
    with pytest.raises(EnvFileError, match="not UTF-8"):
        read_env_file(file)


def test_a_nul_character_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EnvFileError, match="NUL"):
        read_env_file(_file(tmp_path, "A=\0"))


def _file(folder: Path, text: str) -> Path:
    file = folder / "env"
    file.write_bytes(text.encode())
    return file
