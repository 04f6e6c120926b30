"""What the shots of all peers say together: rates, ratios and waiting times, as medians over the rounds."""

from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.gateway.flows import Flow
from benchmarks.gateway.load import Shot
from benchmarks.results import Figure

Seen = Mapping[str, Sequence[Shot]]
"""Peer → what it did, by round."""

PRODUCT, RELAY = "product", "relay"


def figures(seen: Seen) -> dict[str, Figure]:
    """Return the figures of a row."""
    rates = {f"{name}, requests/CPU s": round(median(shot.rate for shot in seen[name])) for name in seen}
    mine = PRODUCT if PRODUCT in seen else RELAY
    others = [name for name in seen if name != mine and mine in seen]
    ratios = {f"{mine} / {name}": round(ratio(seen, mine, name), 2) for name in others}
    if PRODUCT in seen and RELAY in seen:
        ratios[f"{PRODUCT} / {RELAY}, p99"] = round(p99_ratio(seen, PRODUCT, RELAY), 2)
    waits = {f"{name}, ms: p50 / p99": _waits(shots) for name, shots in seen.items()}
    return {**rates, **ratios, **waits}


def is_met(flow: Flow, size: int, seen: Seen) -> bool | None:
    """Whether the product reached its goals against the peers that took part; None when it did not itself."""
    if PRODUCT not in seen:
        return None
    rates = all(ratio(seen, PRODUCT, name) >= goal for name, goal in flow.goals[size].items() if name in seen)
    return rates and (RELAY not in seen or p99_ratio(seen, PRODUCT, RELAY) <= flow.p99_goal)


def ratio(seen: Seen, one: str, other: str) -> float:
    """Return how many requests `one` answers in the processor time in which `other` answers one."""
    return median(mine.rate / theirs.rate for mine, theirs in zip(seen[one], seen[other], strict=True))


def p99_ratio(seen: Seen, one: str, other: str) -> float:
    """Return how often the 99th percentile of `other` goes into that of `one`."""
    return median(mine.p99_ms / theirs.p99_ms for mine, theirs in zip(seen[one], seen[other], strict=True))


def _waits(shots: Sequence[Shot]) -> str:
    return f"{median(shot.p50_ms for shot in shots):.2f} / {median(shot.p99_ms for shot in shots):.2f}"
