"""Wall clocks that go wrong for one process, while its other clocks and everybody else's stay right."""

import json
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from harness import Group, MakeClock, MakeServer, task_xml
from servers.settings import settings_of

from micro_integrator.database import DataSource, Statement

HOUR = 3600.0
SLACK = 60.0
"""Seconds between two looks at a clock, on a busy machine."""

TELLER = """
import asyncio, json, sys, threading, time, uvloop
async def tell():
    for line in sys.stdin:
        began = time.clock_gettime(time.CLOCK_BOOTTIME)
        await asyncio.sleep(0.05)
        threading.Event().wait(0.05)
        waited = time.clock_gettime(time.CLOCK_BOOTTIME) - began
        clocks = (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC, time.CLOCK_BOOTTIME)
        print(json.dumps([time.time(), *map(time.clock_gettime, clocks), waited]), flush=True)
uvloop.run(tell())
"""
NOW = Statement(
    "SELECT 1",
    postgresql="SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)",
    mysql="SELECT TIMESTAMPDIFF(SECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3))",
)


def test_a_python_process_sees_its_wall_clock_step_and_its_other_clocks_not(
    tmp_path: Path, make_clock: MakeClock
) -> None:
    clock = make_clock(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", TELLER],
        env=clock.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for seconds in (0, HOUR, -HOUR, 0.0):
            clock.shift(seconds)
            wall, real, monotonic, boot, waited = _told(process)
            for shown in (wall, real):
                assert shown == pytest.approx(time.time() + seconds, abs=SLACK)
            assert monotonic == pytest.approx(time.monotonic(), abs=SLACK)
            assert boot == pytest.approx(time.clock_gettime(time.CLOCK_BOOTTIME), abs=SLACK)
            assert 0.1 <= waited < SLACK


async def test_a_database_server_sees_its_wall_clock_step(
    kind: str, make_server: MakeServer, make_clock: MakeClock
) -> None:
    server = make_server(kind)
    clock = make_clock(server)
    clock.shift(HOUR)
    server.start()
    connection = await DataSource(settings_of(server.create_database())).connect()
    for seconds in (HOUR, -HOUR, 0.0):
        clock.shift(seconds)
        [[now]] = await connection.rows(NOW)
        assert now == pytest.approx(time.time() + seconds, abs=SLACK)
    await connection.close()


def test_a_node_lives_by_its_own_wall_clock_and_fires_on(
    group: Group, tmp_path: Path, make_clock: MakeClock
) -> None:
    clock = make_clock(tmp_path)
    clock.shift(HOUR)
    home = group.home()
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start(**clock.environment)
    group.sink.wait_for(2, "beat")
    told = _stamp(node.wait_logged("WSO2 Micro Integrator started"))
    assert told == pytest.approx(time.time() + HOUR, abs=SLACK)
    clock.shift(-HOUR)
    group.sink.wait_for_more(3, "beat")
    assert group.sink.duplicates() == []
    assert node.stop() == 0
    assert _stamp(node.log().splitlines()[-1]) == pytest.approx(time.time() - HOUR, abs=SLACK)


def _told(process: subprocess.Popen[str]) -> Any:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("tell\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def _stamp(line: str) -> float:
    return datetime.strptime(line[1:24], "%Y-%m-%d %H:%M:%S,%f").astimezone().timestamp()
