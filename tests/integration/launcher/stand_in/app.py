"""A server that does nothing, or misbehaves in the way the variable TRICK names."""

import asyncio
import errno
import os
import threading
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from micro_integrator.config import Settings
from micro_integrator.kit import MicroIntegratorError

TRICK = os.environ.get("TRICK", "")


class EmptyServer:
    """Satisfies the daemon and says on stdout what it is asked for."""

    ports: Mapping[str, int] = {"internal_http": 9201}
    restart_wanted = TRICK == "wants-restart"

    def __init__(self, node_id: str) -> None:
        self.node_id = node_id

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
    print("properties", sorted(settings.properties.items()), flush=True)
    match TRICK:
        case "never-started":
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
    yield EmptyServer(settings.cluster_config.node_id)
    print("closed", flush=True)
