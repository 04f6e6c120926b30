"""Which logger prints which level."""

from collections.abc import Callable
from pathlib import Path

import pytest

from micro_integrator.observability import (
    LevelError,
    LogSettings,
    MaskError,
    configure,
    flush,
    get_logger,
    level_number,
    set_level,
    toggle_debug,
)
from micro_integrator.observability.levels import Levels, Names
from micro_integrator.observability.loggers import long_name

SettingsMaker = Callable[..., LogSettings]


def names(short: str, place: str) -> Names:
    return Names(short, long_name(short, place), place)


LEASE = names("LeaseManager", "cluster.lease_thread")
STRATEGY = names("RDBMSCoordinationStrategy", "cluster.membership")
LOG_MEDIATOR = names("LogMediator", "synapse.mediators.log")


@pytest.mark.parametrize(
    ("selector", "logger"),
    [
        ("LeaseManager", LEASE),
        ("cluster", LEASE),
        ("cluster.lease_thread", LEASE),
        ("micro_integrator.cluster", LEASE),
        ("micro_integrator.cluster.lease_thread.LeaseManager", LEASE),
        ("org.wso2.micro.integrator.coordination", LEASE),
        ("org.wso2.micro.integrator.coordination", STRATEGY),
        ("org.wso2.micro.integrator.coordination.RDBMSCoordinationStrategy", STRATEGY),
        ("org.apache.synapse.mediators.builtin.LogMediator", LOG_MEDIATOR),
        ("org.apache.synapse", LOG_MEDIATOR),
        ("synapse.mediators.log", LOG_MEDIATOR),
    ],
)
def test_a_rule_finds_its_loggers(selector: str, logger: Names) -> None:
    assert Levels(rules={selector: level_number("DEBUG")}).threshold(logger) == level_number("DEBUG")


@pytest.mark.parametrize("selector", ["clust", "synapse", "Lease", "org.apache.synapse", "org.wso2.micro.x"])
def test_a_rule_leaves_other_loggers_alone(selector: str) -> None:
    assert Levels(rules={selector: 5}).threshold(LEASE) == level_number("INFO")


def test_the_most_specific_rule_wins() -> None:
    levels = Levels(rules={"org.wso2.micro.integrator.coordination": 40, "cluster": 30, "LeaseManager": 10})
    assert levels.threshold(LEASE) == 10
    assert levels.threshold(STRATEGY) == 40


def test_an_unknown_level_is_refused_with_those_that_exist() -> None:
    with pytest.raises(LevelError, match=r"'debugg' is not a log level \(did you mean 'DEBUG'\?\)"):
        level_number("debugg")


@pytest.mark.parametrize(
    ("name", "number"), [("warning", 30), (" Fatal ", 50), ("critical", 50), ("off", 100)]
)
def test_levels_are_named_in_any_case_and_with_synonyms(name: str, number: int) -> None:
    assert level_number(name) == number


def test_a_changed_file_counts_at_the_next_configure_and_a_deleted_one_restores_the_defaults(
    settings: SettingsMaker, tmp_path: Path
) -> None:
    log, file = get_logger("LeaseManager"), tmp_path / "log4j2.properties"

    def reread() -> None:
        configure(settings(files=False), logs=tmp_path, levels_file=file)

    file.write_text(
        "loggers = c\nlogger.c.name = LeaseManager\nlogger.c.level = debug\nrootLogger.level = WARN\n"
    )
    reread()
    assert log.enabled("DEBUG")
    assert not get_logger("Other").enabled("INFO")
    file.unlink()
    reread()
    assert not log.enabled("DEBUG")
    assert get_logger("Other").enabled("INFO")


def test_unusable_lines_of_the_file_are_named_once_and_the_rest_counts(
    settings: SettingsMaker, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "log4j2.properties"
    file.write_text(
        "# comment\nappender.CONSOLE.type = Console\nlogger.a.name=LeaseManager\nlogger.a.level=LOUD\n"
        "logger.b.name = PeerWire\nlogger.b.level = TRACE\nrootLogger.level = ERROR\n"
    )
    configure_from(file, settings)
    assert capfd.readouterr().out == ""  # a root level of ERROR hides the notes themselves
    file.write_text(file.read_text().replace("ERROR", "INFO"))
    configure_from(file, settings)
    first, second = capfd.readouterr().out.splitlines()
    assert f"  WARN {{Logs}} - {file}:4: 'LOUD' is not a log level" in first
    assert (
        f"  INFO {{Logs}} - {file}: appenders are not read; files and format are set in [logging]" in second
    )
    assert get_logger("PeerWire").enabled("TRACE")


def configure_from(file: Path, settings: SettingsMaker) -> None:
    configure(settings(files=False), logs=file.parent, levels_file=file)
    assert flush()


def test_loggers_that_are_not_listed_do_not_count(settings: SettingsMaker, tmp_path: Path) -> None:
    file = tmp_path / "log4j2.properties"
    file.write_text("loggers = b\nlogger.a.name = LeaseManager\nlogger.a.level = DEBUG\n")
    configure_from(file, settings)
    assert not get_logger("LeaseManager").enabled("DEBUG")


def test_the_first_line_counts_behind_a_byte_order_mark(settings: SettingsMaker, tmp_path: Path) -> None:
    file = tmp_path / "log4j2.properties"
    file.write_text("rootLogger.level = ERROR\r\n", "utf-8-sig")
    configure_from(file, settings)
    assert not get_logger("LeaseManager").enabled("WARN")


def test_a_level_set_by_hand_counts_at_once() -> None:
    log = get_logger("PeerWire")
    set_level("PeerWire", "trace")
    assert log.enabled("TRACE")
    set_level("root", "ERROR")
    assert not get_logger("Other").enabled("WARN")
    assert log.enabled("TRACE")


def test_debug_is_switched_on_and_off_again(settings: SettingsMaker, tmp_path: Path) -> None:
    configure(settings(files=False, level="WARN"), logs=tmp_path)
    assert toggle_debug() == "DEBUG"
    assert get_logger("Any").enabled("DEBUG")
    assert toggle_debug() == "WARN"
    assert not get_logger("Any").enabled("INFO")


def test_a_broken_mask_leaves_everything_as_it_was(settings: SettingsMaker, tmp_path: Path) -> None:
    with pytest.raises(MaskError, match=r"\[masking_pattern.properties\] card = '\(': "):
        configure(settings(level="ERROR"), logs=tmp_path, masks={"card": "("})
    assert get_logger("Any").enabled("INFO")
    assert list(tmp_path.iterdir()) == []
