"""The scripts for operators are what the program itself would execute; versions decide who may use the tables."""

from pathlib import Path

import pytest

from micro_integrator.cluster.schema import scripts, version_problem
from micro_integrator.cluster.tables import SCHEMA_MAJOR

FOLDER = Path(__file__).parents[3] / "dbscripts"


@pytest.mark.parametrize("path", scripts())
def test_the_shipped_script_is_current(path: str) -> None:
    assert (FOLDER / path).read_text() == scripts()[path], "run: python dbscripts/generate.py"


def test_no_script_is_left_over() -> None:
    shipped = {str(file.relative_to(FOLDER)) for file in FOLDER.rglob("*.sql")}
    assert shipped == set(scripts())


@pytest.mark.parametrize("minor", [0, 1, 7])
def test_other_minors_of_the_same_major_work_together(minor: int) -> None:
    assert version_problem(SCHEMA_MAJOR, minor) == ""


def test_a_newer_major_is_refused_with_both_versions() -> None:
    problem = version_problem(SCHEMA_MAJOR + 1, 4)
    assert f"{SCHEMA_MAJOR + 1}.4" in problem
    assert "install a newer release" in problem


def test_an_older_major_asks_for_an_upgrade_of_the_tables() -> None:
    assert "upgrade the tables" in version_problem(SCHEMA_MAJOR - 1, 9)
