"""A loose file on its way from the folder into the server."""

from pathlib import Path

import pytest

from micro_integrator.deployment.loose import read_loose
from micro_integrator.deployment.problem import Incomplete


def test_a_file_that_went_after_the_folder_was_listed_is_not_faulty_yet(tmp_path: Path) -> None:
    with pytest.raises(Incomplete, match=r"carbonapps/beat\.xml: is not there any more"):
        read_loose(tmp_path / "beat.xml", "carbonapps/beat.xml", "", 1000)
