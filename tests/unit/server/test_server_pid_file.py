"""One node per home: who may have the pid file, and what is left when a process is gone."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from micro_integrator.observability import recorded_lines
from micro_integrator.server.announcement import Announcement, meta_path, read_announcement
from micro_integrator.server.pid_file import PidFile, PidFileError
from micro_integrator.server.process_identity import ProcessIdentity


@pytest.fixture
def mine() -> Announcement:
    return Announcement(ProcessIdentity.mine(), "starting", "node-1", stop_timeout=60.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "wso2carbon.pid"


def test_the_file_holds_the_number_and_the_announcement_the_rest(path: Path, mine: Announcement) -> None:
    PidFile(path).acquire(mine)
    assert path.read_text() == f"{os.getpid()}\n"
    assert read_announcement(path) == mine


def test_what_is_announced_later_replaces_parts(path: Path, mine: Announcement) -> None:
    pid_file = PidFile(path)
    pid_file.acquire(mine)
    pid_file.announce(state="started", ports={"internal_http": 9201})
    assert read_announcement(path) == replace(mine, state="started", ports={"internal_http": 9201})


def test_an_announcement_that_cannot_be_written_does_not_stop_the_node(
    path: Path, mine: Announcement
) -> None:
    pid_file = PidFile(path)
    pid_file.acquire(mine)
    meta_path(path).unlink()
    meta_path(path).mkdir()
    with recorded_lines() as lines:
        pid_file.announce(state="started")
    assert "do not see that this node is started" in lines.texts()[0]


def test_a_living_process_keeps_its_file(path: Path, mine: Announcement) -> None:
    PidFile(path).acquire(mine)
    with pytest.raises(PidFileError, match=f"Already running: process {os.getpid()}"):
        PidFile(path).acquire(mine)


def test_a_removed_pid_file_does_not_open_the_door_to_a_second_node(path: Path, mine: Announcement) -> None:
    PidFile(path).acquire(mine)
    path.unlink()
    with pytest.raises(PidFileError):
        PidFile(path).acquire(mine)


@pytest.mark.parametrize(
    "changes",
    [{"start_ticks": 1}, {"boot_id": "before the machine was booted"}, {"pid": 2**22 + 1}],
    ids=["number used again", "other boot", "no such process"],
)
def test_the_file_of_another_process_is_replaced(
    path: Path, mine: Announcement, changes: dict[str, object]
) -> None:
    gone = replace(mine, process=replace(mine.process, **changes))  # type: ignore[arg-type]
    meta_path(path).write_bytes(gone.as_json())
    path.write_text("1\n")
    assert read_announcement(path) is None
    PidFile(path).acquire(mine)
    assert path.read_text() == f"{os.getpid()}\n"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b'{"pid": 1}', b"\xff"])
def test_an_announcement_that_cannot_be_read_is_nobody(
    path: Path, mine: Announcement, content: bytes
) -> None:
    path.write_text("1\n")
    meta_path(path).write_bytes(content)
    assert read_announcement(path) is None
    PidFile(path).acquire(mine)


def test_of_many_who_come_at_once_one_gets_the_file(path: Path, mine: Announcement) -> None:
    path.write_text("1\n")

    def came_first(_: int) -> bool:
        try:
            PidFile(path).acquire(mine)
        except PidFileError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(came_first, range(40))) == 1


def test_release_removes_what_is_ours_and_nothing_else(path: Path, mine: Announcement) -> None:
    pid_file = PidFile(path)
    pid_file.acquire(mine)
    with pytest.raises(PidFileError):
        (second := PidFile(path)).acquire(mine)
    second.release()
    assert path.exists()
    pid_file.release()
    pid_file.release()
    assert list(path.parent.iterdir()) == []


def test_a_zombie_counts_as_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    identity = ProcessIdentity.of(process.pid)
    assert identity is not None
    assert identity.is_alive()
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert not identity.is_alive()
    process.communicate()
