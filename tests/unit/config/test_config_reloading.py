"""After a change of the file, a running node knows what it can apply and what has to wait."""

from collections.abc import Callable

from micro_integrator.config import Changes, Settings, reloadable

Reading = Callable[..., Settings]

OLD = """
[cluster_config]
heart_beat_interval = 5000
[logging]
level = "INFO"
[task_handling]
resolving_period = 2
[masking_pattern.properties]
card = "[0-9]{16}"
[[datasource]]
id = "a"
url = "u"
password = "$secret{db}"
[secrets]
db = "$env{DB}"
"""


def test_nothing_changed(reading: Reading) -> None:
    assert (
        reloadable(reading(OLD, environ={"DB": "x"}), reading(OLD + "# more", environ={"DB": "x"}))
        == Changes()
    )


def test_changes_are_sorted_into_those_that_apply_and_those_that_wait(reading: Reading) -> None:
    new = (
        OLD.replace("5000", "3000").replace("INFO", "DEBUG").replace("= 2\n", "= 3\n").replace("{16}", "{12}")
    )
    changes = reloadable(reading(OLD, environ={"DB": "x"}), reading(new, environ={"DB": "y"}))
    assert changes.applied == (
        "logging.level",
        "masking_pattern.properties.card",
        "task_handling.resolving_period",
    )
    assert changes.restart == ("cluster_config.heart_beat_interval", "datasource.0.password")


def test_a_key_that_appears_or_goes_is_a_change(reading: Reading) -> None:
    old, new = reading("[server]\noffset = 10\n"), reading("[logging]\nfiles = false\n")
    assert reloadable(old, new) == Changes(applied=("logging.files",), restart=("server.offset",))


def test_a_random_node_id_is_no_change(reading: Reading) -> None:
    assert reloadable(reading(""), reading("")) == Changes()


def test_keys_that_are_not_used_change_nothing(reading: Reading) -> None:
    assert reloadable(reading(""), reading("[management_api]\nx = 1\n[zzz]\ny = 2\n")) == Changes()


def test_a_setting_that_waits_for_its_feature_is_not_said_to_be_in_force(reading: Reading) -> None:
    new = reading("[server]\nconfig_hot_reload = true\n")
    assert reloadable(reading(""), new) == Changes()
