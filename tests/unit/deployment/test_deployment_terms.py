from pathlib import Path

from micro_integrator.config import Home, ServerSettings, Settings
from micro_integrator.deployment.terms import folders_of, process_zone, terms_of


def test_the_zone_of_the_process_is_tz_then_the_link_then_utc(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    assert process_zone({}, link) == "UTC"
    link.symlink_to("/usr/share/zoneinfo/Europe/Berlin")
    assert process_zone({}, link) == "Europe/Berlin"
    assert process_zone({"TZ": ":Asia/Tokyo"}, link) == "Asia/Tokyo"
    assert process_zone({"TZ": "CET-1CEST"}, link) == "Europe/Berlin"


def test_artifacts_are_looked_for_in_the_hot_folders_and_below_synapse_configs(tmp_path: Path) -> None:
    settings = Settings(
        home=Home(tmp_path, carbonapps_dirs=("a", "b")),
        server=ServerSettings(synapse_config_file_path="configs"),
    )
    folders = [
        (Path(folder.path).relative_to(tmp_path), folder.may_be_missing) for folder in folders_of(settings)
    ]
    assert folders == [(Path("a"), False), (Path("b"), True), (Path("configs/default"), True)]


def test_strict_reading_is_asked_for_by_the_caller_or_by_a_setting(tmp_path: Path) -> None:
    settings = Settings(home=Home(tmp_path))
    assert not terms_of(settings, {}).strict
    assert terms_of(settings, {}, strict=True).strict
