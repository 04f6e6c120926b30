"""A node whose server does nothing, or misbehaves in one way: `stand_in.py HOME TRICK`."""

import asyncio
import errno
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from micro_integrator.config import Settings, load
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.server import run_daemon

TRICK = sys.argv[2]


class EmptyServer:
    """Satisfies the daemon and says on stdout what it is asked for."""

    node_id = "node-1"
    ports: Mapping[str, int] = {"internal": 9201}
    restart_wanted = TRICK == "wants-restart"

    async def drain(self) -> bool:
        match TRICK:
            case "never-drained":
                await asyncio.Event().wait()
            case "deaf":
                print("deaf", flush=True)
                while True:
                    time.sleep(0.01)
            case _:
                pass
        return TRICK != "cuts-work-off"

    def reload(self) -> None:
        if TRICK == "reload-fails":
            raise MicroIntegratorError("conf/deployment.toml:3: expected a number")
        print("reloaded", flush=True)

    def toggle_debug(self) -> None:
        print("debug toggled", flush=True)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[EmptyServer]:
    match TRICK:
        case "never-started":
            print("starting", flush=True)
            await asyncio.Event().wait()
        case "port-taken":
            raise OSError(errno.EADDRINUSE, "error while attempting to bind on address ('127.0.0.1', 9201)")
        case "foreseen":
            raise MicroIntegratorError("table LEADER_STATUS_TABLE is missing; run dbscripts/x.sql")
        case "unforeseen":
            raise ZeroDivisionError
        case "stubborn-thread":
            threading.Thread(target=time.sleep, args=(3600,), name="stubborn").start()
        case _:
            pass
    yield EmptyServer()
    print("closed", flush=True)


settings = load(Path(sys.argv[1]), properties={}, environ=os.environ)
sys.exit(run_daemon(settings, running))
