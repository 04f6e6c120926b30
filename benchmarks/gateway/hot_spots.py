"""Where a peer spends its processor time under load: the heaviest functions, by py-spy; nothing is kept.

*Self* is the share of samples in which the function itself was running, *total* that in which it was on the stack.
Only the main thread counts: other threads look busy while they wait for it. py-spy slows its subject down a little
and sees Python functions only: what C code does counts for its caller.

    python -m benchmarks.gateway.hot_spots [--flow pass|json|xml] [--peer product|relay|uvicorn] [--seconds 10]
"""

import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.gateway.arena import all_running
from benchmarks.gateway.comparison import PRODUCT
from benchmarks.gateway.flows import FLOWS, KB, Flow
from benchmarks.gateway.load import shoot
from benchmarks.gateway.peers import PEERS, Peer

RATE = 500
"""Samples per second."""
CONNECTIONS = 50
SHOWN = 40


def main() -> None:
    """Measure and print."""
    options = ArgumentParser(prog="python -m benchmarks.gateway.hot_spots")
    options.add_argument("--flow", choices=tuple(FLOWS), default="pass")
    options.add_argument("--peer", choices=tuple(PEERS), default=PRODUCT)
    options.add_argument("--seconds", type=int, default=10)
    asked = options.parse_args()
    flow = FLOWS[asked.flow]
    with all_running(flow, [asked.peer]) as [peer]:
        stacks = sampled(peer, flow, asked.seconds)
    print("\n".join(table(stacks)))


def sampled(peer: Peer, flow: Flow, seconds: int) -> Counter[tuple[str, ...]]:
    """Return how often each stack was seen under load, outermost function first."""
    body, around = flow.body(KB), seconds + 2  # py-spy needs a moment to begin
    with tempfile.TemporaryDirectory(prefix="mi-bench-") as folder, ThreadPoolExecutor(1) as pool:
        load = pool.submit(
            shoot, peer, flow.path(1), body, flow.media_type, connections=CONNECTIONS, seconds=around
        )
        file = Path(folder) / "stacks"
        program = Path(sys.executable).with_name("py-spy")
        limits = ("--pid", str(peer.pid), "--rate", str(RATE), "--duration", str(seconds), "--threads")
        subprocess.run(
            [program, "record", *limits, "--format", "raw", "--output", file], check=True, capture_output=True
        )
        load.result()
        return _stacks(file.read_text().splitlines())


def table(stacks: Counter[tuple[str, ...]]) -> list[str]:
    """Return the heaviest functions as lines, those with the largest share of their own first."""
    itself, total = Counter[str](), Counter[str]()
    for stack, count in stacks.items():
        itself[stack[-1]] += count
        total.update(dict.fromkeys(stack, count))
    samples = stacks.total()
    return [
        f"{'self':>6} {'total':>6}  function",
        *(
            f"{share / samples:6.1%} {total[function] / samples:6.1%}  {function}"
            for function, share in itself.most_common(SHOWN)
        ),
    ]


def _stacks(lines: Sequence[str]) -> Counter[tuple[str, ...]]:
    stacks = Counter[tuple[str, ...]]()
    for line in lines:
        frames, _, count = line.rpartition(" ")
        thread, *stack = frames.split(";")
        if "MainThread" in thread and stack:
            stacks[tuple(_without_line(frame) for frame in stack)] += int(count)
    return stacks


def _without_line(frame: str) -> str:
    """Turn `name (file.py:12)` into `name (file.py)`."""
    head, colon, _ = frame.rpartition(":")
    return f"{head})" if colon else frame


if __name__ == "__main__":
    main()
