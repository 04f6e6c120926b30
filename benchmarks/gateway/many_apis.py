"""Gateway, many APIs: how long 1,000 of them take to be deployed, and whether a request pays for their number.

The files are written beside carbonapps of a running node first and then renamed into it one after the other; the
clock begins before the first rename and stops when each API has answered. Settle time and interval of the deployment
are the default ones (1 s each). Then this node and one with a single API take turns: each answers a request of 1 KB
with its own body, over 50 connections; the API that is called came last. The ratio is the median of the rounds.

    python -m benchmarks.gateway.many_apis [--apis 1000] [--rounds 5] [--seconds 4]
"""

import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.gateway.check import post
from benchmarks.gateway.flows import KB, json_order
from benchmarks.gateway.load import Shot, shoot
from benchmarks.gateway.peers import Peer
from benchmarks.gateway.product import running_product
from benchmarks.processes import cpu_seconds
from benchmarks.results import Run

DEPLOYED_GOAL, RATIO_GOAL = 5.0, 0.9
CONNECTIONS = 50
TIME_LIMIT = 120.0
BETWEEN_LOOKS = 0.05
MEDIA_TYPE, BODY = "application/json", json_order(KB)

API = """\
<api xmlns="http://ws.apache.org/ns/synapse" name="{name}" context="/{name}">
    <resource methods="POST" url-mapping="/*">
        <inSequence>
            <respond/>
        </inSequence>
    </resource>
</api>
"""


def main() -> None:
    """Measure and record."""
    options = ArgumentParser(prog="python -m benchmarks.gateway.many_apis")
    options.add_argument("--apis", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=4, help="length of each round of each node")
    asked = options.parse_args()
    run = Run("gateway.many_apis", f"{asked.apis:,} APIs")
    names = [f"orders-{number:05}" for number in range(asked.apis)]
    with node_in("one") as (home, one), node_in("many") as (many_home, many):
        drop(home, names[-1:], one)
        cpu = cpu_seconds(many.pid)
        seconds = drop(many_home, names, many)
        cpu = cpu_seconds(many.pid) - cpu
        single, loaded = take_turns(one, many, f"/{names[-1]}/1k", asked.rounds, asked.seconds)
    ratio = median(much.rate / little.rate for little, much in zip(single, loaded, strict=True))
    run.record(
        {
            "all have answered after, s": round(seconds, 2),
            "node, s of processor time": round(cpu, 2),
            "1 API, requests/CPU s": round(median(shot.rate for shot in single)),
            "all APIs, requests/CPU s": round(median(shot.rate for shot in loaded)),
            "all / 1": round(ratio, 2),
        },
        met=seconds < DEPLOYED_GOAL and ratio >= RATIO_GOAL,
    )


@contextmanager
def node_in(name: str) -> Iterator[tuple[Path, Peer]]:
    """A node without APIs, and its home."""
    with tempfile.TemporaryDirectory(prefix="mi-bench-") as folder:
        home = Path(folder)
        (home / "carbonapps").mkdir()
        with running_product(home) as (node, port):
            yield home, Peer(name, node.process.pid, port)


def drop(home: Path, names: Sequence[str], peer: Peer) -> float:
    """Deploy APIs of these names at once; return the seconds until each of them has answered."""
    prepared = home / "prepared"
    prepared.mkdir()
    for name in names:
        (prepared / f"{name}.xml").write_text(API.format(name=name))
    began = time.monotonic()
    for file in sorted(prepared.iterdir()):
        file.rename(home / "carbonapps" / file.name)
    waiting = list(names)
    while waiting:
        if post(peer, f"/{waiting[-1]}/1k", BODY, MEDIA_TYPE) == (200, BODY):
            waiting.pop()
        elif time.monotonic() > began + TIME_LIMIT:
            raise RuntimeError(f"{waiting[-1]} does not answer")
        else:
            time.sleep(BETWEEN_LOOKS)
    return time.monotonic() - began


def take_turns(one: Peer, many: Peer, path: str, rounds: int, seconds: int) -> tuple[list[Shot], list[Shot]]:
    """Return what both nodes did under load, by round; which of them begins changes from round to round."""
    seen: dict[str, list[Shot]] = {one.name: [], many.name: []}
    for number in range(rounds):
        for peer in (one, many) if number % 2 else (many, one):
            seen[peer.name].append(
                shoot(peer, path, BODY, MEDIA_TYPE, connections=CONNECTIONS, seconds=seconds)
            )
    return seen[one.name], seen[many.name]


if __name__ == "__main__":
    main()
