"""`check` names every broken input with its place and its reason, and ends with status 3."""

import os
import shutil
from pathlib import Path

import pytest
from integration.check import broken_artifacts
from unit.config import broken_configs
from unit.deployment.applications import NAMESPACE, sequence, task

from micro_integrator.cli.check import main
from micro_integrator.observability import recorded_lines

SHIPPED = Path(__file__).parents[3] / "carbonapps" / "sample-task.xml"


def home_with(tmp_path: Path, toml: str = "") -> Path:
    home = tmp_path / "home"
    (home / "conf").mkdir(parents=True)
    (home / "carbonapps").mkdir()
    (home / "conf" / "deployment.toml").write_text(toml)
    return home


@pytest.mark.parametrize("broken", broken_artifacts.BROKEN, ids=lambda broken: broken.name)
def test_a_broken_artifact_is_told_with_place_and_reason(
    broken: broken_artifacts.Broken, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_with(tmp_path)
    if callable(broken.files):
        broken.files(home / "carbonapps")
    else:
        for name, content in broken.files.items():
            (home / "carbonapps" / name).write_text(content)
    status = main(home, {}, strict=broken.strict)
    told = capsys.readouterr().out.splitlines()
    assert status == 3
    assert [line for line in told if line.startswith(broken.place + ":") and broken.reason in line], told
    assert not [line for line in told if "unexpected" in line and "unexpected text" not in line], told


@pytest.mark.parametrize("broken", broken_configs.BROKEN, ids=lambda broken: broken.name)
def test_a_broken_configuration_is_told_with_place_and_reason(
    broken: broken_configs.Broken,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = home_with(tmp_path, broken.text)
    for name, value in broken.environ.items():
        monkeypatch.setenv(name, value)
    status = main(home, broken.properties, strict=broken.strict)
    place = f"{broken.file}:{broken.line}" if broken.line else broken.file
    told = capsys.readouterr().out
    assert status == 3
    assert any(line.startswith(place) for line in told.splitlines()), told
    assert broken.reason in told


def test_the_name_of_a_file_steers_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = home_with(tmp_path)
    (home / "carbonapps" / os.fsdecode(b"a\x1b[2J\n\xff.xml")).write_text("<sequence")
    assert main(home, {}) == 3
    told = capsys.readouterr().out.splitlines()
    assert [line for line in told if line.startswith("carbonapps/a\\x1b[2J\\n\\xff.xml:1:10: ")], told


def test_a_sound_home_has_no_problems(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    home = home_with(tmp_path)
    shutil.copy(SHIPPED, home / "carbonapps")
    assert main(home, {}, strict=True) == 0
    assert capsys.readouterr().out == "No problems found (1 artifact file)\n"


def test_problems_of_configuration_and_artifacts_are_told_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_with(tmp_path, "[server]\noffset = 'x'\n")
    (home / "carbonapps" / "a.xml").write_text(
        f'<sequence {NAMESPACE} name="a">\n<lgo/>\n<fliter/></sequence>'
    )
    assert main(home, {}) == 3
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == "3 problems in 2 files"
    assert [line.split(" ")[0] for line in told[1:-1]] == [
        "conf/deployment.toml:2:", "carbonapps/a.xml:2:", "carbonapps/a.xml:3:",
    ]  # fmt: skip


def test_a_resolver_that_cannot_choose_is_a_problem_where_it_stands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_with(
        tmp_path, '[task_handling]\nresolver_class = "task_node"\n[[task_resolver]]\nregion = 1\n'
    )
    assert main(home, {}) == 3
    told = capsys.readouterr().out.splitlines()
    assert told[1] == "conf/deployment.toml:4: [[task_resolver]] region = '1': task_node has no such property"
    assert told[-1] == "1 problem in 1 file"


def test_a_property_of_another_resolver_is_a_warning(tmp_path: Path) -> None:
    with recorded_lines() as lines:
        assert main(home_with(tmp_path, "[[task_resolver]]\ntask_server_count = 2\n"), {}) == 0
    assert any("task_server_count = '2' has no effect" in text for text in lines.texts())


def test_a_reference_that_leads_nowhere_is_listed_and_no_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_with(tmp_path)
    (home / "carbonapps" / "a.xml").write_text(sequence("a", '<sequence key="away"/>'))
    assert main(home, {}) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "Unresolved references:"
    assert told[1].startswith("carbonapps/a.xml:1: ")
    assert "'away'" in told[1]


def test_an_unknown_key_and_an_unknown_attribute_are_warnings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = home_with(tmp_path, "[server]\nhostnam = 'x'\n")
    (home / "carbonapps" / "a.xml").write_text(sequence("a", '<drop when="now"/>'))
    assert main(home, {}) == 0
    told = capsys.readouterr().out
    assert "Warnings:" in told
    assert "did you mean" in told
    assert "unknown attribute 'when'" in told


def test_nothing_is_written_and_nothing_is_opened(tmp_path: Path) -> None:
    home = home_with(tmp_path)
    (home / "carbonapps" / "a.xml").write_text(task("a"))
    before = sorted(home.rglob("*"))
    main(home, {})
    assert sorted(home.rglob("*")) == before
