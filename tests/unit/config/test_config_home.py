"""Every place of a node lies in its home, unless it is moved."""

from collections.abc import Callable
from pathlib import Path

import pytest

from micro_integrator.config import Home, Settings

Reading = Callable[..., Settings]


@pytest.mark.parametrize(
    ("place", "default", "variable"),
    [
        ("registry", "registry", "MI_REGISTRY"),
        ("logs", "repository/logs", "CARBON_LOGS"),
        ("pid_file", "wso2carbon.pid", "MI_PID_FILE"),
        ("socket", "micro-integrator.sock", "MI_SOCKET"),
        ("deployment_toml", "conf/deployment.toml", "MI_CONF"),
    ],
)
def test_a_place_can_be_moved_by_its_variable(
    place: str, default: str, variable: str, tmp_path: Path
) -> None:
    assert getattr(Home(tmp_path), place) == tmp_path / default
    assert getattr(Home(tmp_path, {variable: ""}), place) == tmp_path / default
    assert getattr(Home(tmp_path, {variable: "/else/where"}), place) == Path("/else/where")
    assert getattr(Home(tmp_path, {variable: "below"}), place) == tmp_path / "below"


def test_a_folder_in_mi_conf_is_the_whole_configuration_folder(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    home = Home(tmp_path, {"MI_CONF": "etc"})
    assert home.conf == tmp_path / "etc"
    assert home.deployment_toml == tmp_path / "etc" / "deployment.toml"
    assert Home(tmp_path, {"MI_CONF": "my.toml"}).conf == tmp_path / "conf"


def test_properties_of_the_reference_move_logs_and_file_properties(tmp_path: Path) -> None:
    home = Home(
        tmp_path, {"CARBON_LOGS": "/a"}, {"logfiles.home": "/b", "properties.file.path": "/c.properties"}
    )
    assert home.logs == Path("/b")
    assert home.file_properties == Path("/c.properties")
    assert Home(tmp_path, {}, {"properties.file.path": "default"}).file_properties.parent == tmp_path / "conf"


def test_hot_folders_come_from_variable_then_file_and_include_the_familiar_one(
    reading: Reading, tmp_path: Path
) -> None:
    assert reading("").home.carbonapps == (tmp_path / "carbonapps",)
    text = '[server]\ncarbonapps_dir = ["a", "/b"]\n'
    assert reading(text).home.carbonapps == (tmp_path / "a", Path("/b"))
    familiar = tmp_path / "repository" / "deployment" / "server" / "carbonapps"
    familiar.mkdir(parents=True)
    assert reading(text).home.carbonapps == (tmp_path / "a", Path("/b"), familiar)
    assert reading("", environ={"MI_CARBONAPPS": ":"}).home.carbonapps[0] == tmp_path / "carbonapps"
    assert reading(text, environ={"MI_CARBONAPPS": "x:/y"}).home.carbonapps == (tmp_path / "x", Path("/y"))


def test_messages_name_files_of_the_home_by_their_relative_path(tmp_path: Path) -> None:
    assert Home(tmp_path).shown(tmp_path / "conf" / "a") == "conf/a"
    assert Home(tmp_path).shown(Path("/etc/a")) == "/etc/a"
