"""conf/file.properties."""

from pathlib import Path

import pytest

from micro_integrator.config import PropertiesFile, read_properties


def test_java_properties_are_read_with_comments_separators_and_continuations(tmp_path: Path) -> None:
    path = tmp_path / "file.properties"
    path.write_text("# comment\n! comment\na=1\nb : 2\nc 3\nd = x \\\n   y\n\n e=f=g\n")
    assert read_properties(path) == {"a": "1", "b": "2", "c": "3", "d": "x y", "e": "f=g"}


def test_a_properties_file_that_is_not_there_has_no_values(tmp_path: Path) -> None:
    assert read_properties(tmp_path / "none") == {}


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "file.properties"
    found = PropertiesFile(path, look_every=0.0)
    assert dict(found) == {}
    path.write_text("host = one.example\n")
    assert found["host"] == "one.example"
    path.write_text("host = another.example\nport = 80\n")
    assert (found["host"], len(found)) == ("another.example", 2)


def test_between_two_looks_values_come_from_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("micro_integrator.config.properties_file.boottime", lambda: now[0])
    path = tmp_path / "file.properties"
    path.write_text("a=1\n")
    found = PropertiesFile(path, look_every=5.0)
    assert found["a"] == "1"
    path.write_text("a=22\n")
    now[0] = 104.9
    assert found["a"] == "1"
    now[0] = 105.0
    assert found["a"] == "22"
