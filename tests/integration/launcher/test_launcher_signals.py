"""What a node does when it is signalled, and which exit code tells how it went."""

import signal
from collections.abc import Callable

import pytest
from integration.launcher.launched import Home, Node

Start = Callable[..., Node]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_closes_everything_and_ends_with_0(
    node: Start, home: Home, number: signal.Signals
) -> None:
    running = node()
    running.wait_started()
    running.signal(number)
    assert running.exit_code() == 0
    assert "closed" in running.printed()
    assert not home.pid_file.exists()
    assert not home.pid_file.with_name("wso2carbon.pid.meta").exists()


def test_the_lines_of_start_and_stop_are_the_ones_operators_wait_for(node: Start) -> None:
    running = node()
    running.wait_started()
    running.signal(signal.SIGTERM)
    running.exit_code()
    printed = running.printed()
    assert " INFO {StartupFinalizer} - WSO2 Micro Integrator started in " in printed
    assert " INFO {CoreServerInitializer} - Gracefully shutting down WSO2 Micro Integrator..." in printed
    assert " INFO {CoreServerInitializer} - Micro Integrator Shutdown complete" in printed


def test_work_that_was_cut_off_ends_with_1(node: Start) -> None:
    running = node("cuts-work-off")
    running.wait_started()
    running.signal(signal.SIGTERM)
    assert running.exit_code() == 1


def test_a_wanted_restart_ends_with_121(node: Start) -> None:
    running = node("wants-restart")
    running.wait_started()
    running.signal(signal.SIGTERM)
    assert running.exit_code() == 121


def test_a_stop_during_the_start_ends_with_0(node: Start, home: Home) -> None:
    running = node("never-started")
    running.wait_printed("properties")
    running.signal(signal.SIGTERM)
    assert running.exit_code() == 0
    assert not home.pid_file.exists()


@pytest.mark.parametrize("trick", ["never-drained", "deaf"])
def test_a_second_signal_ends_the_process_at_once_even_if_its_loop_hangs(
    node: Start, home: Home, trick: str
) -> None:
    running = node(trick)
    running.wait_started()
    running.signal(signal.SIGTERM)
    running.wait_printed("deaf" if trick == "deaf" else "Gracefully shutting down")
    running.signal(signal.SIGTERM)
    assert running.exit_code() == 1
    assert "cut off" in running.printed()
    assert not home.pid_file.exists()


@pytest.mark.parametrize("trick", ["never-drained", "deaf", "stubborn-thread"])
def test_a_stop_that_takes_too_long_is_ended_and_names_what_was_running(
    node: Start, home: Home, trick: str
) -> None:
    home.configure("[server]\ngraceful_shutdown_timeout = 500\n")
    running = node(trick)
    running.wait_started()
    running.signal(signal.SIGTERM)
    assert running.exit_code() == 1
    assert "ERROR {CoreServerInitializer} - Not stopped within 0.5 s" in running.printed()
    assert ("thread stubborn" if trick == "stubborn-thread" else "Task-1") in running.printed()
    assert not home.pid_file.exists()


def test_hup_reloads_and_usr2_toggles_debug(node: Start) -> None:
    running = node()
    running.wait_started()
    running.signal(signal.SIGHUP)
    running.wait_printed("reloaded")
    running.signal(signal.SIGUSR2)
    running.wait_printed("debug toggled")


def test_a_reload_that_fails_is_one_line_and_the_node_lives_on(node: Start) -> None:
    running = node("reload-fails")
    running.wait_started()
    running.signal(signal.SIGHUP)
    running.wait_printed("Not reloaded, the former settings stay in force: conf/deployment.toml:3")
    assert "Traceback" not in running.printed()
    running.signal(signal.SIGTERM)
    assert running.exit_code() == 0


def test_usr1_logs_what_every_thread_and_piece_of_work_is_doing(node: Start) -> None:
    running = node()
    running.wait_started()
    running.signal(signal.SIGUSR1)
    running.wait_printed('"MainThread" (thread)')
    running.wait_printed("    at live (")
    assert '{Dump} - "Task-1" (background work)' in running.printed()


def test_usr1_is_answered_even_if_the_loop_hangs(node: Start) -> None:
    running = node("deaf")
    running.wait_started()
    running.signal(signal.SIGTERM)
    running.wait_printed("deaf")
    running.signal(signal.SIGUSR1)
    running.wait_printed("    at drain (")


@pytest.mark.parametrize(
    ("trick", "line"),
    [
        ("foreseen", "The node stops: table LEADER_STATUS_TABLE is missing; run dbscripts/x.sql"),
        ("port-taken", "bin/micro-integrator.sh -DportOffset=20"),
    ],
)
def test_a_foreseen_failure_to_start_is_one_line_and_1(
    node: Start, home: Home, trick: str, line: str
) -> None:
    failed = node(trick)
    assert failed.exit_code() == 1
    errors = [each for each in failed.printed().splitlines() if "ERROR" in each]
    assert len(errors) == 1
    assert line in errors[0]
    assert "Traceback" not in failed.printed()
    assert not home.pid_file.exists()


def test_an_unforeseen_failure_shows_where_it_happened(node: Start) -> None:
    failed = node("unforeseen")
    assert failed.exit_code() == 1
    assert "ZeroDivisionError" in failed.printed()
    assert "Traceback" in failed.printed()


def test_java_settings_are_ignored_with_one_line(node: Start) -> None:
    running = node(JAVA_OPTS="-Xmx1g", JVM_MEM_OPTS="-Xms256m")
    running.wait_started()
    running.wait_printed("started in")
    lines = [line for line in running.printed().splitlines() if "JAVA_OPTS" in line]
    assert len(lines) == 1
    assert "JVM_MEM_OPTS" in lines[0]
