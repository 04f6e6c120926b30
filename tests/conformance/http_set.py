"""The HTTP cases, played by the corpus's own program against a node that is started for them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from conformance.corpus import Corpus, Row
from conformance.http_cases import ROWS, Group, HttpCases
from conformance.http_server import HOST, Server, are_free, serving
from conformance.verdict import Verdict

PATIENCE = {
    "--log-timeout": "6",
    "--deploy-timeout": "10",
    "--settle": "1",
    "--file-timeout": "6",
    "--no-response-timeout": "5",
}
"""Seconds the player waits for what may still come; its own limits are those of a slower server."""

MINUTE = 60.0
"""Seconds a case may take before the player is given up; few take more than one."""

_OFFSETS = range(20_000, 23_000, 100)
"""What may be added to the ports of back ends so that they are free; the system gives out ports above all of these."""


def http_verdicts(corpus: Corpus, folder: Path) -> Iterator[Verdict]:
    """Play every case that can be played; `folder` is empty and holds the homes of the nodes."""
    cases = HttpCases(corpus)
    yield from cases.skipped
    if not corpus.player.is_file():
        yield from _all("skip", cases.playable, f"nothing to play it with: there is no {corpus.player}")
        return
    for number, group in enumerate(cases.groups):
        home = folder / str(number)
        chosen = _chosen(corpus, group, folder / f"{number}-corpus")
        try:
            with serving(home, group.settings, cases.properties) as server:
                verdicts = list(_played(chosen, group, server, corpus.player))
        except (AssertionError, subprocess.TimeoutExpired) as error:
            verdicts = _all("fail", group.cases, f"the server, or the player: {error}")
        yield from verdicts


def _all(outcome: Literal["fail", "skip"], cases: list[Row], reason: str) -> list[Verdict]:
    return [Verdict(case["id"], "http", outcome, reason) for case in cases]


def _chosen(corpus: Corpus, group: Group, folder: Path) -> Path:
    """Make a corpus that has these cases only."""
    (folder / "cases").mkdir(parents=True)
    for entry in corpus.root.resolve().iterdir():
        if entry.name != "cases":
            (folder / entry.name).symlink_to(entry)
    (folder / ROWS).write_text("".join(json.dumps(case) + "\n" for case in group.cases), encoding="utf-8")
    return folder


def _played(corpus: Path, group: Group, server: Server, player: Path) -> Iterator[Verdict]:
    report = corpus / "report.jsonl"
    done = subprocess.run(
        [sys.executable, str(player), *_words(corpus, group, server, report)],
        capture_output=True,
        text=True,
        check=False,
        timeout=MINUTE * (1 + len(group.cases)),
    )
    lines = report.read_text(encoding="utf-8").splitlines() if report.is_file() else []
    outcomes = {row["id"]: row for row in map(json.loads, lines)}
    for case in group.cases:
        yield _verdict(case["id"], outcomes.get(case["id"]), done.stdout[-300:] + done.stderr[-300:])


def _words(corpus: Path, group: Group, server: Server, report: Path) -> list[str]:
    ports = server.ports
    options = {
        "--corpus": corpus,
        "--report": report,
        "--carbonapps": server.carbonapps,
        "--log": server.log,
        "--work": server.work,
        "--base": f"http://{HOST}:{ports.http}",
        "--https": f"https://{HOST}:{ports.https}",
        "--management": f"https://{HOST}:{ports.management}",
        "--internal": f"http://{HOST}:{ports.internal}",
        "--port-offset": _free_offset(_backend_ports(group.cases)),
        "--allow": "file-properties",
        **PATIENCE,
    }
    return [str(word) for option in options.items() for word in option]


def _verdict(case: str, outcome: Row | None, output: str) -> Verdict:
    if outcome is None:
        return Verdict(case, "http", "fail", f"the player ended before this case: {output}")
    if "skipped" in outcome:
        return Verdict(case, "http", "skip", outcome["skipped"])
    return Verdict(case, "http", "pass" if outcome["passed"] else "fail", " | ".join(outcome["failures"]))


def _backend_ports(cases: list[Row]) -> set[int]:
    ports = {backend["port"] for case in cases for backend in case.get("backends", [])}
    actions = [action for case in cases for step in case["steps"] for action in step.get("before", [])]
    started = {action[key] for action in actions for key in ("axis2_start", "capture_start") if key in action}
    return ports | started


def _free_offset(ports: set[int]) -> int:
    found = next((offset for offset in _OFFSETS if are_free(port + offset for port in ports)), None)
    assert found is not None, f"no range of ports is free for back ends on {sorted(ports)}"
    return found
