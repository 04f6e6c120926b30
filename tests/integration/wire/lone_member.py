"""A process with nothing but a wire: `python lone_member.py KEY` prints its endpoint and serves until it is killed."""

import asyncio
import sys

import uvloop

from micro_integrator.cluster.wire import Wire, WireEvents, WireSettings


async def serve(key: str) -> None:
    """Be node-2 for ever."""
    settings = WireSettings("group", "node-2", 15.0, 0, "127.0.0.1", False)
    wire = Wire(settings, WireEvents(), lambda *_: None)
    await wire.start()
    wire.set_identity("boot of node-2", 1, key, 1)
    print(wire.endpoint(None, is_group_on_this_host=True), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(sys.argv[1]))
