"""Log files: rolled by day and size, and harmless when the disk is full."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from micro_integrator.observability import LogSettings, audit, configure, flush, get_logger, record_latency
from micro_integrator.observability.log_files import RollingFile

SettingsMaker = Callable[..., LogSettings]
SetDay = Callable[[int], None]

DAY_MS = 86_400_000


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(folder.iterdir())}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, fixed_time: None) -> SetDay:
    """Set the wall clock to a number of days after 2025-03-02."""

    def set_day(day: int) -> None:
        monkeypatch.setattr(
            "micro_integrator.observability.log_files.wall_ms", lambda: 1_740_906_907_114 + day * DAY_MS
        )

    set_day(0)
    return set_day


def test_a_full_file_is_rolled_and_two_of_one_day_do_not_overwrite_each_other(
    tmp_path: Path, at: SetDay
) -> None:
    file = RollingFile(tmp_path / "wso2carbon.log", limit=10)
    for line in (b"first\n", b"second\n", b"third\n"):
        file.write(line)
    file.close()
    assert files(tmp_path) == {
        "wso2carbon-03-02-2025.1.log": "first\n",
        "wso2carbon-03-02-2025.2.log": "second\n",
        "wso2carbon.log": "third\n",
    }


def test_a_new_day_begins_a_new_file(tmp_path: Path, at: SetDay) -> None:
    file = RollingFile(tmp_path / "wso2carbon.log")
    file.write(b"today\n")
    at(1)
    file.write(b"tomorrow\n")
    file.close()
    assert files(tmp_path) == {"wso2carbon-03-02-2025.1.log": "today\n", "wso2carbon.log": "tomorrow\n"}


def test_the_file_of_an_earlier_run_is_rolled_by_its_own_day(tmp_path: Path, at: SetDay) -> None:
    path = tmp_path / "wso2carbon.log"
    path.write_text("old\n")
    os.utime(path, (1_740_800_000, 1_740_800_000))
    file = RollingFile(path)
    file.write(b"new\n")
    file.close()
    assert files(tmp_path) == {"wso2carbon-03-01-2025.1.log": "old\n", "wso2carbon.log": "new\n"}


def test_only_the_newest_files_are_kept_across_the_turn_of_the_year(tmp_path: Path, at: SetDay) -> None:
    for name in (
        "wso2carbon-12-31-2024.9.log",
        "wso2carbon-01-01-2025.1.log",
        "wso2carbon-01-01-2025.10.log",
    ):
        (tmp_path / name).write_text("")
    (tmp_path / "wso2carbon-notes.log").write_text("not ours")
    file = RollingFile(tmp_path / "wso2carbon.log", limit=1, kept=2)
    file.write(b"a\n")
    file.write(b"b\n")
    file.close()
    assert sorted(files(tmp_path)) == [
        "wso2carbon-01-01-2025.10.log",
        "wso2carbon-03-02-2025.1.log",
        "wso2carbon-notes.log",
        "wso2carbon.log",
    ]


def test_where_a_file_cannot_be_moved_it_grows(
    tmp_path: Path, at: SetDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = RollingFile(tmp_path / "wso2carbon.log", limit=3)
    file.write(b"a\n")

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "rename", refuse)
    file.write(b"bb\n")
    file.close()
    assert files(tmp_path) == {"wso2carbon.log": "a\nbb\n"}


def test_a_line_cut_off_by_a_full_disk_is_ended_before_the_next_one(
    tmp_path: Path, at: SetDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = RollingFile(tmp_path / "wso2carbon.log")
    real, room = os.write, [3]

    def write(descriptor: int, content: memoryview) -> int:
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, content[: room.pop()])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write)
        with pytest.raises(OSError, match="No space left"):
            file.write(b"torn line\n")
    file.write(b"whole line\n")
    file.close()
    assert files(tmp_path) == {"wso2carbon.log": "tor\nwhole line\n"}


def test_audit_lines_stand_in_their_own_file_only(
    settings: SettingsMaker, tmp_path: Path, fixed_time: None
) -> None:
    configure(settings(), logs=tmp_path)
    audit("admin", "disabled", "task", {"taskName": "orders"}, node="node-1")
    flush()
    assert files(tmp_path) == {
        "audit.log": "[2025-03-02 09:15:07,114]  INFO {AUDIT_LOG} - "
        '{"performedBy": "admin", "action": "disabled", "type": "task", '
        '"info": "{\\"taskName\\": \\"orders\\"}", "node": "node-1"} \n'
    }


def test_a_secret_is_masked_in_an_audit_line_although_json_writes_it_in_another_way(
    settings: SettingsMaker, tmp_path: Path
) -> None:
    secret = 'pä"ss\\wörd'
    configure(settings(), logs=tmp_path, secrets=[secret])
    audit(secret, "login_failed", "user", {"userName": secret}, error=f"no user {secret}")
    flush()
    line = files(tmp_path)["audit.log"]
    told = json.loads(line[line.index("{", line.index("}")) :])
    assert (told["performedBy"], told["error"]) == ("*****", "no user *****")
    assert json.loads(told["info"]) == {"userName": "*****"}


def test_latencies_stand_in_their_own_file_as_json(
    settings: SettingsMaker, tmp_path: Path, fixed_time: None
) -> None:
    configure(settings(), logs=tmp_path, node_id="node-1", masks={"token": "(?<=token=)\\w+"})
    record_latency("BACKEND LATENCY", "GET", "http://a/?token=abc", 12, correlation_id="c-1", status=200)
    flush()
    [(name, line)] = files(tmp_path).items()
    assert name == "correlation.log"
    found = json.loads(line)
    assert (found["kind"], found["method"], found["latency_ms"]) == ("BACKEND LATENCY", "GET", 12)
    assert (found["correlation_id"], found["status"], found["node_id"]) == ("c-1", 200, "node-1")
    assert "abc" not in line


def test_without_files_audit_lines_go_to_the_console(
    settings: SettingsMaker, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    configure(settings(files=False), logs=tmp_path)
    audit("admin", "triggered", "task", {"taskName": "orders"})
    flush()
    assert '"action": "triggered"' in capfd.readouterr().out


def test_a_folder_that_cannot_be_made_is_one_line_on_stderr(
    settings: SettingsMaker, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    configure(settings(), logs=tmp_path / "file" / "logs")
    for number in range(3):
        get_logger("Any").info("line {number}", number=number)
        flush()
    heard = capfd.readouterr()
    assert heard.out.count("line") == 3
    assert heard.err.count("\n") == 1
    assert "{LogWriter} - wso2carbon.log cannot be written (Not a directory); lines are lost" in heard.err


DISK_FULL = """
import resource, sys
from pathlib import Path
from types import SimpleNamespace
from micro_integrator.observability import configure, flush, get_logger

configure(SimpleNamespace(format="text", files=True, level="INFO"), logs=Path(sys.argv[1]))
log = get_logger("Any")
log.info("before"); flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (200, resource.RLIM_INFINITY))
for number in range(5):
    log.info("line {number} " + "x" * 100, number=number); flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.info("after")
"""


def test_a_full_disk_costs_lines_of_the_file_and_nothing_else(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", DISK_FULL, tmp_path], capture_output=True, text=True, check=True
    )
    assert run.stdout.count("\n") == 7
    assert run.stderr.count("\n") == 1
    assert "wso2carbon.log cannot be written" in run.stderr
    written = (tmp_path / "wso2carbon.log").read_text().splitlines()
    assert written[0].endswith("before ")
    assert written[-1].endswith("after ")
    assert "log lines are missing before this one" in written[-2]


def test_a_full_disk_behind_the_console_is_reported_on_stderr(tmp_path: Path) -> None:
    script = "from micro_integrator.observability import get_logger\nget_logger('Any').info('x')"
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, "-c", script], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert run.returncode == 0
    assert "the console cannot be written (No space left on device)" in run.stderr


def test_old_files_that_cannot_be_removed_cost_no_lines(
    tmp_path: Path, at: SetDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = RollingFile(tmp_path / "wso2carbon.log", limit=1, kept=1)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(Path, "unlink", refuse)
    for line in (b"a\n", b"b\n", b"c\n"):
        file.write(line)
    file.close()
    assert sorted(files(tmp_path).values()) == ["a\n", "b\n", "c\n"]


def test_a_busy_terminal_is_waited_for(
    settings: SettingsMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with os.fdopen(reading, "rb") as reader, os.fdopen(writing, "w") as console:
        monkeypatch.setattr(sys, "stdout", console)
        configure(settings(files=False), logs=tmp_path)
        for number in range(2_000):
            get_logger("Any").info("{number} " + "x" * 80, number=number)
        numbers = [int(reader.readline().split(b" - ")[1].split()[0]) for _ in range(2_000)]
        assert numbers == list(range(2_000))
        assert flush()
        monkeypatch.undo()
