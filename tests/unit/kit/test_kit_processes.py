"""A process is told apart from others by when it began, whatever it calls itself."""

import os
import subprocess
import sys

import pytest

from micro_integrator.kit import process_start

RENAMED = """
import pathlib, sys
pathlib.Path("/proc/self/comm").write_bytes(bytes.fromhex(sys.argv[1]))
print("renamed", flush=True)
input()
"""


@pytest.mark.parametrize(
    "name", [b"two words", b") Z 1 (", b"\xff\xfe"], ids=["blank", "brackets", "no text"]
)
def test_the_name_of_a_process_does_not_hide_when_it_began(name: bytes) -> None:
    command = [sys.executable, "-c", RENAMED, name.hex()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        before = process_start(process.pid)
        assert process.stdout.readline() == b"renamed\n"
        assert process_start(process.pid) == before is not None
        process.kill()


def test_a_number_nobody_has_began_never() -> None:
    assert process_start(2**22 + 1) is None


def test_this_process_has_begun() -> None:
    assert process_start(os.getpid()) is not None
