"""Gateway, endurance: resident memory of a node during ten minutes at full load.

The API `pass`, 1 KB, as many requests as 50 connections can carry one after the other. Memory is resident MB
(10^6 bytes), looked at every second. Flat means: the highest of the last minute is at most 2 % above the highest of
the third.

    python -m benchmarks.gateway.endurance [--peer product|nginx|relay|uvicorn] [--seconds 600]
"""

import time
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor

from benchmarks.gateway.arena import all_running
from benchmarks.gateway.comparison import PRODUCT
from benchmarks.gateway.flows import FLOWS, KB
from benchmarks.gateway.load import Shot, shoot
from benchmarks.gateway.peers import PEERS, Peer
from benchmarks.gateway.stage import tree_megabytes
from benchmarks.results import Figure, Run

MEMORY_GOAL, MESSAGES_GOAL, SECONDS_GOAL = 120.0, 1_000_000, 600
MINUTE = 60
TOLERATED = 1.02
CONNECTIONS = 50
SHOWN_AFTER = (1, 2, 3, 5, 10)
"""Minutes."""


def main() -> None:
    """Measure and record."""
    options = ArgumentParser(prog="python -m benchmarks.gateway.endurance")
    options.add_argument("--peer", choices=tuple(PEERS), default=PRODUCT)
    options.add_argument("--seconds", type=int, default=SECONDS_GOAL)
    asked = options.parse_args()
    run = Run("gateway.endurance", asked.peer)
    with all_running(FLOWS["pass"], [asked.peer]) as [peer]:
        shot, seen = watch(peer, asked.seconds)
    counts = asked.peer == PRODUCT and asked.seconds >= SECONDS_GOAL
    run.record(_figures(shot, seen), met=_is_met(shot, seen) if counts else None)


def watch(peer: Peer, seconds: int) -> tuple[Shot, list[float]]:
    """Return what came of the load, and the memory in MB at each second of it."""
    flow, seen, began = FLOWS["pass"], [], time.monotonic()
    body = flow.body(KB)
    with ThreadPoolExecutor(1) as pool:
        load = pool.submit(
            shoot, peer, flow.path(1), body, flow.media_type, connections=CONNECTIONS, seconds=seconds
        )
        while not load.done():
            seen.append(tree_megabytes(peer.pid))
            time.sleep(max(0.0, began + len(seen) - time.monotonic()))
    return load.result(), seen


def _figures(shot: Shot, seen: list[float]) -> dict[str, Figure]:
    later = {
        f"after {minutes} min, MB": seen[minutes * MINUTE - 1]
        for minutes in SHOWN_AFTER
        if minutes * MINUTE <= len(seen)
    }
    return {
        "messages": shot.requests,
        "requests/CPU s": round(shot.rate),
        "before, MB": seen[0],
        **later,
        "highest, MB": max(seen),
    }


def _is_met(shot: Shot, seen: list[float]) -> bool:
    third_minute, last_minute = seen[2 * MINUTE : 3 * MINUTE], seen[-MINUTE:]
    is_flat = max(last_minute) <= TOLERATED * max(third_minute)
    return is_flat and max(seen) < MEMORY_GOAL and shot.requests >= MESSAGES_GOAL


if __name__ == "__main__":
    main()
