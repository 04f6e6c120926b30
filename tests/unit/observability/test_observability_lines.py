"""What one line looks like, on the console, in files and as JSON."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog

from micro_integrator.kit import Component
from micro_integrator.observability import (
    LogSettings,
    bound,
    configure,
    flush,
    get_logger,
    recorded_lines,
)

SettingsMaker = Callable[..., LogSettings]
Printed = Callable[[], str]
Told = Callable[..., Printed]

log = get_logger("RDBMSCoordinationStrategy")


@pytest.fixture
def told(
    settings: SettingsMaker, tmp_path: Path, capfd: pytest.CaptureFixture[str], fixed_time: None
) -> Told:
    """Configure the log; what that returns tells what the console has shown since the last call."""

    def configured(*, log_format: str = "text", level: str = "INFO", **options: Any) -> Printed:
        configure(settings(files=False, format=log_format, level=level), logs=tmp_path, **options)

        def printed() -> str:
            assert flush()
            return capfd.readouterr().out

        return printed

    return configured


def test_a_console_line_is_the_reference_s(told: Told) -> None:
    printed = told()
    log.info("Successfully joined the cluster with id [{node}]", node="node-1")
    assert printed() == (
        "[2025-03-02 09:15:07,114]  INFO {RDBMSCoordinationStrategy} - "
        "Successfully joined the cluster with id [node-1] \n"
    )


@pytest.mark.parametrize(
    ("speak", "column"),
    [
        ("debug", "] DEBUG {"),
        ("warning", "]  WARN {"),
        ("error", "] ERROR {"),
        ("critical", "] FATAL {"),
        ("trace", "] TRACE {"),
    ],
)
def test_the_level_is_right_aligned_in_five_columns(told: Told, speak: str, column: str) -> None:
    printed = told(level="TRACE")
    getattr(log, speak)("x")
    assert column in printed()


def test_a_file_line_names_the_whole_class(settings: SettingsMaker, tmp_path: Path, fixed_time: None) -> None:
    configure(settings(), logs=tmp_path)
    log.info("Node is {state}", state="ready")
    get_logger("LeaseManager").warning("late")
    flush()
    assert (tmp_path / "wso2carbon.log").read_text().splitlines() == [
        "[2025-03-02 09:15:07,114]  INFO "
        "{org.wso2.micro.integrator.coordination.RDBMSCoordinationStrategy} - Node is ready ",
        f"[2025-03-02 09:15:07,114]  WARN {{micro_integrator.{__name__}.LeaseManager}} - late ",
    ]


def test_warnings_and_errors_stand_in_a_second_file_too(settings: SettingsMaker, tmp_path: Path) -> None:
    configure(settings(), logs=tmp_path)
    log.info("fine")
    log.error("broken")
    flush()
    assert "broken" in (tmp_path / "wso2carbon.log").read_text()
    assert (tmp_path / "wso2error.log").read_text().count("\n") == 1
    assert not (tmp_path / "audit.log").exists()


def test_a_json_line_carries_the_fields_of_the_call_and_of_the_flow(told: Told) -> None:
    printed = told(log_format="json", node_id="node-1")
    with bound(task="orders", fence=7):
        log.bind(artifact="api").info("Late by {late_ms} ms", late_ms=812, level="mine")
    assert json.loads(printed()) == {
        "ts": "2025-03-02T09:15:07.114Z",
        "level": "INFO",
        "logger": "RDBMSCoordinationStrategy",
        "msg": "Late by 812 ms",
        "node_id": "node-1",
        "task": "orders",
        "fence": 7,
        "artifact": "api",
        "late_ms": 812,
    }


def test_json_stays_one_line_with_a_traceback_inside(told: Told) -> None:
    printed = told(log_format="json")
    log.error("Failed: {error}", error="E", exc_info=ValueError("two\nlines"))
    line = printed()
    assert line.count("\n") == 1
    assert "ValueError: two\nlines" in json.loads(line)["exc"]


def test_a_line_break_in_a_value_cannot_forge_a_line(told: Told) -> None:
    printed = told()
    log.info("Task [{task}] runs", task="x]\n[2025-03-02 09:15:07,114]  INFO {A} - forged\x1b[2J\u2028")
    line = printed()
    assert line.count("\n") == 1
    assert r"x]\n[2025-03-02 09:15:07,114]  INFO {A} - forged\x1b[2J\u2028] runs" in line


def test_a_line_break_in_an_exception_cannot_forge_a_line_either(told: Told) -> None:
    printed = told()
    log.error("Failed", exc_info=ValueError("x\n[2025-03-02 09:15:07,114]  INFO {A} - forged"))
    head, *rest = printed().splitlines()
    assert head.endswith("Failed ")
    assert rest
    assert all(line.startswith("\t") for line in rest)


def test_secrets_and_patterns_are_masked_in_text_fields_and_tracebacks(told: Told) -> None:
    masks = {"card": r"\b\d{16}\b", "iban": "DE[0-9]{4}", "iban.replace": r"<iban\1>"}
    printed = told(log_format="json", masks=masks, secrets=["hunter22", "hunter22-long", "abc"])
    failure = ValueError("cannot log in with hunter22-long")
    log.error(
        "{who} paid with {card} abc", who="hunter22", card=1234567890123456, exc_info=failure, iban="DE1234"
    )
    line = printed()
    assert json.loads(line)["msg"] == "***** paid with ***** abc"
    assert json.loads(line)["card"] == "*****"
    assert json.loads(line)["iban"] == r"<iban\1>"
    assert "hunter22" not in line
    assert "-long" not in line


def test_a_pattern_that_fits_nothing_at_all_riddles_no_line(told: Told) -> None:
    printed = told(masks={"digits": "[0-9]*", "empty": ""})
    log.info("card {card} is new", card=1234)
    assert printed().rstrip().endswith(" - card ***** is new")


def test_a_template_without_fields_is_taken_as_it_is() -> None:
    with recorded_lines() as lines:
        log.info("{not a field}")
    assert lines.texts() == ["{not a field}"]


@pytest.mark.parametrize("template", ["{missing}", "{", "{x.y}", "{x:d}", "{0}"])
def test_a_template_that_does_not_fit_is_printed_with_its_fields(template: str) -> None:
    with recorded_lines() as lines:
        log.info(template, x="value")
    assert lines.texts() == [f"{template} {{'x': 'value'}}"]


def test_a_value_that_has_no_text_harms_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    class Mute:
        def __str__(self) -> str:
            raise RuntimeError("no")

    log.info("{x}", x=Mute())
    assert "cannot be logged" in capsys.readouterr().err


def test_what_is_not_printed_is_not_formatted() -> None:
    class Expensive:
        def __str__(self) -> str:
            raise AssertionError("formatted")

    assert not log.enabled("DEBUG")
    log.debug("{x}", x=Expensive())


def test_before_it_is_configured_the_log_speaks_on_the_console(
    capfd: pytest.CaptureFixture[str], fixed_time: None
) -> None:
    log.info("early")
    flush()
    line = "[2025-03-02 09:15:07,114]  INFO {RDBMSCoordinationStrategy} - early \n"
    assert capfd.readouterr().out == line


async def test_a_loop_that_fails_is_heard_in_the_same_format(told: Told) -> None:
    printed = told()

    async def fail() -> None:
        raise ValueError("boom")

    async with Component("part") as part:
        loop = part.spawn(fail())
        while not loop.done():
            await asyncio.sleep(0)
        await asyncio.sleep(0)
    head = "[2025-03-02 09:15:07,114] ERROR {Component} - [part: loop] failed: ValueError('boom') \n"
    assert printed().startswith(head)


def test_whoever_knows_only_structlog_is_heard(told: Told) -> None:
    printed = told()
    structlog.get_logger("Elsewhere").warning("Careful with {what}", what="that")
    assert printed() == "[2025-03-02 09:15:07,114]  WARN {Elsewhere} - Careful with that \n"


def test_libraries_are_heard_from_warning_on(told: Told) -> None:
    printed = told()
    logging.getLogger("some.library").info("chatter")
    logging.getLogger("some.library").warning("pool of %s is exhausted", 5)
    assert printed() == "[2025-03-02 09:15:07,114]  WARN {some.library} - pool of 5 is exhausted \n"


def test_a_library_that_logs_wrongly_is_heard_and_not_harmed(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's own one raises
    printed = told()
    logging.getLogger("some.library").warning("%d connections", "no")
    assert "WARN {some.library} - '%d connections' cannot be formatted: TypeError(" in printed()
