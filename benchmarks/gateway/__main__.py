"""Lets all peers take turns, prints who did how much, and adds a row for each size and number of connections."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from benchmarks.gateway.arena import all_running
from benchmarks.gateway.comparison import figures, is_met
from benchmarks.gateway.flows import FLOWS, KB, Flow
from benchmarks.gateway.load import Shot, shoot
from benchmarks.gateway.peers import PEERS, Peer, peers_of
from benchmarks.results import Run

CONNECTIONS = (50, 200)


def main() -> int:
    """Measure and record; 1 when a goal was missed."""
    options = ArgumentParser(prog="python -m benchmarks.gateway")
    options.add_argument("--flow", action="append", choices=tuple(FLOWS), help="by default all")
    options.add_argument("--peers", default=",".join(PEERS), help="names with commas between")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=int, default=4, help="length of each round of each peer")
    asked = options.parse_args()
    status = 0
    for flow in (FLOWS[name] for name in asked.flow or FLOWS):
        names = [name for name in asked.peers.split(",") if name in peers_of(flow)]
        with all_running(flow, names) as peers:
            for size in flow.sizes:
                for connections in CONNECTIONS:
                    status |= not compare(flow, size, connections, peers, asked.rounds, asked.seconds)
    return status


def compare(
    flow: Flow, size: int, connections: int, peers: Sequence[Peer], rounds: int, seconds: int
) -> bool:
    """Measure and record one size with one number of connections; False when a goal was missed."""
    run = Run("gateway", f"{flow.name}, {size} KB, {connections} connections")
    seen: dict[str, list[Shot]] = {peer.name: [] for peer in peers}

    def shot(peer: Peer, length: int) -> Shot:
        body = flow.body(size * KB)
        return shoot(peer, flow.path(size), body, flow.media_type, connections=connections, seconds=length)

    for peer in peers:
        shot(peer, 1)  # connections and caches get warm
    for number in range(rounds):
        first = number % len(peers)
        for peer in (*peers[first:], *peers[:first]):
            seen[peer.name].append(shot(peer, seconds))
    met = is_met(flow, size, seen)
    run.record({**figures(seen), "rounds": f"{rounds} of {seconds} s"}, met=met)
    return met is not False


if __name__ == "__main__":
    sys.exit(main())
